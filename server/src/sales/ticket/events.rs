//! What a completed ticket tells the rest of the company.

use super::read::ReadTicket;
use crate::events::{NewEvent, event_id};
use crate::sales::reading::storable;
use holdfast_domain::kernel::{DocumentId, Money};
use holdfast_domain::sales::ticket::{Line, TicketFact};
use holdfast_domain::sales::{Channel, Fulfilment, OrderCreated, OrderLine, OrderTax, PaymentReceived};
use serde::Serialize;

/// One order, and each payment. Their ids derive from the ticket and from the payment's fact, so a ticket that is projected again publishes
/// nothing new. An order is told as it stood when it was completed.
pub(super) fn of(id: DocumentId, read: &ReadTicket) -> Vec<NewEvent> {
    let mut events: Vec<_> = order(id, read).into_iter().collect();
    events.extend(payments(id, read));
    events
}

fn order(id: DocumentId, read: &ReadTicket) -> Option<NewEvent> {
    let (opened, totals) = (&read.opened.fact, read.ticket.totals());
    let body = OrderCreated {
        order: id,
        site: opened.site,
        channel: Channel::Till,
        fulfilment: Fulfilment::None,
        till: opened.till,
        till_session: opened.till_session,
        receipt: read.ticket.completed.as_ref()?.fact,
        currency: opened.currency,
        gross_minor: totals.gross_minor,
        tax_minor: totals.tax_minor,
        taxes: totals.by_rate.iter().map(|tax| OrderTax { rate: tax.rate, gross_minor: tax.gross_minor, tax_minor: tax.tax_minor }).collect(),
        lines: read.ticket.standing_lines().map(line).collect(),
    };
    Some(NewEvent {
        id: event_id(OrderCreated::KIND, id.0),
        kind: OrderCreated::KIND,
        subject: id.to_string(),
        site: Some(opened.site),
        occurred_at: read.first(|fact| matches!(fact, TicketFact::Completed { .. }))?,
        data: json(&body),
    })
}

fn line(line: &Line) -> OrderLine {
    let item = &line.added.fact;
    OrderLine {
        product: item.product,
        name: storable(&item.name),
        quantity: line.quantity,
        unit_price_minor: line.unit_price().minor,
        discount: item.discount,
        tax_rate: item.tax_rate,
        gross_minor: line.gross_minor(),
    }
}

fn payments(id: DocumentId, read: &ReadTicket) -> impl Iterator<Item = NewEvent> {
    let opened = &read.opened.fact;
    read.payments().map(move |(fact, at, payment)| {
        let body = PaymentReceived {
            payment: fact,
            order: id,
            site: opened.site,
            till: opened.till,
            till_session: opened.till_session,
            method: payment.method,
            amount: Money::new(payment.amount.minor, opened.currency),
        };
        NewEvent {
            id: event_id(PaymentReceived::KIND, fact.0),
            kind: PaymentReceived::KIND,
            subject: fact.to_string(),
            site: Some(opened.site),
            occurred_at: at,
            data: json(&body),
        }
    })
}

fn json<T: Serialize>(body: &T) -> serde_json::Value {
    serde_json::to_value(body).expect("an event's body has no map whose keys are not text")
}
