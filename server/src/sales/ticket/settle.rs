//! What the server rules on a ticket.

use super::read::ReadTicket;
use super::{receipt, values};
use crate::failure::Fault;
use crate::sales::reading::Arrivals;
use crate::sync::Merged;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::call;
use holdfast_domain::sales::ticket::{Rule, Ticket, TicketFact, TicketRuling};
use holdfast_sync::envelope::IntentCall;

/// The numbers that are being taken, so that two tickets never both come first; the till session, so that it does not close meanwhile.
pub(super) fn lock_keys(merged: &Merged) -> Vec<String> {
    let Some(read) = ReadTicket::of(&merged.facts) else { return Vec::new() };
    let arrivals = Arrivals::of(merged, &read.facts);
    let mut keys: Vec<_> = read
        .completions()
        .filter(|(id, _, _)| arrivals.brought(*id).is_some())
        .map(|(_, receipt, _)| format!("sales.receipt:{}", receipt.number))
        .collect();
    if !keys.is_empty() {
        keys.push(format!("sales.till_session:{}", read.opened.fact.till_session));
    }
    keys
}

/// The rulings that do not stand yet, in one intent.
pub(super) async fn settle(tx: &mut TenantTx, merged: &Merged) -> Result<Vec<IntentCall>, Fault> {
    let Some(read) = ReadTicket::of(&merged.facts) else { return Ok(Vec::new()) };
    let arrivals = Arrivals::of(merged, &read.facts);
    let mut found = notes(merged, &read.ticket);
    let lines: Vec<_> = read.facts.iter().filter_map(|(id, recorded)| sold_now(&read.ticket, &arrivals, (*id, &recorded.fact))).collect();
    found.extend(values::judge(tx, &lines).await?);
    for (id, number, at) in read.completions() {
        if let Some(change) = arrivals.brought(id) {
            let sale = receipt::Sale { ticket: merged.document, opened: &read.opened.fact, number, at, change };
            found.extend(receipt::judge(tx, sale).await?);
        }
    }
    found.extend(receipt::arrived(tx, &read).await?);
    found.extend(contradictions(&read.ticket));
    let mut rulings: Vec<TicketRuling> = Vec::new();
    for ruling in found {
        if !rulings.contains(&ruling) && !read.rulings().any(|(_, _, standing)| *standing == ruling) {
            rulings.push(ruling);
        }
    }
    Ok(if rulings.is_empty() { Vec::new() } else { vec![call(&Rule { rulings })] })
}

/// A line that came now and was not taken off again.
fn sold_now<'a>(ticket: &Ticket, arrivals: &Arrivals<'_>, (id, fact): (holdfast_domain::kernel::FactId, &'a TicketFact)) -> Option<values::Sold<'a>> {
    let TicketFact::LineAdded(item) = fact else { return None };
    let change = arrivals.brought(id)?;
    ticket.standing_line(id).ok()?;
    Some(values::Sold { line: id, item, at: change.effective_at })
}

/// Corrected clocks, each; a late grant once, for the first of the acts.
fn notes(merged: &Merged, ticket: &Ticket) -> Vec<TicketRuling> {
    let clamped = merged.changes.iter().filter(|change| change.clock_clamped);
    let mut notes: Vec<_> = clamped.map(|change| TicketRuling::TimeClamped { intent: change.intent_id(), effective: change.effective_at }).collect();
    let noted = ticket.rulings.iter().any(|ruling| matches!(ruling.fact, TicketRuling::GrantExpired { .. }));
    let late = merged.changes.iter().find(|change| change.after_expiry && !noted);
    notes.extend(late.map(|change| TicketRuling::GrantExpired { intent: change.intent_id() }));
    notes
}

/// What two tabs did at once and one would not have.
fn contradictions(ticket: &Ticket) -> Vec<TicketRuling> {
    if ticket.completed.is_none() {
        return Vec::new();
    }
    let total = ticket.totals().gross_minor;
    let changed = ticket.payments.iter().any(|(_, payment)| payment.fact.amount.minor != total);
    [
        (ticket.payments.len() > 1, TicketRuling::PaidTwice),
        (changed, TicketRuling::ChangedWhilePaid),
        (ticket.abandoned.is_some(), TicketRuling::AbandonedWhilePaid),
    ]
    .into_iter()
    .filter_map(|(holds, ruling)| holds.then_some(ruling))
    .collect()
}
