//! What was typed and not saved is not lost by going elsewhere: by a link, the browser's way back, the menu, or by closing the page.

use super::messages::t;
use crate::design::button::{Button, ButtonKind};
use crate::design::dialog::Dialog;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, HtmlAnchorElement, HtmlElement, MouseEvent};

/// Whether something would be lost, and where somebody was about to go.
#[derive(Clone, Copy)]
pub struct Unsaved {
    dirty: RwSignal<bool>,
    asks: RwSignal<bool>,
    leaving: StoredValue<Option<Leaving>, LocalStorage>,
}

/// A way out.
#[derive(Clone)]
enum Leaving {
    Link(HtmlElement),
    Back,
    By(Callback<()>),
}

impl Unsaved {
    /// Watches the ways out, for as long as the page lives.
    pub(super) fn provide() {
        let unsaved = Self { dirty: RwSignal::new(false), asks: RwSignal::new(false), leaving: StoredValue::new_local(None) };
        provide_context(unsaved);
        listen("click", move |event| unsaved.pressed(&event));
        listen("popstate", move |event| unsaved.going_back(&event));
        listen("beforeunload", move |event| {
            if unsaved.dirty.get_untracked() {
                event.prevent_default();
            }
        });
    }

    /// The page's.
    pub fn expect() -> Self {
        use_context().expect("the shell provides it around every screen")
    }

    /// Asks before leaving while there is something to lose, until the screen that calls this is gone.
    pub fn watch(self, dirty: Signal<bool>) {
        Effect::new(move || self.dirty.set(dirty.get()));
        on_cleanup(move || self.dirty.set(false));
    }

    /// Whether something would be lost; tracked.
    pub(super) fn is_there(self) -> bool {
        self.dirty.get()
    }

    /// Goes on with what leads elsewhere, once nothing is lost by it.
    pub fn leave(self, then: Callback<()>) {
        if self.dirty.get_untracked() { self.ask(Leaving::By(then)) } else { then.run(()) }
    }

    fn ask(self, leaving: Leaving) {
        self.leaving.set_value(Some(leaving));
        self.asks.set(true);
    }

    /// Before the router hears of it.
    fn pressed(self, event: &Event) {
        if !self.dirty.get_untracked() {
            return;
        }
        let plain = event
            .dyn_ref::<MouseEvent>()
            .is_some_and(|event| event.button() == 0 && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key()));
        let element = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let link = element.and_then(|element| element.closest("a[href]").ok().flatten()).and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok());
        let Some(link) = link.filter(|link| plain && link.target().is_empty() && !link.has_attribute("download")) else { return };
        // Beyond the app, the browser asks by itself.
        if window().location().origin().is_ok_and(|origin| origin == link.origin()) {
            event.prevent_default();
            event.stop_immediate_propagation();
            self.ask(Leaving::Link(link.into()));
        }
    }

    /// The address has changed already: it is put back until somebody has answered.
    fn going_back(self, event: &Event) {
        if !self.dirty.get_untracked() {
            return;
        }
        event.stop_immediate_propagation();
        let shown = SHOWN.with_borrow(Clone::clone);
        if let Ok(history) = window().history() {
            let _put_back = history.push_state_with_url(&JsValue::NULL, "", Some(&shown));
        }
        self.ask(Leaving::Back);
    }

    fn go(self) {
        self.asks.set(false);
        self.dirty.set(false);
        match self.leaving.get_value() {
            Some(Leaving::Link(link)) => link.click(),
            Some(Leaving::Back) => {
                let _back = window().history().and_then(|history| history.back());
            }
            Some(Leaving::By(then)) => then.run(()),
            None => {}
        }
    }
}

thread_local! {
    /// The address of the screen that is shown.
    static SHOWN: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

fn listen(what: &str, heard: impl Fn(Event) + 'static) {
    let heard = Closure::<dyn Fn(Event)>::new(heard);
    let listening = window().add_event_listener_with_callback_and_bool(what, heard.as_ref().unchecked_ref(), true);
    debug_assert!(listening.is_ok(), "a window takes listeners");
    // It listens as long as the page lives.
    heard.forget();
}

/// The question; once, beside the screens.
#[component]
pub(super) fn UnsavedDialog() -> impl IntoView {
    let unsaved = Unsaved::expect();
    // While there is something to lose, the address of what is shown is the one to come back to.
    Effect::new(move || {
        if unsaved.dirty.get() {
            SHOWN.set(window().location().href().unwrap_or_default());
        }
    });
    let actions = move || {
        view! {
            <Button label=t().leave_without_saving kind=ButtonKind::Danger on_press=move || unsaved.go() />
            <Button label=t().stay_here kind=ButtonKind::Primary on_press=move || unsaved.asks.set(false) />
        }
    };
    view! { <Dialog open=unsaved.asks title=t().unsaved_title actions><p>{t().unsaved_text}</p></Dialog> }
}
