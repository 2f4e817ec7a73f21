//! Makes a line more or less.

use super::add_line::within_bounds;
use super::{Ticket, TicketFact, TicketRefusal};
use crate::identity::Permission;
use crate::kernel::{FactId, Intent, Quantity, SiteId};
use crate::sales::SELL;
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};

/// So many more, or fewer. A difference, so that two tabs add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeQuantity {
    /// Which line.
    pub line: FactId,
    /// By how many.
    pub by: Quantity,
}

impl Intent for ChangeQuantity {
    const NAME: &'static str = "sales.ticket.change_quantity";
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
        ticket.being_rung_up()?;
        ticket.room_for_one()?;
        let line = ticket.standing_line(self.line)?;
        if self.by == Quantity::ZERO {
            return Err(TicketRefusal::QuantityNotPositive);
        }
        let quantity = line.quantity.checked_add(self.by).map_err(|_| TicketRefusal::QuantityTooLarge)?;
        if !quantity.is_positive() {
            return Err(TicketRefusal::QuantityBelowZero);
        }
        within_bounds((&line.added.fact, &line.breaks), quantity)?;
        Ok(vec![TicketFact::QuantityChanged { line: self.line, by: self.by }])
    }
}
