//! Fields that are changed, the same of each record.

use crate::failure::Failure;
use crate::records::Hand;
use crate::records::write::{check_places, refuse_invalid};
use holdfast_domain::kernel::resource::{BulkChange, FieldProblem, RecordView, Values, Wrong, check, tidy};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What is changed.
pub(super) struct Change {
    values: Values,
    /// Tags that are added and taken away, by field.
    add: Values,
    remove: Values,
}

impl Change {
    /// Reads it; refuses what no record could take.
    pub(super) async fn read(hand: &Hand<'_>, change: BulkChange) -> Result<Self, Failure> {
        let BulkChange { values, add_tags, remove_tags } = change;
        let mut change = Self { values, add: lists(add_tags), remove: lists(remove_tags) };
        let mut problems = Vec::new();
        for part in [&mut change.values, &mut change.add, &mut change.remove] {
            tidy(hand.resource, part);
            // A list is what tags are, and no other field.
            problems.extend(check(hand.resource, part));
        }
        let both = change.tagged().into_iter().filter(|name| change.values.contains_key(*name));
        problems.extend(both.map(|name| FieldProblem::new(name, Wrong::Twice)));
        // The same people for several would be nobody's wish; and which row is which, each record says for itself.
        let lists = hand.resource.fields.iter().filter(|field| field.rows().is_some() && change.names(field.name));
        problems.extend(lists.map(|field| FieldProblem::new(field.name, Wrong::OneByOne)));
        refuse_invalid(problems)?;
        check_places(hand.app, hand.resource, &change.values).await?;
        Ok(change)
    }

    fn tagged(&self) -> BTreeSet<&str> {
        self.add.keys().chain(self.remove.keys()).map(String::as_str).collect()
    }

    fn names(&self, field: &str) -> bool {
        [&self.values, &self.add, &self.remove].iter().any(|part| part.contains_key(field))
    }

    /// What the fields of a record shall be.
    pub(super) fn of(&self, current: &RecordView) -> Values {
        let mut values = self.values.clone();
        for name in self.tagged() {
            let of = |part: &Values| part.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
            let removed = of(&self.remove);
            let mut tags = of(&current.values);
            tags.retain(|tag| !removed.contains(tag));
            for tag in of(&self.add) {
                if !tags.contains(&tag) {
                    tags.push(tag);
                }
            }
            values.insert(name.to_owned(), Value::Array(tags));
        }
        values
    }
}

fn lists(tags: BTreeMap<String, Vec<String>>) -> Values {
    tags.into_iter().map(|(field, tags)| (field, Value::from(tags))).collect()
}
