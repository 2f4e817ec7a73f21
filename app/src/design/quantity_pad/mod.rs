//! A quantity: one less, the number itself, one more.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::button::{ButtonKind, IconButton};
use super::icon::Icon;
use super::messages::t;
use crate::language::decimal;
use leptos::prelude::*;
use rust_decimal::Decimal;

/// Reads a quantity as people write it, with a point or a comma; none where it is none, or not above zero.
pub fn quantity_of_text(text: &str) -> Option<Decimal> {
    text.trim().replace(',', ".").parse().ok().filter(|quantity: &Decimal| quantity.is_sign_positive() && !quantity.is_zero())
}

/// A quantity with steps of one; typed, it may be a decimal.
#[component]
pub fn QuantityPad(
    /// How many now.
    #[prop(into)]
    value: Signal<Decimal>,
    /// The least there may be.
    #[prop(default = Decimal::ONE)]
    least: Decimal,
    /// Whether there are only whole ones.
    #[prop(optional, into)]
    whole: Signal<bool>,
    /// Told of the wished quantity.
    #[prop(into)]
    on_change: Callback<Decimal>,
) -> impl IntoView {
    let step = move |by: Decimal| {
        let wished = value.get_untracked() + by;
        if wished >= least {
            on_change.run(wished);
        }
    };
    let typed = move |event: leptos::ev::Event| {
        let text = event_target_value(&event);
        let possible = |wished: &Decimal| *wished >= least && (wished.is_integer() || !whole.get_untracked());
        match quantity_of_text(&text).filter(possible) {
            Some(wished) => on_change.run(wished),
            // What stands there is what is sold.
            None => event_target::<web_sys::HtmlInputElement>(&event).set_value(&decimal(value.get_untracked())),
        }
    };
    let select_all = |event: leptos::ev::FocusEvent| event_target::<web_sys::HtmlInputElement>(&event).select();
    let one_less = move || step(Decimal::NEGATIVE_ONE);
    let too_few = Signal::derive(move || value.get() - Decimal::ONE < least);
    view! {
        <div class="quantity-pad" role="group" aria-label=t().quantity>
            <IconButton icon=Icon::Minus label=t().less kind=ButtonKind::Secondary disabled=too_few on_press=one_less />
            <input
                class="control number"
                type="text"
                inputmode="decimal"
                autocomplete="off"
                aria-label=t().quantity
                prop:value=move || decimal(value.get())
                on:change=typed
                on:focus=select_all
            />
            <IconButton icon=Icon::Plus label=t().more kind=ButtonKind::Secondary on_press=move || step(Decimal::ONE) />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::quantity_of_text;

    #[test]
    fn a_quantity_is_read_with_point_or_comma_and_never_below_zero() {
        for (text, expected) in
            [("3", Some("3")), ("0,482", Some("0.482")), (" 1.5 ", Some("1.5")), ("0", None), ("-2", None), ("a", None), ("", None)]
        {
            assert_eq!(quantity_of_text(text).map(|quantity| quantity.to_string()).as_deref(), expected, "{text:?}");
        }
    }
}
