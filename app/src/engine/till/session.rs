//! Opening and closing the till.

use super::acting::Desk;
use super::view::{newest_session, session_tickets};
use crate::device::ids;
use crate::device::store::Store;
use crate::engine::core::Core;
use crate::engine::protocol::EngineRefusal;
use holdfast_domain::kernel::{DocumentId, Money};
use holdfast_domain::sales::ticket::{Abandon, KIND as TICKET, Ticket, TicketStatus};
use holdfast_domain::sales::till_session::{Close, KIND, Open, TillSessionStatus};
use uuid::Uuid;

/// The drawer is counted, selling begins.
pub async fn open_session(core: &Core, (store, tap): (&Store, Uuid), counted_minor: i64) -> Result<(), EngineRefusal> {
    Desk::tap(core, (store, tap), async |desk| {
        let till = desk.acting.till.till;
        if newest_session(desk.transaction, till).await?.is_some_and(|session| session.status == TillSessionStatus::Open) {
            return Err(EngineRefusal::new("till_session_already_opened"));
        }
        let currency = desk.acting.currency()?;
        let open = Open { till, site: desk.acting.till.site, currency, float: Money::new(counted_minor, currency) };
        let document = DocumentId(ids::fresh());
        desk.record(&KIND, document, &open).await?;
        Ok(document)
    })
    .await?;
    core.forget_takings();
    Ok(())
}

/// The drawer is counted, selling ends.
pub async fn close_session(core: &Core, (store, tap): (&Store, Uuid), counted_minor: i64) -> Result<(), EngineRefusal> {
    Desk::tap(core, (store, tap), async |desk| {
        let session = newest_session(desk.transaction, desk.acting.till.till).await?;
        let session = session.filter(|session| session.status == TillSessionStatus::Open);
        let session = session.ok_or_else(|| EngineRefusal::new("till_session_not_opened"))?;
        put_empty_ticket_away(desk).await?;
        let tickets = session_tickets(desk.transaction, &session).await?;
        let completed: Vec<_> = tickets.iter().filter(|ticket| ticket.status == TicketStatus::Completed).collect();
        let taken = completed.iter().fold(session.float.minor, |sum: i64, ticket| sum.saturating_add(ticket.paid.minor));
        let currency = session.float.currency;
        let close = Close {
            counted: Money::new(counted_minor, currency),
            expected: Money::new(taken, currency),
            tickets: u32::try_from(completed.len()).unwrap_or(u32::MAX),
        };
        desk.record(&KIND, session.document, &close).await?;
        Ok(session.document)
    })
    .await?;
    core.forget_takings();
    Ok(())
}

/// A till closes with nothing on it: a ticket without lines goes away by itself, one with lines is somebody's decision.
async fn put_empty_ticket_away(desk: &mut Desk<'_>) -> Result<(), EngineRefusal> {
    let Some(open) = desk.place().await?.ticket else { return Ok(()) };
    let ticket: Option<Ticket> = super::read(desk.transaction, &TICKET, open).await?;
    if let Some(ticket) = ticket.filter(|ticket| ticket.status() == TicketStatus::Open) {
        if ticket.standing_lines().next().is_some() {
            return Err(EngineRefusal::new("ticket_open"));
        }
        desk.record_first(&TICKET, open, &Abandon {}).await?;
    }
    desk.put_place(None)
}
