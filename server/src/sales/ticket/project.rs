//! Writes a ticket into the tables.

use super::events;
use super::queries::{self, LineRow, PaymentRow, SaleRow, TicketRecord};
use super::read::ReadTicket;
use crate::failure::Fault;
use crate::sales::exception::{self, NewException, Settled};
use crate::sales::reading::{author, storable};
use crate::sync::{Merged, Projected};
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{Document, DocumentId};
use holdfast_domain::sales::ReceiptNumber;
use holdfast_domain::sales::ticket::{Ticket, TicketFact, TicketRow, TicketRuling, TicketStatus};

/// From the facts alone: the same facts give the same rows, however often and in whatever lanes they came.
pub(super) async fn project(tx: &mut TenantTx, merged: &Merged) -> Result<Projected, Fault> {
    let Some(read) = ReadTicket::of(&merged.facts) else { return Ok(Projected::default()) };
    let id = merged.document;
    let record = record(id, &read);
    let (tax_minor, ended_at) = (record.tax_minor, record.ended_at);
    let gross_minor = record.row.total.minor;
    queries::put_ticket(tx, record).await?;
    queries::put_lines(tx, id, read.opened.fact.site, &lines(&read)).await?;
    let (TicketStatus::Completed, Some(ordered_at)) = (read.ticket.status(), ended_at) else { return Ok(Projected::default()) };
    let (opened, payments, receipts) = (&read.opened.fact, payments(&read), numbers(&read));
    queries::put_sale(tx, id, SaleRow { opened, payments, receipts, gross_minor, tax_minor, ordered_at }).await?;
    exception::open(tx, &exceptions(id, &read)).await?;
    exception::settle(tx, &settled(&read)).await?;
    Ok(Projected { events: events::of(id, &read) })
}

fn record(id: DocumentId, read: &ReadTicket) -> TicketRecord {
    let ticket = &read.ticket;
    let row = TicketRow::of(id, ticket).expect("a read ticket was opened");
    let opened_at = read.first(|fact| matches!(fact, TicketFact::Opened(_))).unwrap_or(row.opened_at);
    let ended_at = match row.status {
        TicketStatus::Open => None,
        TicketStatus::Completed => read.first(|fact| matches!(fact, TicketFact::Completed { .. })),
        TicketStatus::Abandoned => read.first(|fact| matches!(fact, TicketFact::Abandoned)),
    };
    TicketRecord { opened_by: author(&row.opened_by), tax_minor: ticket.totals().tax_minor, opened_at, ended_at, row }
}

fn lines(read: &ReadTicket) -> Vec<LineRow<'_>> {
    let line = |(place, line): (i32, &holdfast_domain::sales::ticket::Line)| {
        let (_, recorded) = read.facts.iter().find(|(id, _)| *id == line.id)?;
        let TicketFact::LineAdded(item) = &recorded.fact else { return None };
        Some(LineRow {
            id: line.id,
            place,
            item,
            name: storable(&item.name),
            barcode: item.barcode.as_deref().map(storable),
            quantity: line.quantity,
            gross_minor: line.gross_minor(),
            removed: line.removed,
            added_at: read.effective_at(line.id, recorded),
        })
    };
    (0..).zip(&read.ticket.lines).filter_map(line).collect()
}

/// The numbers that the ticket bears: none where another came first or the device had not reserved it, as a ruling says. Else one device could
/// take the numbers that others are about to give.
fn numbers(read: &ReadTicket) -> Vec<ReceiptNumber> {
    let anothers = |ruling: &TicketRuling| matches!(ruling, TicketRuling::ReceiptNumberReused { .. } | TicketRuling::ReceiptNumberOutsideBlock);
    if read.rulings().any(|(_, _, ruling)| anothers(ruling)) { Vec::new() } else { read.completions().map(|(_, receipt, _)| receipt).collect() }
}

fn payments(read: &ReadTicket) -> Vec<PaymentRow<'_>> {
    read.payments().map(|(id, received_at, payment)| PaymentRow { id, payment, received_at }).collect()
}

/// What the office must look at: not the rulings on lines that were taken off again.
fn exceptions(id: DocumentId, read: &ReadTicket) -> Vec<NewException> {
    let opened = &read.opened.fact;
    let matters = |ruling: &TicketRuling| match ruling {
        TicketRuling::PriceNotInForce { line, .. }
        | TicketRuling::PriceVersionUnknown { line }
        | TicketRuling::PriceDiffers { line, .. }
        | TicketRuling::TaxVersionUnknown { line }
        | TicketRuling::TaxDiffers { line, .. } => read.ticket.standing_line(*line).is_ok(),
        other => other.opens_exception(),
    };
    let exception = |(fact, at, ruling): (_, _, &TicketRuling)| NewException {
        id: fact,
        site: opened.site,
        till: opened.till,
        kind: Ticket::KIND,
        document: id,
        code: ruling.code(),
        ruling: serde_json::to_value(ruling).expect("a ruling has no map whose keys are not text"),
        opened_at: at,
    };
    read.rulings().filter(|(_, _, ruling)| matters(ruling)).map(exception).collect()
}

/// The rulings that a later one settled.
fn settled(read: &ReadTicket) -> Vec<Settled> {
    let settling = |ruling: &TicketRuling| read.rulings().find(|(_, _, later)| ruling.is_settled_by(later)).map(|(_, at, later)| (at, later.code()));
    read.rulings().filter_map(|(id, _, ruling)| settling(ruling).map(|(at, by)| Settled { id, at, by })).collect()
}
