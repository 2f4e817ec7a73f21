//! Puts a ticket away unsold.

use super::{Ticket, TicketFact, TicketRefusal};
use crate::identity::Permission;
use crate::kernel::{Intent, SiteId};
use crate::sales::SELL;
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};

/// The customer leaves without buying.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Abandon {}

impl Intent for Abandon {
    const NAME: &'static str = "sales.ticket.abandon";
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
        Ok(vec![TicketFact::Abandoned])
    }
}
