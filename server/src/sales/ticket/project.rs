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
use holdfast_domain::sales::ticket::{Ticket, TicketFact, TicketRow, TicketRuling, TicketStatus};

/// From the facts alone: the same facts give the same rows, however often and in whatever lanes they came.
pub(super) async fn project(tx: &mut TenantTx, merged: &[Merged]) -> Result<Vec<Projected>, Fault> {
    let read: Vec<_> = merged.iter().map(|merged| ReadTicket::of(&merged.facts).map(|read| (merged.document, read))).collect();
    let tickets: Vec<_> = read.iter().flatten().map(|(id, read)| record(*id, read)).collect();
    let sales: Vec<_> = read.iter().flatten().zip(&tickets).filter_map(|((id, read), record)| sale(*id, (read, record))).collect();
    queries::put_tickets(tx, &tickets).await?;
    queries::put_lines(tx, &read.iter().flatten().flat_map(|(id, read)| lines(*id, read)).collect::<Vec<_>>()).await?;
    queries::put_sales(tx, &sales).await?;
    let mut projected = Vec::with_capacity(merged.len());
    for read in &read {
        let completed = read.as_ref().filter(|(id, _)| sales.iter().any(|sale| sale.ticket == *id));
        let Some((id, read)) = completed else {
            projected.push(Projected::default());
            continue;
        };
        exception::open(tx, &exceptions(*id, read)).await?;
        exception::settle(tx, &settled(read)).await?;
        projected.push(Projected { events: events::of(*id, read) });
    }
    Ok(projected)
}

/// What a completed ticket adds.
fn sale<'a>(ticket: DocumentId, (read, record): (&'a ReadTicket, &TicketRecord)) -> Option<SaleRow<'a>> {
    let (TicketStatus::Completed, Some(ordered_at)) = (read.ticket.status(), record.ended_at) else { return None };
    let (gross_minor, tax_minor) = (record.row.total.minor, record.tax_minor);
    Some(SaleRow { ticket, opened: &read.opened.fact, payments: payments(read), receipts: read.numbers(), gross_minor, tax_minor, ordered_at })
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

fn lines<'r>(ticket: DocumentId, read: &'r ReadTicket) -> Vec<LineRow<'r>> {
    let line = |(place, line): (i32, &'r holdfast_domain::sales::ticket::Line)| {
        let (_, recorded) = read.facts.iter().find(|(id, _)| *id == line.id)?;
        let item = &line.added.fact;
        Some(LineRow {
            ticket,
            site: read.opened.fact.site,
            id: line.id,
            place,
            item,
            unit_price_minor: line.unit_price().minor,
            price: line.price(),
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
        | TicketRuling::TaxDiffers { line, .. }
        | TicketRuling::TaxNotInForce { line, .. } => read.ticket.standing_line(*line).is_ok(),
        other => other.opens_exception(),
    };
    let found_in = |ruling: &TicketRuling| read.rulings().filter(|(_, _, other)| other.finding() == ruling.finding()).map(|(id, _, _)| id).collect();
    let exception = |(fact, at, ruling): (_, _, &TicketRuling)| NewException {
        id: fact,
        found_in: found_in(ruling),
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
