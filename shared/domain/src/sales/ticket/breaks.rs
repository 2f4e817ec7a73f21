//! Rings up a product that costs less, or more, from some quantity on: the breaks of a price list travel with the line, so that two tabs that each add some come to the price of
//! what there is in all.

use super::add_line::{MAX_UNIT_PRICE_MINOR, addable, within_bounds};
use super::{SoldItem, Ticket, TicketFact, TicketRefusal};
use crate::identity::Permission;
use crate::kernel::{Intent, Money, Quantity, RowVersion, SiteId};
use crate::sales::SELL;
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};

/// The most breaks of a line.
pub const MAX_BREAKS: usize = 20;

/// From some quantity of a line on, each costs something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PriceBreak {
    /// From how many on; more than none.
    pub from: Quantity,
    /// Each, tax included.
    pub unit_price: Money,
    /// The row the price was taken from.
    pub price: RowVersion,
}

/// A product goes over the counter whose price follows from how many there are. An intent of its own: an app that knows no breaks can neither show such a line nor add to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddLineWithBreaks {
    /// What is sold, at its price below the first break.
    pub item: SoldItem,
    /// Where its price changes, the smallest quantity first; at least one.
    pub breaks: Vec<PriceBreak>,
}

impl Intent for AddLineWithBreaks {
    const NAME: &'static str = "sales.ticket.add_line_with_breaks";
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
        let Self { item, breaks } = self;
        addable(ticket, item)?;
        let are_sorted = breaks.windows(2).all(|pair| pair[0].from < pair[1].from);
        if !(1..=MAX_BREAKS).contains(&breaks.len()) || !are_sorted || !breaks[0].from.is_positive() {
            return Err(TicketRefusal::BreaksInvalid);
        }
        for PriceBreak { unit_price, .. } in breaks {
            if unit_price.currency != item.unit_price.currency {
                return Err(TicketRefusal::CurrencyDiffers);
            }
            if unit_price.minor < 0 {
                return Err(TicketRefusal::PriceNegative);
            }
            if unit_price.minor > MAX_UNIT_PRICE_MINOR {
                return Err(TicketRefusal::AmountTooLarge);
            }
        }
        within_bounds((item, breaks), item.quantity)?;
        Ok(vec![TicketFact::LineAddedWithBreaks { item: item.clone(), breaks: breaks.clone() }])
    }
}

/// What holds for so many: the last break that they reach, or none, where the price is that below the first.
pub fn reached(breaks: &[PriceBreak], quantity: Quantity) -> Option<&PriceBreak> {
    breaks.iter().rev().find(|at| at.from <= quantity)
}
