//! An amount typed as people write it: `84.5`, `84,50`, `1 284`.

use super::{FieldFrame, fresh_id};
use crate::language::{minor_digits, money_plain};
use leptos::prelude::*;

/// Reads an amount in minor units; none where the text is not one. The last point or comma with at most `digits` digits behind it is the
/// decimal separator, any other groups thousands.
pub fn minor_of_text(text: &str, digits: usize) -> Option<i64> {
    let text = text.trim();
    let separator = text.rfind(['.', ',']).filter(|at| text.len() - at - 1 <= digits && digits > 0);
    let (whole, fraction) = separator.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
    let grouped = |c: char| matches!(c, '.' | ',' | '\'' | '’') || c.is_whitespace();
    let whole: String = whole.chars().filter(|c| !grouped(*c)).collect();
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !all_digits(&whole) || !all_digits(fraction) {
        return None;
    }
    format!("{whole}{fraction:0<digits$}").parse().ok()
}

/// An amount of money.
#[component]
pub fn MoneyField(
    /// Above it.
    #[prop(into)]
    label: Signal<String>,
    /// In minor units; none where nothing, or no amount, is typed.
    value: RwSignal<Option<i64>>,
    /// ISO 4217.
    #[prop(into)]
    currency: String,
    /// Below it, always.
    #[prop(optional, into)]
    hint: Signal<Option<String>>,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let id = fresh_id();
    let digits = minor_digits(&currency);
    let shown = currency.clone();
    let written = move |minor: Option<i64>| minor.map_or_else(String::new, |minor| money_plain(minor, &shown));
    let text = RwSignal::new(written(value.get_untracked()));
    view! {
        <FieldFrame id=id.clone() label hint error>
            <div class="control-with-unit">
                <input
                    id=id.clone()
                    class="control number"
                    type="text"
                    inputmode="decimal"
                    autocomplete="off"
                    aria-invalid=move || error.get().is_some().then_some("true")
                    aria-describedby=format!("{id}-note")
                    prop:value=text
                    on:input=move |event| {
                        let typed = event_target_value(&event);
                        value.set(minor_of_text(&typed, digits));
                        text.set(typed);
                    }
                    on:blur=move |_| {
                        if let Some(minor) = value.get_untracked() {
                            text.set(written(Some(minor)));
                        }
                    }
                />
                <span class="control-unit" aria-hidden="true">{currency}</span>
            </div>
        </FieldFrame>
    }
}

#[cfg(test)]
mod tests {
    use super::minor_of_text;

    #[test]
    fn an_amount_is_read_as_people_of_any_country_write_it() {
        for (text, expected) in [
            ("84.50", Some(8450)),
            ("84,5", Some(8450)),
            ("84", Some(8400)),
            (".5", Some(50)),
            ("1,284.50", Some(128_450)),
            ("1.284,50", Some(128_450)),
            ("1 284,50", Some(128_450)),
            ("1’284.50", Some(128_450)),
            ("1,284", Some(128_400)),
            ("", None),
            ("ten", None),
            ("-5", None),
            (".", None),
        ] {
            assert_eq!(minor_of_text(text, 2), expected, "{text:?}");
        }
    }

    #[test]
    fn a_currency_without_minor_units_takes_every_separator_for_grouping() {
        assert_eq!(minor_of_text("1,284", 0), Some(1284));
    }

    #[test]
    fn an_amount_beyond_all_money_is_none() {
        assert_eq!(minor_of_text("99999999999999999999", 2), None);
    }
}
