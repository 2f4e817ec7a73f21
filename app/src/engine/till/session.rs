//! Opening and closing the till.

use super::acting::Desk;
use super::view::{Takings, newest_session};
use crate::device::ids;
use crate::device::store::{Records, Store};
use crate::engine::blobs;
use crate::engine::core::Core;
use crate::engine::protocol::{EngineRefusal, TillState};
use holdfast_domain::kernel::{BlobRef, DocumentId, Money};
use holdfast_domain::sales::ticket::{Abandon, KIND as TICKET, Ticket, TicketStatus};
use holdfast_domain::sales::till_session::{Close, KIND, Open, TillSessionStatus};
use holdfast_sync::bytes::Bytes;
use uuid::Uuid;

/// The drawer is counted, selling begins.
pub async fn open_session(core: &Core, (store, tap): (&Store, Uuid), counted_minor: i64) -> Result<TillState, EngineRefusal> {
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
    .await
}

/// The drawer is counted, selling ends. The photos of the count are kept with it, or nothing is.
pub async fn close_session(core: &Core, at: (&Store, Uuid), (counted_minor, photos): (i64, &[Bytes])) -> Result<TillState, EngineRefusal> {
    let photos = photos.iter().map(named).collect::<Result<Vec<_>, _>>()?;
    Desk::tap_with(core, (at, &[Records::Blobs, Records::BlobBytes]), async |desk| {
        let session = newest_session(desk.transaction, desk.acting.till.till).await?;
        let session = session.filter(|session| session.status == TillSessionStatus::Open);
        let session = session.ok_or_else(|| EngineRefusal::new("till_session_not_opened"))?;
        put_empty_ticket_away(desk).await?;
        let takings = Takings::read(desk.transaction, &session).await?;
        let currency = session.float.currency;
        let close = Close {
            counted: Money::new(counted_minor, currency),
            expected: Money::new(session.float.minor.saturating_add(takings.cash_minor), currency),
            tickets: takings.tickets,
            photos: photos.iter().map(|(photo, _)| *photo).collect(),
        };
        desk.record(&KIND, session.document, &close).await?;
        for photo in &photos {
            blobs::keep(desk.transaction, *photo, desk.now())?;
        }
        Ok(session.document)
    })
    .await
}

/// A photo, under the name that the fact gives it.
fn named(photo: &Bytes) -> Result<(BlobRef, &[u8]), EngineRefusal> {
    let blob = BlobRef::of(&photo.0).ok_or_else(|| EngineRefusal::new("photo_type_not_allowed"))?;
    Ok((blob, &photo.0))
}

/// A till closes with nothing on it: a ticket without lines goes away by itself, one with lines is somebody's decision.
async fn put_empty_ticket_away(desk: &mut Desk<'_>) -> Result<(), EngineRefusal> {
    let Some(open) = desk.place() else { return Ok(()) };
    let ticket: Option<Ticket> = desk.read(&TICKET, open).await?;
    if let Some(ticket) = ticket.filter(|ticket| ticket.status() == TicketStatus::Open) {
        if ticket.standing_lines().next().is_some() {
            return Err(EngineRefusal::new("ticket_open"));
        }
        desk.record_first(&TICKET, open, &Abandon {}).await?;
    }
    desk.put_place(None)
}
