//! `GET /api/v1/sales/tills`: the tills and how they stand.

use super::names::{People, Places};
use super::queries;
use crate::failure::{Failure, Fault};
use crate::http::App;
use crate::identity::{self, SignedIn};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use holdfast_domain::identity::SiteView;
use holdfast_domain::kernel::{TillId, Timestamp};
use holdfast_domain::sales::READ;
use holdfast_domain::sales::office::{OpenTillSession, TillStanding, TillsOverview};
use std::collections::BTreeMap;

/// All tills of the sites that the account may read at.
pub(in crate::sales) async fn tills(State(app): State<App>, signed_in: SignedIn) -> Result<Json<TillsOverview>, Failure> {
    let mut tx = app.database.tenant(signed_in.scope_for(&READ)?).await?;
    let places = Places::read(&mut tx).await?;
    let contacts = last_contacts(&mut tx, &places).await?;
    let sessions = queries::open_sessions(&mut tx).await?;
    let people = People::read(&mut tx, sessions.iter().map(|session| session.opened_by.as_str())).await?;
    let mut open: BTreeMap<_, _> = sessions
        .into_iter()
        .map(|session| {
            let opened_by = people.name(&session.opened_by);
            (session.till, OpenTillSession { document: session.document, opened_at: session.opened_at, opened_by, float: session.float })
        })
        .collect();
    let mut tills = Vec::new();
    for site in places.sites() {
        for mut standing in at_site(&mut tx, site).await? {
            standing.session = open.remove(&standing.till);
            standing.last_contact = contacts.get(&standing.till).copied();
            tills.push(standing);
        }
    }
    tx.commit().await?;
    Ok(Json(TillsOverview { tills }))
}

/// A site's tills with what they took today.
async fn at_site(tx: &mut TenantTx, site: &SiteView) -> Result<Vec<TillStanding>, Fault> {
    if site.tills.is_empty() {
        return Ok(Vec::new());
    }
    let today = queries::today(tx, &site.time_zone).await?;
    let mut standings = Vec::with_capacity(site.tills.len());
    for till in &site.tills {
        let day = queries::day_at_till(tx, till.id, (today, &site.time_zone)).await?;
        standings.push(TillStanding {
            till: till.id,
            name: till.name.clone(),
            site: site.id,
            site_name: site.name.clone(),
            time_zone: site.time_zone.clone(),
            session: None,
            last_contact: None,
            today,
            tickets: day.as_ref().map_or(0, |day| day.tickets),
            takings: day.map(|day| day.takings),
        });
    }
    Ok(standings)
}

/// When a device of each till last spoke to the server.
async fn last_contacts(tx: &mut TenantTx, places: &Places) -> Result<BTreeMap<TillId, Timestamp>, Fault> {
    let tills: Vec<_> = places.sites().iter().flat_map(|site| &site.tills).map(|till| till.id.0).collect();
    identity::last_contacts(tx, &tills).await
}
