//! The rows of a list as they are typed: what is typed in them makes the field's value, and what the field is set to becomes rows.

use crate::records::draft::{Draft, Entry};
use holdfast_domain::kernel::resource::{RowShape, Values, row_path};
use leptos::prelude::*;
use serde_json::{Value, json};
use std::str::FromStr as _;
use uuid::Uuid;

/// One row.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TypedRow {
    /// Tells it from the others, and stays.
    pub id: Uuid,
    /// Its fields, in the order of their declaration.
    entries: StoredValue<Vec<Entry>>,
    /// Taken away, and still shown until it is saved, so that it can be taken back.
    pub removed: RwSignal<bool>,
}

/// The rows of a field.
#[derive(Clone, Copy)]
pub struct TypedRows {
    draft: Draft,
    list: Entry,
    shape: &'static RowShape,
    /// In their order, those that were removed among them.
    pub rows: RwSignal<Vec<TypedRow>>,
    owner: StoredValue<Option<Owner>>,
}

impl TypedRow {
    /// Its fields.
    pub fn entries(self) -> Vec<Entry> {
        self.entries.get_value()
    }

    /// What it says.
    fn value(self) -> Value {
        let said =
            self.entries.with_value(|entries| entries.iter().map(|entry| (entry.field.name.to_owned(), entry.value.get())).collect::<Values>());
        let mut row = said;
        row.insert("id".to_owned(), json!(self.id));
        Value::Object(row)
    }

    fn put(self, row: &Value) {
        for entry in self.entries() {
            let value = row.get(entry.field.name).cloned().unwrap_or(Value::Null);
            if entry.value.with_untracked(|typed| *typed != value) {
                entry.value.set(value);
            }
        }
        self.removed.set(false);
    }

    /// Whether nothing was typed in it.
    fn is_blank(self) -> bool {
        self.entries().iter().all(|entry| entry.value.with_untracked(|value| *value == entry.field.unsaid()))
    }

    /// What it is called: by its first field, as far as something stands there.
    pub fn name(self) -> String {
        let first = self.entries.with_value(|entries| entries.first().map(|entry| entry.value.get()));
        first.and_then(|value| value.as_str().map(str::trim).map(str::to_owned)).unwrap_or_default()
    }
}

impl TypedRows {
    /// Those of a field of a form.
    pub fn new(draft: Draft, list: Entry, shape: &'static RowShape) -> Self {
        let rows = Self { draft, list, shape, rows: RwSignal::new(Vec::new()), owner: StoredValue::new(Owner::current()) };
        rows.adopt(&list.value.get_untracked());
        rows
    }

    /// Keeps both in step for as long as the form is there, and shows at their fields what is wrong.
    pub fn keep(self) {
        Effect::new(move || {
            let typed = self.value();
            if self.list.value.with_untracked(|value| *value != typed) {
                self.list.value.set(typed);
                if self.list.wrong.with_untracked(Option::is_some) {
                    self.draft.judge(self.list);
                }
            }
        });
        Effect::new(move || {
            let value = self.list.value.get();
            if untrack(|| self.value()) != value {
                self.adopt(&value);
            }
        });
        Effect::new(move || self.show());
    }

    /// What is typed, as the field has it.
    pub fn value(self) -> Value {
        Value::Array(self.rows.get().into_iter().filter(|row| !row.removed.get()).map(TypedRow::value).collect())
    }

    /// Makes the rows those of a value. One that is there already stays, with whoever types in it.
    fn adopt(self, value: &Value) {
        let known = self.rows.get_untracked();
        let row = |said: &Value| {
            let id = said.get("id").and_then(Value::as_str).and_then(|id| Uuid::from_str(id).ok())?;
            let row = known.iter().copied().find(|row| row.id == id).or_else(|| self.make(id))?;
            row.put(said);
            Some(row)
        };
        self.rows.set(value.as_array().into_iter().flatten().filter_map(row).collect());
    }

    fn make(self, id: Uuid) -> Option<TypedRow> {
        let entry = |field| Entry {
            field,
            access: self.list.access,
            value: RwSignal::new(field.unsaid()),
            typing: RwSignal::new(String::new()),
            wrong: RwSignal::new(None),
        };
        let make = || TypedRow { id, entries: StoredValue::new(self.shape.fields.iter().map(entry).collect()), removed: RwSignal::new(false) };
        // What a row is kept in lives as long as the form, whoever asked for the row.
        self.owner.with_value(|owner| owner.as_ref().map(|owner| owner.with(make)))
    }

    /// What is wrong with a row that stands in that place of the list, at its fields.
    fn show(self) {
        let problems = self.draft.in_rows.get();
        let rows = self.rows.get_untracked().into_iter().filter(|row| !row.removed.get_untracked());
        for (at, row) in rows.enumerate() {
            for (n, entry) in row.entries().into_iter().enumerate() {
                let here = row_path(self.list.field.name, at, entry.field.name);
                // What is wrong with the row as such stands at what it is called by.
                let whole = [format!("{}[{at}]", self.list.field.name), row_path(self.list.field.name, at, "id")];
                let is_here = |field: &String| *field == here || (n == 0 && whole.contains(field));
                entry.wrong.set(problems.iter().find(|problem| is_here(&problem.field)).map(|problem| problem.wrong));
            }
        }
    }

    /// How many there are, without those that were removed.
    pub fn count(self) -> usize {
        self.rows.with(|rows| rows.iter().filter(|row| !row.removed.get()).count())
    }

    /// Whether there may be more.
    pub fn has_room(self) -> bool {
        self.count() < usize::from(self.list.field.longest)
    }

    /// Where a row stands among them, counted from 1.
    pub fn place(self, row: TypedRow) -> usize {
        self.rows.with(|rows| rows.iter().filter(|row| !row.removed.get()).position(|known| *known == row).map_or(0, |at| at + 1))
    }

    /// A new row behind the others.
    pub fn add(self, id: Uuid) {
        if untrack(|| self.has_room())
            && let Some(row) = self.make(id)
        {
            self.rows.update(|rows| rows.push(row));
        }
    }

    /// Takes a row away; the answer is whether it can be taken back. One in which nothing was typed is gone at once.
    pub fn remove(self, row: TypedRow) -> bool {
        let blank = row.is_blank();
        if blank {
            self.rows.update(|rows| rows.retain(|known| *known != row));
        } else {
            row.removed.set(true);
        }
        !blank
    }

    /// Takes it back, where there is still room for it.
    pub fn take_back(self, row: TypedRow) {
        if untrack(|| self.has_room()) {
            row.removed.set(false);
        }
    }

    /// Moves a row one place up or down; the answer is whether it could.
    pub fn step(self, row: TypedRow, down: bool) -> bool {
        let rows = self.rows.get_untracked();
        let stands = |at: &usize| !rows[*at].removed.get_untracked();
        let Some(at) = rows.iter().position(|known| *known == row) else { return false };
        let to = if down { (at + 1..rows.len()).find(stands) } else { (0..at).rev().find(stands) };
        if let Some(to) = to {
            self.rows.update(|rows| {
                let row = rows.remove(at);
                rows.insert(to, row);
            });
        }
        to.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::identity::Access;
    use holdfast_domain::kernel::resource::{FieldProblem, Record as _, Resource, Wrong};
    use holdfast_domain::procurement::Supplier;

    static SUPPLIER: Resource = Supplier::RESOURCE;

    fn contact(id: u128, name: &str) -> Value {
        json!({ "id": Uuid::from_u128(id), "name": name, "role": null, "email": null, "phone": null })
    }

    fn typed(contacts: Value) -> TypedRows {
        let draft = Draft::new(&SUPPLIER, None, |_| Access::Write);
        let list = draft.entries().into_iter().find(|entry| entry.field.name == "contacts").unwrap();
        list.value.set(contacts);
        TypedRows::new(draft, list, list.field.rows().unwrap())
    }

    fn names(rows: TypedRows) -> Vec<String> {
        untrack(|| rows.value()).as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn what_is_typed_in_rows_is_the_fields_value() {
        Owner::new().with(|| {
            let rows = typed(json!([contact(1, "Ana"), contact(2, "Dan")]));
            assert_eq!(untrack(|| rows.value()), json!([contact(1, "Ana"), contact(2, "Dan")]));
            rows.add(Uuid::from_u128(3));
            rows.rows.get_untracked()[2].entries()[0].value.set(json!("Ion"));
            assert_eq!(names(rows), ["Ana", "Dan", "Ion"]);
        });
    }

    #[test]
    fn a_row_that_was_removed_is_taken_back_where_it_stood_and_a_blank_one_is_gone() {
        Owner::new().with(|| {
            let rows = typed(json!([contact(1, "Ana"), contact(2, "Dan")]));
            let ana = rows.rows.get_untracked()[0];
            assert!(rows.remove(ana));
            assert_eq!(names(rows), ["Dan"]);
            rows.take_back(ana);
            assert_eq!(names(rows), ["Ana", "Dan"]);
            rows.add(Uuid::from_u128(3));
            assert!(!rows.remove(rows.rows.get_untracked()[2]));
            assert_eq!(rows.rows.get_untracked().len(), 2);
        });
    }

    #[test]
    fn a_row_steps_over_those_that_were_removed_and_no_further_than_the_ends() {
        Owner::new().with(|| {
            let rows = typed(json!([contact(1, "Ana"), contact(2, "Dan"), contact(3, "Ion")]));
            let [ana, dan, _] = rows.rows.get_untracked()[..] else { panic!("three rows") };
            rows.remove(dan);
            assert!(rows.step(ana, true));
            assert_eq!(names(rows), ["Ion", "Ana"]);
            assert!(!rows.step(ana, true));
            assert_eq!((untrack(|| rows.place(ana)), untrack(|| rows.count())), (2, 2));
        });
    }

    #[test]
    fn there_is_room_for_as_many_as_are_declared() {
        Owner::new().with(|| {
            let rows = typed(Value::Array((1..=20).map(|n| contact(n, "Ana")).collect()));
            rows.add(Uuid::from_u128(21));
            assert_eq!((untrack(|| rows.count()), untrack(|| rows.has_room())), (20, false));
        });
    }

    #[test]
    fn what_the_server_keeps_becomes_the_rows_and_those_that_are_there_stay() {
        Owner::new().with(|| {
            let rows = typed(json!([contact(1, "Ana"), contact(2, "Dan")]));
            let dan = rows.rows.get_untracked()[1];
            rows.adopt(&json!([contact(2, "Dan Pop"), contact(4, "Eva")]));
            assert!(rows.rows.get_untracked()[0] == dan);
            assert_eq!(names(rows), ["Dan Pop", "Eva"]);
        });
    }

    #[test]
    fn what_is_wrong_is_shown_at_the_row_and_the_field() {
        Owner::new().with(|| {
            let rows = typed(json!([contact(1, "Ana"), contact(2, "Dan"), contact(3, "Ion")]));
            rows.remove(rows.rows.get_untracked()[0]);
            rows.draft.show(&[FieldProblem::new("contacts[1].email", Wrong::NotValid), FieldProblem::new("contacts[0].id", Wrong::Twice)]);
            untrack(|| rows.show());
            let wrong = |row: usize, field: usize| rows.rows.get_untracked()[row].entries()[field].wrong.get_untracked();
            assert_eq!((wrong(2, 2), wrong(1, 0), wrong(1, 2)), (Some(Wrong::NotValid), Some(Wrong::Twice), None));
        });
    }
}
