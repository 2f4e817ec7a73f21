//! A list of rows on a form: added, typed, moved and removed in place, and saved with the form.

mod state;

use super::control::{Control, FieldControl};
use super::messages::t;
use super::words;
use crate::design::button::{Button, ButtonSize, IconButton};
use crate::design::field::fresh_id;
use crate::design::icon::Icon;
use crate::device::ids;
use crate::language::whole;
use holdfast_domain::kernel::resource::RowShape;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use state::{TypedRow, TypedRows};
use wasm_bindgen::JsCast;

/// What the rows of a list need to know.
#[derive(Clone, Copy)]
struct List {
    control: Control,
    shape: &'static RowShape,
    rows: TypedRows,
    /// Told to whoever cannot see what moved.
    spoken: RwSignal<String>,
}

/// The rows of a field, each with its fields.
#[component]
pub fn RowsField(
    /// The field.
    control: Control,
    /// How its rows look.
    shape: &'static RowShape,
) -> impl IntoView {
    let Control { draft, entry, locked } = control;
    let rows = TypedRows::new(draft, entry, shape);
    rows.keep();
    let list = List { control, shape, rows, spoken: RwSignal::new(String::new()) };
    let note = fresh_id();
    let described = note.clone();
    let hint = words::hint(draft.resource, entry.field);
    let error = move || entry.wrong.get().map(|wrong| view! { <span class="field-error">{words::wrong(entry.field, wrong)}</span> });
    let add = move || {
        let id = ids::fresh();
        rows.add(id);
        focus(&format!("#row-{id} :is(input, select, textarea)"));
    };
    let full = move || (!rows.has_room()).then(|| t().rows_most(whole(u64::from(entry.field.longest))));
    view! {
        <fieldset class="rows-field" class:invalid=move || entry.wrong.get().is_some() aria-describedby=described>
            <legend class="strong">{words::field(draft.resource, entry.field)}</legend>
            <ol class="rows-list"><For each=move || rows.rows.get() key=|row| row.id children=move |row| view! { <OneRow list row /> } /></ol>
            <div class="field-note" id=note aria-live="polite">{error}{hint.map(|hint| view! { <span class="field-hint">{hint}</span> })}{full}</div>
            <Show when=move || !locked.get()>
                <div><Button label=words::add_row(shape) icon=Icon::Plus size=ButtonSize::Small disabled=Signal::derive(move || !rows.has_room()) on_press=add /></div>
            </Show>
            <p class="unseen" role="status">{list.spoken}</p>
        </fieldset>
    }
}

#[component]
fn OneRow(list: List, row: TypedRow) -> impl IntoView {
    let shown = move || match row.removed.get() {
        true => gone(list, row).into_any(),
        false => card(list, row).into_any(),
    };
    view! { <li id=format!("row-{}", row.id) class="rows-row">{shown}</li> }
}

/// What it is called, or what it is one of.
fn called(list: List, row: TypedRow) -> String {
    let name = row.name();
    if name.is_empty() { words::one_row(list.shape).to_owned() } else { name }
}

/// A row that was removed, until it is saved.
fn gone(list: List, row: TypedRow) -> impl IntoView {
    let back = move || {
        list.rows.take_back(row);
        focus(&format!("#row-{} :is(input, select, textarea)", row.id));
    };
    view! {
        <div class="rows-gone">
            <span class="soft">{move || t().row_removed(called(list, row))}</span>
            <Show when=move || !list.control.locked.get()>
                <Button label=t().row_take_back icon=Icon::Undo size=ButtonSize::Small disabled=Signal::derive(move || !list.rows.has_room()) on_press=back />
            </Show>
        </div>
    }
}

fn card(list: List, row: TypedRow) -> impl IntoView {
    let List { control, shape, rows, .. } = list;
    let Control { draft, locked, .. } = control;
    let place = Memo::new(move |_| (rows.place(row), rows.count()));
    let label = move || t().row_place(called(list, row), whole(place.get().0 as u64), whole(place.get().1 as u64));
    let key = move |event: KeyboardEvent| {
        let down = match event.key().as_str() {
            "ArrowDown" => true,
            "ArrowUp" => false,
            _ => return,
        };
        if shape.ordered && event.alt_key() && !locked.get_untracked() {
            event.prevent_default();
            step(list, row, down);
        }
    };
    let fields = row.entries().into_iter().map(|entry| view! { <FieldControl control=Control { draft, entry, locked } /> }).collect_view();
    view! {
        <div class="rows-card" role="group" aria-label=label on:keydown=key>
            <div class="rows-card-head">
                <span class="strong rows-card-name">{move || called(list, row)}</span>
                <Show when=move || !locked.get()>{handles(list, row, place)}</Show>
            </div>
            <div class="rows-card-fields">{fields}</div>
        </div>
    }
}

/// What is done to a row as a whole.
fn handles(list: List, row: TypedRow, place: Memo<(usize, usize)>) -> impl IntoView {
    let name = Memo::new(move |_| called(list, row));
    let moves = move || {
        list.shape.ordered.then(|| {
            let (first, last) = (Signal::derive(move || place.get().0 <= 1), Signal::derive(move || place.get().0 >= place.get().1));
            let (up, down) = (Signal::derive(move || t().row_up(&*name.read())), Signal::derive(move || t().row_down(&*name.read())));
            view! {
                <IconButton icon=Icon::ChevronUp label=up disabled=first on_press=move || step(list, row, false) />
                <IconButton icon=Icon::ChevronDown label=down disabled=last on_press=move || step(list, row, true) />
            }
        })
    };
    let remove = move || {
        let at = list.rows.rows.with_untracked(|rows| rows.iter().position(|known| *known == row)).unwrap_or_default();
        list.spoken.set(t().row_removed(&*name.read_untracked()));
        if list.rows.remove(row) {
            focus(&format!("#row-{} button", row.id));
        } else {
            let next = list.rows.rows.with_untracked(|rows| rows.get(at.min(rows.len().saturating_sub(1))).map(|row| row.id));
            focus(&next.map_or_else(|| ".rows-field > div > .button".to_owned(), |id| format!("#row-{id} :is(input, select, textarea, button)")));
        }
    };
    view! {
        <div class="rows-card-acts">
            {moves()}
            <IconButton icon=Icon::Trash label=Signal::derive(move || t().row_remove(&*name.read())) on_press=remove />
        </div>
    }
}

/// Moves a row by one place; what had the focus keeps it.
fn step(list: List, row: TypedRow, down: bool) {
    let held = document().active_element().and_then(|held| held.dyn_into::<web_sys::HtmlElement>().ok());
    if !list.rows.step(row, down) {
        return;
    }
    let (place, of) = untrack(|| (list.rows.place(row), list.rows.count()));
    list.spoken.set(t().row_place(untrack(|| called(list, row)), whole(place as u64), whole(of as u64)));
    request_animation_frame(move || {
        let _focused = held.as_ref().map(|held| held.focus());
        // A button that can do no more lets go of the focus: the row keeps it.
        let card = document().query_selector(&format!("#row-{}", row.id)).ok().flatten();
        let lost = card.is_some_and(|card| !card.contains(document().active_element().as_deref()));
        if lost {
            focus_now(&format!("#row-{} .rows-card-acts button:enabled", row.id));
        }
    });
}

fn focus(selector: &str) {
    let selector = selector.to_owned();
    request_animation_frame(move || focus_now(&selector));
}

fn focus_now(selector: &str) {
    let found = document().query_selector(selector).ok().flatten().and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok());
    let _focused = found.map(|found| found.focus());
}
