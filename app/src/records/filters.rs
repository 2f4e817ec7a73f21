//! The chips above a list: one per field that it can be narrowed by, those put away, and the choice of columns.

use super::messages::t;
use super::query::{Query, can_be};
use super::{address, columns, reach, typed, words};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::field::{Choice, SelectField, SwitchField, TextField};
use crate::design::icon::{Icon, IconMark};
use crate::design::popover::Popover;
use crate::language::country_name;
use holdfast_domain::kernel::resource::{Field, Resource, Shape, Wrong};
use leptos::prelude::*;

/// The chips.
#[component]
pub fn Filters(
    /// Of the list.
    resource: &'static Resource,
    /// What is asked for.
    query: Memo<Query>,
    /// Asks for something else.
    ask: Callback<Query>,
) -> impl IntoView {
    // A reference is chosen from other records, which the list of those is for.
    let filtered = resource.leaves().filter(|field| field.filtered && !matches!(field.shape, Shape::Reference(_)) && reach::reads(resource, field));
    let chips = filtered.map(|field| view! { <FilterChip resource field query ask /> }).collect_view();
    let archived = move || query.read().archived;
    let turn = move |_| ask.run(Query { archived: !query.read_untracked().archived, ..query.get_untracked() });
    view! {
        <div class="filter-chips" role="group" aria-label=t().filters>
            {chips}
            <button type="button" class="popover-button" class:chosen=archived aria-pressed=move || if archived() { "true" } else { "false" } on:click=turn>
                <IconMark icon=Icon::Box />
                <span>{t().archived}</span>
            </button>
        </div>
    }
}

#[component]
fn FilterChip(resource: &'static Resource, field: &'static Field, query: Memo<Query>, ask: Callback<Query>) -> impl IntoView {
    let open = RwSignal::new(false);
    let value = Memo::new(move |_| query.read().filters.get(field.name).cloned());
    let name = words::field(resource, field);
    let label = Signal::derive(move || value.get().map_or_else(|| name.to_owned(), |value| format!("{name}: {}", said(resource, field, &value))));
    let narrow = Callback::new(move |value: String| {
        open.set(false);
        ask.run(query.get_untracked().narrowed(field.name, &value));
    });
    let panel = move || match field.shape {
        Shape::Enumeration(values) => choices((resource, field), values.to_vec(), value, narrow),
        Shape::Boolean => choices((resource, field), vec!["true", "false"], value, narrow),
        Shape::Country => countries(words::field(resource, field), value, narrow),
        _ => view! { <TypedFilter resource field value narrow /> }.into_any(),
    };
    view! { <Popover label chosen=Signal::derive(move || value.read().is_some()) open>{panel()}</Popover> }
}

fn said(resource: &Resource, field: &Field, value: &str) -> String {
    match (field.shape, value) {
        (Shape::Boolean, "true") => t().yes.to_owned(),
        (Shape::Boolean, _) => t().no.to_owned(),
        (Shape::Enumeration(_), value) => words::value(resource, field, value),
        (Shape::Country, code) => country_name(code),
        (_, value) => value.to_owned(),
    }
}

fn choices(
    (resource, field): (&'static Resource, &'static Field),
    values: Vec<&'static str>,
    now: Memo<Option<String>>,
    narrow: Callback<String>,
) -> AnyView {
    let choice = move |value: &'static str| {
        let chosen = move || now.read().as_deref() == Some(value);
        let press = move |_| narrow.run(if chosen() { String::new() } else { value.to_owned() });
        view! {
            <button type="button" class="filter-choice" aria-pressed=move || if chosen() { "true" } else { "false" } on:click=press>
                <span>{said(resource, field, value)}</span>
                <Show when=chosen><IconMark icon=Icon::Check /></Show>
            </button>
        }
    };
    view! { <div class="filter-choices">{values.into_iter().map(choice).collect_view()}</div> }.into_any()
}

/// One of all countries, in the browser's own list: a name's first letters lead to it.
fn countries(label: &'static str, now: Memo<Option<String>>, narrow: Callback<String>) -> AnyView {
    let chosen = RwSignal::new(now.get_untracked().unwrap_or_default());
    Effect::new(move |before: Option<()>| {
        let chosen = chosen.get();
        if before.is_some() {
            narrow.run(chosen);
        }
    });
    let any = Choice { value: String::new(), label: t().choose.to_owned() };
    let choices: Vec<Choice> = std::iter::once(any).chain(address::countries()).collect();
    view! { <SelectField label choices=Signal::stored(choices) value=chosen /> }.into_any()
}

#[component]
fn TypedFilter(resource: &'static Resource, field: &'static Field, value: Memo<Option<String>>, narrow: Callback<String>) -> impl IntoView {
    let text = RwSignal::new(value.get_untracked().unwrap_or_default());
    let wrong = RwSignal::new(None::<String>);
    let apply = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        // As the server writes it: a currency in capitals, a number without signs between its digits.
        let wanted = match typed::read(field.shape, text.read_untracked().trim(), "") {
            serde_json::Value::String(text) => text,
            serde_json::Value::Null => String::new(),
            other => other.to_string(),
        };
        if wanted.is_empty() || can_be(field, &wanted) { narrow.run(wanted) } else { wrong.set(Some(words::wrong(field, Wrong::NotValid))) }
    };
    view! {
        <form class="stack tight" on:submit=apply>
            <TextField label=words::field(resource, field) value=text error=wrong />
            <div class="row end">
                <Show when=move || value.read().is_some()>
                    <Button label=t().clear kind=ButtonKind::Quiet size=ButtonSize::Small on_press=move || narrow.run(String::new()) />
                </Show>
                <Button label=t().apply size=ButtonSize::Small submit=true />
            </div>
        </form>
    }
}

/// Which columns are shown, kept on this device.
#[component]
pub fn ColumnChoice(
    /// Of the list.
    resource: &'static Resource,
    /// As it is kept; none for what is declared.
    kept: RwSignal<Option<String>>,
) -> impl IntoView {
    let switch = move |field: &'static Field| {
        let shown = RwSignal::new(columns::shown(resource, kept.read_untracked().as_deref()).iter().any(|known| known.name == field.name));
        Effect::new(move |before: Option<bool>| {
            let now = shown.get();
            if before.is_some_and(|before| before != now) {
                turn(resource, kept, field, now);
            }
            now
        });
        view! { <SwitchField label=words::field(resource, field) value=shown /> }
    };
    view! {
        <div class="at-end-holder">
            <Popover label=t().columns icon=Icon::Grid open=RwSignal::new(false)>
                <p class="soft small">{t().columns_text}</p>
                {columns::choosable(resource).filter(|field| reach::shows(resource, field)).map(switch).collect_view()}
            </Popover>
        </div>
    }
}

fn turn(resource: &'static Resource, kept: RwSignal<Option<String>>, field: &'static Field, on: bool) {
    let mut fields = columns::shown(resource, kept.read_untracked().as_deref());
    fields.retain(|known| known.name != field.name);
    if on {
        fields.push(field);
    }
    let choice = columns::written(&fields);
    columns::keep(resource, &choice);
    kept.set(Some(choice));
}
