//! `GET /api/v1/sales/closings`: the tills that were closed on a day, newest first, with what was counted and the photos of it.

use super::names::{People, Places};
use super::queries;
use crate::failure::Failure;
use crate::http::{App, QueryOf};
use crate::identity::SignedIn;
use axum::Json;
use axum::extract::State;
use holdfast_domain::kernel::Day;
use holdfast_domain::sales::READ;
use holdfast_domain::sales::office::{ClosingInList, Closings};
use schemars::JsonSchema;
use serde::Deserialize;

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::sales) struct ClosingsQuery {
    /// The day, of each site's own calendar.
    day: Day,
}

/// All of the day's at the sites that the account may read at, as far as they are among the newest.
pub(in crate::sales) async fn closings(
    State(app): State<App>,
    signed_in: SignedIn,
    QueryOf(ClosingsQuery { day }): QueryOf<ClosingsQuery>,
) -> Result<Json<Closings>, Failure> {
    let mut tx = app.database.tenant(signed_in.scope_for(&READ)?).await?;
    let places = Places::read(&mut tx).await?;
    let listed = queries::closings_of_day(&mut tx, places.sites(), day).await?;
    let people = People::read(&mut tx, listed.iter().map(|closing| closing.opened_by.as_str())).await?;
    tx.commit().await?;
    let named = listed.into_iter().map(|closing| {
        let site = places.site(closing.site);
        ClosingInList {
            document: closing.document,
            site_name: site.map(|site| site.name.clone()).unwrap_or_default(),
            time_zone: site.map_or_else(|| "UTC".to_owned(), |site| site.time_zone.clone()),
            till_name: places.till(closing.till).map(|till| till.name.clone()).unwrap_or_default(),
            opened_by: people.name(&closing.opened_by),
            closed_at: closing.closed_at,
            expected: closing.expected,
            counted: closing.counted,
            tickets: closing.tickets,
            photos: closing.photos,
        }
    });
    Ok(Json(Closings { day, closings: named.collect() }))
}
