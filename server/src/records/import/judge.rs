//! What is to be done for each line of a batch, or why nothing is.

use super::batch::{Outcome, Read, alone, key};
use super::plan::Plan;
use crate::identity::Subject;
use crate::records::Hand;
use crate::records::write::{proposed, require_reach};
use holdfast_domain::kernel::SiteId;
use holdfast_domain::kernel::resource::{FieldProblem, RecordView, RefusedLine, Values, Wrong, check, complete, make_whole, name_rows};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What is to be done for a line.
pub(super) enum Deed {
    Create(Values),
    Change { current: RecordView, after: Values },
}

impl Deed {
    /// The record's values as they would be.
    pub fn proposed(&self) -> Values {
        match self {
            Self::Create(values) => values.clone(),
            Self::Change { current, after } => proposed(current, after),
        }
    }
}

/// A line that was judged good.
pub(super) struct Judged {
    pub number: u64,
    pub id: Uuid,
    pub deed: Deed,
}

/// A value that no two records share, with its field.
type Own = (&'static str, String);

/// Judges the lines of a batch, one after the other.
pub(super) struct Judge<'a> {
    hand: &'a Hand<'a>,
    plan: &'a Plan,
    /// The records that lines are about, by what they are found by.
    current: BTreeMap<String, Vec<RecordView>>,
    /// Whose values are already that no two records may share.
    owners: BTreeMap<Own, Uuid>,
    /// The records that lines without a key have made before.
    made: BTreeSet<Uuid>,
    outcome: Outcome,
    good: Vec<Judged>,
}

impl<'a> Judge<'a> {
    pub fn of(
        (hand, plan): (&'a Hand<'a>, &'a Plan),
        current: BTreeMap<String, Vec<RecordView>>,
        owners: BTreeMap<Own, Uuid>,
        made: BTreeSet<Uuid>,
    ) -> Self {
        Self { hand, plan, current, owners, made, outcome: Outcome::default(), good: Vec::new() }
    }

    pub fn all(mut self, lines: Vec<Read>) -> (Outcome, Vec<Judged>) {
        for line in lines {
            self.line(line);
        }
        (self.outcome, self.good)
    }

    fn line(&mut self, mut line: Read) {
        // Nothing that was not read can be wrong.
        if line.problems.iter().any(|problem| problem.wrong == Wrong::Unreadable) {
            return self.refuse(line);
        }
        let key = key(self.plan, &line);
        let all = key.as_ref().and_then(|key| self.current.get(key)).map(Vec::as_slice).unwrap_or_default();
        if all.iter().filter(|record| record.archived_at.is_none()).count() > 1 {
            line.problems.push(FieldProblem::new(self.plan.by.field(), Wrong::SeveralRecords));
        }
        let found = all.first().cloned();
        let id = found.as_ref().map(|record| record.id).or(line.id).unwrap_or(line.mark);
        // A line that says nothing to be found by made its record when the file was taken in before.
        if found.is_none() && self.made.contains(&id) {
            self.outcome.unchanged += 1;
            return;
        }
        match &found {
            None => complete(self.plan.resource, &mut line.values),
            Some(record) => make_whole(self.plan.resource, Some(&record.values), &mut line.values),
        }
        name_rows(self.plan.resource, &mut line.values, || self.hand.app.environment.new_id());
        // A field that a cell could not be read for is told once.
        let told: BTreeSet<String> = line.problems.iter().map(|problem| problem.field.clone()).collect();
        line.problems.extend(check(self.plan.resource, &line.values).into_iter().filter(|problem| !told.contains(&problem.field)));
        let own = self.own(key, &line, found.as_ref());
        line.problems.extend(self.not_its_own(&own, id));
        let after = changed(found.as_ref(), &line.values);
        line.problems.extend(found.as_ref().into_iter().flat_map(|record| self.not_to_be_changed(record, &after)));
        if !self.may(id, found.as_ref(), &line.values) {
            line.problems.push(FieldProblem::new(self.plan.resource.site.unwrap_or_default(), Wrong::Forbidden));
        }
        if !line.problems.is_empty() {
            return self.refuse(line);
        }
        self.outcome.said.extend(own);
        let (count, deed) = match found {
            None => (&mut self.outcome.created, Some(Deed::Create(after))),
            Some(_) if after.is_empty() => (&mut self.outcome.unchanged, None),
            Some(current) => (&mut self.outcome.changed, Some(Deed::Change { current, after })),
        };
        *count += 1;
        self.good.extend(deed.map(|deed| Judged { number: line.number, id, deed }));
    }

    fn refuse(&mut self, line: Read) {
        self.outcome.refused.push(RefusedLine { line: line.number, problems: line.problems });
    }

    /// What the line says that no other may say.
    fn own(&self, key: Option<String>, line: &Read, found: Option<&RecordView>) -> Vec<Own> {
        let mut own: Vec<Own> = key.into_iter().map(|key| (self.plan.by.field(), key)).collect();
        let named = line.id.map(|id| ("id", id.to_string()));
        own.extend(named.filter(|said| !own.contains(said)));
        for field in self.plan.resource.fields.iter().filter(|field| field.unique) {
            let value = alone(field, line, found);
            own.extend(value.map(|value| (field.name, value)).filter(|said| !own.contains(said)));
        }
        own
    }

    fn not_its_own(&self, own: &[Own], id: Uuid) -> Vec<FieldProblem> {
        let taken = own.iter().filter(|said| self.owners.get(said).is_some_and(|owner| *owner != id));
        let twice = own.iter().filter(|said| self.outcome.said.contains(said) || self.plan.was_said(said));
        let taken = taken.map(|(name, _)| FieldProblem::new(name, Wrong::Taken));
        taken.chain(twice.map(|(name, _)| FieldProblem::new(name, Wrong::Twice))).collect()
    }

    fn not_to_be_changed(&self, record: &RecordView, after: &Values) -> Vec<FieldProblem> {
        let archived = record.archived_at.is_some().then(|| FieldProblem::new(self.plan.by.field(), Wrong::Archived));
        let fixed = self.plan.resource.fields.iter().filter(|field| field.fixed && after.contains_key(field.name));
        archived.into_iter().chain(fixed.map(|field| FieldProblem::new(field.name, Wrong::Fixed))).collect()
    }

    /// Whether the account may do that where the record is, and where it would be.
    fn may(&self, id: Uuid, found: Option<&RecordView>, values: &Values) -> bool {
        let resource = self.plan.resource;
        let permission = if found.is_some() { &resource.rights.update } else { &resource.rights.create };
        // Nobody works yet at a site that is being made.
        let exists = |site: &SiteId| found.is_some() || resource.site != Some("id") || site.0 != id;
        let maker = found.map_or(Some(self.hand.actor.signed_in.account), |record| record.created_by);
        let after = found.map_or_else(|| values.clone(), |record| proposed(record, values));
        let before = found.map_or(&after, |record| &record.values);
        let subject = |values| Subject { site: resource.site_of(id, values).filter(exists), maker, values };
        let takes = [permission, &resource.rights.bulk_edit];
        [subject(before), subject(&after)].iter().all(|subject| require_reach(self.hand, &takes, subject).is_ok())
    }
}

/// What of the values is not so already.
fn changed(found: Option<&RecordView>, values: &Values) -> Values {
    let is_new = |name: &String, value: &serde_json::Value| found.is_none_or(|record| record.values.get(name) != Some(value));
    values.iter().filter(|(name, value)| is_new(name, value)).map(|(name, value)| (name.clone(), value.clone())).collect()
}
