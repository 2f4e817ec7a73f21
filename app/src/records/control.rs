//! The control of a field, by its shape.

use super::child_rows::RowsField;
use super::draft::{Draft, Entry};
use super::file::FileControl;
use super::messages::t;
use super::reference::ReferenceInput;
use super::tags::TagsInput;
use super::{address, typed, words};
use crate::design::field::{Choice, FieldFrame, fresh_id};
use crate::shell::Shell;
use holdfast_domain::identity::Access;
use holdfast_domain::kernel::resource::Shape;
use leptos::prelude::*;
use serde_json::Value;
use wasm_bindgen::{JsCast, JsValue};

/// What every control of a form needs to know.
#[derive(Clone, Copy)]
pub struct Control {
    /// The form's state.
    pub draft: Draft,
    /// The field.
    pub entry: Entry,
    /// Whether nothing can be changed now.
    pub locked: Signal<bool>,
}

impl Control {
    fn error(self) -> Signal<Option<String>> {
        Signal::derive(move || self.entry.wrong.get().map(|wrong| words::wrong(self.entry.field, wrong)))
    }

    /// Takes what was typed; what was wrong is judged again as somebody types.
    pub fn set(self, value: Value) {
        self.entry.value.set(value);
        if self.entry.wrong.with_untracked(Option::is_some) {
            self.draft.judge(self.entry);
        }
    }
}

/// A field with its label, its hint and what is wrong with it.
#[component]
pub fn FieldControl(
    /// Which.
    control: Control,
) -> impl IntoView {
    let Control { draft, entry, .. } = control;
    let id = fresh_id();
    let left = move |event: leptos::ev::FocusEvent| {
        let within = event.current_target().and_then(|frame| frame.dyn_into::<web_sys::Node>().ok());
        let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        let stays = within.is_some_and(|frame| to.is_some() && frame.contains(to.as_ref()));
        if !stays {
            draft.judge(entry);
        }
    };
    let masked = entry.access == Access::Masked;
    let input = match entry.field.shape.opened() {
        _ if masked => partly_hidden(control, &id),
        Shape::Rows(shape) => return view! { <RowsField control shape /> }.into_any(),
        Shape::Image | Shape::File => return view! { <FileControl control /> }.into_any(),
        Shape::Boolean => return view! { <div on:focusout=left>{switch(control, id)}</div> }.into_any(),
        Shape::Enumeration(values) => choice(control, &id, values),
        Shape::LongText => long_text(control, &id),
        Shape::Country => country(control, &id),
        Shape::Reference(kind) => view! { <ReferenceInput control id=id.clone() kind /> }.into_any(),
        Shape::Tags => view! { <TagsInput control id=id.clone() /> }.into_any(),
        _ => line(control, &id),
    };
    let hint = if masked { Some(t().partly_hidden.to_owned()) } else { words::hint(draft.resource, entry.field) };
    view! {
        <div on:focusout=left>
            <FieldFrame id label=words::field(draft.resource, entry.field) hint error=control.error() required=entry.field.required>{input}</FieldFrame>
        </div>
    }
    .into_any()
}

/// What is told of a value that is not to be read.
fn partly_hidden(control: Control, id: &str) -> AnyView {
    let text = move || control.entry.value.with(|value| value.as_str().unwrap_or_default().to_owned());
    view! { <input id=id.to_owned() class="control" type="text" disabled=true aria-describedby=format!("{id}-note") prop:value=text /> }.into_any()
}

/// One line, of whatever shape.
fn line(control: Control, id: &str) -> AnyView {
    let Control { entry, locked, .. } = control;
    let shape = entry.field.shape.opened();
    let currency = Shell::expect().session.with_untracked(|session| session.view().map_or_else(String::new, |view| view.currency.clone()));
    // An amount that is there keeps its currency.
    let currency = entry.value.with_untracked(|value| value["currency"].as_str().map_or(currency, str::to_owned));
    let unit = match shape {
        Shape::Money => currency.clone(),
        Shape::Rate => "%".to_owned(),
        _ => String::new(),
    };
    let text = RwSignal::new(typed::written(shape, &entry.value.get_untracked()));
    let currency = StoredValue::new(currency);
    let read = move |text: &str| currency.with_value(|currency| typed::read(shape, text, currency));
    Effect::new(move || {
        let value = entry.value.get();
        if read(&text.read_untracked()) != value {
            text.set(typed::written(shape, &value));
        }
    });
    let known = known(shape);
    let list = (!known.is_empty()).then(|| format!("{id}-known"));
    let options = known.into_iter().map(|known| view! { <option value=known></option> }).collect_view();
    let (kind, mode) = kind_of(shape);
    let unit = (!unit.is_empty()).then_some(unit);
    let unit_mark = unit.clone().map(|unit| view! { <span class="control-unit" aria-hidden="true">{unit}</span> });
    view! {
        <div class:control-with-unit=unit.is_some()>
            <input
                id=id.to_owned()
                class="control"
                class:number=super::shown::is_figure(shape)
                type=kind
                inputmode=mode
                autocomplete=address::autocomplete(entry.field)
                list=list.clone()
                aria-required=entry.field.required.then_some("true")
                disabled=move || locked.get()
                aria-invalid=move || entry.wrong.get().is_some().then_some("true")
                aria-describedby=format!("{id}-note")
                prop:value=text
                on:input=move |event| {
                    let now = event_target_value(&event);
                    control.set(read(&now));
                    text.set(now);
                }
                on:blur=move |_| {
                    let value = entry.value.get_untracked();
                    if super::shown::is_figure(shape) && !value.is_null() {
                        text.set(typed::written(shape, &value));
                    }
                }
            />
            {unit_mark}
            {list.map(|list| view! { <datalist id=list>{options}</datalist> })}
        </div>
    }
    .into_any()
}

/// The browser's kind of input, and the keyboard it brings.
const fn kind_of(shape: Shape) -> (&'static str, Option<&'static str>) {
    match shape {
        Shape::Email => ("text", Some("email")),
        Shape::Phone => ("tel", Some("tel")),
        Shape::Date => ("date", None),
        Shape::Instant => ("datetime-local", None),
        Shape::Money | Shape::Decimal | Shape::Rate => ("text", Some("decimal")),
        Shape::Whole | Shape::Gtin => ("text", Some("numeric")),
        _ => ("text", None),
    }
}

/// What the browser knows of such values, to be offered.
fn known(shape: Shape) -> Vec<String> {
    let key = match shape {
        Shape::TimeZone => "timeZone",
        Shape::Currency => "currency",
        _ => return Vec::new(),
    };
    let intl = js_sys::Reflect::get(&js_sys::global(), &JsValue::from_str("Intl"));
    let ask = intl.and_then(|intl| js_sys::Reflect::get(&intl, &JsValue::from_str("supportedValuesOf")));
    let said =
        ask.ok().and_then(|ask| ask.dyn_into::<js_sys::Function>().ok()).and_then(|ask| ask.call1(&JsValue::UNDEFINED, &JsValue::from_str(key)).ok());
    said.map_or_else(Vec::new, |values| js_sys::Array::from(&values).iter().filter_map(|value| value.as_string()).collect())
}

fn long_text(control: Control, id: &str) -> AnyView {
    let Control { entry, locked, .. } = control;
    let text = move || entry.value.with(|value| value.as_str().unwrap_or_default().to_owned());
    view! {
        <textarea
            id=id.to_owned()
            class="control long-text"
            rows="4"
            disabled=move || locked.get()
            aria-required=entry.field.required.then_some("true")
            aria-invalid=move || entry.wrong.get().is_some().then_some("true")
            aria-describedby=format!("{id}-note")
            prop:value=text
            on:input=move |event| control.set(typed::read(Shape::LongText, &event_target_value(&event), ""))
        ></textarea>
    }
    .into_any()
}

fn choice(control: Control, id: &str, values: &'static [&'static str]) -> AnyView {
    let Control { draft, entry, locked } = control;
    let is = move |value: &str| entry.value.with(|now| now.as_str().unwrap_or_default() == value);
    let option = move |value: &'static str| {
        let label = words::value(draft.resource, entry.field, value);
        view! { <option value=value prop:selected=move || is(value)>{label}</option> }
    };
    view! {
        <select
            id=id.to_owned()
            class="control"
            disabled=move || locked.get()
            aria-required=entry.field.required.then_some("true")
            aria-invalid=move || entry.wrong.get().is_some().then_some("true")
            aria-describedby=format!("{id}-note")
            on:change=move |event| control.set(typed::read(Shape::Text, &event_target_value(&event), ""))
        >
            <option value="" prop:selected=move || is("")>{t().choose}</option>
            {values.iter().copied().map(option).collect_view()}
        </select>
    }
    .into_any()
}

fn country(control: Control, id: &str) -> AnyView {
    let Control { entry, locked, .. } = control;
    let is = move |code: &str| entry.value.with(|now| now.as_str().unwrap_or_default() == code);
    let option = move |Choice { value, label }: Choice| {
        let code = value.clone();
        view! { <option value=value prop:selected=move || is(&code)>{label}</option> }
    };
    view! {
        <select
            id=id.to_owned()
            class="control"
            autocomplete=address::autocomplete(entry.field)
            disabled=move || locked.get()
            aria-required=entry.field.required.then_some("true")
            aria-invalid=move || entry.wrong.get().is_some().then_some("true")
            aria-describedby=format!("{id}-note")
            on:change=move |event| control.set(typed::read(Shape::Text, &event_target_value(&event), ""))
        >
            <option value="" prop:selected=move || is("")>{t().choose}</option>
            {address::countries().into_iter().map(option).collect_view()}
        </select>
    }
    .into_any()
}

fn switch(control: Control, id: String) -> AnyView {
    let Control { draft, entry, locked } = control;
    let note = format!("{id}-note");
    let hint = words::hint(draft.resource, entry.field);
    view! {
        <div class="switch-field">
            <input
                id=id.clone()
                class="switch"
                type="checkbox"
                role="switch"
                disabled=move || locked.get()
                aria-describedby=note.clone()
                prop:checked=move || entry.value.with(|value| *value == Value::Bool(true))
                on:change=move |event| control.set(Value::Bool(event_target_checked(&event)))
            />
            <label for=id>
                <span class="strong">{words::field(draft.resource, entry.field)}</span>
                <span class="field-hint" id=note>{hint}</span>
                {move || control.error().get().map(|error| view! { <span class="field-error">{error}</span> })}
            </label>
        </div>
    }
    .into_any()
}
