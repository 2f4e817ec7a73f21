//! Takes cash and completes the ticket.

use super::{Payment, PaymentMethod, Ticket, TicketFact, TicketRefusal};
use crate::identity::Permission;
use crate::kernel::{Intent, Money, SiteId};
use crate::sales::{ReceiptNumber, SELL};
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};

/// Cash is handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayCash {
    /// What the customer gives.
    pub tendered: Money,
    /// The receipt's number, taken from the device's block.
    pub receipt: ReceiptNumber,
}

impl Intent for PayCash {
    const NAME: &'static str = "sales.ticket.pay_cash";
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
        let opened = ticket.being_rung_up()?;
        if ticket.standing_lines().next().is_none() {
            return Err(TicketRefusal::Empty);
        }
        if self.tendered.currency != opened.currency {
            return Err(TicketRefusal::CurrencyDiffers);
        }
        let amount = Money::new(ticket.totals().gross_minor, opened.currency);
        let change = self.tendered.checked_sub(amount).map_err(|_| TicketRefusal::AmountTooLarge)?;
        if change.minor < 0 {
            return Err(TicketRefusal::TenderedTooLittle);
        }
        let payment = Payment { method: PaymentMethod::Cash, amount, tendered: self.tendered, change };
        Ok(vec![TicketFact::PaymentTaken(payment), TicketFact::Completed { receipt: self.receipt }])
    }
}
