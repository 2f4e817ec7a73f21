//! Which fields are changed, and what they shall be.

use super::super::control::{Control, FieldControl};
use super::super::draft::{Draft, Entry};
use super::super::messages::t;
use super::super::{reach, tags, words};
use super::focus;
use crate::design::button::IconButton;
use crate::design::field::{Choice, SelectField};
use crate::design::icon::Icon;
use crate::shell::Shell;
use holdfast_domain::identity::Access;
use holdfast_domain::kernel::resource::{BulkChange, Field, FieldProblem, Resource, Shape, check};
use leptos::prelude::*;
use std::collections::BTreeMap;

const ADD: &str = "add";
const REMOVE: &str = "remove";
const SET: &str = "set";

/// A field that is changed.
#[derive(Clone, Copy)]
struct Wanted {
    entry: Entry,
    /// Of tags: whether they are added, taken away, or all that there are.
    how: RwSignal<String>,
}

impl Wanted {
    fn sets(self) -> bool {
        self.entry.field.shape != Shape::Tags || *self.how.read_untracked() == SET
    }
}

/// The fields that are changed.
#[derive(Clone, Copy)]
pub(super) struct Fields {
    draft: Draft,
    /// All that there are, in the form's order. What they are kept in lives as long as the sheet.
    all: StoredValue<Vec<Wanted>>,
    wanted: RwSignal<Vec<Wanted>>,
}

impl Fields {
    /// None yet.
    pub(super) fn new(resource: &'static Resource) -> Self {
        let shell = Shell::expect();
        let access = move |field: &Field| if may_be_changed(shell, resource, field) { Access::Write } else { Access::None };
        let draft = Draft::new(resource, None, access);
        let all = draft.entries().into_iter().map(|entry| Wanted { entry, how: RwSignal::new(ADD.to_owned()) }).collect();
        Self { draft, all: StoredValue::new(all), wanted: RwSignal::new(Vec::new()) }
    }

    /// Whether none is.
    pub(super) fn is_empty(self) -> bool {
        self.wanted.read().is_empty()
    }

    /// What is to be sent; none where something is wrong with it, which is shown.
    pub(super) fn change(self) -> Option<BulkChange> {
        let wanted = self.wanted.get_untracked();
        let mut values = untrack(|| self.draft.values_of(|field| wanted.iter().any(|wanted| wanted.entry.field.name == field.name)));
        let problems = check(self.draft.resource, &values);
        self.show(&problems);
        if !problems.is_empty() {
            return None;
        }
        let mut change = BulkChange::default();
        for wanted in wanted.into_iter().filter(|wanted| !wanted.sets()) {
            let name = wanted.entry.field.name;
            let Some(value) = values.remove(name) else { continue };
            let of: &mut BTreeMap<_, _> = if *wanted.how.read_untracked() == ADD { &mut change.add_tags } else { &mut change.remove_tags };
            of.insert(name.to_owned(), tags::words_of(&value));
        }
        change.values = values;
        Some(change)
    }

    /// Shows what is wrong, at its fields.
    pub(super) fn show(self, problems: &[FieldProblem]) {
        self.draft.show(problems);
    }

    fn add(self, name: &str) {
        let found = self.all.with_value(|all| all.iter().find(|wanted| wanted.entry.field.name == name).copied());
        if let Some(found) = found {
            self.wanted.update(|wanted| wanted.push(found));
            request_animation_frame(|| {
                let _focused = focus(".bulk-field:last-of-type :is(input, select, textarea)");
            });
        }
    }

    fn leave(self, name: &str) {
        self.wanted.update(|wanted| wanted.retain(|wanted| wanted.entry.field.name != name));
        let _focused = focus(".bulk-fields > .field select");
    }
}

/// Whether whoever is here may give several records the same in it: of what each is called by or known by, there is no such.
fn may_be_changed(shell: Shell, resource: &Resource, field: &Field) -> bool {
    !field.fixed
        && !field.unique
        && !field.is_sealed()
        && field.rows().is_none()
        && !field.shape.is_file()
        && field.name != resource.title
        && reach::changes_many(shell, resource, field)
}

/// Whether there is such a field.
pub(super) fn some_may_be_changed(shell: Shell, resource: &Resource) -> bool {
    resource.fields.iter().any(|field| may_be_changed(shell, resource, field))
}

/// The choice of fields, and a control for each that was chosen.
#[component]
pub(super) fn BulkFields(fields: Fields, #[prop(into)] locked: Signal<bool>) -> impl IntoView {
    let resource = fields.draft.resource;
    let pick = RwSignal::new(String::new());
    Effect::new(move || {
        let name = pick.get();
        if !name.is_empty() {
            pick.set(String::new());
            fields.add(&name);
        }
    });
    let choices = Signal::derive(move || {
        let wanted = fields.wanted.read();
        let left = fields
            .draft
            .entries()
            .into_iter()
            .map(|entry| entry.field)
            .filter(|field| wanted.iter().all(|wanted| wanted.entry.field.name != field.name));
        let choice = |field: &Field| Choice { value: field.name.to_owned(), label: words::field(resource, field).to_owned() };
        std::iter::once(Choice { value: String::new(), label: t().choose.to_owned() }).chain(left.map(choice)).collect::<Vec<_>>()
    });
    view! {
        <div class="bulk-fields">
            <SelectField label=t().bulk_field choices value=pick disabled=locked />
            <For each=move || fields.wanted.get() key=|wanted| wanted.entry.field.name children=move |wanted| one(fields, wanted, locked) />
        </div>
    }
}

fn one(fields: Fields, Wanted { entry, how }: Wanted, locked: Signal<bool>) -> impl IntoView {
    let name = words::field(fields.draft.resource, entry.field);
    let choices = || {
        [(ADD, t().tags_add), (REMOVE, t().tags_remove), (SET, t().tags_set)]
            .map(|(value, label)| Choice { value: value.to_owned(), label: label.to_owned() })
            .to_vec()
    };
    let tags = (entry.field.shape == Shape::Tags).then(|| view! { <SelectField label=t().tags_how choices=choices() value=how disabled=locked /> });
    view! {
        <section class="bulk-field">
            <div class="grow stack tight"><FieldControl control=Control { draft: fields.draft, entry, locked } />{tags}</div>
            <IconButton icon=Icon::Close label=t().bulk_leave(name) on_press=move || fields.leave(entry.field.name) />
        </section>
    }
}
