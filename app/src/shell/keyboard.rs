//! Whether a keyboard is used: then the keys that do things are shown. A scanner types too, but never these keys.

use leptos::ev::{self, KeyboardEvent, PointerEvent};
use leptos::prelude::*;

pub(super) fn watch() {
    let pressed = window_event_listener(ev::keydown, |event: KeyboardEvent| {
        let key = event.key();
        let steering = matches!(key.as_str(), "Tab" | "Escape" | "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight");
        let function_key = key.len() > 1 && key.starts_with('F') && key[1..].bytes().all(|byte| byte.is_ascii_digit());
        if steering || function_key {
            mark(true);
        }
    });
    let touched = window_event_listener(ev::pointerdown, |event: PointerEvent| {
        if event.pointer_type() == "touch" {
            mark(false);
        }
    });
    // Both listen as long as the page lives.
    std::mem::forget((pressed, touched));
}

fn mark(used: bool) {
    if let Some(root) = document().document_element() {
        let _set = root.set_attribute("data-keyboard", if used { "true" } else { "false" });
    }
}
