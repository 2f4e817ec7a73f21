//! Rings up a product.

use super::{PriceBreak, SoldItem, Ticket, TicketFact, TicketRefusal};
use crate::identity::Permission;
use crate::kernel::{Intent, Quantity, SiteId, line_gross};
use crate::sales::SELL;
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};

/// The most lines of a ticket, the removed counted.
pub const MAX_LINES: usize = 500;
/// The highest price of one piece: 10,000,000,000.00 where the currency has cents.
pub const MAX_UNIT_PRICE_MINOR: i64 = 1_000_000_000_000;
/// The most one line can come to, so that the sum of all lines can always be counted.
pub(super) const MAX_LINE_MINOR: i64 = 10_000_000_000_000;

/// A product goes over the counter. The payload is the item itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AddLine {
    /// What is sold.
    pub item: SoldItem,
}

impl Intent for AddLine {
    const NAME: &'static str = "sales.ticket.add_line";
    const VERSION: u16 = 1;
    type Document = Ticket;
    type Refusal = TicketRefusal;

    fn permission(&self, _: &Ticket) -> &'static Permission {
        &SELL
    }

    fn site(&self, ticket: &Ticket) -> Option<SiteId> {
        ticket.site()
    }

    fn apply(&self, ticket: &Ticket, _: &Act) -> Result<Vec<TicketFact>, TicketRefusal> {
        addable(ticket, &self.item)?;
        Ok(vec![TicketFact::LineAdded(self.item.clone())])
    }
}

/// Whether the item can stand on the ticket.
pub(super) fn addable(ticket: &Ticket, item: &SoldItem) -> Result<(), TicketRefusal> {
    let opened = ticket.being_rung_up()?;
    ticket.room_for_one()?;
    if ticket.lines.len() >= MAX_LINES {
        return Err(TicketRefusal::Full);
    }
    if item.unit_price.currency != opened.currency {
        return Err(TicketRefusal::CurrencyDiffers);
    }
    if !(1..=200).contains(&item.name.chars().count()) {
        return Err(TicketRefusal::NameInvalid);
    }
    if item.barcode.as_ref().is_some_and(|code| !(1..=80).contains(&code.chars().count())) {
        return Err(TicketRefusal::BarcodeInvalid);
    }
    if item.unit_price.minor < 0 {
        return Err(TicketRefusal::PriceNegative);
    }
    within_bounds((item, &[]), item.quantity)
}

/// Whether that many of the item can stand on one line.
pub(super) fn within_bounds((item, breaks): (&SoldItem, &[PriceBreak]), quantity: Quantity) -> Result<(), TicketRefusal> {
    if !quantity.is_positive() {
        return Err(TicketRefusal::QuantityNotPositive);
    }
    // The undiscounted amount is bounded too, at the highest of its prices: what is waived is counted as well, and two tabs may push a quantity over a break and back.
    let dearest = breaks.iter().map(|at| at.unit_price.minor).fold(item.unit_price.minor, i64::max);
    let gross = line_gross(dearest, quantity, crate::kernel::Discount::NONE);
    match gross {
        Ok(minor) if dearest <= MAX_UNIT_PRICE_MINOR && minor <= MAX_LINE_MINOR => Ok(()),
        Ok(_) | Err(_) => Err(TicketRefusal::AmountTooLarge),
    }
}
