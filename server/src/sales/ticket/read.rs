//! A ticket's facts, with their ids and times.

use crate::sales::reading::EffectiveTimes;
use holdfast_domain::kernel::{FactId, Recorded, Timestamp, fold, read_facts};
use holdfast_domain::sales::ReceiptNumber;
use holdfast_domain::sales::ticket::{Opened, Payment, Ticket, TicketFact, TicketRuling};
use holdfast_sync::kind::Facts;

/// A ticket as its facts tell it, and the facts themselves.
pub(in crate::sales) struct ReadTicket {
    /// What they add up to.
    pub ticket: Ticket,
    /// By time, then id.
    pub facts: Vec<(FactId, Recorded<TicketFact>)>,
    /// Where and when it was opened.
    pub opened: Recorded<Opened>,
    times: EffectiveTimes,
}

impl ReadTicket {
    /// Reads the facts; none before the ticket is opened, when there is nothing to keep books of.
    pub(in crate::sales) fn of(facts: &Facts) -> Option<Self> {
        let ticket = fold::<Ticket>(facts).document.clone();
        let facts = read_facts::<Ticket>(facts).readable;
        let opened = ticket.opened.clone()?;
        let corrections = ticket.rulings.iter().filter_map(|ruling| match ruling.fact {
            TicketRuling::TimeClamped { intent, effective } => Some((intent, effective)),
            _ => None,
        });
        let times = EffectiveTimes::of(corrections, &facts);
        Some(Self { ticket, opened, times, facts })
    }

    /// When a fact happened.
    pub(in crate::sales) fn effective_at(&self, id: FactId, recorded: &Recorded<TicketFact>) -> Timestamp {
        self.times.at(id, recorded)
    }

    /// When the first fact of that sort happened.
    pub(in crate::sales) fn first(&self, wanted: fn(&TicketFact) -> bool) -> Option<Timestamp> {
        self.facts.iter().find(|(_, recorded)| wanted(&recorded.fact)).map(|(id, recorded)| self.effective_at(*id, recorded))
    }

    /// Every completion: more than one where two tabs completed it at once.
    pub(in crate::sales) fn completions(&self) -> impl Iterator<Item = (FactId, ReceiptNumber, Timestamp)> {
        self.facts.iter().filter_map(|(id, recorded)| match &recorded.fact {
            TicketFact::Completed { receipt } => Some((*id, *receipt, recorded.at)),
            _ => None,
        })
    }

    /// Every payment, and when it was taken.
    pub(in crate::sales) fn payments(&self) -> impl Iterator<Item = (FactId, Timestamp, &Payment)> {
        self.facts.iter().filter_map(|(id, recorded)| match &recorded.fact {
            TicketFact::PaymentTaken(payment) => Some((*id, self.effective_at(*id, recorded), payment)),
            _ => None,
        })
    }

    /// Every ruling, with its fact.
    pub(in crate::sales) fn rulings(&self) -> impl Iterator<Item = (FactId, Timestamp, &TicketRuling)> {
        self.facts.iter().filter_map(|(id, recorded)| match &recorded.fact {
            TicketFact::Ruled(ruling) => Some((*id, recorded.at, ruling)),
            _ => None,
        })
    }

    /// The numbers that the ticket bears: none where another came first or the device had not reserved it, as a ruling says. Else one device could
    /// take the numbers that others are about to give.
    pub(in crate::sales) fn numbers(&self) -> Vec<ReceiptNumber> {
        let denied = self.rulings().any(|(_, _, ruling)| ruling.denies_its_number());
        if denied { Vec::new() } else { self.completions().map(|(_, receipt, _)| receipt).collect() }
    }
}
