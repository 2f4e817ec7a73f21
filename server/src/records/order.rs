//! The order of a list, and the place where a page of it ended.

use super::refusal::{bad_cursor, invalid_query};
use super::statement::from_query;
use crate::failure::Refusal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_domain::kernel::resource::{Field, Resource, Shape, wrong_of};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// By which field, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub field: &'static Field,
    pub descending: bool,
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) enum Place {
    /// Behind the record of this key and id, in an order.
    #[serde(rename = "b")]
    Behind {
        /// The order, as the query says it.
        #[serde(rename = "s")]
        sort: String,
        /// The key, as text.
        #[serde(rename = "k")]
        key: Option<String>,
        #[serde(rename = "i")]
        id: Uuid,
    },
    /// So many of what was found have been told.
    #[serde(rename = "f")]
    Found(u32),
}

impl Order {
    /// As the query says it: `name`, `-name`.
    pub(super) fn read(resource: &'static Resource, sort: Option<&str>) -> Result<Self, Refusal> {
        let sort = sort.unwrap_or(resource.title);
        let (name, descending) = sort.strip_prefix('-').map_or((sort, false), |name| (name, true));
        let field = resource.leaf(name).filter(|field| field.sorted).ok_or_else(|| {
            let sorted: Vec<&str> = resource.leaves().filter(|field| field.sorted).map(|field| field.name).collect();
            invalid_query(format!("A list is sorted by one of: {}; with - before it the other way.", sorted.join(", ")))
        })?;
        Ok(Self { field, descending })
    }

    fn written(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.field.name)
    }

    /// The place behind a record.
    pub(super) fn behind(self, key: Option<String>, id: Uuid) -> Place {
        Place::Behind { sort: self.written(), key, id }
    }

    /// Whether a place is one of this order, with a key that can be one: it comes from outside.
    pub(super) fn admits(self, place: &Place) -> bool {
        match place {
            Place::Behind { sort, key, .. } => *sort == self.written() && key.as_deref().is_none_or(|key| is_key(self.field, key)),
            Place::Found(_) => false,
        }
    }
}

fn is_key(field: &Field, key: &str) -> bool {
    match field.shape {
        Shape::Money => key.parse::<i64>().is_ok(),
        Shape::Rate => key.parse::<i32>().is_ok(),
        Shape::Boolean | Shape::Whole | Shape::Decimal | Shape::Date | Shape::Reference(_) => {
            from_query(field, key).is_some_and(|value| wrong_of(field, &value).is_none())
        }
        Shape::Instant | Shape::Tags | Shape::Rows(_) | Shape::Address | Shape::Image | Shape::File | Shape::Sealed(_) => false,
        Shape::Text
        | Shape::LongText
        | Shape::Email
        | Shape::Phone
        | Shape::TimeZone
        | Shape::Gtin
        | Shape::Iban
        | Shape::Currency
        | Shape::Country
        | Shape::Enumeration(_) => !key.chars().any(char::is_control),
    }
}

impl Place {
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| bad_cursor())?;
        serde_json::from_slice(&bytes).map_err(|_| bad_cursor())
    }

    pub(super) fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).expect("a place has no map whose keys are not text"))
    }
}
