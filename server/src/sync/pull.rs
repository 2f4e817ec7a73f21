//! `POST /api/v1/sync/pull`: the next page of the feed, for whoever is signed in, as their rights are now.

use super::encoding::Wire;
use super::feed::FeedBody;
use super::{history, proofs, queries, retention};
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, QueryOf};
use crate::identity::{self, SignedIn};
use crate::metrics;
use crate::reference::{self, RowsOf};
use crate::tenancy::TenantTx;
use axum::extract::State;
use holdfast_domain::identity::DeviceReport;
use holdfast_domain::kernel::{DeviceId, PersonId, SiteId, TillId};
use holdfast_sync::cbor;
use holdfast_sync::kind::{Audience, Kinds};
use holdfast_sync::wire::{BootstrapManifest, Entry, MAX_PULL, PullRequest, PullResponse};
use std::collections::{BTreeMap, BTreeSet};

/// How far back an audience's documents reach when it is entered, in milliseconds: what a field screen still shows.
const ENTERED_REACH_MS: i64 = 14 * 24 * 3_600 * 1_000;

/// Of an app that does not say which it is.
const FIRST_APP_VERSION: u32 = 1;

/// The next page.
pub(super) async fn pull(
    State(app): State<App>,
    signed_in: SignedIn,
    QueryOf(report): QueryOf<DeviceReport>,
    Wire(request, encoding): Wire<PullRequest>,
) -> Result<Wire<PullResponse>, Failure> {
    if request.limit == 0 || request.limit > MAX_PULL {
        return Err(Refusal::new(400, "limit_out_of_range", "The limit is out of range", format!("Ask for 1 to {MAX_PULL} entries.")).into());
    }
    if !report.is_sound() {
        let detail = "app takes up to 40 of 0-9a-z.-, waiting a count.";
        return Err(Refusal::new(400, "invalid_query", "The query is not what this address takes", detail).into());
    }
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    if let Some(device) = request.device
        && identity::is_revoked(&mut tx, device).await?
    {
        return Err(identity::device_revoked().into());
    }
    if let (Some(own), Some(named)) = (signed_in.device, request.device)
        && own != named
    {
        let detail = "This session works on another device. Sign in on this one.";
        return Err(Refusal::new(403, "device_of_another_session", "The session belongs to another device", detail).into());
    }
    identity::note_report(&mut tx, signed_in.device.or(request.device), &report).await?;
    if report.version.unwrap_or(FIRST_APP_VERSION) < app.oldest_app {
        let page = too_old(&mut tx, request, app.oldest_app).await?;
        tx.commit().await?;
        return Ok(Wire(page, encoding));
    }
    let audiences = audiences(&mut tx, &signed_in, request.till.map(TillId)).await?;
    // Nobody pulls as the server.
    let asking = request.device.filter(|device| *device != DeviceId::SERVER);
    let request = PullRequest { device: asking, ..request };
    let mut page = page(&mut tx, app.modules.kinds, (&audiences, request)).await?;
    proofs::prove(&app, &mut tx, (&mut page, asking)).await?;
    tx.commit().await?;
    // The time of the snapshot: what was decided after it is not in the page, and a device must not take it for what it tells.
    Ok(Wire(page, encoding))
}

/// What an app hears that could not read the rest: where it stands, and that it must be updated. It follows what it followed.
async fn too_old(tx: &mut TenantTx, request: PullRequest, oldest: u32) -> Result<PullResponse, Fault> {
    let (epoch, position) = (queries::epoch(tx).await?.into(), queries::feed_head(tx).await?);
    let entries = vec![Entry::MinimumVersion { position, version: oldest }];
    Ok(PullResponse {
        epoch: request.epoch.unwrap_or(epoch),
        entries,
        cursors: request.cursors,
        more: false,
        server_time_ms: tx.now(),
        grants: Vec::new(),
    })
}

/// The audiences of the account, by its live rights.
async fn audiences(tx: &mut TenantTx, signed_in: &SignedIn, till: Option<TillId>) -> Result<BTreeSet<Audience>, Failure> {
    let mut audiences = BTreeSet::from([Audience::Tenant]);
    audiences.extend(identity::seen_sites(tx).await?.into_iter().map(|site| Audience::Site(site.0)));
    audiences.extend(signed_in.person.map(|person| Audience::Person(person.0)));
    if let Some(till) = till {
        if !identity::till_is_seen(tx, till).await? {
            let detail = "Choose a till of a site you work at.";
            return Err(Refusal::new(403, "till_of_another_site", "The till is not at one of your sites", detail).into());
        }
        audiences.insert(Audience::Till(till.0));
    }
    Ok(audiences)
}

async fn page(tx: &mut TenantTx, kinds: &Kinds, (live, request): (&BTreeSet<Audience>, PullRequest)) -> Result<PullResponse, Fault> {
    let names: Vec<_> = live.iter().map(Audience::to_string).collect();
    let epoch = queries::epoch(tx).await?.into();
    // Positions up to the head are all committed: the counter is taken last. What commits later has a higher position.
    let head = queries::feed_head(tx).await?;
    let known = if request.epoch == Some(epoch) { request.cursors } else { BTreeMap::new() };
    let beyond = known.values().any(|cursor| *cursor > head);
    let mut cursors: BTreeMap<_, _> = known.iter().filter(|(audience, _)| live.contains(audience) && !beyond).map(|(a, c)| (a.clone(), *c)).collect();
    let mut entries: Vec<_> = known.keys().filter(|audience| !live.contains(audience)).cloned().map(|audience| Entry::Leave { audience }).collect();
    // One at a time: an audience may hold thousands of documents.
    if let Some(audience) = live.iter().find(|audience| !cursors.contains_key(audience)).cloned() {
        let (entered, position) = enter(tx, (kinds, &names), audience.clone(), (request.device, head)).await?;
        entries.extend(entered);
        cursors.insert(audience, position);
        return Ok(PullResponse { epoch, entries, cursors, more: true, server_time_ms: tx.now(), grants: Vec::new() });
    }
    let after = cursors.values().copied().min().unwrap_or(head);
    let rows = queries::feed_after(tx, (after, head), (&names, request.device), request.limit).await?;
    // Looked at after the rows: whatever was dropped by then may be missing among them.
    let floor = retention::floor(tx).await?;
    if let Some((audience, cursor)) = cursors.iter().find(|(_, cursor)| **cursor < floor).map(|(audience, cursor)| (audience.clone(), *cursor)) {
        let (caught, reached) = retention::catch_up(tx, (kinds, &names), (audience.clone(), cursor), (request.device, head)).await?;
        entries.extend(caught);
        cursors.insert(audience, reached);
        return Ok(PullResponse { epoch, entries, cursors, more: true, server_time_ms: tx.now(), grants: Vec::new() });
    }
    let full = rows.len() as u64 == u64::from(request.limit);
    let reached = if full { rows.last().map_or(head, |row| row.position) } else { head };
    for row in rows {
        let of: Vec<_> = row.audiences.iter().filter_map(|name| Audience::try_from(name.clone()).ok()).collect();
        let followed = of.iter().filter_map(|audience| cursors.get(audience).copied()).min();
        // A row of no audience of ours is meant for the device itself, which reads it along with what everybody reads.
        let base = followed.or_else(|| cursors.get(&Audience::Tenant).copied());
        if base.is_some_and(|cursor| cursor < row.position) {
            let body: FeedBody = cbor::decode(&row.body).map_err(|_| Fault::stored("feed", "body", row.position))?;
            let awaited = row.device.is_some() && row.device == request.device;
            entries.extend(told(body, (row.position, &of), (followed.is_some(), awaited), &cursors));
        }
    }
    metrics::record_feed_lag(head - after);
    for cursor in cursors.values_mut() {
        *cursor = (*cursor).max(reached);
    }
    Ok(PullResponse { epoch, entries, cursors, more: full, server_time_ms: tx.now(), grants: Vec::new() })
}

/// What a reader of these audiences is told of an entry that is for one of them or is awaited by the device: of a document that goes to others no more than
/// that it does.
fn told(
    body: FeedBody,
    (position, of): (u64, &[Audience]),
    (is_followed, is_awaited): (bool, bool),
    cursors: &BTreeMap<Audience, u64>,
) -> Vec<Entry> {
    let follows = |audience: &Audience| cursors.contains_key(audience);
    if !is_followed {
        return vec![body.outcome_at(position)];
    }
    match body.departs_from(follows) {
        Some(document) if is_awaited => vec![body.outcome_at(position), Entry::Departed { position, document }],
        Some(document) => vec![Entry::Departed { position, document }],
        None => vec![body.as_followed(follows).in_audience(position, of)],
    }
}

/// What an audience holds, and the position from which the feed goes on.
async fn enter(
    tx: &mut TenantTx,
    (kinds, live): (&Kinds, &[String]),
    audience: Audience,
    (device, head): (Option<DeviceId>, u64),
) -> Result<(Vec<Entry>, u64), Fault> {
    let since = tx.now().plus_ms(-ENTERED_REACH_MS);
    let documents = history::audience_documents(tx, &audience, device, since).await?;
    let departed = history::departed_documents(tx, (&audience, live), (0, since), (device, u32::MAX)).await?;
    let (bootstrap, position) = match audience {
        Audience::Tenant => packed(tx, None, head).await?,
        Audience::Site(site) => packed(tx, Some(SiteId(site)), head).await?,
        Audience::Person(_) | Audience::Till(_) => (None, head),
    };
    // What is one person's is little, and lies in no page that could be fetched by its address.
    let (own, position) = match audience {
        Audience::Person(person) => own_rows(tx, PersonId(person), head).await?,
        Audience::Tenant | Audience::Site(_) | Audience::Till(_) => (Vec::new(), position),
    };
    let documents = documents.into_iter().map(|document| document.snapshot(kinds)).collect();
    let mut entries = vec![Entry::Enter { audience, position, documents, bootstrap }];
    entries.extend(departed.into_iter().map(|(position, document)| Entry::Departed { position, document }));
    entries.extend(own);
    Ok((entries, position))
}

/// A person's rows, oldest change first, and the position from which the feed goes on: where there are more than a page takes, it is that of the last of them.
async fn own_rows(tx: &mut TenantTx, person: PersonId, head: u64) -> Result<(Vec<Entry>, u64), Fault> {
    let rows = reference::rows_after(tx, RowsOf::Person(person), 0, MAX_PULL).await?;
    let full = rows.len() as u64 == u64::from(MAX_PULL);
    let position = rows.last().filter(|_| full).map_or(head, |(position, _)| *position);
    let entry = |(position, row)| Entry::Row { position, row, audience: Some(Audience::Person(person.0)) };
    Ok((rows.into_iter().map(entry).collect(), position))
}

/// The pages, and the position from which the feed goes on: never beyond what was committed when the page was begun. Where nothing of the audience's
/// rows changed since they were packed, that is the head: what lies between is others', and a device would read all of it for nothing.
async fn packed(tx: &mut TenantTx, site: Option<SiteId>, head: u64) -> Result<(Option<BootstrapManifest>, u64), Fault> {
    let Some((manifest, as_of)) = reference::pack::manifest(tx, site).await? else { return Ok((None, head)) };
    let position = if reference::pack::is_up_to_date(tx, site, as_of).await? { head } else { as_of.min(head) };
    Ok((Some(manifest), position))
}
