//! A customer.

use crate::kernel::resource::{Email, FieldValue, Likeness, LongText, Phone, Shape, Tags};
use crate::resource;
use serde::{Deserialize, Serialize};

/// Which prices a customer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceGroup {
    /// Whoever buys for themselves.
    Retail,
    /// Whoever sells on.
    Wholesale,
    /// Whoever works for us.
    Staff,
}

impl FieldValue for PriceGroup {
    const SHAPE: Shape = Shape::Enumeration(&["retail", "wholesale", "staff"]);
}

resource! {
    /// Someone who buys from us.
    pub struct Customer in "sales", one "customer", many "customers", called by name {
        /// Of the person, or of the company.
        name: String => searched sorted listed personal example(r#""Alfreds Futterkiste""#),
        /// Which prices they get.
        price_group: PriceGroup => filtered sorted listed example(r#""wholesale""#),
        /// Where invoices go. Two customers who share one are probably the same.
        email: Option<Email> => searched listed alike(Likeness::Email) personal example(r#""maria.anders@alfreds.example""#),
        /// Where they are called. Two customers who share one are probably the same.
        phone: Option<Phone> => searched listed alike(Likeness::Phone) personal example(r#""030-0074321""#),
        /// As the tax office knows them. Two customers who share one are probably the same.
        tax_number: Option<String> => searched alike(Likeness::TaxNumber) personal longest(30) example(r#""DE136695976""#),
        /// Street and number.
        street: Option<String> => personal longest(200) example(r#""Obere Str. 57""#),
        /// Before or behind the city, as the country does.
        postal_code: Option<String> => personal longest(20) example(r#""12209""#),
        /// City.
        city: Option<String> => searched sorted filtered listed longest(100) example(r#""Berlin""#),
        /// Country, as people write it.
        country: Option<String> => sorted filtered longest(100) example(r#""Germany""#),
        /// What somebody sorts them by.
        tags: Tags => searched filtered example(r#"["bakery"]"#),
        /// What else there is to know.
        notes: Option<LongText> => personal example("null"),
    }
}
