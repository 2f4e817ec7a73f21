//! An address on a form: its parts in one group, as letters have them.

use super::draft::Entry;
use super::words;
use crate::design::field::{Choice, fresh_id};
use crate::language::{country_name, in_order};
use holdfast_domain::kernel::COUNTRIES;
use holdfast_domain::kernel::resource::{Field, Resource};
use leptos::prelude::*;

/// The parts of an address under its name, each drawn by `control`.
pub fn group(resource: &'static Resource, parts: &[Entry], control: impl Fn(Entry) -> AnyView) -> AnyView {
    let whole = parts.first().and_then(|part| resource.field(part.field.whole()));
    let legend = whole.map(|whole| words::field(resource, whole));
    let hint = whole.and_then(|whole| words::hint(resource, whole));
    let note = fresh_id();
    let described = hint.is_some().then(|| note.clone());
    let part = |entry: &Entry| {
        let class = format!("address-part address-{}", entry.field.key());
        view! { <div class=class>{control(*entry)}</div> }
    };
    view! {
        <fieldset class="address-field" aria-describedby=described>
            <legend class="strong">{legend}</legend>
            {hint.map(|hint| view! { <p class="field-hint" id=note>{hint}</p> })}
            <div class="address-parts">{parts.iter().map(part).collect_view()}</div>
        </fieldset>
    }
    .into_any()
}

/// What a browser, or whatever helps its user to fill in forms, may put into the field (HTML, autofill): nothing but parts of addresses.
pub fn autocomplete(field: &Field) -> &'static str {
    match field.part_of.map(|_| field.key()) {
        Some("line1") => "address-line1",
        Some("line2") => "address-line2",
        Some("postal_code") => "postal-code",
        Some("city") => "address-level2",
        Some("region") => "address-level1",
        Some("country") => "country",
        _ => "off",
    }
}

/// All countries, in the order of their names.
pub fn countries() -> Vec<Choice> {
    let mut choices: Vec<Choice> = COUNTRIES.iter().map(|code| Choice { value: (*code).to_owned(), label: country_name(code) }).collect();
    choices.sort_by(|a, b| in_order(&a.label, &b.label));
    choices
}
