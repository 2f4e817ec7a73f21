//! One of several, and on or off.

use super::{FieldFrame, fresh_id};
use leptos::prelude::*;

/// Something to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the choice stands for.
    pub value: String,
    /// As shown.
    pub label: String,
}

/// One of several, in the browser's own list.
#[component]
pub fn SelectField(
    /// Above it.
    #[prop(into)]
    label: Signal<String>,
    /// What may be chosen.
    #[prop(into)]
    choices: Signal<Vec<Choice>>,
    /// The chosen value.
    value: RwSignal<String>,
    /// Below it, always.
    #[prop(optional, into)]
    hint: Signal<Option<String>>,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Cannot be changed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let id = fresh_id();
    let option = move |choice: Choice| {
        let chosen = choice.value.clone();
        view! { <option value=choice.value prop:selected=move || value.get() == chosen>{choice.label}</option> }
    };
    view! {
        <FieldFrame id=id.clone() label hint error>
            <select
                id=id.clone()
                class="control"
                disabled=move || disabled.get()
                aria-describedby=format!("{id}-note")
                on:change=move |event| value.set(event_target_value(&event))
            >
                {move || choices.get().into_iter().map(option).collect_view()}
            </select>
        </FieldFrame>
    }
}

/// On or off, at once.
#[component]
pub fn SwitchField(
    /// What is on.
    #[prop(into)]
    label: Signal<String>,
    /// What that means.
    #[prop(optional, into)]
    hint: Signal<Option<String>>,
    /// Whether it is on.
    value: RwSignal<bool>,
) -> impl IntoView {
    let id = fresh_id();
    let note = format!("{id}-note");
    view! {
        <div class="switch-field">
            <input id=id.clone() class="switch" type="checkbox" role="switch" aria-describedby=note.clone() prop:checked=value on:change=move |event| value.set(event_target_checked(&event)) />
            <label for=id>
                <span class="strong">{label}</span>
                <span class="field-hint" id=note>{hint}</span>
            </label>
        </div>
    }
}
