//! Judges what a completion names: its receipt number and its till session.

use super::queries;
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
    match known.till_session.filter(|session| (session.site, session.till) == (sale.opened.site, sale.opened.till)) {
        None => found.push(TicketRuling::TillSessionUnknown),
        // Both by the device's own clock: where it lies, it lies about both, while arrival would always come after the closing.
        Some(session) if session.closed_wall_at.is_some_and(|closed| closed < sale.at) => found.push(TicketRuling::TillSessionClosed),
        Some(_) => {}
    }
    Ok(found)
}
