//! The first screen of a browser that has never been inside: signing in, and nothing else, so that it is there before the app is.
//!
//! Whoever opens Holdfast for the first time waits for this program alone, a fraction of the app. Once it stands, `public/start.js` installs the app
//! behind it. Where somebody is signed in (now, or with a session that still stands), and where the server is out of reach but the app is here,
//! it asks for the app itself, which takes its place. A browser that was inside once starts the app at once.

use super::api::{self, ApiFailure};
use super::{appearance, keyboard, title};
use crate::device::clock;
use crate::identity::{self, SignInForm, SigningIn};
use crate::{design, shell};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Where this screen stands; the app removes it.
const PLACE: &str = "entry";
/// What `public/start.js` waits for to install the app.
const SHOWN: &str = "holdfast:shown";
/// What it waits for to start it.
const ENTER: &str = "holdfast:enter";
/// What `public/start.js` looks for: the app was here.
const ENTERED: &str = "holdfast.entered";

/// The session, as far as this screen cares.
#[derive(Deserialize)]
struct SignedIn {
    tenant_slug: String,
}

/// Between two questions to a server that is out of reach.
const BEFORE_ASKING_AGAIN_MS: u32 = 10_000;

/// Draws the screen into the page.
pub fn start() {
    appearance::apply();
    design::styles::adopt(&[design::FORM_STYLES, &[include_str!("shell.css")], identity::STYLES]);
    keyboard::watch();
    mount_to_body(Entry);
}

/// The app is here and takes over.
pub(super) fn leave() {
    if let Ok(Some(storage)) = window().local_storage() {
        // Where nothing can be kept, this screen comes first the next time too.
        let _kept = storage.set_item(ENTERED, "1");
    }
    if let Some(entry) = document().get_element_by_id(PLACE) {
        entry.remove();
    }
}

#[component]
fn Entry() -> impl IntoView {
    let spoken = RwSignal::new(false);
    spawn_local(async move {
        appearance::fetch_words().await;
        title(identity::sign_in_title());
        spoken.set(true);
        request_animation_frame(|| tell(SHOWN));
    });
    let unreachable = RwSignal::new(false);
    spawn_local(async move {
        loop {
            match api::get::<IgnoredAny>(shell::session::SESSION).await {
                Ok(_) => return tell(ENTER),
                Err(failure) if failure.is_signed_out() => return unreachable.set(false),
                Err(_) if is_installed() => return tell(ENTER),
                // Somebody may be signed in all the same: the server, once back, says so.
                Err(_) => unreachable.set(true),
            }
            clock::sleep(BEFORE_ASKING_AGAIN_MS).await;
        }
    });
    let signing_in = SigningIn::new(|body| async move {
        let signed_in: SignedIn = api::post(shell::session::SESSIONS, &body, None).await?;
        go_home().map_err(|_| ApiFailure::Unreachable)?;
        tell(ENTER);
        Ok(signed_in.tenant_slug)
    });
    view! {
        <div id=PLACE class="screen sign-in" data-surface="office">
            <Show when=move || spoken.get()><SignInForm sign_in=signing_in unreachable /></Show>
        </div>
    }
}

/// Whether the app's files are kept on this device.
fn is_installed() -> bool {
    let worker = js_sys::Reflect::get(&window().navigator(), &"serviceWorker".into());
    worker.and_then(|worker| js_sys::Reflect::get(&worker, &"controller".into())).is_ok_and(|controller| controller.is_truthy())
}

/// The app opens where whoever signed in belongs, not at the form again.
fn go_home() -> Result<(), wasm_bindgen::JsValue> {
    if window().location().pathname()? == "/sign-in" {
        window().history()?.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some("/"))?;
    }
    Ok(())
}

fn tell(what: &str) {
    if let Ok(event) = web_sys::Event::new(what) {
        let _heard = window().dispatch_event(&event);
    }
}
