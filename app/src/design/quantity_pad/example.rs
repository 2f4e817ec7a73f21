//! The quantity pad in the gallery.

use super::QuantityPad;
use leptos::prelude::*;
use rust_decimal::Decimal;

/// A quantity to step and to type.
pub fn example() -> AnyView {
    let quantity = RwSignal::new(Decimal::ONE);
    view! { <QuantityPad value=quantity on_change=move |wished| quantity.set(wished) /> }.into_any()
}
