//! What a ticket comes to. Computed wherever it is needed, stored nowhere.

use super::breaks::reached;
use super::{Line, Ticket};
use crate::kernel::{Money, Rate, RowVersion, contained_tax, line_gross};
use std::collections::BTreeMap;

/// A ticket's sums, in minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// To pay, tax included.
    pub gross_minor: i64,
    /// The tax in it.
    pub tax_minor: i64,
    /// Per rate, the lowest first.
    pub by_rate: Vec<RateTotal>,
}

/// The sums of one tax rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateTotal {
    /// The rate.
    pub rate: Rate,
    /// Tax included.
    pub gross_minor: i64,
    /// Without tax.
    pub net_minor: i64,
    /// The tax.
    pub tax_minor: i64,
}

impl Line {
    /// What each of it costs, tax included, as many as there are.
    pub fn unit_price(&self) -> Money {
        reached(&self.breaks, self.quantity).map_or(self.added.fact.unit_price, |at| at.unit_price)
    }

    /// The row that price was taken from.
    pub fn price(&self) -> RowVersion {
        reached(&self.breaks, self.quantity).map_or(self.added.fact.price, |at| at.price)
    }

    /// What the line comes to. A merge can push a line beyond what `add_line` lets in; it then counts as the largest amount.
    pub fn gross_minor(&self) -> i64 {
        line_gross(self.unit_price().minor, self.quantity, self.added.fact.discount).unwrap_or(i64::MAX)
    }
}

impl Ticket {
    /// What it comes to.
    pub fn totals(&self) -> Totals {
        let mut gross_by_rate: BTreeMap<Rate, i64> = BTreeMap::new();
        for line in self.standing_lines() {
            let gross = gross_by_rate.entry(line.added.fact.tax_rate).or_default();
            *gross = gross.saturating_add(line.gross_minor());
        }
        let by_rate = gross_by_rate.into_iter().map(|(rate, gross_minor)| {
            let tax_minor = contained_tax(gross_minor, rate);
            RateTotal { rate, gross_minor, net_minor: gross_minor - tax_minor, tax_minor }
        });
        by_rate.fold(Totals::default(), |mut totals, rate| {
            totals.gross_minor = totals.gross_minor.saturating_add(rate.gross_minor);
            totals.tax_minor = totals.tax_minor.saturating_add(rate.tax_minor);
            totals.by_rate.push(rate);
            totals
        })
    }

    /// What was paid, in minor units.
    pub fn paid_minor(&self) -> i64 {
        self.payments.iter().fold(0, |sum: i64, (_, payment)| sum.saturating_add(payment.fact.amount.minor))
    }
}
