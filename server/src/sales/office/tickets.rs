//! `GET /api/v1/sales/tickets`: a day's tickets, newest first.

use super::names::{People, Places};
use super::queries::{self, ListedTicket, Wanted};
use crate::failure::{Failure, Fault, Refusal};
use crate::http::Cursor;
use crate::http::{App, QueryOf};
use crate::identity::SignedIn;
use crate::sync;
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use holdfast_domain::kernel::{Day, TillId};
use holdfast_domain::sales::READ;
use holdfast_domain::sales::office::{TicketInList, TicketsPage};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most tickets of one page.
const MOST: u32 = 200;
/// Where no limit is given.
const USUAL: u32 = 50;

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::sales) struct TicketsQuery {
    /// The day, of each site's own calendar.
    day: Day,
    /// Of this till alone.
    till: Option<TillId>,
    /// What `next` of the page before said.
    after: Option<String>,
    /// The most of them on one page.
    #[schemars(range(min = 1, max = MOST))]
    limit: Option<u32>,
}

/// A page.
pub(in crate::sales) async fn tickets(
    State(app): State<App>,
    signed_in: SignedIn,
    QueryOf(query): QueryOf<TicketsQuery>,
) -> Result<Json<TicketsPage>, Failure> {
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let detail = format!("Ask for 1 to {MOST} tickets at once.");
        return Err(Refusal::new(400, "limit_out_of_range", "The limit is out of range", detail).into());
    }
    let after = query.after.as_deref().map(Cursor::read).transpose()?;
    let mut tx = app.database.tenant(signed_in.scope_for(&READ)?).await?;
    let places = Places::read(&mut tx).await?;
    // One more than asked for tells whether there are more.
    let wanted = Wanted { day: query.day, till: query.till, after, limit: limit + 1 };
    let mut listed = queries::tickets_of_day(&mut tx, places.sites(), wanted).await?;
    let more = listed.len() > limit as usize;
    listed.truncate(limit as usize);
    let next = listed.last().filter(|_| more).map(|last| Cursor { at: last.at, id: last.document.0 }.write());
    let tickets = named(&mut tx, &places, listed).await?;
    tx.commit().await?;
    Ok(Json(TicketsPage { day: query.day, tickets, next }))
}

/// With the names of places and people, and how many envelopes are held.
pub(super) async fn named(tx: &mut TenantTx, places: &Places, listed: Vec<ListedTicket>) -> Result<Vec<TicketInList>, Fault> {
    let people = People::read(tx, listed.iter().map(|ticket| ticket.opened_by.as_str())).await?;
    let held = sync::held(tx, &listed.iter().map(|ticket| ticket.document.0).collect::<Vec<_>>()).await?;
    let named = listed.into_iter().map(|ticket| {
        let site = places.site(ticket.site);
        TicketInList {
            document: ticket.document,
            status: ticket.status,
            receipt: ticket.receipt,
            site: ticket.site,
            site_name: site.map(|site| site.name.clone()).unwrap_or_default(),
            time_zone: site.map_or_else(|| "UTC".to_owned(), |site| site.time_zone.clone()),
            till: ticket.till,
            till_name: places.till(ticket.till).map(|till| till.name.clone()).unwrap_or_default(),
            at: ticket.at,
            by: people.name(&ticket.opened_by),
            lines: ticket.lines,
            total: ticket.total,
            rulings: ticket.rulings,
            held: held.get(&ticket.document).copied().unwrap_or_default(),
        }
    });
    Ok(named.collect())
}
