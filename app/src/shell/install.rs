//! The browser's offer to install the app, kept until the person wants it.

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// Where `public/start.js` leaves an offer that came before the app.
const EARLY: &str = "holdfastInstall";

/// The offer.
#[derive(Clone, Copy)]
pub struct Install {
    offer: StoredValue<Option<web_sys::Event>, LocalStorage>,
    offered: RwSignal<bool>,
}

impl Install {
    pub(super) fn provide() {
        let install = Self { offer: StoredValue::new_local(None), offered: RwSignal::new(false) };
        let take = move |event: web_sys::Event| {
            // Else the browser would ask by itself, in the middle of something.
            event.prevent_default();
            install.offer.set_value(Some(event));
            install.offered.set(true);
        };
        let early = Reflect::get(&window(), &JsValue::from_str(EARLY)).ok().and_then(|event| event.dyn_into().ok());
        early.into_iter().for_each(take);
        let handle = window_event_listener_untyped("beforeinstallprompt", take);
        std::mem::forget(handle);
        let handle = window_event_listener_untyped("appinstalled", move |_| install.offered.set(false));
        std::mem::forget(handle);
        provide_context(install);
    }

    /// The page's.
    pub fn expect() -> Self {
        use_context().expect("the shell provides the install offer around every screen")
    }

    /// Whether the browser offers it now.
    pub fn is_offered(self) -> bool {
        self.offered.get()
    }

    /// Whether the app runs installed, in a window of its own.
    pub fn is_installed() -> bool {
        window().match_media("(display-mode: standalone)").ok().flatten().is_some_and(|query| query.matches())
    }

    /// Shows the browser's question. It can be shown once per offer.
    pub fn ask(self) {
        let Some(event) = self.offer.try_update_value(Option::take).flatten() else { return };
        self.offered.set(false);
        let prompt = Reflect::get(&event, &JsValue::from_str("prompt")).ok().and_then(|prompt| prompt.dyn_into::<Function>().ok());
        if let Some(prompt) = prompt {
            let _asked = prompt.call0(&event);
        }
    }
}
