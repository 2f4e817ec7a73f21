//! One field of a resource.

use super::alike::Likeness;
use super::rows::RowShape;
use super::shape::{FieldValue, Shape};
use crate::kernel::{ADDRESS_PARTS, MAX_BLOB_BYTES, MediaType};
use serde_json::Value;

/// What is known of a field. Words such as [`Field::searched`] are what a declaration says behind the field's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// As in JSON and as the column.
    pub name: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Of an address: each part as a field, called `<field>.<part>`. A list is sorted and narrowed by parts, and a file has a column for each.
    pub parts: &'static [Field],
    /// Of a part: the field that it is a part of.
    pub part_of: Option<&'static str>,
    /// Of a [row](crate::rows): the section of the languages' files that names it.
    pub row_of: Option<&'static str>,
    /// Whether there must be a value.
    pub required: bool,
    /// The most characters of a text; of tags, the most tags; of rows, the most rows.
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
    /// The most that a whole number may be; the most bytes of a file.
    pub most: u32,
    /// What a file may be.
    pub accepts: &'static [MediaType],
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
            parts: &[],
            part_of: None,
            row_of: None,
            required: T::REQUIRED,
            longest: match T::SHAPE.opened() {
                Shape::LongText => 4_000,
                Shape::Tags | Shape::Rows(_) => 20,
                Shape::Email => 254,
                Shape::Phone => 40,
                Shape::Gtin => 14,
                Shape::Iban => 34,
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
            most: if T::SHAPE.is_file() { MAX_BLOB_BYTES } else { u32::MAX >> 1 },
            accepts: match T::SHAPE {
                Shape::Image => &MediaType::IMAGES,
                Shape::File => &MediaType::ALL,
                _ => &[],
            },
            otherwise: None,
            example: "null",
            said: "",
        }
    }

    /// The parts of an address, under these names, which are those of [`ADDRESS_PARTS`] behind the field's own: as much is true of them as of the whole. Lists are sorted and
    /// narrowed by its city and its country.
    pub const fn named_parts(&self, names: [&'static str; ADDRESS_PARTS.len()]) -> [Self; ADDRESS_PARTS.len()] {
        let [line1, line2, postal_code, city, region, country] = names;
        [
            self.part(line1, 200, "Street and number, or whatever stands first."),
            self.part(line2, 200, "What else it takes: a building, a floor, in whose care."),
            self.part(postal_code, 20, "As the post writes it."),
            self.part(city, 100, "City, town or village.").listed_by(self),
            self.part(region, 100, "County, state or province."),
            Self { shape: Shape::Country, ..self.part(country, 100, "The country's two letters by ISO 3166-1.").listed_by(self) },
        ]
    }

    const fn part(&self, name: &'static str, longest: u16, words: &'static str) -> Self {
        let part = Self::of::<Option<String>>(name).longest(longest).said(words);
        Self { part_of: Some(self.name), personal: self.personal, fixed: self.fixed, ..part }
    }

    const fn listed_by(self, whole: &Self) -> Self {
        Self { sorted: whole.sorted, filtered: whole.filtered, ..self }
    }

    /// Of these parts, where it is an address.
    #[must_use]
    pub const fn of_parts(self, parts: &'static [Self]) -> Self {
        match self.shape {
            Shape::Address => Self { parts, ..self },
            _ => self,
        }
    }

    /// What it is where whoever makes a record says nothing of it.
    pub fn unsaid(&self) -> Value {
        match (self.otherwise, self.shape) {
            (Some(json), _) => serde_json::from_str(json).unwrap_or(Value::Null),
            (None, Shape::Tags | Shape::Rows(_)) => Value::Array(Vec::new()),
            (None, Shape::Boolean) => Value::Bool(false),
            (None, _) => Value::Null,
        }
    }

    /// A field of rows that are called so.
    #[must_use]
    pub const fn in_rows(self, called: &'static str) -> Self {
        assert!(self.shape.stands_in_rows(), "rows have fields of the simple types alone");
        Self { row_of: Some(called), ..self }
    }

    /// How its rows look, where it is a list of them.
    pub const fn rows(&self) -> Option<&'static RowShape> {
        match self.shape {
            Shape::Rows(shape) => Some(shape),
            _ => None,
        }
    }

    /// Whether it is kept encrypted.
    pub const fn is_sealed(&self) -> bool {
        self.shape.is_sealed()
    }

    /// The same field, as if it were not kept encrypted.
    #[must_use]
    pub const fn opened(&self) -> Self {
        Self { shape: self.shape.opened(), ..*self }
    }

    /// Whether what it holds is told to whoever hears of events: nothing that is said of a person, and nothing that is kept encrypted.
    pub const fn is_published(&self) -> bool {
        !self.personal && !self.is_sealed()
    }

    /// What it is called in the object that it is part of; its name, where it is no part.
    pub fn key(&self) -> &'static str {
        self.part_of.map_or(self.name, |whole| &self.name[whole.len() + 1..])
    }

    /// The field that rights are about: the whole that it is part of, or itself.
    pub fn whole(&self) -> &'static str {
        self.part_of.unwrap_or(self.name)
    }

    /// At most so many characters.
    #[must_use]
    pub const fn longest(self, longest: u16) -> Self {
        Self { longest, ..self }
    }

    /// A whole number of at most that, or a file of at most so many bytes.
    #[must_use]
    pub const fn most(self, most: u32) -> Self {
        Self { most, ..self }
    }

    /// A file of one of these types.
    #[must_use]
    pub const fn accepts(self, types: &'static [MediaType]) -> Self {
        Self { accepts: types, ..self }
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
