//! Judges what a completion names: its receipt number and its till session.

use super::queries::{self, NamedTillSession};
use super::read::ReadTicket;
use crate::failure::Fault;
use crate::sync::MergedChange;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DocumentId, Timestamp};
use holdfast_domain::sales::ReceiptNumber;
use holdfast_domain::sales::ticket::{Opened, TicketRuling};

/// A completion that came now.
pub(super) struct Sale<'a> {
    pub ticket: DocumentId,
    pub opened: &'a Opened,
    pub number: ReceiptNumber,
    /// As the device's own clock said.
    pub at: Timestamp,
    pub change: &'a MergedChange,
}

/// Whether the number was the device's to give and is nobody else's, and whether the till was open.
pub(super) async fn judge(tx: &mut TenantTx, sale: Sale<'_>) -> Result<Vec<TicketRuling>, Fault> {
    let known = queries::what_a_sale_names(tx, sale.number, sale.opened.till_session).await?;
    let mut found = Vec::new();
    let reserved = known
        .block
        .is_some_and(|block| block.holds(sale.number) && block.device == sale.change.device() && Some(block.chain) == sale.change.header.chain);
    if !reserved {
        found.push(TicketRuling::ReceiptNumberOutsideBlock);
    }
    if let Some(first) = known.bearer.filter(|bearer| *bearer != sale.ticket) {
        found.push(TicketRuling::ReceiptNumberReused { first });
    }
    match known.till_session.filter(|session| is_of(session, sale.opened)) {
        None => found.push(TicketRuling::TillSessionUnknown),
        Some(session) if was_closed(&session, sale.at) => found.push(TicketRuling::TillSessionClosed),
        Some(_) => {}
    }
    Ok(found)
}

/// Whether the till session has come that was missing when the sale was judged, and then whether it was open.
pub(super) async fn arrived(tx: &mut TenantTx, read: &ReadTicket) -> Result<Vec<TicketRuling>, Fault> {
    let missing = read.ticket.standing_rulings().any(|ruling| *ruling == TicketRuling::TillSessionUnknown);
    let Some((_, number, at)) = read.completions().next().filter(|_| missing) else { return Ok(Vec::new()) };
    let opened = &read.opened.fact;
    let known = queries::what_a_sale_names(tx, number, opened.till_session).await?;
    let Some(session) = known.till_session.filter(|session| is_of(session, opened)) else { return Ok(Vec::new()) };
    let closed = was_closed(&session, at).then_some(TicketRuling::TillSessionClosed);
    Ok([TicketRuling::TillSessionArrived].into_iter().chain(closed).collect())
}

fn is_of(session: &NamedTillSession, opened: &Opened) -> bool {
    (session.site, session.till) == (opened.site, opened.till)
}

/// Both by the device's own clock: where it lies, it lies about both, while arrival would always come after the closing.
fn was_closed(session: &NamedTillSession, at: Timestamp) -> bool {
    session.closed_wall_at.is_some_and(|closed| closed < at)
}
