//! Sheets in the gallery.

use super::{Sheet, SheetKind};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::keypad::Keypad;
use crate::design::ticket_line::Total;
use leptos::prelude::*;

/// From the side, and over everything.
pub fn example() -> AnyView {
    let side = RwSignal::new(false);
    let full = RwSignal::new(false);
    view! {
        <div class="row">
            <Button label="Open at the side" on_press=move || side.set(true) />
            <Button label="Open over everything" on_press=move || full.set(true) />
        </div>
        <Sheet open=side title="What waits">
            <p class="soft">"Nothing waits: everything is accepted."</p>
        </Sheet>
        <Sheet open=full title="Pay" kind=SheetKind::Full>
            <div class="gallery-narrow stack" data-surface="till">
                <Total label="To pay" amount="€84.50" huge=true />
                <Keypad label="Received" on_key=|_| () />
                <Button label="Take payment" kind=ButtonKind::Primary size=ButtonSize::Large wide=true on_press=move || full.set(false) />
            </div>
        </Sheet>
    }
    .into_any()
}
