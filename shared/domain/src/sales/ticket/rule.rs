//! What the server finds out about a ticket after merging it.

use super::{Ticket, TicketFact, TicketRefusal};
use crate::identity::Permission;
use crate::kernel::{DocumentId, FactId, Intent, IntentId, Money, Rate, SYSTEM, SiteId, Timestamp, is_system};
use holdfast_sync::kind::Act;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The server rules on the ticket: an intent of `system:sales` alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// One or more, found in one settlement.
    pub rulings: Vec<TicketRuling>,
}

/// A finding. The sale stands whatever it says; most open an exception for the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TicketRuling {
    /// The price was not the one that held: a version no longer, or not yet, in force; or, where price lists say it, another day's or another quantity's.
    PriceNotInForce {
        /// Which line.
        line: FactId,
        /// What was in force.
        in_force: Money,
    },
    /// No such version of the price's row was ever written.
    PriceVersionUnknown {
        /// Which line.
        line: FactId,
    },
    /// The row's version says another price.
    PriceDiffers {
        /// Which line.
        line: FactId,
        /// What it says.
        row: Money,
    },
    /// No such version of the tax rate's row was ever written.
    TaxVersionUnknown {
        /// Which line.
        line: FactId,
    },
    /// The row's version says another rate.
    TaxDiffers {
        /// Which line.
        line: FactId,
        /// What it says.
        row: Rate,
    },
    /// The rate is not the one that held on the day on which the ticket was opened.
    TaxNotInForce {
        /// Which line.
        line: FactId,
        /// What held.
        in_force: Rate,
    },
    /// The receipt's number is not of a block reserved for the device that took it.
    ReceiptNumberOutsideBlock,
    /// Another ticket bears the number.
    ReceiptNumberReused {
        /// The one that came first.
        first: DocumentId,
    },
    /// The device's clock said a time that cannot be; the effective time is another.
    TimeClamped {
        /// Whose time.
        intent: IntentId,
        /// The effective time.
        effective: Timestamp,
    },
    /// The till session has not arrived, or is another till's.
    TillSessionUnknown,
    /// The till session that had not arrived has come: there is nothing left to look at in that.
    TillSessionArrived,
    /// The till session was closed before the sale.
    TillSessionClosed,
    /// Two tabs took money for it at once.
    PaidTwice,
    /// It changed while it was being paid: what was paid is not the total.
    ChangedWhilePaid,
    /// It was abandoned in another tab while it was being paid.
    AbandonedWhilePaid,
    /// The grant had expired when the sale was made.
    GrantExpired {
        /// Whose act.
        intent: IntentId,
    },
}

impl TicketRuling {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::PriceNotInForce { .. } => "price_not_in_force",
            Self::PriceVersionUnknown { .. } => "price_version_unknown",
            Self::PriceDiffers { .. } => "price_differs",
            Self::TaxVersionUnknown { .. } => "tax_version_unknown",
            Self::TaxDiffers { .. } => "tax_differs",
            Self::TaxNotInForce { .. } => "tax_not_in_force",
            Self::ReceiptNumberOutsideBlock => "receipt_number_outside_block",
            Self::ReceiptNumberReused { .. } => "receipt_number_reused",
            Self::TimeClamped { .. } => "time_clamped",
            Self::TillSessionUnknown => "till_session_unknown",
            Self::TillSessionArrived => "till_session_arrived",
            Self::TillSessionClosed => "till_session_closed",
            Self::PaidTwice => "paid_twice",
            Self::ChangedWhilePaid => "changed_while_paid",
            Self::AbandonedWhilePaid => "abandoned_while_paid",
            Self::GrantExpired { .. } => "grant_expired",
        }
    }

    /// What was found, and of what; not what it is compared with, which may be another one when the same is found again.
    pub fn finding(&self) -> (&'static str, Option<Uuid>) {
        let of = match self {
            Self::PriceNotInForce { line, .. }
            | Self::PriceVersionUnknown { line }
            | Self::PriceDiffers { line, .. }
            | Self::TaxVersionUnknown { line }
            | Self::TaxDiffers { line, .. }
            | Self::TaxNotInForce { line, .. } => Some(line.0),
            Self::ReceiptNumberReused { first } => Some(first.0),
            Self::TimeClamped { intent, .. } | Self::GrantExpired { intent } => Some(intent.0),
            Self::ReceiptNumberOutsideBlock
            | Self::TillSessionUnknown
            | Self::TillSessionArrived
            | Self::TillSessionClosed
            | Self::PaidTwice
            | Self::ChangedWhilePaid
            | Self::AbandonedWhilePaid => None,
        };
        (self.code(), of)
    }

    /// Whether it says that the price of that line is wrong: who looks at it once need not be sent there twice.
    pub fn is_of_price(&self, line: FactId) -> bool {
        let of_price = matches!(self, Self::PriceNotInForce { .. } | Self::PriceVersionUnknown { .. } | Self::PriceDiffers { .. });
        of_price && self.finding().1 == Some(line.0)
    }

    /// Of the message that says what it means and what to do.
    pub fn message_key(&self) -> String {
        format!("ruling.{}", self.code())
    }

    /// Whether someone in the office must look: a corrected clock, a late grant and good news are only noted.
    pub fn opens_exception(&self) -> bool {
        !matches!(self, Self::TimeClamped { .. } | Self::GrantExpired { .. } | Self::TillSessionArrived)
    }

    /// Whether the ticket does not bear the receipt number that it names.
    pub fn denies_its_number(&self) -> bool {
        matches!(self, Self::ReceiptNumberReused { .. } | Self::ReceiptNumberOutsideBlock)
    }

    /// Whether, once `later` is ruled, this one asks for nothing any more.
    pub fn is_settled_by(&self, later: &Self) -> bool {
        matches!((self, later), (Self::TillSessionUnknown, Self::TillSessionArrived))
    }
}

impl Intent for Rule {
    const NAME: &'static str = "sales.ticket.rule";
    const VERSION: u16 = 1;
    type Document = Ticket;
    type Refusal = TicketRefusal;

    fn permission(&self, _: &Ticket) -> &'static Permission {
        &SYSTEM
    }

    fn site(&self, ticket: &Ticket) -> Option<SiteId> {
        ticket.site()
    }

    fn apply(&self, ticket: &Ticket, act: &Act) -> Result<Vec<TicketFact>, TicketRefusal> {
        if !is_system(&act.by) {
            return Err(TicketRefusal::NotTheServer);
        }
        if ticket.opened.is_none() {
            return Err(TicketRefusal::NotOpened);
        }
        Ok(self.rulings.iter().cloned().map(TicketFact::Ruled).collect())
    }
}
