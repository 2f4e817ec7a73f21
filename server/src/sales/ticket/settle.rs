//! What the server rules on a ticket.

use super::listed::Listed;
use super::read::ReadTicket;
use super::receipt::Names;
use super::values::{Sold, Values};
use crate::failure::Fault;
use crate::sales::reading::Arrivals;
use crate::sync::Merged;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{FactId, Recorded, Timestamp, call};
use holdfast_domain::sales::ticket::{Line, Rule, Ticket, TicketFact, TicketRuling};
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

/// The rulings on each ticket that do not stand yet, in one intent.
pub(super) async fn settle(tx: &mut TenantTx, merged: &[Merged]) -> Result<Vec<Vec<IntentCall>>, Fault> {
    let read: Vec<_> = merged.iter().map(|merged| ReadTicket::of(&merged.facts)).collect();
    let arrivals: Vec<_> = merged.iter().zip(&read).map(|(merged, read)| Some(Arrivals::of(merged, &read.as_ref()?.facts))).collect();
    let tickets: Vec<_> = read.iter().zip(&arrivals).map(|(read, arrivals)| read.as_ref().zip(arrivals.as_ref())).collect();
    let lines: Vec<Vec<_>> = tickets.iter().map(|ticket| ticket.map_or_else(Vec::new, sold_now)).collect();
    let values = Values::of(tx, lines.iter().flatten()).await?;
    let paid: Vec<Vec<_>> = tickets.iter().map(|ticket| ticket.map_or_else(Vec::new, paid_now)).collect();
    let asked = paid.iter().flatten().map(|sold| (sold.item().product, sold.at, sold.opened)).collect();
    let listed = Listed::of(tx, &asked, lines.iter().flatten().map(|sold| sold.item().product).collect()).await?;
    let mut names = Names::of(tx, tickets.iter().flatten()).await?;
    let mut calls = Vec::with_capacity(merged.len());
    for ((merged, ticket), (lines, paid)) in merged.iter().zip(&tickets).zip(lines.iter().zip(&paid)) {
        let Some((read, arrivals)) = ticket else {
            calls.push(Vec::new());
            continue;
        };
        let mut found = notes(merged, &read.ticket);
        found.extend(values.judge(tx, (lines, &listed)).await?);
        let wrong = |line| found.iter().chain(read.rulings().map(|(_, _, standing)| standing)).any(|ruling: &TicketRuling| ruling.is_of_price(line));
        let sound = paid.iter().filter(|sold| !wrong(sold.line.id)).collect();
        found.extend(listed.judge(tx, sound).await?);
        found.extend(names.judge(merged.document, (read, arrivals)));
        found.extend(contradictions(&read.ticket));
        let mut rulings: Vec<TicketRuling> = Vec::new();
        for ruling in found {
            let same = |other: &TicketRuling| other.finding() == ruling.finding();
            if !rulings.iter().any(same) && !read.rulings().any(|(_, _, standing)| same(standing)) {
                rulings.push(ruling);
            }
        }
        names.take(merged.document, read, &rulings);
        calls.push(if rulings.is_empty() { Vec::new() } else { vec![call(&Rule { rulings })] });
    }
    Ok(calls)
}

/// The lines that came now and were not taken off again.
fn sold_now<'a>((read, arrivals): (&'a ReadTicket, &Arrivals<'_>)) -> Vec<Sold<'a>> {
    let opened = (read.opened.fact.site, opened_at(read, arrivals));
    let sold = |line: &'a Line| Some(Sold { line, at: arrivals.brought(line.id)?.effective_at, opened });
    read.ticket.standing_lines().filter_map(sold).collect()
}

/// The lines of a ticket that is paid, in as many as were bought at last, whenever each was rung up: also where one came after the payment, from another tab.
fn paid_now<'a>((read, arrivals): (&'a ReadTicket, &Arrivals<'_>)) -> Vec<Sold<'a>> {
    if read.ticket.completed.is_none() {
        return Vec::new();
    }
    let opened = (read.opened.fact.site, opened_at(read, arrivals));
    let at = |line: &Line| {
        let earlier = || read.facts.iter().find(|(id, _)| *id == line.id).map(|(id, recorded)| read.effective_at(*id, recorded));
        arrivals.brought(line.id).map(|change| change.effective_at).or_else(earlier)
    };
    read.ticket.standing_lines().filter_map(|line| Some(Sold { line, at: at(line)?, opened })).collect()
}

/// When the ticket was opened, by the corrected clock.
fn opened_at(read: &ReadTicket, arrivals: &Arrivals<'_>) -> Timestamp {
    let opening = read.facts.iter().find(|(_, recorded)| matches!(recorded.fact, TicketFact::Opened(_)));
    let at = |(id, recorded): &(FactId, Recorded<TicketFact>)| {
        arrivals.brought(*id).map_or_else(|| read.effective_at(*id, recorded), |change| change.effective_at)
    };
    opening.map_or(read.opened.at, at)
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
