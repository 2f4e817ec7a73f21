//! The simulator's kind as a module of the server: what it rules, its table, its events.

use futures::future::BoxFuture;
use holdfast_domain::kernel::{AccountId, DocumentId};
use holdfast_server::blobs;
use holdfast_server::events::{NewEvent, event_id};
use holdfast_server::failure::Fault;
use holdfast_server::http::Modules;
use holdfast_server::sync::{Merged, Projected, Settlement, Settlements};
use holdfast_server::tenancy::TenantTx;
use holdfast_sync::bytes::Digest32;
use holdfast_sync::cbor;
use holdfast_sync::envelope::{IntentCall, Principal};
use holdfast_sync::kind::{Facts, Kinds};
use holdfast_sync::sim::tally::{MIDDLE_TALLY, Marked, Note, OLD_TALLY, TALLY, TallyIntent};
use std::collections::{BTreeMap, BTreeSet};

/// Its table, as its migration would make it.
pub const TABLE: &str = "create table test_tallies (tid uuid not null, document uuid not null, total bigint not null, primary key (tid, document));
    call tenant_table('test_tallies')";
/// The event of a merged change.
pub const COUNTED: &str = "test.tally.counted";

static SETTLEMENTS: Settlements = Settlements(&[&TallySettlement]);
static VERSIONS: [Kinds; 3] = [Kinds(&[&OLD_TALLY]), Kinds(&[&MIDDLE_TALLY]), Kinds(&[&TALLY])];

struct TallySettlement;

/// What a server of that version knows.
pub fn modules(version: u16) -> Modules {
    Modules { kinds: &VERSIONS[usize::from(version.clamp(1, 3)) - 1], settlements: &SETTLEMENTS }
}

/// The tables' word on every tally.
pub async fn totals(tx: &mut TenantTx) -> BTreeMap<DocumentId, i64> {
    let rows: Vec<(uuid::Uuid, i64)> =
        sqlx::query_as("select document, total from test_tallies where tid = $1").bind(tx.tenant().0).fetch_all(tx.connection()).await.unwrap();
    rows.into_iter().map(|(document, total)| (DocumentId(document), total)).collect()
}

fn total(facts: &Facts) -> i64 {
    facts.of("marks").filter_map(|(_, bytes)| cbor::decode::<Marked>(bytes).ok()).map(|mark| mark.count).sum()
}

/// The photos that its marks name, each with whoever made the mark.
fn photos(facts: &Facts) -> BTreeSet<(Digest32, AccountId)> {
    let marks = facts.of("marks").filter_map(|(_, bytes)| cbor::decode::<Marked>(bytes).ok());
    let named =
        |mark: Marked| if let (Some(photo), Principal::Account(account)) = (mark.photo, mark.by) { Some((photo.sha256, account)) } else { None };
    marks.filter_map(named).collect()
}

impl Settlement for TallySettlement {
    fn kind(&self) -> &'static str {
        "test.tally"
    }

    fn lock_keys(&self, merged: &Merged) -> Vec<String> {
        vec![format!("tally/{}", merged.document)]
    }

    fn settles_together(&self) -> bool {
        false
    }

    fn settle<'a>(&'a self, _tx: &'a mut TenantTx, merged: &'a [Merged]) -> BoxFuture<'a, Result<Vec<Vec<IntentCall>>, Fault>> {
        let settle = |merged: &Merged| {
            let ends = merged.facts.of("closed").next().is_some() && merged.facts.of("rulings").next().is_none();
            if ends { vec![TallyIntent::Note(Note { text: total(&merged.facts).to_string() }).call()] } else { Vec::new() }
        };
        Box::pin(async move { Ok(merged.iter().map(settle).collect()) })
    }

    fn project<'a>(&'a self, tx: &'a mut TenantTx, merged: &'a [Merged]) -> BoxFuture<'a, Result<Vec<Projected>, Fault>> {
        Box::pin(async move {
            let mut projected = Vec::new();
            for merged in merged {
                projected.push(put(tx, merged).await?);
            }
            Ok(projected)
        })
    }
}

async fn put(tx: &mut TenantTx, merged: &Merged) -> Result<Projected, Fault> {
    let (tid, now) = (tx.tenant().0, tx.now());
    blobs::name(tx, merged.document, &merged.audiences, photos(&merged.facts)).await?;
    sqlx::query(
        "insert into test_tallies (tid, document, total) values ($1, $2, $3) on conflict (tid, document) do update set total = excluded.total",
    )
    .bind(tid)
    .bind(merged.document.0)
    .bind(total(&merged.facts))
    .execute(tx.connection())
    .await?;
    let told = |intent: uuid::Uuid| NewEvent {
        id: event_id(COUNTED, intent),
        kind: COUNTED,
        subject: intent.to_string(),
        site: None,
        occurred_at: now,
        data: serde_json::json!({}),
    };
    Ok(Projected { events: merged.changes.iter().map(|change| told(change.intent_id().0)).collect() })
}
