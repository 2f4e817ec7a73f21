//! `GET /api/v1/reporting/takings`: a day's takings by site, till and hour.

use super::queries;
use crate::failure::Failure;
use crate::http::{App, QueryOf};
use crate::identity::{self, SignedIn};
use axum::Json;
use axum::extract::State;
use holdfast_domain::identity::SiteView;
use holdfast_domain::kernel::{Day, TillId};
use holdfast_domain::reporting::{HourTakings, SiteTakings, Takings, TillTakings};
use holdfast_domain::sales::READ;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TakingsQuery {
    /// The day, of each site's own calendar.
    day: Day,
}

/// Of the sites at which the account may read.
pub(super) async fn takings(
    State(app): State<App>,
    signed_in: SignedIn,
    QueryOf(TakingsQuery { day }): QueryOf<TakingsQuery>,
) -> Result<Json<Takings>, Failure> {
    let mut tx = app.database.tenant(signed_in.scope_for(&READ)?).await?;
    let sites = identity::sites(&mut tx).await?;
    let mut hours: BTreeMap<TillId, Vec<HourTakings>> = BTreeMap::new();
    for (till, hour) in queries::takings_of_day(&mut tx, day).await? {
        hours.entry(till).or_default().push(hour);
    }
    tx.commit().await?;
    let sites = sites.into_iter().filter(|site| !site.tills.is_empty()).map(|site| of_site(site, &mut hours)).collect();
    Ok(Json(Takings { day, sites }))
}

fn of_site(site: SiteView, hours: &mut BTreeMap<TillId, Vec<HourTakings>>) -> SiteTakings {
    let of_till =
        |till: holdfast_domain::identity::TillView| TillTakings { hours: hours.remove(&till.id).unwrap_or_default(), till: till.id, name: till.name };
    SiteTakings { site: site.id, name: site.name, time_zone: site.time_zone, tills: site.tills.into_iter().map(of_till).collect() }
}
