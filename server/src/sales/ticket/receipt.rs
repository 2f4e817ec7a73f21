//! Judges what a completion names: its receipt number and its till session.

use super::queries::{self, Named, NamedTillSession};
use super::read::ReadTicket;
use crate::failure::Fault;
use crate::sales::reading::Arrivals;
use crate::sync::MergedChange;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DocumentId, Timestamp};
use holdfast_domain::sales::ReceiptNumber;
use holdfast_domain::sales::ticket::{Opened, TicketRuling};
use std::collections::{BTreeMap, BTreeSet};

/// What completions name, and who bears the numbers.
pub(super) struct Names {
    known: BTreeMap<(ReceiptNumber, DocumentId), Named>,
    /// Numbers that tickets before this one bear, which the tables do not know yet.
    taken: BTreeMap<u64, DocumentId>,
}

impl Names {
    /// Reads what all these tickets name and is to be judged now.
    pub(super) async fn of<'a>(tx: &mut TenantTx, tickets: impl Iterator<Item = &'a (&'a ReadTicket, &'a Arrivals<'a>)>) -> Result<Self, Fault> {
        let named = |(read, arrivals): &(&ReadTicket, &Arrivals<'_>)| {
            let now = read.completions().filter(|(id, _, _)| arrivals.brought(*id).is_some());
            let missed = read.completions().take(usize::from(misses_its_session(read)));
            now.chain(missed).map(|(_, receipt, _)| (receipt, read.opened.fact.till_session)).collect::<Vec<_>>()
        };
        let wanted: BTreeSet<_> = tickets.flat_map(named).collect();
        Ok(Self { known: queries::what_sales_name(tx, &wanted).await?, taken: BTreeMap::new() })
    }

    /// Of each completion that came now, whether its number was the device's to give and is nobody else's, and whether the till was open; and whether the till
    /// session has come that was missing when the sale was judged, and then whether it was open.
    pub(super) fn judge(&self, ticket: DocumentId, (read, arrivals): (&ReadTicket, &Arrivals<'_>)) -> Vec<TicketRuling> {
        let opened = &read.opened.fact;
        let mut found = Vec::new();
        for (id, receipt, at) in read.completions() {
            if let Some((change, named)) = arrivals.brought(id).zip(self.known.get(&(receipt, opened.till_session))) {
                found.extend(self.judge_sale((ticket, opened), (receipt, at), (change, named)));
            }
        }
        if let Some((_, receipt, at)) = read.completions().next().filter(|_| misses_its_session(read)) {
            let named = self.known.get(&(receipt, opened.till_session));
            if let Some(session) = named.and_then(|named| named.till_session.as_ref()).filter(|session| is_of(session, opened)) {
                found.push(TicketRuling::TillSessionArrived);
                found.extend(was_closed(session, at).then_some(TicketRuling::TillSessionClosed));
            }
        }
        found
    }

    /// `at` is as the device's own clock said.
    fn judge_sale(
        &self,
        (ticket, opened): (DocumentId, &Opened),
        (receipt, at): (ReceiptNumber, Timestamp),
        (change, named): (&MergedChange, &Named),
    ) -> Vec<TicketRuling> {
        let mut found = Vec::new();
        let reserved = named
            .block
            .as_ref()
            .is_some_and(|block| block.holds(receipt) && block.device == change.device() && Some(block.chain) == change.header.chain);
        if !reserved {
            found.push(TicketRuling::ReceiptNumberOutsideBlock);
        }
        let bearer = named.bearer.or_else(|| self.taken.get(&receipt.number).copied());
        if let Some(first) = bearer.filter(|bearer| *bearer != ticket) {
            found.push(TicketRuling::ReceiptNumberReused { first });
        }
        match named.till_session.as_ref().filter(|session| is_of(session, opened)) {
            None => found.push(TicketRuling::TillSessionUnknown),
            Some(session) if was_closed(session, at) => found.push(TicketRuling::TillSessionClosed),
            Some(_) => {}
        }
        found
    }

    /// The numbers of a ticket that was judged are its own from now on, unless a ruling says otherwise.
    pub(super) fn take(&mut self, ticket: DocumentId, read: &ReadTicket, found: &[TicketRuling]) {
        if !found.iter().any(TicketRuling::denies_its_number) {
            read.numbers().into_iter().for_each(|receipt| {
                self.taken.entry(receipt.number).or_insert(ticket);
            });
        }
    }
}

/// Whether the till session was missing when the sale was judged.
fn misses_its_session(read: &ReadTicket) -> bool {
    read.ticket.standing_rulings().any(|ruling| *ruling == TicketRuling::TillSessionUnknown)
}

fn is_of(session: &NamedTillSession, opened: &Opened) -> bool {
    (session.site, session.till) == (opened.site, opened.till)
}

/// Both by the device's own clock: where it lies, it lies about both, while arrival would always come after the closing.
fn was_closed(session: &NamedTillSession, at: Timestamp) -> bool {
    session.closed_wall_at.is_some_and(|closed| closed < at)
}
