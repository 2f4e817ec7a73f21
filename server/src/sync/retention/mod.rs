//! The feed is kept for thirty days. What is older is dropped: each document and reference row as it stands is a snapshot that stands for it, written in the
//! transaction of its last change. A device that has read less far is brought up to date from those, in the feed's order, and then reads the feed on.
//!
//! What was told to one device alone, what became of its change, is in no snapshot and is kept for a year. Documents and envelopes are never dropped, so an id
//! is never used again and what a device did long ago is judged against what became of its document. Closed documents need no step of their own: each lane saves its document
//! whole, as one compressed Automerge document.

mod queries;

use super::feed::FeedBody;
use super::history;
use crate::blobs::{self, Blobs};
use crate::environment::Environment;
use crate::failure::Fault;
use crate::files::{self, Files};
use crate::http::App;
use crate::metrics;
use crate::reference::{self, RowsOf};
use crate::tenancy::{Database, TenantScope, TenantTx};
use holdfast_domain::kernel::{DeviceId, PersonId, SiteId, TenantId, Timestamp};
use holdfast_sync::cbor;
use holdfast_sync::kind::{Audience, Kinds};
use holdfast_sync::wire::Entry;
use std::time::Duration;
use tokio::sync::watch;

pub(super) use queries::floor;

const DAY_MS: i64 = 24 * 3_600 * 1_000;
/// How long everybody's entries are kept.
const KEPT_MS: i64 = 30 * DAY_MS;
/// How long a device may take to hear what became of its change.
const OUTCOME_KEPT_MS: i64 = 365 * DAY_MS;
/// The most entries looked at in one transaction.
const BATCH: u32 = 2_000;
/// How often all companies are looked at.
const EVERY: Duration = Duration::from_secs(3_600);
/// The most documents, and the most rows, of one page.
const PAGE: u32 = 500;

/// Drops what is old: entries of the feed, uploads of blobs that rest, files that no record names.
pub struct Retention {
    database: Database,
    environment: Environment,
    blobs: Blobs,
    files: Files,
}

impl Retention {
    /// For a server.
    pub fn of(app: &App) -> Self {
        Self { database: app.database.clone(), environment: app.environment.clone(), blobs: app.blobs.clone(), files: app.files.clone() }
    }

    /// Runs until `stopping` becomes true.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        let mut turn = tokio::time::interval(EVERY);
        loop {
            tokio::select! {
                _ = turn.tick() => {}
                _ = stopping.wait_for(|stop| *stop) => return,
            }
            if let Err(fault) = self.sweep().await {
                tracing::error!(error = %fault, "the feed's old entries were not dropped");
            }
        }
    }

    /// Drops what is old of every company; how many entries. A company that fails stands in no other's way.
    pub async fn sweep(&self) -> Result<u64, Fault> {
        let tenants = self.database.before_tenant().await?.tenants().await?;
        let mut dropped = 0;
        for tenant in tenants {
            match self.sweep_one(tenant).await {
                Ok(count) => dropped += count,
                Err(fault) => tracing::error!(tenant.id = %tenant, error = %fault, "a feed's old entries were not dropped"),
            }
        }
        Ok(dropped)
    }

    async fn sweep_one(&self, tenant: TenantId) -> Result<u64, Fault> {
        let uploads = blobs::sweep(&self.database, &self.blobs, tenant).await?;
        if uploads > 0 {
            tracing::info!(tenant.id = %tenant, uploads, "uploads that nobody went on with were thrown away");
        }
        // A store that does not answer holds nothing else up.
        match files::sweep(&self.database, &self.files, tenant).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(tenant.id = %tenant, files, "files that no record named were thrown away"),
            Err(fault) => tracing::error!(tenant.id = %tenant, error = %fault, "files that no record names were not thrown away"),
        }
        let began = self.environment.elapsed();
        let mut dropped = 0;
        loop {
            let mut tx = self.database.tenant(TenantScope::system(tenant)).await?;
            let before = tx.now().plus_ms(-KEPT_MS);
            let outcomes_before = tx.now().plus_ms(-OUTCOME_KEPT_MS);
            let batch = queries::drop_batch(&mut tx, (before, outcomes_before), BATCH).await?;
            tx.commit().await?;
            dropped += batch.dropped;
            if batch.passed < u64::from(BATCH) {
                break;
            }
        }
        if dropped > 0 {
            metrics::count_feed_dropped(dropped);
            let ms = u64::try_from(self.environment.elapsed().saturating_sub(began).as_millis()).unwrap_or(u64::MAX);
            tracing::info!(tenant.id = %tenant, entries = dropped, ms, "old entries of the feed were dropped");
        }
        Ok(dropped)
    }
}

/// What an audience that was read up to `cursor` has to learn of what the feed no longer tells: each document and row that changed since, as it stands, and
/// what became of the device's own changes. And up to where that brings it; there is more where that is not the head.
pub(super) async fn catch_up(
    tx: &mut TenantTx,
    (kinds, live): (&Kinds, &[String]),
    (audience, cursor): (Audience, u64),
    (device, head): (Option<DeviceId>, u64),
) -> Result<(Vec<Entry>, u64), Fault> {
    let documents = history::documents_after(tx, (&audience, cursor), device, PAGE).await?;
    let departed = history::departed_documents(tx, (&audience, live), (cursor, Timestamp(0)), (device, PAGE)).await?;
    let rows = match audience {
        Audience::Tenant => reference::rows_after(tx, RowsOf::Tenant, cursor, PAGE).await?,
        Audience::Site(site) => reference::rows_after(tx, RowsOf::Site(SiteId(site)), cursor, PAGE).await?,
        Audience::Person(person) => reference::rows_after(tx, RowsOf::Person(PersonId(person)), cursor, PAGE).await?,
        Audience::Till(_) => Vec::new(),
    };
    // Everybody follows the tenant, so a device's own entries are told along with it.
    let own = match (device, &audience) {
        (Some(device), Audience::Tenant) => queries::own_entries(tx, (cursor, head), device, PAGE).await?,
        _ => Vec::new(),
    };
    let full = |count: usize, last: Option<u64>| last.filter(|_| count >= PAGE as usize);
    let ends = [
        full(documents.len(), documents.last().map(|document| document.position)),
        full(departed.len(), departed.last().map(|(position, _)| *position)),
        full(rows.len(), rows.last().map(|(position, _)| *position)),
        full(own.len(), own.last().map(|(position, _)| *position)),
    ];
    let reached = ends.into_iter().flatten().min().unwrap_or(head);
    let documents = documents.into_iter().filter(|document| document.position <= reached || reached == head);
    let documents = documents.map(|document| document.snapshot(kinds)).collect();
    let of = Some(&audience).filter(|audience| **audience != Audience::Tenant).cloned();
    let mut entries = vec![Entry::Enter { audience, position: reached, documents, bootstrap: None }];
    let departed = departed.into_iter().filter(|(position, _)| *position <= reached);
    entries.extend(departed.map(|(position, document)| Entry::Departed { position, document }));
    let rows = rows.into_iter().filter(|(position, _)| *position <= reached);
    entries.extend(rows.map(|(position, row)| Entry::Row { position, row, audience: of.clone() }));
    for (position, body) in own.into_iter().filter(|(position, _)| *position <= reached) {
        let body: FeedBody = cbor::decode(&body).map_err(|_| Fault::stored("feed", "body", position))?;
        entries.push(body.outcome_at(position));
    }
    Ok((entries, reached))
}
