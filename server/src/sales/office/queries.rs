//! The SQL of the office's lists. Row-level security shows only the sites at which the account may read.

use crate::failure::Fault;
use crate::http::Cursor;
use crate::tenancy::{TenantTx, from_stored, from_stored_day, to_stored, to_stored_day};
use holdfast_domain::identity::SiteView;
use holdfast_domain::kernel::{BlobRef, Currency, Day, DocumentId, Money, SiteId, TillId, Timestamp};
use holdfast_domain::sales::ticket::TicketStatus;
use rust_decimal::Decimal;

/// Which tickets of a day.
pub(super) struct Wanted {
    pub day: Day,
    pub till: Option<TillId>,
    pub after: Option<Cursor>,
    pub limit: u32,
}

/// A ticket's row, for a list.
pub(super) struct ListedTicket {
    pub document: DocumentId,
    pub status: TicketStatus,
    pub receipt: Option<String>,
    pub site: SiteId,
    pub till: TillId,
    pub at: Timestamp,
    pub opened_by: String,
    pub lines: u32,
    pub total: Money,
    pub rulings: Vec<String>,
}

/// A till that was closed.
pub(super) struct ListedClosing {
    pub document: DocumentId,
    pub site: SiteId,
    pub till: TillId,
    pub opened_by: String,
    pub closed_at: Timestamp,
    pub expected: Money,
    pub counted: Money,
    pub tickets: u32,
    pub photos: Vec<BlobRef>,
}

/// The open session of a till.
pub(super) struct OpenSession {
    pub document: DocumentId,
    pub till: TillId,
    pub opened_at: Timestamp,
    pub opened_by: String,
    pub float: Money,
}

/// What a till took today, in one currency.
pub(super) struct TodayAtTill {
    pub tickets: u32,
    pub takings: Money,
}

macro_rules! listed {
    ($row:expr) => {{
        let row = $row;
        let bad = |column| Fault::stored("sales_tickets", column, row.id);
        ListedTicket {
            document: DocumentId(row.id),
            status: status(&row.status).ok_or_else(|| bad("status"))?,
            receipt: row.receipt_number.map(|number: Decimal| number.normalize().to_string()),
            site: SiteId(row.site),
            till: TillId(row.till),
            at: from_stored(row.listed_at),
            opened_by: row.opened_by,
            lines: row.lines.unsigned_abs(),
            total: Money::new(row.gross_minor, row.currency.parse().map_err(|_| bad("currency"))?),
            rulings: row.rulings,
        }
    }};
}

/// A day's tickets, each by the day of its own site, newest first: an index scan per site.
pub(super) async fn tickets_of_day(tx: &mut TenantTx, sites: &[SiteView], wanted: Wanted) -> Result<Vec<ListedTicket>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select t.id as "id!", t.status as "status!", t.receipt_number, t.site as "site!", t.till as "till!", t.listed_at as "listed_at!",
                  t.opened_by as "opened_by!", t.lines as "lines!", t.gross_minor as "gross_minor!", t.currency as "currency!", t.rulings as "rulings!"
           from unnest($2::uuid[], $3::text[]) as s (site, zone)
           cross join lateral (
             select * from sales_tickets
             where tid = $1 and site = s.site and listed_at >= ($4::date::timestamp at time zone s.zone)
               and listed_at < (($4::date + 1)::timestamp at time zone s.zone)
               and ($5::uuid is null or till = $5) and ($6::timestamptz is null or (listed_at, id) < ($6, $7))
             order by listed_at desc, id desc limit $8) as t
           order by t.listed_at desc, t.id desc limit $8"#,
        tid,
        &sites.iter().map(|site| site.id.0).collect::<Vec<_>>(),
        &sites.iter().map(|site| site.time_zone.clone()).collect::<Vec<_>>(),
        to_stored_day(wanted.day),
        wanted.till.map(|till| till.0),
        wanted.after.map(|after| to_stored(after.at)),
        wanted.after.map(|after| after.id),
        i64::from(wanted.limit)
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(|row| Ok(listed!(row))).collect()
}

/// One ticket's row.
pub(super) async fn listed_ticket(tx: &mut TenantTx, document: DocumentId) -> Result<Option<ListedTicket>, Fault> {
    let tid = tx.tenant().0;
    let row = sqlx::query!(
        "select id, status, receipt_number, site, till, listed_at, opened_by, lines, gross_minor, currency, rulings from sales_tickets
         where tid = $1 and id = $2",
        tid,
        document.0
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| Ok(listed!(row))).transpose()
}

/// The newest open session of each till.
pub(super) async fn open_sessions(tx: &mut TenantTx) -> Result<Vec<OpenSession>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select distinct on (till) id, till, opened_at, opened_by, float_minor, currency from sales_till_sessions
         where tid = $1 and status = 'open' order by till, opened_at desc, id",
        tid
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(OpenSession {
                document: DocumentId(row.id),
                till: TillId(row.till),
                opened_at: from_stored(row.opened_at),
                opened_by: row.opened_by,
                float: Money::new(row.float_minor, currency("sales_till_sessions", row.id, &row.currency)?),
            })
        })
        .collect()
}

/// A day's closings, each by the day of its own site, newest first; the newest where there are very many.
pub(super) async fn closings_of_day(tx: &mut TenantTx, sites: &[SiteView], day: Day) -> Result<Vec<ListedClosing>, Fault> {
    const MOST: i64 = 200;
    let tid = tx.tenant().0;
    let (ids, zones): (Vec<_>, Vec<_>) = sites.iter().map(|site| (site.id.0, site.time_zone.clone())).unzip();
    let rows = sqlx::query!(
        r#"select c.id as "id!", c.site as "site!", c.till as "till!", c.opened_by as "opened_by!", c.closed_at as "closed_at!", c.currency as "currency!",
                  c.expected_minor as "expected_minor!", c.counted_minor as "counted_minor!", c.tickets as "tickets!", c.photos as "photos!"
           from unnest($2::uuid[], $3::text[]) as s (site, zone)
           cross join lateral (
             select * from sales_till_sessions
             where tid = $1 and site = s.site and closed_at >= ($4::date::timestamp at time zone s.zone)
               and closed_at < (($4::date + 1)::timestamp at time zone s.zone)
             order by closed_at desc limit $5) as c
           order by c.closed_at desc, c.id desc limit $5"#,
        tid,
        &ids,
        &zones,
        to_stored_day(day),
        MOST
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = currency("sales_till_sessions", row.id, &row.currency)?;
            Ok(ListedClosing {
                document: DocumentId(row.id),
                site: SiteId(row.site),
                till: TillId(row.till),
                opened_by: row.opened_by,
                closed_at: from_stored(row.closed_at),
                expected: Money::new(row.expected_minor, currency),
                counted: Money::new(row.counted_minor, currency),
                tickets: u32::try_from(row.tickets).unwrap_or(u32::MAX),
                photos: serde_json::from_value(row.photos).map_err(|_| Fault::stored("sales_till_sessions", "photos", row.id))?,
            })
        })
        .collect()
}

/// What a till took on a day of its site.
pub(super) async fn day_at_till(tx: &mut TenantTx, till: TillId, (day, zone): (Day, &str)) -> Result<Option<TodayAtTill>, Fault> {
    let tid = tx.tenant().0;
    let row = sqlx::query!(
        r#"select currency, count(*) as "tickets!", sum(paid_minor) as "paid_minor!" from sales_tickets
           where tid = $1 and till = $2 and status = 'completed' and listed_at >= ($3::date::timestamp at time zone $4)
             and listed_at < (($3::date + 1)::timestamp at time zone $4)
           group by currency order by count(*) desc, currency limit 1"#,
        tid,
        till.0,
        to_stored_day(day),
        zone
    )
    .fetch_optional(tx.connection())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let minor = i64::try_from(row.paid_minor).map_err(|error| Fault::new("add up a till's takings", error))?;
    let takings = Money::new(minor, currency("sales_tickets", till.0, &row.currency)?);
    Ok(Some(TodayAtTill { tickets: u32::try_from(row.tickets).unwrap_or(u32::MAX), takings }))
}

/// The day that it is in a time zone.
pub(super) async fn today(tx: &mut TenantTx, zone: &str) -> Result<Day, Fault> {
    let now = to_stored(tx.now());
    let date = sqlx::query_scalar!(r#"select ($1::timestamptz at time zone $2)::date as "day!""#, now, zone).fetch_one(tx.connection()).await?;
    from_stored_day(date).ok_or_else(|| Fault::because("the server's clock is beyond the calendar"))
}

fn currency(table: &'static str, row: uuid::Uuid, stored: &str) -> Result<Currency, Fault> {
    stored.parse().map_err(|_| Fault::stored(table, "currency", row))
}

fn status(stored: &str) -> Option<TicketStatus> {
    let name = crate::sales::ticket::status_name;
    [TicketStatus::Open, TicketStatus::Completed, TicketStatus::Abandoned].into_iter().find(|status| name(*status) == stored)
}
