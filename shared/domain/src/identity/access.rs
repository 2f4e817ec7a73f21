//! How far somebody gets with the fields of a resource. The server decides by it, and the screens hide and lock by the same.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How far somebody gets with a field, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// It is not told, and nothing that would tell it is done by it.
    None,
    /// That there is a value is told, and as much of it as tells two of one's own apart.
    Masked,
    /// It is read; lists are sorted, narrowed and searched by it.
    Read,
    /// It is written too.
    Write,
}

impl Access {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Masked, Self::Read, Self::Write];

    /// As it travels and is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Masked => "masked",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Whether anything of it is told.
    pub fn shows(self) -> bool {
        self >= Self::Masked
    }

    /// Whether it is told whole, so that lists may be sorted, narrowed and searched by it.
    pub fn reads(self) -> bool {
        self >= Self::Read
    }

    /// Whether it may be written.
    pub fn writes(self) -> bool {
        self == Self::Write
    }
}

/// The fields of a resource with which somebody gets less far than writing, by name. What one may do with a record at all, permissions say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct FieldRules(BTreeMap<String, Access>);

impl FieldRules {
    /// How far one gets with the field.
    pub fn of(&self, field: &str) -> Access {
        self.0.get(field).copied().unwrap_or(Access::Write)
    }

    /// The same, with the field reached that far.
    #[must_use]
    pub fn with(&self, field: &str, access: Access) -> Self {
        self.iter().filter(|(known, _)| *known != field).chain([(field, access)]).collect()
    }

    /// Whether every field is reached whole.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fields that are not written, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Access)> {
        self.0.iter().map(|(field, access)| (field.as_str(), *access))
    }

    /// The most that either gives: of somebody who holds both.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.iter().map(|(field, access)| (field, access.max(other.of(field)))).collect()
    }

    /// The least that either gives: what holds under both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).map(|(field, _)| (field, self.of(field).min(other.of(field)))).collect()
    }

    /// Whether no field is reached further than under `other`.
    pub fn is_within(&self, other: &Self) -> bool {
        other.iter().all(|(field, access)| self.of(field) <= access)
    }
}

impl<'a> FromIterator<(&'a str, Access)> for FieldRules {
    fn from_iter<I: IntoIterator<Item = (&'a str, Access)>>(rules: I) -> Self {
        Self(rules.into_iter().filter(|(_, access)| !access.writes()).map(|(field, access)| (field.to_owned(), access)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(rules: &[(&str, Access)]) -> FieldRules {
        rules.iter().copied().collect()
    }

    #[test]
    fn who_holds_two_roles_gets_as_far_as_the_one_that_gives_most() {
        let (one, other) = (rules(&[("email", Access::Masked), ("notes", Access::None)]), rules(&[("email", Access::Read)]));
        assert_eq!(one.or(&other), rules(&[("email", Access::Read)]));
        assert_eq!(one.or(&other), other.or(&one));
        assert!(one.or(&FieldRules::default()).is_empty());
    }

    #[test]
    fn what_holds_under_both_is_the_least_that_either_gives() {
        let (one, other) = (rules(&[("email", Access::Masked)]), rules(&[("email", Access::Read), ("notes", Access::None)]));
        assert_eq!(one.and(&other), rules(&[("email", Access::Masked), ("notes", Access::None)]));
    }

    #[test]
    fn rules_are_within_others_where_they_reach_no_field_further() {
        let (narrow, wide) = (rules(&[("email", Access::None), ("notes", Access::Read)]), rules(&[("email", Access::Masked)]));
        assert!(narrow.is_within(&wide) && narrow.is_within(&FieldRules::default()) && wide.is_within(&wide));
        assert!(!wide.is_within(&narrow) && !FieldRules::default().is_within(&wide));
    }

    #[test]
    fn access_is_called_the_same_everywhere() {
        for access in Access::ALL {
            assert_eq!(serde_json::to_value(access).unwrap(), access.name());
        }
    }
}
