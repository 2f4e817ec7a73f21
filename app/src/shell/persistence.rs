//! Asks the browser to keep this device's data. Only a page may ask; the engine then looks how it stands.

use super::Shell;
use crate::engine::protocol::Request;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

/// Asks, and refreshes what the screens show of it.
pub fn keep_storage(shell: Shell) {
    spawn_local(async move {
        if let Ok(asked) = window().navigator().storage().persist() {
            // Whatever the browser answers, the engine's look tells what holds.
            let _answer = JsFuture::from(asked).await;
        }
        shell.ask_device(Request::KeepStorage).await;
    });
}
