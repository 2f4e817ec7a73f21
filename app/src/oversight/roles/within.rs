//! Which records of a kind a role is about: whose, and on which conditions, each with the control of its field.

use super::messages::t;
use crate::design::button::{Button, ButtonSize, IconButton};
use crate::design::field::{Choice, SelectField};
use crate::design::icon::Icon;
use crate::records::{FieldControl, FieldDraft, FieldInput, field_name, value_text};
use crate::shell::api;
use holdfast_domain::identity::{Access, Condition, MOST_CONDITIONS, Operator, Scope, Within};
use holdfast_domain::kernel::resource::{Field, RecordView, Resource, Shape, Wrong, of_leaf};
use holdfast_domain::resource_of;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use uuid::Uuid;

/// What is chosen for a kind.
#[derive(Clone, Copy)]
pub struct Choosing {
    resource: &'static Resource,
    scope: RwSignal<String>,
    rows: RwSignal<Vec<Row>>,
    made: StoredValue<usize>,
    /// Rows are made at a press, and outlive the button.
    owner: StoredValue<Option<Owner>>,
}

/// A condition as it is being written.
#[derive(Clone, Copy)]
struct Row {
    n: usize,
    field: RwSignal<String>,
    operator: RwSignal<String>,
    /// Of which only the field that is chosen is shown.
    form: FieldDraft,
}

impl Choosing {
    /// As it is kept.
    pub fn of(resource: &'static Resource, within: &Within) -> Self {
        let choosing = Self {
            resource,
            scope: RwSignal::new(within.scope.name().to_owned()),
            rows: RwSignal::new(Vec::new()),
            made: StoredValue::new(0),
            owner: StoredValue::new(Owner::current()),
        };
        for condition in &within.when {
            choosing.add(Some(condition));
        }
        choosing
    }

    fn add(self, condition: Option<&Condition>) {
        let Some(first) = comparable(self.resource).next() else { return };
        let n = self.made.get_value();
        self.made.set_value(n + 1);
        let row = || Row {
            n,
            field: RwSignal::new(condition.map_or(first.name, |condition| &condition.field).to_owned()),
            operator: RwSignal::new(condition.map_or(Operator::Is, |condition| condition.operator).name().to_owned()),
            form: FieldDraft::new(self.resource, None, |_| Access::Write),
        };
        let Some(row) = self.owner.with_value(|owner| owner.as_ref().map(|owner| owner.with(row))) else { return };
        if let (Some(condition), Some(entry)) = (condition, row.entry()) {
            let value = condition.value.clone();
            row.name(entry.field, &value);
            entry.value.set(if entry.field.shape == Shape::Tags { Value::Array(vec![value]) } else { value });
        }
        self.rows.update(|rows| rows.push(row));
    }

    fn remove(self, n: usize) {
        self.rows.update(|rows| rows.retain(|row| row.n != n));
    }

    /// As it is chosen now.
    pub fn within(self) -> Within {
        let scope = self.scope.with(|chosen| Scope::ALL.into_iter().find(|scope| scope.name() == *chosen)).unwrap_or_default();
        let when = self.rows.with(|rows| rows.iter().flat_map(|row| row.conditions()).collect());
        Within { scope, when }
    }

    /// Whether every condition is one; shows where one is not.
    pub fn judge(self) -> bool {
        let judge = |row: &Row| {
            let Some(entry) = row.entry() else { return false };
            row.form.judge(entry);
            let conditions = untrack(|| row.conditions());
            if entry.wrong.get_untracked().is_none() && conditions.iter().any(|condition| condition.value.is_null()) {
                entry.wrong.set(Some(Wrong::Missing));
            }
            conditions.iter().all(|condition| condition.is_sound(self.resource))
        };
        let judged: Vec<bool> = self.rows.with_untracked(|rows| rows.iter().map(judge).collect());
        judged.into_iter().all(|sound| sound)
    }

    /// In words, part by part; nothing where it is about all records.
    fn said(self) -> Vec<String> {
        let within = self.within();
        let scope = (within.scope != Scope::All).then(|| word(within.scope).to_owned());
        let rows = self.rows.with(|rows| rows.iter().flat_map(|row| row.said()).collect::<Vec<_>>());
        scope.into_iter().chain(rows).collect()
    }
}

impl Row {
    fn entry(self) -> Option<crate::records::FieldEntry> {
        let field = self.field.get_untracked();
        self.form.entries().into_iter().find(|entry| entry.field.name == field)
    }

    fn operator(self) -> Operator {
        self.operator.with(|chosen| Operator::ALL.into_iter().find(|operator| operator.name() == *chosen)).unwrap_or(Operator::Is)
    }

    /// One, or of several tags as many: the record has all of them.
    fn conditions(self) -> Vec<Condition> {
        let (field, operator) = (self.field.get(), self.operator());
        let leaf = self.form.resource.leaf(&field);
        let values = self.form.values_of(|entry| entry.name == field);
        let value = leaf.and_then(|leaf| of_leaf(&values, leaf)).cloned().unwrap_or_default();
        let values = match value {
            Value::Array(tags) if tags.is_empty() => vec![Value::Null],
            Value::Array(tags) => tags,
            value => vec![value],
        };
        values.into_iter().map(|value| Condition { field: field.clone(), operator, value }).collect()
    }

    fn said(self) -> Vec<String> {
        let resource = self.form.resource;
        let said = |condition: Condition| {
            let field = resource.leaf(&condition.field).filter(|_| !condition.value.is_null())?;
            let (name, value) = (field_name(resource, field), self.form.names.with(|names| value_text(resource, field, &condition.value, names)));
            Some(match (condition.operator, field.shape) {
                (Operator::Is, Shape::Tags) => t().when_has(name, &value),
                (Operator::IsNot, Shape::Tags) => t().when_has_not(name, &value),
                (Operator::Is, _) => t().when_is(name, &value),
                (Operator::IsNot, _) => t().when_is_not(name, &value),
                (Operator::AtLeast, _) => t().when_at_least(name, &value),
                (Operator::AtMost, _) => t().when_at_most(name, &value),
            })
        };
        self.conditions().into_iter().filter_map(said).collect()
    }

    /// Asks what the record is called that the value names.
    fn name(self, field: &Field, value: &Value) {
        let Shape::Reference(kind) = field.shape else { return };
        let id = value.as_str().and_then(|id| id.parse::<Uuid>().ok());
        let Some((id, of)) = id.zip(resource_of(kind)) else { return };
        let names = self.form.names;
        spawn_local(async move {
            let Ok(record) = api::get::<RecordView>(&format!("{}/{id}", of.path)).await else { return };
            if let Some(name) = record.values.get(of.title).and_then(Value::as_str) {
                names.try_update(|names| names.insert(id, name.to_owned()));
            }
        });
    }
}

/// The fields that something can be said of.
fn comparable(resource: &'static Resource) -> impl Iterator<Item = &'static Field> {
    resource.leaves().filter(|field| !Operator::of(field.shape).is_empty())
}

fn word(scope: Scope) -> &'static str {
    match scope {
        Scope::All => t().scope_all,
        Scope::Team => t().scope_team,
        Scope::Own => t().scope_own,
    }
}

fn comparison(operator: Operator, shape: Shape) -> &'static str {
    match (operator, shape) {
        (Operator::Is, Shape::Tags) => t().has,
        (Operator::IsNot, Shape::Tags) => t().has_not,
        (Operator::Is, _) => t().is,
        (Operator::IsNot, _) => t().is_not,
        (Operator::AtLeast, _) => t().at_least,
        (Operator::AtMost, _) => t().at_most,
    }
}

/// Whose records, the conditions, and what they come to in words; no further than whoever is here goes.
pub fn which_records(choosing: Choosing, most: Scope, locked: Signal<bool>) -> AnyView {
    let now = untrack(|| choosing.within().scope);
    let scopes: Vec<Choice> = Scope::ALL
        .into_iter()
        .filter(|scope| *scope <= most || *scope == now)
        .map(|scope| Choice { value: scope.name().to_owned(), label: word(scope).to_owned() })
        .collect();
    let said = move || {
        let said = choosing.said();
        if said.is_empty() { t().scope_all.to_owned() } else { said.join(" · ") }
    };
    let full = Signal::derive(move || choosing.rows.read().len() >= MOST_CONDITIONS);
    view! {
        <details class="oversight-said">
            <summary>{t().which}": "<span class="soft">{said}</span></summary>
            <div class="role-within">
                <SelectField label=t().whose choices=scopes value=choosing.scope hint=t().whose_hint.to_owned() disabled=locked />
                <ul class="role-conditions" aria-label=t().conditions>
                    <For each=move || choosing.rows.get() key=|row| row.n let:row>{condition(choosing, row, locked)}</For>
                </ul>
                <Show when=move || !locked.get()>
                    <Button label=t().add_condition icon=Icon::Plus size=ButtonSize::Small disabled=full on_press=move || choosing.add(None) />
                </Show>
            </div>
        </details>
    }
    .into_any()
}

fn condition(choosing: Choosing, row: Row, locked: Signal<bool>) -> AnyView {
    let resource = choosing.resource;
    let fields: Vec<Choice> =
        comparable(resource).map(|field| Choice { value: field.name.to_owned(), label: field_name(resource, field).to_owned() }).collect();
    let shape = move || row.field.with(|field| resource.leaf(field)).map_or(Shape::Text, |field| field.shape);
    let operators = Signal::derive(move || {
        let choice = |operator: &Operator| Choice { value: operator.name().to_owned(), label: comparison(*operator, shape()).to_owned() };
        Operator::of(shape()).iter().map(choice).collect::<Vec<_>>()
    });
    // Another field may know fewer comparisons.
    Effect::new(move || {
        if !Operator::of(shape()).contains(&untrack(|| row.operator())) {
            row.operator.set(Operator::Is.name().to_owned());
        }
    });
    let value = move || {
        row.field.track();
        row.entry().map(|entry| view! { <FieldControl control=FieldInput { draft: row.form, entry, locked } /> })
    };
    view! {
        <li class="role-condition">
            <SelectField label=t().condition_field choices=fields value=row.field disabled=locked />
            <SelectField label=t().comparison choices=operators value=row.operator disabled=locked />
            {value}
            <Show when=move || !locked.get()><IconButton icon=Icon::Close label=t().remove_condition on_press=move || choosing.remove(row.n) /></Show>
        </li>
    }
    .into_any()
}
