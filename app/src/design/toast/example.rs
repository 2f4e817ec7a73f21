//! Toasts in the gallery.

use super::{ToastKind, Toasts};
use crate::design::button::Button;
use leptos::prelude::*;

/// One of each.
pub fn example() -> AnyView {
    let toasts = Toasts::expect();
    view! {
        <div class="row">
            <Button label="Remove a line" on_press=move || toasts.say_with_undo("Espresso removed", move || toasts.say(ToastKind::Info, "Espresso is back")) />
            <Button label="Scan an unknown code" on_press=move || toasts.say(ToastKind::Bad, "9521234500017 is not in the catalogue. Search by name, or ask the office to add it.") />
        </div>
    }
    .into_any()
}
