//! Asks the browser to keep this device's data. Only a page may ask; the engine then looks how it stands.

use super::Shell;
use super::messages::t;
use crate::design::toast::{ToastKind, Toasts};
use crate::engine::protocol::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// Asks, and refreshes what the screens show of it.
pub fn keep_storage(shell: Shell) {
    let toasts = Toasts::expect();
    spawn_local(async move {
        if let Ok(asked) = window().navigator().storage().persist() {
            // Whatever the browser answers, the engine's look tells what holds.
            let _answer = JsFuture::from(asked).await;
        }
        shell.ask_device(Request::KeepStorage).await;
        let kept = shell.device.with_untracked(|device| device.as_ref().is_some_and(|device| device.storage.persisted));
        if kept { toasts.say(ToastKind::Good, t().storage_kept) } else { toasts.say(ToastKind::Info, t().storage_refused) }
    });
}
