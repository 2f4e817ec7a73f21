//! Takes a line off.

use super::{Ticket, TicketFact, TicketRefusal};
use crate::identity::Permission;
use crate::kernel::{FactId, Intent, SiteId};
use crate::sales::SELL;
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};

/// The customer does not take it after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveLine {
    /// Which line.
    pub line: FactId,
}

impl Intent for RemoveLine {
    const NAME: &'static str = "sales.ticket.remove_line";
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
        ticket.standing_line(self.line)?;
        Ok(vec![TicketFact::LineRemoved { line: self.line }])
    }
}
