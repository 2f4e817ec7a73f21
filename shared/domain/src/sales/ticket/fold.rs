//! What a ticket's facts add up to. They are a set: order decides only how lines are listed and which of two equals comes first.

use super::{Line, PriceBreak, SoldItem, Ticket, TicketFact};
use crate::kernel::{FactId, Quantity, Recorded};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn fold(facts: Vec<(FactId, Recorded<TicketFact>)>) -> Ticket {
    let mut ticket = Ticket { facts: facts.len(), ..Ticket::default() };
    let mut changes: BTreeMap<FactId, i128> = BTreeMap::new();
    let mut removed = BTreeSet::new();
    for (id, recorded) in facts {
        match &recorded.fact {
            TicketFact::Opened(opened) => {
                ticket.opened.get_or_insert_with(|| recorded.with(opened.clone()));
            }
            TicketFact::LineAdded(item) => {
                ticket.lines.push(line(id, recorded.with(item.clone()), Vec::new()));
            }
            TicketFact::LineAddedWithBreaks { item, breaks } => {
                ticket.lines.push(line(id, recorded.with(item.clone()), breaks.clone()));
            }
            TicketFact::QuantityChanged { line, by } => *changes.entry(*line).or_default() += i128::from(by.millionths()),
            TicketFact::LineRemoved { line } => {
                removed.insert(*line);
            }
            TicketFact::PaymentTaken(payment) => ticket.payments.push((id, recorded.with(payment.clone()))),
            TicketFact::Completed { receipt } => {
                ticket.completed.get_or_insert_with(|| recorded.with(*receipt));
            }
            TicketFact::Abandoned => {
                ticket.abandoned.get_or_insert(recorded.at);
            }
            TicketFact::Ruled(ruling) => ticket.rulings.push(recorded.with(ruling.clone())),
        }
    }
    for line in &mut ticket.lines {
        line.removed = removed.contains(&line.id);
        line.quantity = changed(line.quantity, changes.get(&line.id).copied().unwrap_or_default());
    }
    ticket
}

fn line(id: FactId, added: Recorded<SoldItem>, breaks: Vec<PriceBreak>) -> Line {
    Line { id, quantity: added.fact.quantity, removed: false, added, breaks }
}

/// Two tabs may each take the last piece off a line: it stays at none.
fn changed(quantity: Quantity, by_millionths: i128) -> Quantity {
    let sum = i128::from(quantity.millionths()) + by_millionths;
    i64::try_from(sum.max(0)).ok().and_then(|millionths| Quantity::from_millionths(millionths).ok()).unwrap_or(Quantity::MAX)
}
