//! `GET /api/v1/sales/tickets/{document}`: one ticket with its history, intent by intent.

use super::names::{People, Places};
use super::{queries, tickets};
use crate::catalog;
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, PathOf};
use crate::identity::{self, SignedIn};
use crate::sales::ticket::ReadTicket;
use crate::sync::{self, Filed, FiledOutcome};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use holdfast_domain::catalog::Unit;
use holdfast_domain::kernel::{DeviceId, DocumentId, FactId, Money, ProductId};
use holdfast_domain::sales::READ;
use holdfast_domain::sales::office::{ActOutcome, TicketAct, TicketDetail, TicketFinding, TicketLine, TicketPayment, TicketTax};
use holdfast_domain::sales::ticket::TicketFact;
use std::collections::BTreeMap;

/// The ticket, if it is at a site where the account may read.
pub(in crate::sales) async fn ticket(
    State(app): State<App>,
    signed_in: SignedIn,
    PathOf(document): PathOf<DocumentId>,
) -> Result<Json<TicketDetail>, Failure> {
    let mut tx = app.database.tenant(signed_in.scope_for(&READ)?).await?;
    let listed = queries::listed_ticket(&mut tx, document).await?.ok_or_else(unknown)?;
    let facts = sync::facts(&mut tx, document).await?.ok_or_else(|| Fault::because(format!("the ticket {document} has no document")))?;
    let read = ReadTicket::of(&facts).ok_or_else(|| Fault::because(format!("the ticket {document} was never opened")))?;
    let places = Places::read(&mut tx).await?;
    let ticket = tickets::named(&mut tx, &places, vec![listed]).await?.remove(0);
    let units = catalog::units(&mut tx, &read.ticket.lines.iter().map(|line| line.added.fact.product.0).collect::<Vec<_>>()).await?;
    let history = history(&mut tx, document, &read).await?;
    tx.commit().await?;
    Ok(Json(TicketDetail {
        ticket,
        till_session: read.opened.fact.till_session,
        lines: lines(&read, &units),
        taxes: taxes(&read),
        payments: payments(&read),
        rulings: read.rulings().map(|(_, at, ruling)| TicketFinding { at, code: ruling.code().to_owned(), ruling: ruling.clone() }).collect(),
        history,
    }))
}

fn unknown() -> Refusal {
    Refusal::new(404, "ticket_unknown", "There is no such ticket", "It may be at a site where you do not work.")
}

fn lines(read: &ReadTicket, units: &BTreeMap<ProductId, Unit>) -> Vec<TicketLine> {
    let line = |line: &holdfast_domain::sales::ticket::Line| {
        let item = &line.added.fact;
        TicketLine {
            id: line.id,
            product: item.product,
            name: item.name.clone(),
            unit: units.get(&item.product).copied(),
            quantity: line.quantity,
            unit_price: line.unit_price(),
            gross: Money::new(line.gross_minor(), item.unit_price.currency),
            tax_rate: item.tax_rate,
            removed: line.removed,
        }
    };
    read.ticket.lines.iter().map(line).collect()
}

fn taxes(read: &ReadTicket) -> Vec<TicketTax> {
    let money = |minor| Money::new(minor, read.opened.fact.currency);
    let tax =
        |tax: &holdfast_domain::sales::ticket::RateTotal| TicketTax { rate: tax.rate, gross: money(tax.gross_minor), tax: money(tax.tax_minor) };
    read.ticket.totals().by_rate.iter().map(tax).collect()
}

fn payments(read: &ReadTicket) -> Vec<TicketPayment> {
    read.payments().map(|(id, at, payment)| TicketPayment { id, at, payment: payment.clone() }).collect()
}

/// Who did what on which device when, and what became of it.
async fn history(tx: &mut TenantTx, document: DocumentId, read: &ReadTicket) -> Result<Vec<TicketAct>, Fault> {
    let filed = sync::history(tx, document).await?;
    let people = People::read(tx, filed.iter().map(|act| act.author.as_str())).await?;
    let devices = identity::device_names(tx, &filed.iter().map(|act| act.device.0).collect::<Vec<_>>()).await?;
    let facts: BTreeMap<FactId, &TicketFact> = read.facts.iter().map(|(id, recorded)| (*id, &recorded.fact)).collect();
    Ok(filed.into_iter().map(|filed| act(filed, &people, &devices, &facts)).collect())
}

fn act(filed: Filed, people: &People, devices: &BTreeMap<DeviceId, String>, facts: &BTreeMap<FactId, &TicketFact>) -> TicketAct {
    let by_system = filed.device == DeviceId::SERVER;
    let outcome = match filed.outcome {
        FiledOutcome::Accepted { position } => ActOutcome::Accepted { position },
        FiledOutcome::Held { code } => ActOutcome::Held { code },
        FiledOutcome::Refused { code } => ActOutcome::Refused { code },
    };
    // An intent's facts are numbered without gaps; an envelope that was merged nowhere has none of its own.
    let of_intent = (0..).map_while(|n| facts.get(&FactId::of(filed.intent, n)).map(|fact| (*fact).clone()));
    let merged = matches!(outcome, ActOutcome::Accepted { .. });
    TicketAct {
        intent: filed.intent,
        name: filed.name,
        by: people.name(&filed.author),
        by_system,
        device: if by_system { None } else { Some(devices.get(&filed.device).cloned().unwrap_or_else(|| filed.device.to_string())) },
        device_seq: (!by_system).then_some(filed.device_seq),
        at: filed.effective_at,
        arrived_at: filed.arrived_at,
        facts: if merged { of_intent.collect() } else { Vec::new() },
        outcome,
    }
}
