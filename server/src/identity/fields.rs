//! Which records of a resource somebody reaches by what they do, and which fields of them. Whatever tells records or takes them asks here and nowhere else: lists, single records, files both ways, searches,
//! timelines, the audit, events.

use super::rights::{Reached, Rights};
use super::ways::Subject;
use crate::failure::Refusal;
use holdfast_domain::RESOURCES;
use holdfast_domain::identity::{Access, FieldRules, Permission};
use holdfast_domain::kernel::SiteId;
use holdfast_domain::kernel::resource::{Changes, Field, FieldProblem, RecordView, Resource, Values, Wrong, masked};
use serde_json::Value;
use std::borrow::Cow;

/// What an entry of the audit says a list was narrowed to: `<field>=<value>` each.
const NARROWED: &str = "narrowed";

/// How far somebody gets with a resource's records, and with their fields, by what they do.
pub(crate) struct Fields<'a> {
    resource: &'static Resource,
    rights: &'a Rights,
    /// What that takes: all of these.
    takes: Vec<&'static Permission>,
    /// Of every record that may be reached.
    all: FieldRules,
    /// Whether that is so of each record that there is.
    alike: bool,
}

impl Rights {
    /// How far they get with the resource's fields by doing that; nothing is reached where they may not do it at all.
    pub(crate) fn fields(&self, resource: &'static Resource, permission: &'static Permission) -> Fields<'_> {
        Fields { resource, rights: self, takes: Vec::new(), all: FieldRules::default(), alike: resource.site.is_none() }.and(permission)
    }

    /// Whether the conditions of their roles let them look at the record; at which site it is, is not asked.
    pub(crate) fn may_see(&self, resource: &'static Resource, record: &RecordView) -> bool {
        !self.is_conditional(&resource.rights.read) || self.reaches(resource, &resource.rights.read, &Subject::of(resource, record))
    }

    /// Takes out of a record's change event what they may not know. What is masked is named and not told. Where they read some records of the kind only, `record` is the one that it
    /// is about, as far as it is there.
    pub(crate) fn show_event(&self, (kind, site): (&str, Option<SiteId>), record: Option<&RecordView>, data: &mut Value) {
        let Some(resource) = published_by(kind) else { return };
        let fields = self.fields(resource, &resource.rights.read);
        let nothing = Values::new();
        let subject = Subject { site, maker: record.and_then(|record| record.created_by), values: record.map_or(&nothing, |record| &record.values) };
        // Of nothing that is there anything may be so: it has no city, and so none that is not Brest.
        let unknown = record.is_none() && self.is_conditional(&resource.rights.read);
        let rules = if unknown { Cow::Owned(nothing_of(resource)) } else { fields.rules(&subject) };
        if let Some(Value::Object(values)) = data.get_mut("values") {
            values.retain(|field, _| rules.of(field).reads());
        }
        if let Some(Value::Array(changed)) = data.get_mut("changed") {
            changed.retain(|field| field.as_str().is_some_and(|field| rules.of(field).shows()));
        }
    }
}

/// The resource whose records such an event is about.
pub(crate) fn published_by(kind: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.publishes(kind))
}

impl<'a> Fields<'a> {
    /// Where it takes that permission as well: a field is reached as far as every one of them reaches it.
    #[must_use]
    pub(crate) fn and(mut self, permission: &'static Permission) -> Self {
        let rules = self.rights.rules_of_all(self.resource, permission);
        self.alike &= rules.is_some() && !self.rights.is_conditional(permission);
        self.all = self.all.and(&rules.unwrap_or_else(|| nothing_of(self.resource)));
        self.takes.push(permission);
        self
    }

    /// Of what.
    pub(crate) fn resource(&self) -> &'static Resource {
        self.resource
    }

    /// What that takes.
    pub(crate) fn takes(&self) -> &[&'static Permission] {
        &self.takes
    }

    /// Whether they may do that to the record.
    pub(crate) fn reach(&self, record: &RecordView) -> bool {
        let subject = Subject::of(self.resource, record);
        self.alike || self.takes.iter().all(|permission| self.rights.reaches(self.resource, permission, &subject))
    }

    /// The records that they may do that to: those that are in one of each of these.
    pub(crate) fn reached(&self) -> Vec<Vec<Reached<'a>>> {
        let rights: &'a Rights = self.rights;
        self.takes.iter().filter_map(|permission| rights.reached(self.resource, permission)).collect()
    }

    /// How far they get with the fields of a record; nowhere with one that they may not do that to.
    fn rules(&self, subject: &Subject<'_>) -> Cow<'_, FieldRules> {
        if self.alike {
            return Cow::Borrowed(&self.all);
        }
        let by =
            |permission: &&'static Permission| self.rights.rules_of(self.resource, permission, subject).unwrap_or_else(|| nothing_of(self.resource));
        Cow::Owned(self.takes.iter().map(by).fold(FieldRules::default(), |least, rules| least.and(&rules)))
    }

    /// How far they get with each field of a record that is there, as it is.
    pub(crate) fn of(&self, subject: &Subject<'_>) -> impl Fn(&str) -> Access + use<> {
        let rules = self.rules(subject).into_owned();
        move |field| rules.of(field)
    }

    /// How far they get with a field of any record that they may reach: what a list is sorted by tells of all of them.
    pub(crate) fn of_all(&self, field: &str) -> Access {
        self.all.of(field)
    }

    /// Whether some field is not read whole.
    pub(crate) fn hide_something(&self) -> bool {
        self.resource.fields.iter().any(|field| !self.all.of(field.name).reads())
    }

    /// Leaves of a record what they may know.
    pub(crate) fn show(&self, record: &mut RecordView) {
        let rules = self.rules(&Subject::of(self.resource, record)).into_owned();
        for field in self.resource.fields {
            match rules.of(field.name) {
                Access::Write | Access::Read => {}
                Access::Masked => {
                    if let Some(value) = record.values.get_mut(field.name) {
                        *value = masked(field, value);
                    }
                }
                Access::None => drop(record.values.remove(field.name)),
            }
        }
    }

    /// Leaves of what was done to a record what they may know.
    pub(crate) fn show_changes(&self, changes: Vec<Changes>, subject: &Subject<'_>) -> Vec<Changes> {
        let rules = self.rules(subject);
        changes.into_iter().filter_map(|change| self.shown(change, &rules)).collect()
    }

    fn shown(&self, change: Changes, rules: &FieldRules) -> Option<Changes> {
        let Some(field) = self.resource.field(&change.field) else { return self.shown_beside(change) };
        match rules.of(field.name) {
            Access::Write | Access::Read => Some(change),
            Access::Masked => Some(Changes { before: masked(field, &change.before), after: masked(field, &change.after), ..change }),
            Access::None => None,
        }
    }

    /// What an entry says that is no field: how many, narrowed to what. A field that there is no more had rules that nobody knows.
    fn shown_beside(&self, mut change: Changes) -> Option<Changes> {
        // Counts, and which record it was merged with.
        const COUNTED: [&str; 8] = ["records", "lines", "done", "created", "changed", "refused", "merged_from", "merged_into"];
        let tells_nothing_hidden = |said: &Value| {
            let named = said.as_str().and_then(|said| said.split_once('=')).and_then(|(name, _)| self.resource.named(name));
            named.is_none_or(|field| self.all.of(field.whole()).reads())
        };
        if let (NARROWED, Value::Array(narrowed)) = (change.field.as_str(), &mut change.after) {
            narrowed.retain(tells_nothing_hidden);
            return Some(change);
        }
        (COUNTED.contains(&change.field.as_str()) || !self.hide_something()).then_some(change)
    }

    /// Refuses to sort or narrow by a field that is not read whole wherever records are.
    pub(crate) fn require_read(&self, field: &Field) -> Result<(), Refusal> {
        if self.all.of(field.whole()).reads() {
            return Ok(());
        }
        let detail = format!("Your role does not show you {}: nothing is sorted or narrowed by it.", field.name);
        Err(forbidden([field.name], detail))
    }

    /// Refuses what names a field that may not be written there, whatever it says of it.
    pub(crate) fn require_write<'f>(&self, fields: impl IntoIterator<Item = &'f str>, subject: &Subject<'_>) -> Result<(), Refusal> {
        let rules = self.rules(subject);
        refuse_unwritable(fields.into_iter().filter(|field| !rules.of(field).writes()).collect())
    }

    /// The same of every record that they may reach.
    pub(crate) fn require_write_of_all<'f>(&self, fields: impl IntoIterator<Item = &'f str>) -> Result<(), Refusal> {
        refuse_unwritable(fields.into_iter().filter(|field| !self.all.of(field).writes()).collect())
    }
}

fn nothing_of(resource: &Resource) -> FieldRules {
    resource.fields.iter().map(|field| (field.name, Access::None)).collect()
}

fn refuse_unwritable(fields: Vec<&str>) -> Result<(), Refusal> {
    if fields.is_empty() {
        return Ok(());
    }
    let detail = format!("Nothing was changed. Your role does not let you write: {}. Leave them out.", fields.join(", "));
    Err(forbidden(fields, detail))
}

fn forbidden<'f>(fields: impl IntoIterator<Item = &'f str>, detail: String) -> Refusal {
    let errors = fields.into_iter().map(|field| FieldProblem::new(field, Wrong::Forbidden)).collect();
    Refusal { errors, ..Refusal::new(403, "field_forbidden", "Your role does not reach that field", detail) }
}
