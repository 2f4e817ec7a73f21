//! A form's state: what is kept, what was typed, and what is wrong with it.

use super::merge::changed;
use super::shown::Names;
use super::tags::{added, words_of};
use holdfast_domain::identity::Access;
use holdfast_domain::kernel::resource::{
    Field, FieldProblem, RecordView, Resource, Values, Wrong, check, complete, gather, make_whole, of_leaf, tidy, tidy_one, wrong_of,
};
use leptos::prelude::*;
use serde_json::Value;

/// One field of a form.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The field.
    pub field: &'static Field,
    /// How far whoever is here gets with it: what they may not write is shown, and never sent.
    pub access: Access,
    /// What was typed.
    pub value: RwSignal<Value>,
    /// The tag that is being typed: not added yet, and saved all the same.
    pub typing: RwSignal<String>,
    /// What is wrong with it, once somebody left it or tried to save.
    pub wrong: RwSignal<Option<Wrong>>,
}

impl Entry {
    /// What is typed, with the tag that is being typed.
    fn told(self) -> Value {
        let (value, typing) = (self.value.get(), self.typing.get());
        if typing.trim().is_empty() { value } else { added(words_of(&value), &typing).into() }
    }

    fn put(self, value: Value) {
        if self.typing.with_untracked(|typing| !typing.is_empty()) {
            self.typing.set(String::new());
        }
        if self.value.with_untracked(|typed| *typed != value) {
            self.value.set(value);
        }
    }
}

/// What is typed, over what is kept.
#[derive(Clone, Copy)]
pub struct Draft {
    /// What it is one of.
    pub resource: &'static Resource,
    /// As the server keeps it; none where it has yet to be made.
    pub kept: RwSignal<Option<RecordView>>,
    /// What records are called that fields name.
    pub names: RwSignal<Names>,
    /// What is wrong within the rows of lists.
    pub in_rows: RwSignal<Vec<FieldProblem>>,
    /// In the form's order.
    entries: StoredValue<Vec<Entry>>,
}

impl Draft {
    /// Of a record, or of one that has yet to be made. A field that the server keeps to itself is not on the form, nor one that nobody could fill in.
    pub fn new(resource: &'static Resource, kept: Option<RecordView>, access: impl Fn(&Field) -> Access) -> Self {
        let told = |field: &&Field| kept.as_ref().map_or_else(|| access(field).writes(), |kept| kept.values.contains_key(field.name));
        let base = base_of(resource, kept.as_ref());
        let entry = |field: &'static Field, access: Access| Entry {
            field,
            access,
            value: RwSignal::new(of_leaf(&base, field).cloned().unwrap_or(Value::Null)),
            typing: RwSignal::new(String::new()),
            wrong: RwSignal::new(None),
        };
        // An address has a control for each of its parts; one that is told in part only is one line.
        let each = |field: &'static Field| {
            let whole = field.parts.is_empty() || base.get(field.name).is_some_and(Value::is_string);
            if whole { std::slice::from_ref(field) } else { field.parts }
        };
        let entries_of = |field: &'static Field| each(field).iter().map(move |leaf| (leaf, field));
        let entries = resource.fields.iter().filter(told).flat_map(entries_of).map(|(leaf, field)| entry(leaf, access(field))).collect();
        let names = kept.as_ref().map(|kept| kept.names.clone()).unwrap_or_default();
        Self {
            resource,
            kept: RwSignal::new(kept),
            names: RwSignal::new(names),
            in_rows: RwSignal::new(Vec::new()),
            entries: StoredValue::new(entries),
        }
    }

    /// The fields.
    pub fn entries(self) -> Vec<Entry> {
        self.entries.get_value()
    }

    /// What it began with.
    pub fn base(self) -> Values {
        self.kept.with(|kept| base_of(self.resource, kept.as_ref()))
    }

    /// What is typed now, tidy: of the fields that may be written.
    pub fn values(self) -> Values {
        let mut values = self.values_of(|_| true);
        make_whole(self.resource, None, &mut values);
        values
    }

    /// The same of some of them: of an address those parts alone.
    pub fn values_of(self, wanted: impl Fn(&Field) -> bool) -> Values {
        let written = |entry: &&Entry| entry.access.writes() && wanted(entry.field);
        let told = |entry: &Entry| (entry.field.name.to_owned(), entry.told());
        let mut values = self.entries.with_value(|entries| entries.iter().filter(written).map(told).collect());
        gather(self.resource, &mut values);
        tidy(self.resource, &mut values);
        values
    }

    /// What would be sent.
    pub fn changes(self) -> Values {
        changed(&self.base(), &self.values())
    }

    /// Judges one field.
    pub fn judge(self, entry: Entry) {
        if !entry.access.writes() {
            return;
        }
        let mut value = untrack(|| entry.told());
        tidy_one(entry.field, &mut value);
        let in_a_row = entry.field.rows().is_some();
        // Of a list, that it is too long: what is wrong with a row stands there.
        entry.wrong.set(wrong_of(entry.field, &value).filter(|wrong| !in_a_row || *wrong == Wrong::TooLong));
    }

    /// Judges all of them; the answer is whether nothing is wrong.
    pub fn judge_all(self) -> bool {
        let problems = check(self.resource, &untrack(|| self.values()));
        self.show(&problems);
        problems.is_empty()
    }

    /// Shows what is wrong, at its fields.
    pub fn show(self, problems: &[FieldProblem]) {
        for entry in self.entries() {
            let at = |problem: &&FieldProblem| problem.field == entry.field.name || problem.field == entry.field.whole();
            entry.wrong.set(problems.iter().find(at).map(|problem| problem.wrong));
        }
        self.in_rows.set(problems.iter().filter(|problem| problem.field.contains('[')).cloned().collect());
    }

    /// Takes over what the server keeps now; what was typed since `sent` stays.
    pub fn take(self, kept: RecordView, sent: &Values) {
        let now = untrack(|| self.values());
        self.names.update(|names| names.extend(kept.names.clone()));
        for entry in self.entries() {
            let typed_since = of_leaf(&now, entry.field) != of_leaf(sent, entry.field);
            if !typed_since {
                entry.put(of_leaf(&kept.values, entry.field).cloned().unwrap_or(Value::Null));
            }
        }
        self.kept.set(Some(kept));
    }

    /// Takes over what the server keeps now, unless something newer is known; nothing of what is typed was sent, so it stays.
    pub fn follow(self, kept: RecordView) {
        if self.kept.with_untracked(|known| known.as_ref().is_none_or(|known| known.version <= kept.version)) {
            let base = untrack(|| self.base());
            self.take(kept, &base);
        }
    }

    /// Puts these values into their fields; those of an address under its name, or under those of its parts.
    pub fn put(self, values: &Values) {
        for entry in self.entries() {
            if let Some(value) = values.get(entry.field.name).or_else(|| of_leaf(values, entry.field)) {
                entry.put(value.clone());
            }
        }
    }
}

fn base_of(resource: &Resource, kept: Option<&RecordView>) -> Values {
    kept.map_or_else(
        || {
            let mut values = Values::new();
            complete(resource, &mut values);
            values
        },
        |kept| kept.values.clone(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::Timestamp;
    use holdfast_domain::kernel::resource::Record;
    use holdfast_domain::procurement::Supplier;
    use serde_json::json;
    use uuid::Uuid;

    static SUPPLIER: Resource = Supplier::RESOURCE;

    fn kept(version: u64, city: &str) -> RecordView {
        let mut values = Values::from_iter([("name".to_owned(), json!("Exotic")), ("address".to_owned(), json!({ "city": city }))]);
        complete(&SUPPLIER, &mut values);
        RecordView {
            id: Uuid::from_u128(1),
            version,
            archived_at: None,
            created_at: Timestamp(0),
            modified_at: Timestamp(0),
            created_by: None,
            modified_by: None,
            values,
            names: Names::new(),
            merged_into: None,
            alike: Vec::new(),
        }
    }

    fn draft(kept: Option<RecordView>) -> Draft {
        Draft::new(&SUPPLIER, kept, |_| Access::Write)
    }

    fn entry(draft: Draft, name: &str) -> Entry {
        draft.entries().into_iter().find(|entry| entry.field.name == name).unwrap()
    }

    #[test]
    fn what_is_typed_and_taken_back_is_no_change() {
        Owner::new().with(|| {
            let draft = draft(Some(kept(1, "London")));
            entry(draft, "address.city").value.set(json!("Paris "));
            assert_eq!(draft.changes()["address"]["city"], json!("Paris"));
            entry(draft, "address.city").value.set(json!(" London"));
            assert_eq!(draft.changes(), Values::new());
        });
    }

    #[test]
    fn what_is_typed_while_something_is_saved_stays() {
        Owner::new().with(|| {
            let draft = draft(Some(kept(1, "London")));
            entry(draft, "address.city").value.set(json!("Paris"));
            let sent = draft.values();
            entry(draft, "phone").value.set(json!("123"));
            draft.take(kept(2, "Paris"), &sent);
            assert_eq!(entry(draft, "address.city").value.get(), json!("Paris"));
            assert_eq!(draft.changes(), Values::from_iter([("phone".to_owned(), json!("123"))]));
        });
    }

    #[test]
    fn what_was_typed_and_not_sent_stays_when_the_record_is_archived() {
        Owner::new().with(|| {
            let draft = draft(Some(kept(2, "London")));
            entry(draft, "phone").value.set(json!("123"));
            draft.follow(kept(3, "Paris"));
            assert_eq!(entry(draft, "address.city").value.get(), json!("Paris"));
            assert_eq!(draft.changes(), Values::from_iter([("phone".to_owned(), json!("123"))]));
            draft.follow(kept(1, "Rome"));
            assert_eq!(draft.base()["address"]["city"], json!("Paris"));
        });
    }

    #[test]
    fn a_tag_that_is_being_typed_is_saved_with_the_others() {
        Owner::new().with(|| {
            let draft = draft(Some(kept(1, "London")));
            let tags = entry(draft, "tags");
            tags.value.set(json!(["fish"]));
            tags.typing.set(" drinks".to_owned());
            let sent = draft.values();
            assert_eq!(draft.changes(), Values::from_iter([("tags".to_owned(), json!(["fish", "drinks"]))]));
            let mut saved = kept(2, "London");
            saved.values.extend(draft.changes());
            draft.take(saved, &sent);
            assert_eq!((tags.value.get(), tags.typing.get()), (json!(["fish", "drinks"]), String::new()));
            assert_eq!(draft.changes(), Values::new());
        });
    }

    #[test]
    fn a_new_record_without_its_name_is_not_sent() {
        Owner::new().with(|| {
            let draft = draft(None);
            assert!(!draft.judge_all());
            assert_eq!(entry(draft, "name").wrong.get(), Some(Wrong::Missing));
            entry(draft, "name").value.set(json!("Exotic"));
            assert!(draft.judge_all());
        });
    }

    #[test]
    fn what_may_not_be_written_is_neither_sent_nor_judged() {
        Owner::new().with(|| {
            let mut masked = kept(1, "London");
            masked.values.insert("email".to_owned(), json!("m•••@•••"));
            let reach = |field: &Field| if field.name == "email" { Access::Masked } else { Access::Write };
            let draft = Draft::new(&SUPPLIER, Some(masked), reach);
            assert_eq!(entry(draft, "email").value.get(), json!("m•••@•••"));
            assert!(draft.judge_all() && !draft.values().contains_key("email"));
            draft.judge(entry(draft, "email"));
            assert_eq!((entry(draft, "email").wrong.get(), draft.changes()), (None, Values::new()));
            assert!(Draft::new(&SUPPLIER, None, reach).entries().iter().all(|entry| entry.field.name != "email"), "nobody could fill it in");
        });
    }

    #[test]
    fn what_the_server_keeps_to_itself_is_not_on_the_form() {
        Owner::new().with(|| {
            let mut masked = kept(1, "London");
            masked.values.remove("email");
            let draft = draft(Some(masked));
            assert!(draft.entries().iter().all(|entry| entry.field.name != "email"));
        });
    }
}
