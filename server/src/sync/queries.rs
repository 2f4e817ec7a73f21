//! The SQL of sync, on its own tables.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::kernel::{ChainId, DeviceId, DocumentId, IntentId, Timestamp};
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::envelope::{Envelope, Header};
use holdfast_sync::kind::Audience;
use holdfast_sync::verify::{FirstAnswer, KnownEntry, Standing};
use holdfast_sync::wire::Answer;
use std::collections::{BTreeMap, BTreeSet};

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

/// Writes feed rows at the positions after `before`.
pub(super) async fn insert_feed(tx: &mut TenantTx, before: u64, rows: Vec<FeedRow>) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let mut audiences = Vec::with_capacity(rows.len());
    let mut devices = Vec::with_capacity(rows.len());
    let mut bodies = Vec::with_capacity(rows.len());
    for (audience, device, body) in rows {
        audiences.push(audience);
        devices.push(device);
        bodies.push(body);
    }
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
        "select position, audiences, body from feed
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
    Ok(rows.into_iter().map(|row| StoredEntry { position: row.position as u64, audiences: row.audiences, body: row.body }).collect())
}

/// A document as stored, locked until the transaction ends.
pub(super) struct LockedDocument {
    pub kind: String,
    pub saved: Vec<u8>,
    pub audiences: Vec<String>,
}

/// Locks the document's lane, whether the document exists yet or not, and reads it.
pub(super) async fn lock_document(tx: &mut TenantTx, document: DocumentId) -> Result<Option<LockedDocument>, Fault> {
    let tid = tx.tenant().0;
    // A row that does not exist yet cannot be locked; two first changes of one document must still follow one another.
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", format!("{tid}/{document}")).execute(tx.connection()).await?;
    let row = sqlx::query!("select kind, saved, audiences from documents where tid = $1 and id = $2", tid, document.0)
        .fetch_optional(tx.connection())
        .await?;
    Ok(row.map(|row| LockedDocument { kind: row.kind, saved: row.saved, audiences: row.audiences }))
}

/// A document after its lane.
pub(super) struct DocumentRow<'a> {
    pub id: DocumentId,
    pub kind: &'a str,
    pub saved: &'a [u8],
    pub facts: usize,
    pub audiences: &'a [Audience],
}

/// Stores the document as it is at `position`.
pub(super) async fn store_document(tx: &mut TenantTx, row: DocumentRow<'_>, position: u64) -> Result<(), sqlx::Error> {
    let tid = tx.tenant().0;
    let audiences: Vec<_> = row.audiences.iter().map(Audience::to_string).collect();
    sqlx::query!(
        "insert into documents (tid, id, kind, saved, facts, audiences, position) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (tid, id) do update set saved = excluded.saved, facts = excluded.facts, audiences = excluded.audiences, position = excluded.position",
        tid,
        row.id.0,
        row.kind,
        row.saved,
        row.facts as i32,
        &audiences,
        position as i64
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes locks that end with the transaction, in the order given.
pub(super) async fn lock_keys(tx: &mut TenantTx, keys: &[String]) -> Result<(), Fault> {
    for key in keys {
        let key = format!("{}/{key}", tx.tenant());
        sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", key).execute(tx.connection()).await?;
    }
    Ok(())
}

/// All envelopes of a document that were judged before, and as refused those for which others stand.
pub(super) async fn known_entries(tx: &mut TenantTx, document: DocumentId) -> Result<Vec<KnownEntry>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select intent_id as "intent_id!", change_hash as "change_hash!", device as "device!", case when forked then null else chain end as chain,
             device_seq as "device_seq!", standing as "standing!"
           from envelopes where tid = $1 and document = $2 and standing <> 'waiting'
           union all select intent_id, change_hash, device, chain, device_seq, 'refused' from replaced_envelopes where tid = $1 and document = $2"#,
        tid,
        document.0
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let standing = match row.standing.as_str() {
                "accepted" => Standing::Accepted,
                "held" => Standing::Held,
                "refused" => Standing::Refused,
                _ => return Err(Fault::stored("envelopes", "standing", row.intent_id)),
            };
            let change_hash = digest(row.change_hash).ok_or_else(|| Fault::stored("envelopes", "change_hash", row.intent_id))?;
            Ok(KnownEntry { change_hash, device: DeviceId(row.device), chain: row.chain.map(ChainId), device_seq: row.device_seq as u64, standing })
        })
        .collect()
}

/// The envelopes of a document that wait.
pub(super) async fn waiting_envelopes(tx: &mut TenantTx, document: DocumentId) -> Result<Vec<(Envelope, Header, Timestamp)>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select intent_id, header, change, signature, arrived_at from envelopes where tid = $1 and document = $2 and standing = 'waiting' order by arrived_at, device_seq",
        tid,
        document.0
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let envelope = Envelope { header: Bytes(row.header), change: Bytes(row.change), signature: Bytes(row.signature) };
            let header = envelope.read_header().map_err(|_| Fault::stored("envelopes", "header", row.intent_id))?;
            Ok((envelope, header, from_stored(row.arrived_at)))
        })
        .collect()
}

/// First answers to intents. One look into the index per intent, as in [`chain_headers`].
pub(super) async fn first_answers(tx: &mut TenantTx, intents: &[uuid::Uuid]) -> Result<BTreeMap<IntentId, FirstAnswer>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select e.intent_id as "intent_id!", e.standing as "standing!", e.code, e.position,
             e.change_hash as "change_hash!", e.device as "device!", e.chain, e.device_seq as "device_seq!" from unnest($2::uuid[]) as w (id)
           cross join lateral (select * from envelopes where tid = $1 and intent_id = w.id limit 1) as e"#,
        tid,
        intents
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let code = row.code.unwrap_or_default();
            let answer = match (row.standing.as_str(), row.position) {
                ("accepted", Some(position)) => Answer::Accepted { position: position as u64 },
                ("held", _) => Answer::Held { code },
                ("refused", _) => Answer::Refused { code },
                ("waiting", _) => Answer::Waiting { missing: Vec::new() },
                _ => return Err(Fault::stored("envelopes", "standing", row.intent_id)),
            };
            let change_hash = digest(row.change_hash).ok_or_else(|| Fault::stored("envelopes", "change_hash", row.intent_id))?;
            let (device, chain) = (DeviceId(row.device), row.chain.map(ChainId));
            Ok((IntentId(row.intent_id), FirstAnswer { answer, change_hash, device, chain, device_seq: row.device_seq as u64 }))
        })
        .collect()
}

/// Which device each actor belongs to.
pub(super) async fn actor_owners(tx: &mut TenantTx, actors: &[Vec<u8>]) -> Result<BTreeMap<Vec<u8>, DeviceId>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select a.actor as "actor!", a.device as "device!" from (select distinct actor from unnest($2::bytea[]) as t (actor)) as w
           cross join lateral (select actor, device from sync_actors where tid = $1 and actor = w.actor limit 1) as a"#,
        tid,
        actors
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| (row.actor, DeviceId(row.device))).collect())
}

/// Registers the actors that came with accepted envelopes; an owner never changes.
pub(super) async fn own_actors(tx: &mut TenantTx, actors: Vec<(Vec<u8>, uuid::Uuid)>) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let (actors, devices): (Vec<_>, Vec<_>) = actors.into_iter().unzip();
    sqlx::query!(
        "insert into sync_actors (tid, actor, device) select $1, actor, device from unnest($2::bytea[], $3::uuid[]) as t (actor, device)
         on conflict (tid, actor) do nothing",
        tid,
        &actors,
        &devices
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Header hashes at numbers of chains. One look into the index per number, whatever the planner believes of the table's size.
pub(super) async fn chain_headers(
    tx: &mut TenantTx,
    wanted: &[(DeviceId, ChainId, u64)],
) -> Result<BTreeMap<(DeviceId, ChainId, u64), Digest32>, Fault> {
    let tid = tx.tenant().0;
    let devices: Vec<_> = wanted.iter().map(|(device, _, _)| device.0).collect();
    let chains: Vec<_> = wanted.iter().map(|(_, chain, _)| chain.0).collect();
    let seqs: Vec<_> = wanted.iter().map(|(_, _, seq)| *seq as i64).collect();
    let rows = sqlx::query!(
        r#"select w.device as "device!", w.chain as "chain!", w.device_seq as "device_seq!", e.header_hash, e.intent_id
           from unnest($2::uuid[], $3::uuid[], $4::bigint[]) as w (device, chain, device_seq)
           cross join lateral (
             select header_hash, intent_id from envelopes
             where tid = $1 and device = w.device and chain = w.chain and device_seq = w.device_seq and standing = 'accepted' and chain is not null and not forked
             limit 1) as e"#,
        tid,
        &devices,
        &chains,
        &seqs
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let hash = digest(row.header_hash).ok_or_else(|| Fault::stored("envelopes", "header_hash", row.intent_id))?;
            Ok(((DeviceId(row.device), ChainId(row.chain), row.device_seq as u64), hash))
        })
        .collect()
}

/// When feed positions were written.
pub(super) async fn position_times(tx: &mut TenantTx, positions: &[i64]) -> Result<BTreeMap<u64, Timestamp>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!("select position, created_at from feed where tid = $1 and position = any ($2)", tid, positions)
        .fetch_all(tx.connection())
        .await?;
    Ok(rows.into_iter().map(|row| (row.position as u64, from_stored(row.created_at))).collect())
}

/// An envelope to be filed.
pub(super) struct EnvelopeRow<'a> {
    pub envelope: &'a Envelope,
    pub header: &'a Header,
    pub standing: &'static str,
    pub code: Option<&'a str>,
    /// Counted from the position before the lane's first entry.
    pub offset: Option<i64>,
    pub effective_at: Timestamp,
    pub clock_clamped: bool,
    pub after_expiry: bool,
}

/// Files envelopes, and says how many. One that waited is decided now; one that was decided stays as it is, but for the held ones that a person `reopened`.
pub(super) async fn file_envelopes(
    tx: &mut TenantTx,
    before: u64,
    (rows, reopened): (&[EnvelopeRow<'_>], &BTreeSet<IntentId>),
) -> Result<u64, sqlx::Error> {
    let tid = tx.tenant().0;
    let arrived = to_stored(tx.now());
    let column = |of: fn(&EnvelopeRow<'_>) -> Vec<u8>| rows.iter().map(of).collect::<Vec<_>>();
    let filed = sqlx::query!(
        "insert into envelopes as known (tid, intent_id, document, kind, device, chain, device_seq, change_hash, header_hash, actor, intent, author,
            header, change, signature, standing, code, position, effective_at, clock_clamped, after_expiry, arrived_at)
         select $1, intent_id, document, kind, device, chain, device_seq, change_hash, header_hash, actor, intent, author,
            header, change, signature, standing, code, position, effective_at, clock_clamped, after_expiry, $2
         from unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::uuid[], $8::bigint[], $9::bytea[], $10::bytea[], $11::bytea[], $12::text[],
            $13::text[], $14::bytea[], $15::bytea[], $16::bytea[], $17::text[], $18::text[], $19::bigint[], $20::timestamptz[], $21::bool[], $22::bool[])
            as t (intent_id, document, kind, device, chain, device_seq, change_hash, header_hash, actor, intent, author,
            header, change, signature, standing, code, position, effective_at, clock_clamped, after_expiry)
         on conflict (tid, intent_id) do update set document = excluded.document, kind = excluded.kind, device = excluded.device, chain = excluded.chain,
            device_seq = excluded.device_seq, change_hash = excluded.change_hash, header_hash = excluded.header_hash, actor = excluded.actor,
            intent = excluded.intent, author = excluded.author, header = excluded.header, change = excluded.change, signature = excluded.signature,
            standing = excluded.standing, code = excluded.code, position = excluded.position, effective_at = excluded.effective_at,
            clock_clamped = excluded.clock_clamped, after_expiry = excluded.after_expiry,
            arrived_at = case when known.change_hash = excluded.change_hash then known.arrived_at else excluded.arrived_at end
         where known.standing = 'waiting' or known.code in ('depends_on_refused', 'depends_on_held')
            or known.standing = 'held' and known.intent_id = any ($23)",
        tid,
        arrived,
        &rows.iter().map(|row| row.header.intent_id.0).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.header.document.0).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.header.kind.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.header.device.0).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.header.chain.map(|chain| chain.0)).collect::<Vec<_>>() as &[Option<uuid::Uuid>],
        &rows.iter().map(|row| row.header.device_seq as i64).collect::<Vec<_>>(),
        &column(|row| row.header.change_hash.0.to_vec()),
        &column(|row| row.envelope.header_hash().0.to_vec()),
        &column(|row| row.header.actor.0.clone()),
        &rows.iter().map(|row| row.header.intent.name.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| author(row.header)).collect::<Vec<_>>(),
        &column(|row| row.envelope.header.0.clone()),
        &column(|row| row.envelope.change.0.clone()),
        &column(|row| row.envelope.signature.0.clone()),
        &rows.iter().map(|row| row.standing.to_owned()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.code.map(str::to_owned)).collect::<Vec<_>>() as &[Option<String>],
        &rows.iter().map(|row| row.offset.map(|offset| before as i64 + offset)).collect::<Vec<_>>() as &[Option<i64>],
        &rows.iter().map(|row| to_stored(row.effective_at)).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.clock_clamped).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.after_expiry).collect::<Vec<_>>(),
        &reopened.iter().map(|intent| intent.0).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    Ok(filed.rows_affected())
}

/// Keeps what nobody vouches for, as evidence.
pub(super) async fn keep_reject(tx: &mut TenantTx, id: uuid::Uuid, code: &str, header: &[u8]) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!("insert into sync_rejects (tid, id, code, header) values ($1, $2, $3, $4)", tid, id, code, header).execute(tx.connection()).await?;
    Ok(())
}

fn digest(bytes: Vec<u8>) -> Option<Digest32> {
    bytes.try_into().ok().map(Digest32)
}

fn author(header: &Header) -> String {
    use holdfast_sync::envelope::Principal;
    match &header.author.account {
        Principal::Account(account) => account.to_string(),
        Principal::System(module) => format!("system:{module}"),
        Principal::Invitation(id) => format!("invitation:{id}"),
    }
}
