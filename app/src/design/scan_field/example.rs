//! The scan field in the gallery.

use super::ScanField;
use leptos::prelude::*;

/// Takes a code and shows it.
pub fn example() -> AnyView {
    let value = RwSignal::new(String::new());
    let taken = RwSignal::new(String::new());
    view! {
        <div class="gallery-narrow stack">
            <ScanField label="Scan or search" value shortcut="/" on_enter=move |code: String| { taken.set(code); value.set(String::new()); } />
            <p class="small soft">"Last taken: " <code>{taken}</code></p>
        </div>
    }
    .into_any()
}
