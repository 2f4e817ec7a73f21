//! The SQL of sync, on its own tables.

use super::packed;
use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::kernel::{DeviceId, DocumentId, IntentId, Timestamp};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::kind::Audience;
use holdfast_sync::wire::Proof;
use std::collections::BTreeSet;

/// The tenant's newest position.
pub(super) async fn feed_head(tx: &mut TenantTx) -> Result<u64, Fault> {
    let tid = tx.tenant().0;
    let position = sqlx::query_scalar!("select position from feed_heads where tid = $1", tid).fetch_optional(tx.connection()).await?;
    Ok(position.unwrap_or(0) as u64)
}

/// The life of the tenant's feed.
pub(super) async fn epoch(tx: &mut TenantTx) -> Result<uuid::Uuid, Fault> {
    let tid = tx.tenant().0;
    Ok(sqlx::query_scalar!("select epoch from tenants where tid = $1", tid).fetch_one(tx.connection()).await?)
}

/// Takes `count` positions; the counter row stays locked until the transaction ends. Answers the last of them.
pub(super) async fn take_positions(tx: &mut TenantTx, count: u64) -> Result<u64, Fault> {
    let tid = tx.tenant().0;
    let position = sqlx::query_scalar!(
        "insert into feed_heads as head (tid, position) values ($1, $2)
         on conflict (tid) do update set position = head.position + $2 returning position",
        tid,
        count as i64
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(position as u64)
}

/// A feed row to insert: audiences separated by blanks, the device it is meant for, the body.
pub(super) type FeedRow = (String, Option<uuid::Uuid>, Vec<u8>);

/// Feed rows as a statement takes them.
pub(super) struct FeedColumns {
    pub audiences: Vec<String>,
    pub devices: Vec<Option<uuid::Uuid>>,
    pub bodies: Vec<Vec<u8>>,
}

impl From<Vec<FeedRow>> for FeedColumns {
    fn from(rows: Vec<FeedRow>) -> Self {
        let mut columns = Self { audiences: Vec::new(), devices: Vec::new(), bodies: Vec::new() };
        for (audience, device, body) in rows {
            columns.audiences.push(audience);
            columns.devices.push(device);
            columns.bodies.push(body);
        }
        columns
    }
}

/// Writes feed rows at the positions after `before`.
pub(super) async fn insert_feed(tx: &mut TenantTx, before: u64, rows: Vec<FeedRow>) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let FeedColumns { audiences, devices, bodies } = rows.into();
    sqlx::query!(
        "insert into feed (tid, position, audiences, device, body)
         select $1, $2 + n, string_to_array(audience, ' '), device, body
         from unnest($3::text[], $4::uuid[], $5::bytea[]) with ordinality as t (audience, device, body, n)",
        tid,
        before as i64,
        &audiences,
        &devices as &[Option<uuid::Uuid>],
        &bodies
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A row of the feed.
pub(super) struct StoredEntry {
    pub position: u64,
    pub audiences: Vec<String>,
    /// The device that it is meant for besides.
    pub device: Option<DeviceId>,
    pub body: Vec<u8>,
}

/// The next rows after `after` and up to `head`, for any of `audiences` or for `device`.
pub(super) async fn feed_after(
    tx: &mut TenantTx,
    (after, head): (u64, u64),
    (audiences, device): (&[String], Option<DeviceId>),
    limit: u32,
) -> Result<Vec<StoredEntry>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select position, audiences, device, body from feed
         where tid = $1 and position > $2 and position <= $3 and (audiences && $4 or device = $5) order by position limit $6",
        tid,
        after as i64,
        head as i64,
        audiences,
        device.map(|device| device.0),
        i64::from(limit)
    )
    .fetch_all(tx.connection())
    .await?;
    let entry = |position: i64, audiences, device: Option<uuid::Uuid>, body| StoredEntry {
        position: position.cast_unsigned(),
        audiences,
        device: device.map(DeviceId),
        body,
    };
    Ok(rows.into_iter().map(|row| entry(row.position, row.audiences, row.device, row.body)).collect())
}

/// What proves an accepted change.
pub(super) struct StoredProof {
    pub intent: IntentId,
    pub proof: Proof,
}

/// What proves the changes of these intents that were told `since`; not those that the `asking` device made itself and heard of when it sent them: it has
/// them. One that had waited may have been replaced there.
pub(super) async fn proofs(
    tx: &mut TenantTx,
    intents: &[IntentId],
    (asking, since): (Option<DeviceId>, Timestamp),
) -> Result<Vec<StoredProof>, Fault> {
    let rows = sqlx::query!(
        "select e.intent_id, e.header, e.signature from unnest($2::uuid[]) as w (id)
         join envelopes e on e.tid = $1 and e.intent_id = w.id and e.standing = 'accepted'
         join feed f on f.tid = e.tid and f.position = e.position
         where f.created_at >= $4 and (e.device is distinct from $3 or f.device is not null)",
        tx.tenant().0,
        &intents.iter().map(|intent| intent.0).collect::<Vec<_>>(),
        asking.map(|device| device.0),
        to_stored(since)
    )
    .fetch_all(tx.connection())
    .await?;
    let proof = |header: Vec<u8>, signature: Vec<u8>| Proof { header: header.into(), signature: signature.into() };
    Ok(rows.into_iter().map(|row| StoredProof { intent: IntentId(row.intent_id), proof: proof(row.header, row.signature) }).collect())
}

/// What proves the accepted changes in these documents that were told `since`, with the document of each, in the order in which they were told: the newest,
/// where there are more than `most`.
pub(super) async fn proofs_in(
    tx: &mut TenantTx,
    documents: &[DocumentId],
    (since, most): (Timestamp, u32),
) -> Result<Vec<(DocumentId, StoredProof)>, Fault> {
    let rows = sqlx::query!(
        "select e.document, e.intent_id, e.header, e.signature from envelopes e join feed f on f.tid = e.tid and f.position = e.position
         where e.tid = $1 and e.document = any ($2) and e.standing = 'accepted' and f.created_at >= $3 order by e.position desc limit $4",
        tx.tenant().0,
        &documents.iter().map(|document| document.0).collect::<Vec<_>>(),
        to_stored(since),
        i64::from(most)
    )
    .fetch_all(tx.connection())
    .await?;
    let proof = |header: Vec<u8>, signature: Vec<u8>| Proof { header: header.into(), signature: signature.into() };
    let stored = |intent, header, signature| StoredProof { intent: IntentId(intent), proof: proof(header, signature) };
    Ok(rows.into_iter().rev().map(|row| (DocumentId(row.document), stored(row.intent_id, row.header, row.signature))).collect())
}

/// A document as stored, locked until the transaction ends.
pub(super) struct LockedDocument {
    pub kind: String,
    pub saved: Vec<u8>,
    /// Who has been told of it.
    pub audiences: Vec<Audience>,
}

impl LockedDocument {
    /// As the row says.
    pub fn of((kind, saved, audiences): (String, Vec<u8>, Vec<String>)) -> Result<Self, Fault> {
        let audiences = audiences.into_iter().filter_map(|name| Audience::try_from(name).ok()).collect();
        Ok(Self { kind, saved: packed::unpack(saved)?, audiences })
    }
}

/// Locks the document's lane, whether the document exists yet or not, and reads it.
pub(super) async fn lock_document(tx: &mut TenantTx, document: DocumentId) -> Result<Option<LockedDocument>, Fault> {
    lock_for_lanes(tx, &BTreeSet::from([document])).await?;
    let tid = tx.tenant().0;
    let row = sqlx::query!("select kind, saved, audiences from documents where tid = $1 and id = $2", tid, document.0)
        .fetch_optional(tx.connection())
        .await?;
    row.map(|row| LockedDocument::of((row.kind, row.saved, row.audiences))).transpose()
}

/// Locks the documents' lanes, in the order in which everybody locks. A row that does not exist yet cannot be locked; two first changes of one document
/// must still follow one another. A statement of its own: what is read in the same one would be as it was before the wait.
///
/// All that a lane asks for lies under keys, and it asks the same of every document, so each statement is planned once per connection, by index, rather
/// than anew for each lane. The tables' indexes leave no doubt which, even to who plans while they are empty.
/// Several wait shorter for what somebody else holds than one does: their transaction keeps the locks that it has while it waits for the next.
pub(super) async fn lock_for_lanes(tx: &mut TenantTx, documents: &BTreeSet<DocumentId>) -> Result<(), Fault> {
    const PATIENCE_OF_SEVERAL: &str = "2s";
    let patience = (documents.len() > 1).then_some(PATIENCE_OF_SEVERAL);
    let keys: Vec<_> = documents.iter().map(|document| format!("{}/{document}", tx.tenant())).collect();
    sqlx::query!(
        r#"select set_config('plan_cache_mode', 'force_generic_plan', true) as plans, set_config('enable_seqscan', 'off', true) as scans,
             set_config('enable_bitmapscan', 'off', true) as bitmaps,
             set_config('lock_timeout', coalesce($2, current_setting('lock_timeout')), true) as patience,
             (select count(pg_advisory_xact_lock(hashtextextended(key, 0))) from unnest($1::text[]) as wanted (key)) as "locked!""#,
        &keys,
        patience
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(())
}

/// The documents for which something waits that has come since.
pub(super) async fn documents_that_wait(tx: &mut TenantTx, since: Timestamp) -> Result<Vec<DocumentId>, Fault> {
    let rows = sqlx::query_scalar!(
        "select distinct document from envelopes where tid = $1 and standing = 'waiting' and arrived_at >= $2 order by document",
        tx.tenant().0,
        to_stored(since)
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(DocumentId).collect())
}

/// Takes locks that end with the transaction, in the order given.
pub(super) async fn lock_keys(tx: &mut TenantTx, keys: &[String]) -> Result<(), Fault> {
    if keys.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = keys.iter().map(|key| format!("{}/{key}", tx.tenant())).collect();
    sqlx::query!(r#"select pg_advisory_xact_lock(hashtextextended(key, 0)) from unnest($1::text[]) as wanted (key)"#, &keys)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Keeps what nobody vouches for, as evidence: once, however often it comes.
pub(super) async fn keep_reject(tx: &mut TenantTx, code: &str, header: &[u8]) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let Digest32(digest) = Digest32::of(header);
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    sqlx::query!(
        "insert into sync_rejects (tid, id, code, header) values ($1, $2, $3, $4) on conflict (tid, id) do nothing",
        tid,
        uuid::Uuid::from_bytes(id),
        code,
        header
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
