//! The SQL of looking back.

use super::{Filed, FiledOutcome};
use crate::failure::Fault;
use crate::sync::feed::FeedBody;
use crate::sync::packed;
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::identity::Arrived;
use holdfast_domain::kernel::{DeviceId, DocumentId, IntentId, Timestamp};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::kind::Audience;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A document as stored.
pub(super) struct StoredDocument {
    pub kind: String,
    pub saved: Vec<u8>,
}

/// A document, unlocked.
pub(super) async fn document(tx: &mut TenantTx, document: DocumentId) -> Result<Option<StoredDocument>, Fault> {
    let tid = tx.tenant().0;
    let row = sqlx::query!("select kind, saved from documents where tid = $1 and id = $2", tid, document.0).fetch_optional(tx.connection()).await?;
    row.map(|row| Ok(StoredDocument { kind: row.kind, saved: packed::unpack(row.saved)? })).transpose()
}

/// The ids of a kind's documents after `after`, in order.
pub(crate) async fn documents(tx: &mut TenantTx, kind: &str, after: Option<DocumentId>, limit: u32) -> Result<Vec<DocumentId>, Fault> {
    let tid = tx.tenant().0;
    let ids = sqlx::query_scalar!(
        "select id from documents where tid = $1 and kind = $2 and ($3::uuid is null or id > $3) order by id limit $4",
        tid,
        kind,
        after.map(|after| after.0),
        i64::from(limit)
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(DocumentId).collect())
}

/// A document's decided envelopes in effective order; acts of one moment in the order in which they were merged, what is merged nowhere last.
pub(crate) async fn history(tx: &mut TenantTx, document: DocumentId) -> Result<Vec<Filed>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select intent_id, intent, author, device, device_seq, standing, code, position, effective_at, arrived_at from envelopes
         where tid = $1 and document = $2 and standing <> 'waiting' order by effective_at, position nulls last, device_seq, intent_id",
        tid,
        document.0
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let code = row.code.unwrap_or_default();
            let outcome = match (row.standing.as_str(), row.position) {
                ("accepted", Some(position)) => FiledOutcome::Accepted { position: position.cast_unsigned() },
                ("held", _) => FiledOutcome::Held { code },
                ("refused", _) => FiledOutcome::Refused { code },
                _ => return Err(Fault::stored("envelopes", "standing", row.intent_id)),
            };
            Ok(Filed {
                intent: IntentId(row.intent_id),
                name: row.intent,
                author: row.author,
                device: DeviceId(row.device),
                device_seq: row.device_seq.cast_unsigned(),
                effective_at: from_stored(row.effective_at),
                arrived_at: from_stored(row.arrived_at),
                outcome,
            })
        })
        .collect()
}

/// How many envelopes of these documents are held; documents without any are left out.
pub(crate) async fn held(tx: &mut TenantTx, documents: &[Uuid]) -> Result<BTreeMap<DocumentId, u32>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select document, count(*) as "held!" from envelopes where tid = $1 and document = any ($2) and standing = 'held' group by document"#,
        tid,
        documents
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| (DocumentId(row.document), u32::try_from(row.held).unwrap_or(u32::MAX))).collect())
}

/// What arrived of these devices' work; devices of which nothing did are left out. A number is no gap whatever became of its envelope, also where another one
/// of its intent took its place. Reads indexes alone, as far as each chain is long.
pub(crate) async fn arrived(tx: &mut TenantTx, devices: &[Uuid]) -> Result<BTreeMap<DeviceId, Arrived>, Fault> {
    let tid = tx.tenant().0;
    let gaps = sqlx::query!(
        r#"select device as "device!", sum(gaps)::bigint as "gaps!"
           from (select device, greatest(max(device_seq) - count(distinct device_seq), 0) as gaps from (
               select device, chain, device_seq from envelopes
               where tid = $1 and device = any ($2) and standing = 'accepted' and chain is not null and not forked
               union all select device, chain, device_seq from envelopes
               where tid = $1 and device = any ($2) and not (standing = 'accepted' and chain is not null and not forked) and chain is not null
               union all select device, chain, device_seq from replaced_envelopes where tid = $1 and device = any ($2) and chain is not null) as numbers
             group by device, chain) as chains
           group by device"#,
        tid,
        devices
    )
    .fetch_all(tx.connection())
    .await?;
    let apart = sqlx::query!(
        r#"select device, count(*) filter (where standing = 'held') as "held!", count(*) filter (where standing = 'refused') as "refused!"
           from envelopes where tid = $1 and standing in ('held', 'refused') and device = any ($2) group by device"#,
        tid,
        devices
    )
    .fetch_all(tx.connection())
    .await?;
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let mut arrived: BTreeMap<_, _> =
        gaps.into_iter().map(|row| (DeviceId(row.device), Arrived { gaps: count(row.gaps), ..Arrived::default() })).collect();
    for row in apart {
        let of = arrived.entry(DeviceId(row.device)).or_default();
        (of.held, of.refused) = (count(row.held), count(row.refused));
    }
    Ok(arrived)
}

/// What was merged into a document, in order, as the feed told it.
pub(in crate::sync) async fn merged_changes(tx: &mut TenantTx, document: DocumentId) -> Result<Vec<FeedBody>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select intent_id, kind, change from envelopes where tid = $1 and document = $2 and standing = 'accepted' order by position",
        tid,
        document.0
    )
    .fetch_all(tx.connection())
    .await?;
    let body =
        |row_kind, change, intent| FeedBody::Change { document, kind: row_kind, change: Bytes(change), intent_id: IntentId(intent), audiences: None };
    Ok(rows.into_iter().map(|row| body(row.kind, row.change, row.intent_id)).collect())
}

/// A document in full, for whoever enters its audience.
pub(in crate::sync) struct EnteredDocument {
    /// Of the last change in it.
    pub position: u64,
    pub id: DocumentId,
    pub kind: String,
    /// As devices keep it.
    pub saved: Vec<u8>,
    /// The asking device's own intents in it.
    pub intents: Vec<IntentId>,
}

/// The documents of an audience that changed since `since`, oldest change first.
pub(in crate::sync) async fn audience_documents(
    tx: &mut TenantTx,
    audience: &Audience,
    device: Option<DeviceId>,
    since: Timestamp,
) -> Result<Vec<EnteredDocument>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select d.position, d.id, d.kind, d.saved,
                  coalesce((select array_agg(e.intent_id) from envelopes e
                            where e.tid = d.tid and e.document = d.id and e.device = $3 and e.standing = 'accepted'), '{}') as "intents!"
           from documents d where d.tid = $1 and d.audiences @> array[$2::text] and d.modified_at >= $4 order by d.position"#,
        tid,
        audience.to_string(),
        device.map(|device| device.0),
        to_stored(since)
    )
    .fetch_all(tx.connection())
    .await?;
    entered(rows.into_iter().map(|row| (row.position, row.id, row.kind, row.saved, row.intents))).await
}

/// The documents of an audience whose last change came after that position, with the position of it, in its order.
pub(in crate::sync) async fn documents_after(
    tx: &mut TenantTx,
    (audience, after): (&Audience, u64),
    device: Option<DeviceId>,
    limit: u32,
) -> Result<Vec<EnteredDocument>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select d.position, d.id, d.kind, d.saved,
                  coalesce((select array_agg(e.intent_id) from envelopes e
                            where e.tid = d.tid and e.document = d.id and e.device = $3 and e.standing = 'accepted'), '{}') as "intents!"
           from documents d where d.tid = $1 and d.audiences @> array[$2::text] and d.position > $4 order by d.position limit $5"#,
        tid,
        audience.to_string(),
        device.map(|device| device.0),
        after.cast_signed(),
        i64::from(limit)
    )
    .fetch_all(tx.connection())
    .await?;
    entered(rows.into_iter().map(|row| (row.position, row.id, row.kind, row.saved, row.intents))).await
}

/// The documents that left an audience and are not the reader's in another way, after that position, each with its own, in order; of those that left `before`
/// then, only what the device has worked on.
pub(in crate::sync) async fn departed_documents(
    tx: &mut TenantTx,
    (audience, live): (&Audience, &[String]),
    (after, before): (u64, Timestamp),
    (device, limit): (Option<DeviceId>, u32),
) -> Result<Vec<(u64, DocumentId)>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select l.position, l.document from document_departures l join documents d on d.tid = l.tid and d.id = l.document
           where l.tid = $1 and l.audience = $2 and l.position > $4 and not d.audiences && $6
             and (l.left_at >= $5 or exists (select from envelopes e where e.tid = l.tid and e.document = l.document and e.device = $3))
           order by l.position limit $7"#,
        tid,
        audience.to_string(),
        device.map(|device| device.0),
        after.cast_signed(),
        to_stored(before),
        live,
        i64::from(limit)
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| (row.position.cast_unsigned(), DocumentId(row.document))).collect())
}

/// A document in full, as it is stored: its position, its id, its kind, its bytes, and the asking device's intents.
type EnteredRow = (i64, Uuid, String, Vec<u8>, Vec<Uuid>);

/// As devices get them. An audience may hold thousands: between a few of them others get their turn.
async fn entered(rows: impl Iterator<Item = EnteredRow>) -> Result<Vec<EnteredDocument>, Fault> {
    const AT_ONCE: usize = 32;
    let mut documents = Vec::new();
    for (position, id, kind, saved, intents) in rows {
        let saved = packed::for_devices(&packed::unpack(saved)?)?;
        let intents = intents.into_iter().map(IntentId).collect();
        documents.push(EnteredDocument { position: position.cast_unsigned(), id: DocumentId(id), kind, saved, intents });
        if documents.len() % AT_ONCE == 0 {
            tokio::task::yield_now().await;
        }
    }
    Ok(documents)
}
