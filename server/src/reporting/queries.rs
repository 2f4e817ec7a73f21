//! The SQL of reporting.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, from_stored, to_stored, to_stored_day};
use holdfast_domain::kernel::{Currency, Day, Money, SiteId, TillId, Timestamp};
use holdfast_domain::reporting::HourTakings;

/// What one event adds.
pub(super) struct Counted {
    pub site: SiteId,
    pub till: TillId,
    pub currency: Currency,
    pub gross_minor: i64,
    pub tickets: i64,
}

/// Adds to the hour of the site's clock that `at` lies in. The hour is kept as the instant at which it began: `at` less the minutes that the local
/// clock shows, so that the two hours of one name in an autumn night stay two. A site that is not known keeps UTC's hours.
/// A sum stops at the most that the column holds: nobody's absurd payments may stop the counting of the others'.
pub(super) async fn add_takings(tx: &mut TenantTx, at: Timestamp, counted: Counted) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let written = sqlx::query!(
        "insert into reporting_takings as known (tid, day, site, till, hour, currency, gross_minor, tickets)
         select $1, local.at::date, $2, $3, $7::timestamptz - (local.at - date_trunc('hour', local.at)), $4, $5, $6
         from (select $7::timestamptz at time zone coalesce((select time_zone from sites where tid = $1 and id = $2), 'UTC') as at) as local
         on conflict (tid, day, site, till, hour, currency)
         do update set gross_minor = least(known.gross_minor::numeric + excluded.gross_minor, 9223372036854775807)::bigint, tickets = known.tickets + excluded.tickets",
        tid,
        counted.site.0,
        counted.till.0,
        counted.currency.code(),
        counted.gross_minor,
        counted.tickets,
        to_stored(at)
    )
    .execute(tx.connection())
    .await?;
    if written.rows_affected() == 1 { Ok(()) } else { Err(Fault::because("takings were not added up")) }
}

/// A day's hours at the sites that the transaction sees, oldest first.
pub(super) async fn takings_of_day(tx: &mut TenantTx, day: Day) -> Result<Vec<(TillId, HourTakings)>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select till, hour, currency, gross_minor, tickets from reporting_takings where tid = $1 and day = $2 order by hour, till, currency",
        tid,
        to_stored_day(day)
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let currency = row.currency.parse().map_err(|_| Fault::stored("reporting_takings", "currency", row.till))?;
            let tickets = u32::try_from(row.tickets).unwrap_or(u32::MAX);
            Ok((TillId(row.till), HourTakings { began_at: from_stored(row.hour), gross: Money::new(row.gross_minor, currency), tickets }))
        })
        .collect()
}
