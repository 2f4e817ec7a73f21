//! Selling: lines onto the ticket, and money for it.

use super::acting::Desk;
use super::view::{self, newest_session};
use crate::device::ids;
use crate::device::store::{Records, Store};
use crate::engine::catalogue::RungUp;
use crate::engine::core::Core;
use crate::engine::protocol::{EngineRefusal, TicketView, TillState};
use crate::engine::records::NumberBlock;
use crate::language::today;
use holdfast_domain::kernel::{DocumentId, FactId, Money, ProductId, Quantity};
use holdfast_domain::sales::ReceiptNumber;
use holdfast_domain::sales::ticket::{
    Abandon, AddLine, AddLineWithBreaks, ChangeQuantity, KIND, Line, Open, PayCash, RemoveLine, SoldItem, Ticket, TicketStatus,
};
use holdfast_domain::sales::till_session::TillSessionStatus;
use rust_decimal::Decimal;
use uuid::Uuid;

/// What the person wants to sell.
pub enum Wanted {
    /// Scanned.
    Code(String),
    /// Picked by hand.
    Product(ProductId),
}

/// Rings up a product; the first line opens the ticket, and a product that stands on it at the same price becomes more of that line.
pub async fn add(core: &Core, (store, tap): (&Store, Uuid), (wanted, quantity): (&Wanted, Decimal)) -> Result<TillState, EngineRefusal> {
    let quantity = read_quantity(quantity)?;
    let offer = {
        let catalogue = core.catalogue.lock().await;
        // A price begins at an instant of the server's clock; half a minute of the device's makes no difference.
        let found = match wanted {
            Wanted::Code(code) => catalogue.scanned(code, quantity, core.price_time()),
            Wanted::Product(product) => catalogue.sold(*product, quantity, core.price_time()),
        };
        found.map_err(|reason| match wanted {
            Wanted::Code(code) => EngineRefusal::new(reason.code()).with("code", code),
            Wanted::Product(_) => EngineRefusal::new(reason.code()),
        })?
    };
    Desk::tap(core, (store, tap), async |desk| {
        let standing = open_ticket(desk).await?;
        // All of a ticket is taxed, and priced by lists, as on the day on which it was opened, also past midnight.
        let opened = standing.as_ref().and_then(|(_, ticket)| ticket.opened.as_ref()).map_or_else(|| desk.now(), |opened| opened.at);
        let rung_up = offer.on(|| today(opened, &desk.acting.till.time_zone)).map_err(|reason| EngineRefusal::new(reason.code()))?;
        let more_of = standing.as_ref().and_then(|(id, ticket)| Some((*id, line_of_same(ticket, &rung_up)?)));
        if let Some((ticket, line)) = more_of {
            desk.record(&KIND, ticket, &ChangeQuantity { line, by: rung_up.item.quantity }).await?;
            return Ok(ticket);
        }
        let ticket = match standing {
            Some((open, _)) => open,
            None => begin_ticket(desk).await?,
        };
        let RungUp { item, breaks } = rung_up;
        if breaks.is_empty() {
            desk.record(&KIND, ticket, &AddLine { item }).await?;
        } else {
            desk.record(&KIND, ticket, &AddLineWithBreaks { item, breaks }).await?;
        }
        Ok(ticket)
    })
    .await
}

/// Makes a line more or less.
pub async fn change_quantity(core: &Core, (store, tap): (&Store, Uuid), (line, by): (FactId, Decimal)) -> Result<TillState, EngineRefusal> {
    let by = read_quantity(by)?;
    Desk::tap(core, (store, tap), async |desk| {
        let (ticket, _) = need_ticket(desk).await?;
        desk.record(&KIND, ticket, &ChangeQuantity { line, by }).await?;
        Ok(ticket)
    })
    .await
}

/// Takes a line off.
pub async fn remove_line(core: &Core, (store, tap): (&Store, Uuid), line: FactId) -> Result<TillState, EngineRefusal> {
    Desk::tap(core, (store, tap), async |desk| {
        let (ticket, _) = need_ticket(desk).await?;
        desk.record(&KIND, ticket, &RemoveLine { line }).await?;
        Ok(ticket)
    })
    .await
}

/// Puts the ticket away unsold.
pub async fn abandon(core: &Core, (store, tap): (&Store, Uuid)) -> Result<TillState, EngineRefusal> {
    Desk::tap(core, (store, tap), async |desk| {
        let (ticket, _) = need_ticket(desk).await?;
        desk.record(&KIND, ticket, &Abandon {}).await?;
        desk.put_place(None)?;
        Ok(ticket)
    })
    .await
}

/// Takes cash. The receipt's number is taken in the same transaction: it is burned with the sale or not at all. The day's sums follow: added up anew after
/// each ticket, they would take longer with each.
pub async fn pay_cash(core: &Core, at: (&Store, Uuid), tendered_minor: i64) -> Result<TicketView, EngineRefusal> {
    let names = core.catalogue.lock().await.account_names().clone();
    let pay = async |desk: &mut Desk<'_>| {
        let (ticket, rung_up) = need_ticket(desk).await?;
        let receipt = take_number(desk).await?;
        let tendered = Money::new(tendered_minor, desk.acting.currency()?);
        desk.record(&KIND, ticket, &PayCash { tendered, receipt }).await?;
        desk.put_place(None)?;
        if let Some(opened) = &rung_up.opened {
            desk.sold(opened.fact.till_session, rung_up.totals().gross_minor);
        }
        Ok(ticket)
    };
    let (_, paid) = Desk::tap_and_look(core, (at, &[]), pay, async |desk, ticket| desk.ticket(ticket, &names).await).await?;
    view::whole(core, paid?).await
}

fn read_quantity(quantity: Decimal) -> Result<Quantity, EngineRefusal> {
    Quantity::from_decimal(quantity).map_err(|_| EngineRefusal::new("quantity_invalid"))
}

/// The line that holds pieces of the same product, at the same prices and tax. What is weighed or measured keeps a line for each time.
fn line_of_same(ticket: &Ticket, RungUp { item, breaks }: &RungUp) -> Option<FactId> {
    let same = |line: &Line| {
        let sold = &line.added.fact;
        let as_sold = SoldItem { quantity: sold.quantity, barcode: sold.barcode.clone(), ..item.clone() };
        as_sold == *sold && line.breaks == *breaks && sold.quantity.is_whole()
    };
    ticket.standing_lines().filter(|_| item.quantity.is_whole()).find(|line| same(line)).map(|line| line.id)
}

/// The ticket on the till, if one is being rung up.
async fn open_ticket(desk: &mut Desk<'_>) -> Result<Option<(DocumentId, Ticket)>, EngineRefusal> {
    let Some(open) = desk.place() else { return Ok(None) };
    let ticket: Option<Ticket> = desk.read(&KIND, open).await?;
    // Of one whose opening was refused nothing is left.
    Ok(ticket.filter(|ticket| ticket.opened.is_some() && ticket.status() == TicketStatus::Open).map(|ticket| (open, ticket)))
}

async fn need_ticket(desk: &mut Desk<'_>) -> Result<(DocumentId, Ticket), EngineRefusal> {
    open_ticket(desk).await?.ok_or_else(|| EngineRefusal::new("ticket_not_opened"))
}

async fn begin_ticket(desk: &mut Desk<'_>) -> Result<DocumentId, EngineRefusal> {
    let till = desk.acting.till.clone();
    let session = newest_session(desk.transaction, till.till).await?.filter(|session| session.status == TillSessionStatus::Open);
    let session = session.ok_or_else(|| EngineRefusal::new("till_session_not_opened"))?;
    let ticket = DocumentId(ids::fresh());
    let open = Open { till: till.till, site: till.site, till_session: session.document, currency: desk.acting.currency()? };
    desk.record_first(&KIND, ticket, &open).await?;
    desk.put_place(Some(ticket))?;
    Ok(ticket)
}

/// The lowest number that this device has left.
async fn take_number(desk: &Desk<'_>) -> Result<ReceiptNumber, EngineRefusal> {
    let mut blocks: Vec<NumberBlock> = desk.transaction.all(Records::Numbers).await?;
    blocks.sort_by_key(|block| block.block.first);
    for mut block in blocks {
        if let Some(number) = block.take() {
            desk.transaction.put(Records::Numbers, block.block.block.to_string().as_str(), &block)?;
            return Ok(number);
        }
    }
    Err(EngineRefusal::new("numbers_used_up"))
}
