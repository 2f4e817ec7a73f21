//! One of a few views of the same thing: a segmented control.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::field::{Choice, fresh_id};
use leptos::prelude::*;

/// A few choices side by side; one is chosen. Arrow keys move, as in every group of radio buttons.
#[component]
pub fn Segmented(
    /// What is chosen here, for whoever cannot see it.
    #[prop(into)]
    label: Signal<String>,
    /// What may be chosen.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The chosen value.
    value: RwSignal<String>,
) -> impl IntoView {
    let group = StoredValue::new(fresh_id());
    let segment = move |choice: Choice| {
        let mine = StoredValue::new(choice.value);
        let chosen = move || mine.with_value(|mine| *value.read() == *mine);
        view! {
            <label class="segment">
                <input class="unseen" type="radio" name=group.get_value() value=mine.get_value() prop:checked=chosen on:change=move |_| value.set(mine.get_value()) />
                <span>{choice.label}</span>
            </label>
        }
    };
    view! {
        <fieldset class="segmented">
            <legend class="unseen">{label}</legend>
            {move || choices.get().into_iter().map(segment).collect_view()}
        </fieldset>
    }
}
