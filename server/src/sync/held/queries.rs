//! The SQL of what is held or was refused, and of what people decided about it.

use crate::failure::Fault;
use crate::http::Cursor;
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::held::{DecidedAs, HeldState};
use holdfast_domain::kernel::{AccountId, DocumentId, IntentId, Timestamp};
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::envelope::{Envelope, Header};

/// An envelope that was not accepted, or only by a person.
pub(super) struct Kept {
    pub intent: IntentId,
    pub envelope: Envelope,
    pub header: Header,
    pub standing: String,
    pub code: String,
    pub arrived_at: Timestamp,
    pub decision: Option<StoredDecision>,
}

/// What a person decided.
pub(super) struct StoredDecision {
    pub verdict: DecidedAs,
    pub by: AccountId,
    pub at: Timestamp,
    pub reason: String,
    pub waived: Vec<String>,
    pub held_code: String,
}

fn verdict(stored: &str) -> Option<DecidedAs> {
    [DecidedAs::Released, DecidedAs::Rejected].into_iter().find(|verdict| name(*verdict) == stored)
}

const fn name(verdict: DecidedAs) -> &'static str {
    match verdict {
        DecidedAs::Released => "released",
        DecidedAs::Rejected => "rejected",
    }
}

macro_rules! kept {
    ($row:expr) => {{
        let row = $row;
        let envelope = Envelope { header: Bytes(row.header), change: Bytes(row.change), signature: Bytes(row.signature) };
        let header = envelope.read_header().map_err(|_| Fault::stored("envelopes", "header", row.intent_id))?;
        let decision = match (row.verdict, row.decided_by, row.decided_at, row.reason, row.waived, row.held_code) {
            (Some(stored), Some(by), Some(at), Some(reason), Some(waived), Some(held_code)) => Some(StoredDecision {
                verdict: verdict(&stored).ok_or_else(|| Fault::stored("sync_decisions", "verdict", row.intent_id))?,
                by: AccountId(by),
                at: from_stored(at),
                reason,
                waived,
                held_code,
            }),
            _ => None,
        };
        let (intent, arrived_at) = (IntentId(row.intent_id), from_stored(row.arrived_at));
        Ok(Kept { intent, envelope, header, standing: row.standing, code: row.code.unwrap_or_default(), arrived_at, decision })
    }};
}

/// Which envelopes.
pub(super) struct Wanted {
    pub state: HeldState,
    pub after: Option<Cursor>,
    pub limit: u32,
}

/// Newest first.
pub(super) async fn list(tx: &mut TenantTx, wanted: Wanted) -> Result<Vec<Kept>, Fault> {
    let standing = match wanted.state {
        HeldState::Held => "held",
        HeldState::Refused => "refused",
        HeldState::Decided => return decided(tx, wanted).await,
    };
    let rows = sqlx::query!(
        r#"select e.intent_id, e.header, e.change, e.signature, e.standing, e.code, e.arrived_at,
                  d.verdict as "verdict?", d.decided_by as "decided_by?", d.decided_at as "decided_at?", d.reason as "reason?",
                  d.waived as "waived?", d.held_code as "held_code?"
           from envelopes e left join sync_decisions d on d.tid = e.tid and d.intent_id = e.intent_id
           where e.tid = $1 and e.standing = $2 and e.standing in ('held', 'refused')
             and ($3::timestamptz is null or (e.arrived_at, e.intent_id) < ($3, $4))
           order by e.arrived_at desc, e.intent_id desc limit $5"#,
        tx.tenant().0,
        standing,
        wanted.after.map(|after| to_stored(after.at)),
        wanted.after.map(|after| after.id),
        i64::from(wanted.limit)
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(|row| kept!(row)).collect()
}

async fn decided(tx: &mut TenantTx, wanted: Wanted) -> Result<Vec<Kept>, Fault> {
    let rows = sqlx::query!(
        r#"select e.intent_id, e.header, e.change, e.signature, e.standing, e.code, e.arrived_at,
                  d.verdict as "verdict?", d.decided_by as "decided_by?", d.decided_at as "decided_at?", d.reason as "reason?",
                  d.waived as "waived?", d.held_code as "held_code?"
           from sync_decisions d join envelopes e on e.tid = d.tid and e.intent_id = d.intent_id
           where d.tid = $1 and ($2::timestamptz is null or (d.decided_at, d.intent_id) < ($2, $3))
           order by d.decided_at desc, d.intent_id desc limit $4"#,
        tx.tenant().0,
        wanted.after.map(|after| to_stored(after.at)),
        wanted.after.map(|after| after.id),
        i64::from(wanted.limit)
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(|row| kept!(row)).collect()
}

/// One of them.
pub(super) async fn one(tx: &mut TenantTx, intent: IntentId) -> Result<Option<Kept>, Fault> {
    let row = sqlx::query!(
        r#"select e.intent_id, e.header, e.change, e.signature, e.standing, e.code, e.arrived_at,
                  d.verdict as "verdict?", d.decided_by as "decided_by?", d.decided_at as "decided_at?", d.reason as "reason?",
                  d.waived as "waived?", d.held_code as "held_code?"
           from envelopes e left join sync_decisions d on d.tid = e.tid and d.intent_id = e.intent_id
           where e.tid = $1 and e.intent_id = $2"#,
        tx.tenant().0,
        intent.0
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| kept!(row)).transpose()
}

/// A held envelope of a document.
pub(super) struct HeldThere {
    pub intent: IntentId,
    pub code: String,
    pub change_hash: Digest32,
    pub kind: String,
    pub document: DocumentId,
    pub change: Vec<u8>,
}

/// All that is held of these documents, in the order of arrival.
pub(super) async fn held_of(tx: &mut TenantTx, documents: &[uuid::Uuid]) -> Result<Vec<HeldThere>, Fault> {
    let rows = sqlx::query!(
        "select intent_id, code, change_hash, kind, document, change from envelopes where tid = $1 and document = any ($2) and standing = 'held'
         order by arrived_at, device_seq, intent_id",
        tx.tenant().0,
        documents
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let change_hash = row.change_hash.try_into().map_err(|_| Fault::stored("envelopes", "change_hash", row.intent_id))?;
            Ok(HeldThere {
                intent: IntentId(row.intent_id),
                code: row.code.unwrap_or_default(),
                change_hash: Digest32(change_hash),
                kind: row.kind,
                document: DocumentId(row.document),
                change: row.change,
            })
        })
        .collect()
}

/// It is in no chain, though it will be in its document.
pub(super) async fn mark_forked(tx: &mut TenantTx, intent: IntentId) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!("update envelopes set forked = true where tid = $1 and intent_id = $2", tid, intent.0).execute(tx.connection()).await?;
    Ok(())
}

/// Writes down what was decided.
pub(super) async fn insert_decision(tx: &mut TenantTx, intent: IntentId, decision: &StoredDecision) -> Result<(), Fault> {
    sqlx::query!(
        "insert into sync_decisions (tid, intent_id, verdict, held_code, waived, reason, decided_by, decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.tenant().0,
        intent.0,
        name(decision.verdict),
        decision.held_code,
        &decision.waived,
        decision.reason,
        decision.by.0,
        to_stored(decision.at)
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
