//! Begins a ticket.

use super::{Opened, Ticket, TicketFact, TicketRefusal};
use crate::identity::Permission;
use crate::kernel::{Currency, DocumentId, Intent, SiteId, TillId};
use crate::sales::SELL;
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};

/// A customer is served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Open {
    /// The till.
    pub till: TillId,
    /// Its site.
    pub site: SiteId,
    /// The open till session.
    pub till_session: DocumentId,
    /// Of all amounts.
    pub currency: Currency,
}

impl Intent for Open {
    const NAME: &'static str = "sales.ticket.open";
    const VERSION: u16 = 1;
    type Document = Ticket;
    type Refusal = TicketRefusal;

    fn permission(&self, _: &Ticket) -> &'static Permission {
        &SELL
    }

    fn site(&self, _: &Ticket) -> Option<SiteId> {
        Some(self.site)
    }

    fn apply(&self, ticket: &Ticket, _: &Act) -> Result<Vec<TicketFact>, TicketRefusal> {
        if ticket.opened.is_some() {
            return Err(TicketRefusal::AlreadyOpened);
        }
        let Self { till, site, till_session, currency } = *self;
        Ok(vec![TicketFact::Opened(Opened { till, site, till_session, currency })])
    }
}
