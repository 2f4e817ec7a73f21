//! The ticket in lists.

use super::{Ticket, TicketStatus};
use crate::kernel::{DocumentId, Money, SiteId, TillId, Timestamp};
use crate::sales::ReceiptNumber;
use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor;
use holdfast_sync::envelope::Principal;
use holdfast_sync::kind::ViewRow;
use serde::{Deserialize, Serialize};

/// The view of all tickets on a device, newest first.
pub const TICKETS_VIEW: &str = "sales.tickets";

/// One ticket in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketRow {
    /// The ticket.
    pub document: DocumentId,
    /// How far it is.
    pub status: TicketStatus,
    /// The receipt's number, once completed.
    pub receipt: Option<ReceiptNumber>,
    /// To pay, tax included.
    pub total: Money,
    /// What was taken.
    pub paid: Money,
    /// How many lines stand.
    pub lines: u32,
    /// The site.
    pub site: SiteId,
    /// The till.
    pub till: TillId,
    /// The till session.
    pub till_session: DocumentId,
    /// Begun.
    pub opened_at: Timestamp,
    /// Paid or put away.
    pub ended_at: Option<Timestamp>,
    /// Who began it.
    pub opened_by: Principal,
    /// Codes of the server's rulings that stand, without repeats.
    pub rulings: Vec<String>,
}

impl TicketRow {
    /// The row of a ticket; none before it is opened.
    pub fn of(document: DocumentId, ticket: &Ticket) -> Option<Self> {
        let opened = ticket.opened.as_ref()?;
        let currency = opened.fact.currency;
        let completed = ticket.completed.as_ref();
        let mut rulings: Vec<String> = ticket.standing_rulings().map(|ruling| ruling.code().to_owned()).collect();
        rulings.sort();
        rulings.dedup();
        Some(Self {
            document,
            status: ticket.status(),
            receipt: completed.map(|completed| completed.fact),
            total: Money::new(ticket.totals().gross_minor, currency),
            paid: Money::new(ticket.paid_minor(), currency),
            lines: u32::try_from(ticket.standing_lines().count()).unwrap_or(u32::MAX),
            site: opened.fact.site,
            till: opened.fact.till,
            till_session: opened.fact.till_session,
            opened_at: opened.at,
            ended_at: completed.map(|completed| completed.at).or(ticket.abandoned),
            opened_by: opened.by.clone(),
            rulings,
        })
    }

    pub(super) fn to_view_row(&self) -> ViewRow {
        ViewRow { view: TICKETS_VIEW.to_owned(), key: newest_first(self.opened_at, self.document), bytes: Bytes(cbor::encode(self)) }
    }
}

/// A key that sorts the newest first.
pub(crate) fn newest_first(at: Timestamp, document: DocumentId) -> String {
    // Flipping the sign bit orders negative times before positive ones; the complement turns the order round.
    let ascending = at.0.cast_unsigned() ^ (1 << 63);
    format!("{:016x}:{document}", !ascending)
}
