//! What is sold: products, categories, prices, tax rates, as reference rows, and as the office keeps them ([`records`]).
//!
//! A till finds a product by its code or name, its price by the product, its tax rate by the product's: all on the device. A price is a row of
//! its own, so that it can change and be proven without touching the product.

mod price_choice;
mod product;
pub mod records;

use crate::kernel::{Day, Money, PriceListId, PriceListLineId, ProductId, Quantity, Rate, Reference, TaxRateId, Timestamp};
use serde::{Deserialize, Serialize};

pub use price_choice::{ListedPrice, MOST_LISTED_PRICES, PriceAnswer, PriceQuestion, Standing, StandingPrice, chosen, judged, stepped};
pub use product::{Picture, Product, Unit};
pub use records::{CategoryRecord, PriceListLineRecord, PriceListRecord, ProductRecord, TaxChangeRecord, TaxRateRecord};

/// A product's price; the row's id is a `PriceId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Of what.
    pub product: ProductId,
    /// One unit of it, tax included.
    pub amount: Money,
    /// In force from then on; until the row's next version takes over.
    pub valid_from: Timestamp,
}

/// A tax rate; the row's id is a `TaxRateId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRate {
    /// Such as `Reduced`.
    pub name: String,
    /// In per cent, until its first [change](TaxChange).
    pub rate: Rate,
}

/// A tax rate becomes another one on a day; the row's id is a `TaxChangeId`. A row of its own, so that a till has it weeks before, tickets name its version, and an app that knows of no
/// changes goes on selling at the rate that it knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxChange {
    /// Of which.
    pub tax_rate: TaxRateId,
    /// The first day on which it holds, in the calendar of the site that sells.
    pub valid_from: Day,
    /// In per cent, from then on.
    pub rate: Rate,
}

/// A price list for everybody, as tills have it; the row's id is a `PriceListId`. Lists for a customer group stay in the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    /// Its name, which goes before another's where nothing else decides.
    pub name: String,
    /// The first day on which it holds, in the calendar of the site that sells; none where it always did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Day>,
    /// The last day; none where there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Day>,
}

/// What a product costs by a price list for everybody, from some quantity on; the row's id is a `PriceListLineId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceListLine {
    /// Of which list. It counts while the list's row is there.
    pub price_list: PriceListId,
    /// Of what.
    pub product: ProductId,
    /// From which quantity on.
    pub from_quantity: Quantity,
    /// One unit of it, tax included.
    pub price: Money,
}

impl PriceListLine {
    /// With what of its list decides.
    pub fn listed(&self, line: PriceListLineId, list: &PriceList) -> ListedPrice {
        ListedPrice {
            line,
            price_list: self.price_list,
            list_name: list.name.clone(),
            customer_group: None,
            valid_from: list.valid_from,
            valid_until: list.valid_until,
            from_quantity: self.from_quantity,
            price: self.price,
        }
    }
}

/// What holds on a day of these, each with the day from which it does: the one that began last. None where none has begun, and what was first holds.
///
/// Asked by the till that rings up and by the server that verifies, with the day on which the ticket was opened.
pub fn in_force_on<T>(day: Day, changes: impl IntoIterator<Item = (Day, T)>) -> Option<T> {
    let begun = changes.into_iter().filter(|(valid_from, _)| *valid_from <= day);
    begun.max_by_key(|(valid_from, _)| *valid_from).map(|(_, change)| change)
}

/// A category of products; the row's id is a `CategoryId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Such as `Bakery`.
    pub name: String,
    /// Where it stands among the others.
    pub place: u16,
    /// How its tile looks.
    pub picture: Picture,
}

impl Reference for Price {
    const KIND: &'static str = "catalog.price";
}

impl Reference for TaxRate {
    const KIND: &'static str = "catalog.tax_rate";
}

impl Reference for TaxChange {
    const KIND: &'static str = "catalog.tax_change";
}

impl Reference for PriceList {
    const KIND: &'static str = "catalog.price_list";
}

impl Reference for PriceListLine {
    const KIND: &'static str = "catalog.price_list_line";
}

impl Reference for Category {
    const KIND: &'static str = "catalog.category";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_changes_that_have_begun_the_last_holds_from_its_first_day_on() {
        let changes = [("2025-08-01", 21), ("2010-07-01", 24), ("2017-01-01", 19)];
        let on = |day: &str| in_force_on(day.parse().unwrap(), changes.map(|(day, rate)| (day.parse().unwrap(), rate)));
        assert_eq!(on("2010-06-30"), None, "what was first holds");
        for (day, rate) in [("2010-07-01", 24), ("2016-12-31", 24), ("2025-07-31", 19), ("2025-08-01", 21), ("2099-01-01", 21)] {
            assert_eq!(on(day), Some(rate), "{day}");
        }
    }
}
