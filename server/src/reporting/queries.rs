//! The SQL of reporting.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::kernel::{Currency, SiteId, TillId, Timestamp};

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
pub(super) async fn add_takings(tx: &mut TenantTx, at: Timestamp, counted: Counted) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let written = sqlx::query!(
        "insert into reporting_takings as known (tid, day, site, till, hour, currency, gross_minor, tickets)
         select $1, local.at::date, $2, $3, $7::timestamptz - (local.at - date_trunc('hour', local.at)), $4, $5, $6
         from (select $7::timestamptz at time zone coalesce((select time_zone from sites where tid = $1 and id = $2), 'UTC') as at) as local
         on conflict (tid, day, site, till, hour, currency)
         do update set gross_minor = known.gross_minor + excluded.gross_minor, tickets = known.tickets + excluded.tickets",
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
