//! A product as it would be sold: which price and which tax hold, the ticket's day says.

use super::listed::ListedRow;
use super::{NotForSale, PriceRow, TaxRow};
use holdfast_domain::catalog::{ListedPrice, in_force_on, stepped};
use holdfast_domain::kernel::{Day, Discount, Money, ProductId, Quantity, Rate, RowVersion};
use holdfast_domain::sales::ticket::{MAX_BREAKS, PriceBreak, SoldItem};
use std::cell::LazyCell;

/// A product as it would be sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub(super) product: ProductId,
    pub(super) name: String,
    pub(super) barcode: Option<String>,
    pub(super) quantity: Quantity,
    /// The product's own price, as far as it has one.
    pub(super) own: Option<PriceRow>,
    /// What price lists say.
    pub(super) listed: Vec<ListedRow>,
    pub(super) tax: (RowVersion, Rate),
    pub(super) tax_changes: Vec<TaxRow>,
}

/// What is rung up on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RungUp {
    /// At its price below the first break.
    pub item: SoldItem,
    /// Where its price changes, the smallest quantity first.
    pub breaks: Vec<PriceBreak>,
}

impl Offer {
    /// As it is sold on a ticket of that day, which is asked for only where it matters.
    pub fn on(self, day: impl FnOnce() -> Day) -> Result<RungUp, NotForSale> {
        let day = LazyCell::new(day);
        let (base, breaks) = if self.listed.is_empty() { (None, Vec::new()) } else { self.priced(*day) };
        let (price, unit_price) = base.or(self.own.map(|own| (own.row, own.amount))).ok_or(NotForSale::PriceMissing)?;
        let changed = (!self.tax_changes.is_empty()).then(|| in_force_on(*day, self.tax_changes.iter().map(|change| (change.valid_from, change))));
        let (tax, tax_rate) = changed.flatten().map_or(self.tax, |change| (change.row, change.rate));
        let Self { product, name, barcode, quantity, .. } = self;
        let item = SoldItem { product, name, barcode, quantity, unit_price, price, tax, tax_rate, discount: Discount::NONE };
        Ok(RungUp { item, breaks })
    }

    /// What price lists say of the first piece, if they do, and where that changes.
    fn priced(&self, day: Day) -> (Option<(RowVersion, Money)>, Vec<PriceBreak>) {
        let lines: Vec<ListedPrice> = self.listed.iter().map(|listed| listed.line.clone()).collect();
        let row = |line: &ListedPrice| self.listed.iter().find(|listed| listed.line.line == line.line).map(|listed| listed.row);
        let (mut base, mut breaks) = (None, Vec::new());
        for (from, line) in stepped((None, day), &lines) {
            let Some(price) = row(line) else { continue };
            if from.is_positive() {
                breaks.push(PriceBreak { from, unit_price: line.price, price });
            } else {
                base = Some((price, line.price));
            }
        }
        breaks.truncate(MAX_BREAKS);
        (base, breaks)
    }
}
