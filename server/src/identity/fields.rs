//! Which fields of a resource's records somebody reaches. Whatever tells records or takes them asks here and nowhere else: lists, single records, files both ways, searches,
//! timelines, the audit, events.

use super::rights::Rights;
use crate::failure::Refusal;
use holdfast_domain::RESOURCES;
use holdfast_domain::identity::{Access, FieldRules, Permission};
use holdfast_domain::kernel::SiteId;
use holdfast_domain::kernel::resource::{Changes, Field, FieldProblem, RecordView, Resource, Values, Wrong, masked};
use serde_json::Value;

/// What an entry of the audit says a list was narrowed to: `<field>=<value>` each.
const NARROWED: &str = "narrowed";

/// How far somebody gets with a resource's fields by what they do.
pub(crate) struct Fields<'a> {
    resource: &'static Resource,
    rights: &'a Rights,
    /// What that takes: all of these.
    takes: Vec<&'static Permission>,
    /// Of every record that may be reached.
    all: FieldRules,
}

impl Rights {
    /// How far they get with the resource's fields by doing that; nothing is reached where they may not do it at all.
    pub(crate) fn fields(&self, resource: &'static Resource, permission: &'static Permission) -> Fields<'_> {
        Fields { resource, rights: self, takes: Vec::new(), all: FieldRules::default() }.and(permission)
    }

    /// Takes out of a record's change event what they may not know. What is masked is named and not told.
    pub(crate) fn show_event(&self, kind: &str, site: Option<SiteId>, data: &mut Value) {
        let Some(resource) = RESOURCES.iter().find(|resource| resource.publishes(kind)) else { return };
        let fields = self.fields(resource, &resource.rights.read);
        if let Some(Value::Object(values)) = data.get_mut("values") {
            values.retain(|field, _| fields.access(field, site).reads());
        }
        if let Some(Value::Array(changed)) = data.get_mut("changed") {
            changed.retain(|field| field.as_str().is_some_and(|field| fields.access(field, site).shows()));
        }
    }
}

impl Fields<'_> {
    /// Where it takes that permission as well: a field is reached as far as every one of them reaches it.
    #[must_use]
    pub(crate) fn and(mut self, permission: &'static Permission) -> Self {
        let rules = if self.resource.site.is_some() { self.rights.rules_everywhere(permission) } else { self.rights.rules_anywhere(permission) };
        self.all = self.all.and(&rules.unwrap_or_else(|| nothing(self.resource)));
        self.takes.push(permission);
        self
    }

    /// What that takes.
    pub(crate) fn takes(&self) -> &[&'static Permission] {
        &self.takes
    }

    /// How far they get with a field of a record that is there.
    pub(crate) fn access(&self, field: &str, site: Option<SiteId>) -> Access {
        if self.resource.site.is_none() {
            return self.all.of(field);
        }
        let by = |permission: &&Permission| self.rights.rules_at(permission, site).map_or(Access::None, |rules| rules.of(field));
        self.takes.iter().map(by).min().unwrap_or(Access::None)
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
        let site = self.resource.site_of(record.id, &record.values);
        self.show_values(&mut record.values, site);
    }

    fn show_values(&self, values: &mut Values, site: Option<SiteId>) {
        for field in self.resource.fields {
            match self.access(field.name, site) {
                Access::Write | Access::Read => {}
                Access::Masked => {
                    if let Some(value) = values.get_mut(field.name) {
                        *value = masked(field, value);
                    }
                }
                Access::None => drop(values.remove(field.name)),
            }
        }
    }

    /// Leaves of what was done what they may know.
    pub(crate) fn show_changes(&self, changes: Vec<Changes>, site: Option<SiteId>) -> Vec<Changes> {
        changes.into_iter().filter_map(|change| self.shown(change, site)).collect()
    }

    fn shown(&self, change: Changes, site: Option<SiteId>) -> Option<Changes> {
        let Some(field) = self.resource.field(&change.field) else { return self.shown_beside(change) };
        match self.access(field.name, site) {
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
            let named = said.as_str().and_then(|said| said.split_once('=')).and_then(|(name, _)| self.resource.field(name));
            named.is_none_or(|field| self.all.of(field.name).reads())
        };
        if let (NARROWED, Value::Array(narrowed)) = (change.field.as_str(), &mut change.after) {
            narrowed.retain(tells_nothing_hidden);
            return Some(change);
        }
        (COUNTED.contains(&change.field.as_str()) || !self.hide_something()).then_some(change)
    }

    /// Refuses to sort or narrow by a field that is not read whole wherever records are.
    pub(crate) fn require_read(&self, field: &Field) -> Result<(), Refusal> {
        if self.all.of(field.name).reads() {
            return Ok(());
        }
        let detail = format!("Your role does not show you {}: nothing is sorted or narrowed by it.", field.name);
        Err(forbidden([field.name], detail))
    }

    /// Refuses what names a field that may not be written there, whatever it says of it.
    pub(crate) fn require_write<'f>(&self, fields: impl IntoIterator<Item = &'f str>, site: Option<SiteId>) -> Result<(), Refusal> {
        refuse_unwritable(fields.into_iter().filter(|field| !self.access(field, site).writes()).collect())
    }

    /// The same of every record that they may reach.
    pub(crate) fn require_write_of_all<'f>(&self, fields: impl IntoIterator<Item = &'f str>) -> Result<(), Refusal> {
        refuse_unwritable(fields.into_iter().filter(|field| !self.all.of(field).writes()).collect())
    }
}

fn nothing(resource: &Resource) -> FieldRules {
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
