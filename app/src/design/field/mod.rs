//! Fields: a label above, what is wrong below, the browser's own control between.

mod choice;
#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;
mod money;
mod password;

pub use choice::{Choice, SelectField, SwitchField};
pub use money::{MoneyField, minor_of_text};
pub use password::PasswordField;

use leptos::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};

/// An id no other element of the page has, to tie labels and errors to their control.
pub fn fresh_id() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("f{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What a text field takes: the browser checks, and offers the right keyboard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TextKind {
    /// Any line of text.
    #[default]
    Plain,
    /// An e-mail address.
    Email,
    /// What is searched for.
    Search,
    /// A whole number.
    Whole,
    /// A decimal number.
    Decimal,
    /// A day, in the browser's own calendar: `2026-11-20`, or nothing.
    Day,
    /// A code: monospaced, not corrected by the keyboard.
    Code,
}

impl TextKind {
    const fn input_type(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Search => "search",
            Self::Day => "date",
            Self::Plain | Self::Whole | Self::Decimal | Self::Code => "text",
        }
    }

    const fn input_mode(self) -> Option<&'static str> {
        match self {
            Self::Whole => Some("numeric"),
            Self::Decimal => Some("decimal"),
            Self::Email => Some("email"),
            Self::Search => Some("search"),
            Self::Plain | Self::Code | Self::Day => None,
        }
    }

    const fn as_typed(self) -> bool {
        matches!(self, Self::Email | Self::Code)
    }
}

/// What stands around a control: label, hint, error. The control names `id`, and `{id}-note` as its description.
#[component]
pub fn FieldFrame(
    /// Of the control.
    id: String,
    /// Above it.
    #[prop(into)]
    label: Signal<String>,
    /// Below it, always.
    #[prop(optional, into)]
    hint: Signal<Option<String>>,
    /// Below it, when something is wrong: what, and what to do.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Marked as one that must have a value.
    #[prop(optional)]
    required: bool,
    /// The control.
    children: Children,
) -> impl IntoView {
    let note = format!("{id}-note");
    view! {
        <div class="field" class:required=required class:invalid=move || error.get().is_some()>
            <label class="field-label" for=id>{label}</label>
            {children()}
            <div class="field-note" id=note aria-live="polite">
                {move || match error.get() {
                    Some(error) => view! { <span class="field-error">{error}</span> }.into_any(),
                    None => hint.get().map(|hint| view! { <span class="field-hint">{hint}</span> }).into_any(),
                }}
            </div>
        </div>
    }
}

/// A line of text.
#[component]
pub fn TextField(
    /// Above it.
    #[prop(into)]
    label: Signal<String>,
    /// What is in it.
    value: RwSignal<String>,
    /// What it takes.
    #[prop(optional)]
    kind: TextKind,
    /// For the browser's memory, such as `email` or `organization`.
    #[prop(optional, into)]
    autocomplete: Option<&'static str>,
    /// Below it, always.
    #[prop(optional, into)]
    hint: Signal<Option<String>>,
    /// What is wrong.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// The form is not sent without it.
    #[prop(optional)]
    required: bool,
    /// Cannot be changed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The control itself, for whoever must focus it.
    #[prop(optional)]
    node: NodeRef<leptos::html::Input>,
) -> impl IntoView {
    let id = fresh_id();
    let as_typed = kind.as_typed();
    view! {
        <FieldFrame id=id.clone() label hint error>
            <input
                node_ref=node
                id=id.clone()
                class="control"
                class:code=kind == TextKind::Code
                class:number=matches!(kind, TextKind::Whole | TextKind::Decimal)
                type=kind.input_type()
                inputmode=kind.input_mode()
                autocomplete=autocomplete.unwrap_or("off")
                autocapitalize=as_typed.then_some("none")
                spellcheck=as_typed.then_some("false")
                required=required
                disabled=move || disabled.get()
                aria-invalid=move || error.get().is_some().then_some("true")
                aria-describedby=format!("{id}-note")
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
            />
        </FieldFrame>
    }
}
