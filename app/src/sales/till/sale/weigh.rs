//! How much of something that is weighed, poured or cut: keyed in from the right, as on a scale, so that 4 8 2 is 0.482 kg.

use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::dialog::Dialog;
use crate::design::keypad::{AmountEntry, Key, Keypad};
use crate::engine::protocol::ProductView;
use crate::sales::measure::{measure, price_per};
use crate::sales::till::messages::t;
use crate::sales::till::store::Till;
use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use rust_decimal::Decimal;

/// Asks how much, while a product waits for it.
#[component]
pub fn Weigh() -> impl IntoView {
    let till = Till::expect();
    let open = RwSignal::new(false);
    Effect::new(move || {
        let waits = till.weighing.with(Option::is_some);
        if open.get_untracked() != waits {
            open.set(waits);
        }
    });
    Effect::new(move || {
        if !open.get() && till.weighing.with_untracked(Option::is_some) {
            till.weighing.set(None);
        }
    });
    let title = Signal::derive(move || till.weighing.with(|product| product.as_ref().map(|product| product.name.clone())).unwrap_or_default());
    view! {
        <Dialog open title actions=move || view! { <Button label=t().cancel kind=ButtonKind::Quiet on_press=move || open.set(false) /> }>
            {move || till.weighing.get().map(|product| view! { <HowMuch product /> })}
        </Dialog>
    }
}

#[component]
fn HowMuch(product: ProductView) -> impl IntoView {
    let till = Till::expect();
    let entry = RwSignal::new(AmountEntry::EMPTY);
    let (id, unit, decimals) = (product.id, product.unit, product.unit.decimals());
    let quantity = move || Decimal::new(entry.get().minor().unwrap_or(0), decimals);
    let press = move |key: Key| entry.update(|entry| *entry = entry.after(key));
    let add = move || {
        let quantity = quantity();
        if !quantity.is_zero() {
            till.add_measured(id, quantity);
        }
    };
    // Wherever the focus is: the keypad is all there is to type into.
    let typed = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if let Some(key) = Key::of_keyboard(&event.key()) {
            event.prevent_default();
            press(key);
        } else if event.key() == "Enter" {
            event.prevent_default();
            add();
        }
    });
    on_cleanup(move || typed.remove());
    let shown = move || measure(quantity(), Some(unit));
    let nothing = Signal::derive(move || quantity().is_zero());
    view! {
        <div class="weigh stack">
            <div class="cash-entry-head">
                <span class="cash-entry-label">{product.price_minor.map(|minor| price_per(&till.money(minor), unit))}</span>
                <output class="cash-entry-amount figure" class:faint=nothing aria-live="polite">{shown}</output>
            </div>
            <Keypad label=t().how_much on_key=press />
            <Button label=t().add kind=ButtonKind::Primary size=ButtonSize::Large wide=true shortcut="⏎" disabled=nothing on_press=add />
        </div>
    }
}
