//! A dialog in the gallery.

use super::Dialog;
use crate::design::button::{Button, ButtonKind};
use leptos::prelude::*;

/// A question before something is gone.
pub fn example() -> AnyView {
    let open = RwSignal::new(false);
    view! {
        <Button label="Abandon the ticket" on_press=move || open.set(true) />
        <Dialog
            open
            title="Abandon this ticket?"
            actions=move || view! {
                <Button label="Keep it" kind=ButtonKind::Quiet on_press=move || open.set(false) />
                <Button label="Abandon" kind=ButtonKind::Danger on_press=move || open.set(false) />
            }
        >
            <p>"Its three lines are put away unsold. The ticket stays in the record."</p>
        </Dialog>
    }
    .into_any()
}
