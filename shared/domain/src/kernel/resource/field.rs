//! One field of a resource.

use super::alike::Likeness;
use super::shape::{FieldValue, Shape};

/// What is known of a field. Words such as [`Field::searched`] are what a declaration says behind the field's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// As in JSON and as the column.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Whether there must be a value.
    pub required: bool,
    /// The most characters of a text; of tags, the most tags.
    pub longest: u16,
    /// Found by searching.
    pub searched: bool,
    /// A list can be sorted by it.
    pub sorted: bool,
    /// A list can be narrowed to one value of it.
    pub filtered: bool,
    /// Shown in a list unless somebody chose other columns.
    pub listed: bool,
    /// No two records have the same.
    pub unique: bool,
    /// The field, a reference, among whose records alone that holds; none where it holds in the whole company.
    pub within: Option<&'static str>,
    /// Two records that say the same in it are probably the same one, compared that way.
    pub alike: Option<Likeness>,
    /// Said of a person: left out of events.
    pub personal: bool,
    /// Chosen when the record is made, and never changed.
    pub fixed: bool,
    /// The most that a whole number may be.
    pub most: u32,
    /// What it is, in JSON, where whoever makes a record says nothing of it.
    pub otherwise: Option<&'static str>,
    /// A value as an example, in JSON.
    pub example: &'static str,
    /// What the declaration says of it, where the API is described (feature `schema`); the app does without.
    pub said: &'static str,
}

impl Field {
    /// A field of that type.
    pub const fn of<T: FieldValue>(name: &'static str) -> Self {
        Self {
            name,
            shape: T::SHAPE,
            required: T::REQUIRED,
            longest: match T::SHAPE {
                Shape::LongText => 4_000,
                Shape::Tags => 20,
                Shape::Email => 254,
                Shape::Phone => 40,
                Shape::Gtin => 14,
                Shape::TimeZone => 60,
                _ => 200,
            },
            searched: false,
            sorted: false,
            filtered: false,
            listed: false,
            unique: false,
            within: None,
            alike: None,
            personal: false,
            fixed: false,
            most: u32::MAX >> 1,
            otherwise: None,
            example: "null",
            said: "",
        }
    }

    /// At most so many characters.
    #[must_use]
    pub const fn longest(self, longest: u16) -> Self {
        Self { longest, ..self }
    }

    /// A whole number of at most that.
    #[must_use]
    pub const fn most(self, most: u32) -> Self {
        Self { most, ..self }
    }

    /// What it is, in JSON, where nothing is said of it.
    #[must_use]
    pub const fn otherwise(self, json: &'static str) -> Self {
        Self { otherwise: Some(json), ..self }
    }

    /// Found by searching.
    #[must_use]
    pub const fn searched(self) -> Self {
        Self { searched: true, ..self }
    }

    /// A list can be sorted by it.
    #[must_use]
    pub const fn sorted(self) -> Self {
        Self { sorted: true, ..self }
    }

    /// A list can be narrowed to one value of it.
    #[must_use]
    pub const fn filtered(self) -> Self {
        Self { filtered: true, ..self }
    }

    /// Shown in a list unless somebody chose other columns.
    #[must_use]
    pub const fn listed(self) -> Self {
        Self { listed: true, ..self }
    }

    /// No two records have the same.
    #[must_use]
    pub const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    /// No two records that have the same in that field, a reference, have the same in this one.
    #[must_use]
    pub const fn unique_within(self, field: &'static str) -> Self {
        Self { unique: true, within: Some(field), ..self }
    }

    /// Whether it tells a record from all others by itself.
    pub const fn is_unique(&self) -> bool {
        self.unique && self.within.is_none()
    }

    /// Two records that say the same in it are probably the same one.
    #[must_use]
    pub const fn alike(self, likeness: Likeness) -> Self {
        Self { alike: Some(likeness), ..self }
    }

    /// Said of a person.
    #[must_use]
    pub const fn personal(self) -> Self {
        Self { personal: true, ..self }
    }

    /// Chosen when the record is made, and never changed.
    #[must_use]
    pub const fn fixed(self) -> Self {
        Self { fixed: true, ..self }
    }

    /// What the declaration says of it.
    #[must_use]
    pub const fn said(self, words: &'static str) -> Self {
        Self { said: said(words), ..self }
    }

    /// A value as an example, in JSON.
    #[must_use]
    pub const fn example(self, json: &'static str) -> Self {
        Self { example: json, ..self }
    }
}

/// The words of a declaration, where somebody reads them.
pub const fn said(words: &'static str) -> &'static str {
    if cfg!(feature = "schema") { words } else { "" }
}
