//! New versions of the app: announced, taken over when the person says so and no tab has a sale open, then every tab reloads.
//!
//! Tabs agree through a lock of the browser: whoever rings up a ticket holds it shared; the takeover needs it alone. `public/sw.js` says what
//! page and service worker tell each other.

use super::Shell;
use super::messages::t;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonSize};
use crate::engine::protocol::APP_TOO_OLD;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, ServiceWorker, ServiceWorkerRegistration, ServiceWorkerState};

/// Held shared by each tab with an open sale.
const SALE_LOCK: &str = "holdfast-sale-open";

/// Longer than a browser takes to find that a service worker has nothing to do.
const ASK_AGAIN: Duration = Duration::from_secs(2);

/// Whether another version waits.
#[derive(Clone, Copy)]
pub struct UpdateState {
    waiting: StoredValue<Option<ServiceWorker>, LocalStorage>,
    ready: RwSignal<bool>,
    elsewhere: RwSignal<bool>,
    /// The person said yes, and the new version has not taken over yet.
    asked: RwSignal<bool>,
    reload: RwSignal<bool>,
    release: StoredValue<Option<Function>, LocalStorage>,
}

impl UpdateState {
    pub(super) fn provide() {
        let state = Self {
            waiting: StoredValue::new_local(None),
            ready: RwSignal::new(false),
            elsewhere: RwSignal::new(false),
            asked: RwSignal::new(false),
            reload: RwSignal::new(false),
            release: StoredValue::new_local(None),
        };
        provide_context(state);
        let shell = Shell::expect();
        Effect::new(move || state.hold_while(shell.sale_open.get()));
        Effect::new(move || {
            if state.reload.get() && !shell.sale_open.get() {
                let _reloading = window().location().reload();
            }
        });
        let too_old = Memo::new(move |_| shell.sync.with(|sync| sync.as_ref().is_some_and(|sync| sync.refused.as_deref() == Some(APP_TOO_OLD))));
        Effect::new(move || {
            if too_old.get() {
                spawn_local(async move {
                    if let Err(fault) = fetch_newer().await {
                        leptos::logging::warn!("no newer version was looked for: {fault:?}");
                    }
                });
            }
        });
        spawn_local(async move {
            if let Err(fault) = state.register().await {
                leptos::logging::warn!("no service worker: {fault:?}");
            }
        });
    }

    async fn register(self) -> Result<(), JsValue> {
        let navigator = window().navigator();
        if !Reflect::has(&navigator, &JsValue::from_str("serviceWorker"))? || build().is_empty() {
            return Ok(());
        }
        let container = navigator.service_worker();
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| self.hear(&event.data()));
        container.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
        let registration: ServiceWorkerRegistration = JsFuture::from(container.register("/sw.js")).await?.dyn_into()?;
        if let Some(active) = registration.active() {
            active.post_message(&message("started")?)?;
        }
        self.look(&registration);
        let watched = registration.clone();
        let found = Closure::<dyn Fn()>::new(move || self.follow(&watched));
        registration.set_onupdatefound(Some(found.as_ref().unchecked_ref()));
        found.forget();
        Ok(())
    }

    /// A new version is being fetched: look again at each step.
    fn follow(self, registration: &ServiceWorkerRegistration) {
        let Some(installing) = registration.installing() else { return };
        let registration = registration.clone();
        let changed = Closure::<dyn Fn()>::new(move || self.look(&registration));
        installing.set_onstatechange(Some(changed.as_ref().unchecked_ref()));
        changed.forget();
    }

    /// The very first version has nothing to take over from.
    fn look(self, registration: &ServiceWorkerRegistration) {
        let waiting = registration.waiting().filter(|_| window().navigator().service_worker().controller().is_some());
        self.ready.set(waiting.is_some());
        self.waiting.set_value(waiting);
    }

    fn hear(self, data: &JsValue) {
        let text = |name: &str| Reflect::get(data, &JsValue::from_str(name)).ok().and_then(|value| value.as_string());
        if text("type").as_deref() == Some("reload") && text("build").is_some_and(|active| active != build()) {
            self.reload.set(true);
        }
    }

    /// Takes the new version over, unless some tab has a sale open.
    async fn take_over(self) -> Result<(), JsValue> {
        let alone = Object::new();
        Reflect::set(&alone, &JsValue::from_str("ifAvailable"), &JsValue::TRUE)?;
        let taken = Closure::once_into_js(move |lock: JsValue| {
            self.elsewhere.set(lock.is_null());
            if let Some(waiting) = self.waiting.get_value().filter(|_| !lock.is_null()) {
                self.asked.set(true);
                self.ask(waiting);
            }
        });
        JsFuture::from(request_lock(&alone, &taken)?).await.map(drop)
    }

    /// Asks the new version to take over, and again until it does: Chromium activates it once the one before has nothing to do, and
    /// looks no more for five minutes where a request reached that one just then. Each asking makes it look.
    fn ask(self, waiting: ServiceWorker) {
        if waiting.state() != ServiceWorkerState::Installed {
            self.asked.set(false);
            return;
        }
        let _posted = message("activate").and_then(|activate| waiting.post_message(&activate));
        set_timeout(move || self.ask(waiting), ASK_AGAIN);
    }

    /// Holds the lock while a sale is open.
    fn hold_while(self, open: bool) {
        if let Some(release) = self.release.try_update_value(Option::take).flatten() {
            let _released = release.call0(&JsValue::UNDEFINED);
        }
        if !open {
            return;
        }
        let shared = Object::new();
        let _set = Reflect::set(&shared, &JsValue::from_str("mode"), &JsValue::from_str("shared"));
        let held = Promise::new(&mut |resolve, _| self.release.set_value(Some(resolve)));
        let callback = Closure::once_into_js(move |_: JsValue| held);
        if let Err(fault) = request_lock(&shared, &callback) {
            leptos::logging::warn!("the sale's lock was not taken: {fault:?}");
        }
    }
}

/// Has the browser look for a newer version now, and not when it next would.
async fn fetch_newer() -> Result<(), JsValue> {
    let registration: ServiceWorkerRegistration = JsFuture::from(window().navigator().service_worker().ready()?).await?.dyn_into()?;
    JsFuture::from(registration.update()?).await.map(drop)
}

fn request_lock(options: &Object, callback: &JsValue) -> Result<Promise, JsValue> {
    let locks = Reflect::get(&window().navigator(), &JsValue::from_str("locks"))?;
    let request: Function = Reflect::get(&locks, &JsValue::from_str("request"))?.dyn_into()?;
    request.call3(&locks, &JsValue::from_str(SALE_LOCK), options, callback)?.dyn_into()
}

fn message(kind: &str) -> Result<JsValue, JsValue> {
    let message = Object::new();
    Reflect::set(&message, &JsValue::from_str("type"), &JsValue::from_str(kind))?;
    Ok(message.into())
}

/// The build this page belongs to.
pub(super) fn build() -> String {
    let meta = document().query_selector("meta[name=holdfast-build]").ok().flatten();
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}

/// Announces a new version.
#[component]
pub fn UpdateBanner() -> impl IntoView {
    let state: UpdateState = use_context().expect("the shell provides the update state around every screen");
    let shell = Shell::expect();
    let take_over = move || {
        spawn_local(async move {
            if let Err(fault) = state.take_over().await {
                leptos::logging::error!("the new version was not taken over: {fault:?}");
            }
        });
    };
    let text = Signal::derive(move || {
        let words = if shell.sale_open.get() || state.elsewhere.get() { t().update_waits_for_sale } else { t().update_text };
        Some(words.to_owned())
    });
    view! {
        <Show when=move || state.ready.get()>
            <div class="shell-banner">
                <Banner tone=Tone::Info title=t().update_title text action=move || view! { <Button label=t().update_now size=ButtonSize::Small disabled=shell.sale_open busy=state.asked on_press=take_over /> } />
            </div>
        </Show>
    }
}
