//! The keypad in the gallery.

use super::{AmountEntry, Keypad};
use crate::design::ticket_line::Total;
use crate::language::money;
use leptos::prelude::*;

/// A keypad that fills an amount.
pub fn example() -> AnyView {
    let entry = RwSignal::new(AmountEntry::EMPTY);
    view! {
        <div class="gallery-narrow stack">
            <Total label="Received" amount=Signal::derive(move || money(entry.get().minor().unwrap_or(0), "EUR")) />
            <Keypad label="Amount received" on_key=move |key| entry.update(|entry| *entry = entry.after(key)) />
        </div>
    }
    .into_any()
}
