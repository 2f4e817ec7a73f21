//! What the page shows of the till, read from the documents, the view rows and the outbox.

use super::acting::Acting;
use crate::device::store::{Access, Documents, Records, Store, StoreError, Transaction, views_mark};
use crate::engine::catalogue::Catalogue;
use crate::engine::core::{Core, KeptTakings};
use crate::engine::progress::Unsettled;
use crate::engine::protocol::{
    ClosingView, EngineRefusal, LineView, TaxView, TicketRow, TicketStatus, TicketView, TicketsOf, TillSessionView, TillState,
};
use crate::engine::queue;
use crate::engine::records::{PersonRecord, Place, SessionRecord, name};
use futures::future::{join3, join4};
use holdfast_domain::kernel::{AccountId, DocumentId, SiteId, TillId};
use holdfast_domain::sales::ticket::{self, KIND, TICKETS_VIEW, Ticket, TicketRuling};
use holdfast_domain::sales::till_session::{TILL_SESSIONS_VIEW, TillSessionRow, TillSessionStatus};
use holdfast_sync::envelope::Principal;
use holdfast_sync::replica::OutboxRow;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// Rows of a view read at a time.
const STRIDE: u32 = 200;
/// How much earlier than its till session a ticket may say it began: clocks are corrected.
const SLACK_MS: i64 = 24 * 3_600 * 1_000;

/// Names of people.
pub type Names = BTreeMap<AccountId, String>;
/// Names of tills.
pub type TillNames = BTreeMap<TillId, String>;

/// A till session's sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Takings {
    /// Cash taken, in minor units.
    pub cash_minor: i64,
    /// Completed tickets.
    pub tickets: u32,
}

/// The till as a transaction saw it.
pub struct Seen {
    state: TillState,
    takings: Option<KeptTakings>,
    closed: Option<TillSessionRow>,
}

/// The till as it stands.
pub async fn state(core: &Core, store: &Store) -> Result<TillState, EngineRefusal> {
    let stores = [Records::Meta, Records::People, Records::Outbox, Records::Documents, Records::Views];
    let look = async |transaction: &Transaction| {
        let acting = Acting::read(transaction).await?;
        look(core, (&acting, &mut Documents::of(transaction)), None).await
    };
    let seen = store.transact(&stores, Access::Read, look).await?;
    shown(core, store, seen).await
}

/// Looks at the till in the transaction that reads `documents`. `carried` are the sums as this transaction leaves them, where that is known.
pub async fn look(core: &Core, (acting, documents): (&Acting, &mut Documents<'_>), carried: Option<KeptTakings>) -> Result<Seen, EngineRefusal> {
    let transaction = documents.transaction();
    let place = transaction.get::<Place>(Records::Meta, name::PLACE);
    let read = join4(people_names(transaction), place, newest_session(transaction, acting.till.till), views_mark(transaction));
    let (names, place, session, at) = read.await;
    let (names, at) = (names?, at?);
    let mut state = TillState::default();
    if let Some(open) = place?.and_then(|place| place.ticket) {
        state.ticket = read_ticket(documents, open, &names).await?.filter(|ticket| ticket.status == TicketStatus::Open);
    }
    let Some(session) = session? else { return Ok(Seen { state, takings: None, closed: None }) };
    let known = carried.and_then(|kept| kept.of(at, session.document)).or_else(|| core.takings(at, session.document));
    let sums = match known {
        Some(sums) => sums,
        None => Takings::read(transaction, &session).await?,
    };
    let takings = Some(KeptTakings { at, session: session.document, sums });
    match session.status {
        TillSessionStatus::Open => {
            state.session = Some(session_view(&session, sums, &names));
            Ok(Seen { state, takings, closed: None })
        }
        TillSessionStatus::Closed => Ok(Seen { state, takings, closed: Some(session) }),
    }
}

/// What was seen, whole, once its transaction is complete.
pub async fn shown(core: &Core, store: &Store, Seen { mut state, takings, closed }: Seen) -> Result<TillState, EngineRefusal> {
    if let Some(takings) = takings {
        core.keep_takings(takings);
    }
    // Of its own: nobody who sells waits for a look at what waits.
    if let Some(session) = closed {
        state.closed = Some(closing_view(core, store, &session).await?);
    }
    // Nobody waits for a catalogue that is being read: the till is told again once it is there.
    if let (Some(ticket), Some(catalogue)) = (&mut state.ticket, core.catalogue.try_lock()) {
        say_units(ticket, &catalogue);
    }
    Ok(state)
}

/// One ticket in full.
pub async fn ticket(core: &Core, store: &Store, document: DocumentId) -> Result<TicketView, EngineRefusal> {
    let names = core.catalogue.lock().await.account_names().clone();
    let stores = [Records::People, Records::Outbox, Records::Documents];
    let read = async |transaction: &Transaction| read_ticket(&mut Documents::of(transaction), document, &names).await;
    let ticket = store.transact(&stores, Access::Read, read).await?;
    whole(core, ticket).await
}

/// A ticket that was looked for, with what its products' rows tell.
pub async fn whole(core: &Core, ticket: Option<TicketView>) -> Result<TicketView, EngineRefusal> {
    let mut ticket = ticket.ok_or_else(|| EngineRefusal::new("ticket_not_opened"))?;
    say_units(&mut ticket, &*core.catalogue.lock().await);
    Ok(ticket)
}

/// A fact tells how many; of what, the product's row tells.
fn say_units(ticket: &mut TicketView, catalogue: &Catalogue) {
    for line in &mut ticket.lines {
        line.unit = catalogue.unit(line.product);
    }
}

/// The till session's tickets or the site's, newest first.
pub async fn tickets(core: &Core, store: &Store, (of, limit): (TicketsOf, usize)) -> Result<Vec<TicketRow>, EngineRefusal> {
    let mut people = core.catalogue.lock().await.account_names().clone();
    let stores = [Records::People, Records::Views];
    queue::look(core, (store, &stores), async |transaction, queue| {
        let acting = Acting::read(transaction).await?;
        let found = match of {
            TicketsOf::Session => match newest_session(transaction, acting.till.till).await? {
                Some(session) => newest_tickets(transaction, &session, limit).await?,
                None => Vec::new(),
            },
            TicketsOf::Site => site_tickets(transaction, acting.till.site, limit).await?,
        };
        people.extend(people_names(transaction).await?);
        let tills = till_names(transaction).await?;
        Ok(found.into_iter().take(limit).map(|row| ticket_row(row, &queue.unsettled, (&people, &tills))).collect())
    })
    .await
}

/// The till's session: the newest that is open, else the newest.
pub async fn newest_session(transaction: &Transaction, till: TillId) -> Result<Option<TillSessionRow>, StoreError> {
    let mut newest = None;
    let mut after: Option<String> = None;
    loop {
        let page: Vec<(String, TillSessionRow)> = transaction.view_page(TILL_SESSIONS_VIEW, after.as_deref(), STRIDE).await?;
        let last = page.len() < STRIDE as usize;
        after = page.last().map(|(key, _)| key.clone());
        for (_, row) in page.into_iter().filter(|(_, row)| row.till == till) {
            if row.status == TillSessionStatus::Open {
                return Ok(Some(row));
            }
            newest.get_or_insert(row);
        }
        // A session that an earlier day left open is found as long as it is among the newest few hundred of the site.
        if last || newest.is_some() {
            return Ok(newest);
        }
    }
}

/// The completed tickets of a site, newest first.
async fn site_tickets(transaction: &Transaction, site: SiteId, limit: usize) -> Result<Vec<ticket::TicketRow>, StoreError> {
    let mut tickets = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page: Vec<(String, ticket::TicketRow)> = transaction.view_page(TICKETS_VIEW, after.as_deref(), STRIDE).await?;
        let last = page.len() < STRIDE as usize;
        after = page.last().map(|(key, _)| key.clone());
        tickets.extend(page.into_iter().map(|(_, row)| row).filter(|row| row.site == site && row.status == ticket::TicketStatus::Completed));
        if last || tickets.len() >= limit {
            return Ok(tickets);
        }
    }
}

/// The newest tickets of a till session.
async fn newest_tickets(transaction: &Transaction, session: &TillSessionRow, limit: usize) -> Result<Vec<ticket::TicketRow>, StoreError> {
    let mut tickets = Vec::new();
    let mut take = |row| {
        tickets.push(row);
        if tickets.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    each_ticket(transaction, session, &mut take).await?;
    Ok(tickets)
}

/// Hands over the tickets of a till session, newest first, until no more is wanted.
async fn each_ticket(
    transaction: &Transaction,
    session: &TillSessionRow,
    take: &mut dyn FnMut(ticket::TicketRow) -> ControlFlow<()>,
) -> Result<(), StoreError> {
    let mut after: Option<String> = None;
    loop {
        let page: Vec<(String, ticket::TicketRow)> = transaction.view_page(TICKETS_VIEW, after.as_deref(), STRIDE).await?;
        let ended = page.len() < STRIDE as usize || page.last().is_some_and(|(_, row)| row.opened_at.plus_ms(SLACK_MS) < session.opened_at);
        after = page.last().map(|(key, _)| key.clone());
        let stopped = page.into_iter().map(|(_, row)| row).filter(|row| row.till_session == session.document).try_for_each(&mut *take).is_break();
        if ended || stopped {
            return Ok(());
        }
    }
}

/// Names of the people known here.
pub async fn people_names(transaction: &Transaction) -> Result<Names, StoreError> {
    let people: Vec<PersonRecord> = transaction.all(Records::People).await?;
    Ok(people.into_iter().map(|person| (person.account, person.name)).collect())
}

/// Names of the tills, as the session told them.
async fn till_names(transaction: &Transaction) -> Result<TillNames, StoreError> {
    let session: Option<SessionRecord> = transaction.get(Records::Meta, name::SESSION).await?;
    let sites = session.map(|session| session.view.sites).unwrap_or_default();
    Ok(sites.into_iter().flat_map(|site| site.tills).map(|till| (till.id, till.name)).collect())
}

/// A ticket, with the names that are known here beside those given.
pub async fn read_ticket(documents: &mut Documents<'_>, document: DocumentId, names: &Names) -> Result<Option<TicketView>, EngineRefusal> {
    let (transaction, key) = (documents.transaction(), document.to_string());
    let outbox = transaction.find_all::<OutboxRow>(Records::Outbox, "document", &key);
    let (people, outbox, ticket) = join3(people_names(transaction), outbox, super::read::<Ticket>(documents, &KIND, document)).await;
    let (people, outbox) = (people?, outbox?);
    let Some(ticket) = ticket? else { return Ok(None) };
    let names = names.iter().chain(&people).map(|(account, name)| (*account, name.clone())).collect();
    Ok(ticket_view(document, &ticket, (&Unsettled::of(&outbox), &names)))
}

fn ticket_view(document: DocumentId, ticket: &Ticket, (unsettled, names): (&Unsettled, &Names)) -> Option<TicketView> {
    let opened = ticket.opened.as_ref()?;
    let totals = ticket.totals();
    let ruled_against = ticket.standing_rulings().any(TicketRuling::opens_exception);
    let payment = ticket.payments.first().map(|(_, payment)| &payment.fact);
    let lines = ticket.standing_lines().map(|line| {
        let item = &line.added.fact;
        LineView {
            id: line.id,
            product: item.product,
            name: item.name.clone(),
            unit: None,
            quantity: line.quantity.to_decimal(),
            unit_minor: line.unit_price().minor,
            gross_minor: line.gross_minor(),
            tax_percent: percent(item.tax_rate),
        }
    });
    let taxes = totals.by_rate.iter().map(|rate| TaxView { percent: percent(rate.rate), gross_minor: rate.gross_minor, tax_minor: rate.tax_minor });
    Some(TicketView {
        document,
        lines: lines.collect(),
        total_minor: totals.gross_minor,
        taxes: taxes.collect(),
        status: status(ticket.status()),
        receipt_number: ticket.completed.as_ref().map(|completed| completed.fact.number.to_string()),
        tendered_minor: payment.map(|payment| payment.tendered.minor),
        change_minor: payment.map(|payment| payment.change.minor),
        opened_at: opened.at,
        completed_at: ticket.completed.as_ref().map(|completed| completed.at),
        by: name_of(&opened.by, names),
        progress: unsettled.progress(document, ruled_against),
        rulings: ticket.standing_rulings().map(TicketRuling::message_key).collect(),
    })
}

fn ticket_row(row: ticket::TicketRow, unsettled: &Unsettled, (people, tills): (&Names, &TillNames)) -> TicketRow {
    TicketRow {
        document: row.document,
        receipt_number: row.receipt.map(|receipt| receipt.number.to_string()),
        till_name: tills.get(&row.till).cloned().unwrap_or_default(),
        at: row.ended_at.unwrap_or(row.opened_at),
        by: name_of(&row.opened_by, people),
        lines: row.lines,
        total_minor: row.total.minor,
        status: status(row.status),
        progress: unsettled.progress(row.document, needs_attention(&row.rulings)),
    }
}

/// Whether one of these rulings is for a person to look at; the others are only noted.
pub fn needs_attention(rulings: &[String]) -> bool {
    rulings.iter().any(|code| !matches!(code.as_str(), "time_clamped" | "grant_expired"))
}

fn status(status: ticket::TicketStatus) -> TicketStatus {
    match status {
        ticket::TicketStatus::Open => TicketStatus::Open,
        ticket::TicketStatus::Completed => TicketStatus::Completed,
        ticket::TicketStatus::Abandoned => TicketStatus::Abandoned,
    }
}

fn percent(rate: holdfast_domain::kernel::Rate) -> Decimal {
    Decimal::new(i64::from(rate.millionths()), 4).normalize()
}

fn name_of(by: &Principal, names: &Names) -> String {
    match by {
        Principal::Account(account) => names.get(account).cloned().unwrap_or_default(),
        Principal::System(module) => module.clone(),
        Principal::Invitation(_) => String::new(),
    }
}

impl Takings {
    /// Adds up a session's tickets.
    pub async fn read(transaction: &Transaction, session: &TillSessionRow) -> Result<Self, StoreError> {
        let mut takings = Self::default();
        let mut take = |row: ticket::TicketRow| {
            if row.status == ticket::TicketStatus::Completed {
                takings = takings.plus(row.paid.minor);
            }
            ControlFlow::Continue(())
        };
        each_ticket(transaction, session, &mut take).await?;
        Ok(takings)
    }

    /// And one more completed ticket.
    pub fn plus(self, paid_minor: i64) -> Self {
        Self { cash_minor: self.cash_minor.saturating_add(paid_minor), tickets: self.tickets.saturating_add(1) }
    }
}

fn session_view(session: &TillSessionRow, takings: Takings, names: &Names) -> TillSessionView {
    TillSessionView {
        document: session.document,
        opened_at: session.opened_at,
        opened_by: name_of(&session.opened_by, names),
        float_minor: session.float.minor,
        cash_minor: takings.cash_minor,
        expected_minor: session.float.minor.saturating_add(takings.cash_minor),
        tickets: takings.tickets,
    }
}

async fn closing_view(core: &Core, store: &Store, session: &TillSessionRow) -> Result<ClosingView, EngineRefusal> {
    let mut unsent = 0_u32;
    queue::look(core, (store, &[Records::Views]), async |transaction, queue| {
        let mut count = |row: ticket::TicketRow| {
            unsent = unsent.saturating_add(u32::from(queue.unsettled.waits(row.document)));
            ControlFlow::Continue(())
        };
        Ok(each_ticket(transaction, session, &mut count).await?)
    })
    .await?;
    Ok(ClosingView {
        document: session.document,
        closed_at: session.closed_at.unwrap_or(session.opened_at),
        expected_minor: session.expected.map_or(0, |money| money.minor),
        counted_minor: session.counted.map_or(0, |money| money.minor),
        tickets: session.tickets.unwrap_or_default(),
        unsent,
        photos: session.photos.clone(),
    })
}
