//! The SQL of a lane, on sync's own tables. A lane holds locks that others wait for, so it asks for all it needs at once and files all it leaves at once.

use crate::failure::Fault;
use crate::sync::packed;
use crate::sync::queries::{FeedColumns, FeedRow, LockedDocument, lock_for_lanes};
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::kernel::{ChainId, DeviceId, DocumentId, IntentId, Timestamp};
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::envelope::{Envelope, Header, Principal};
use holdfast_sync::kind::Audience;
use holdfast_sync::verify::{FirstAnswer, Known, KnownEntry, Standing};
use holdfast_sync::wire::Answer;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

/// An envelope as filed, without its bytes: intent, change, device, chain, number, standing.
type EntryRow = (Uuid, Vec<u8>, Uuid, Option<Uuid>, i64, String);
/// An envelope that waits: intent, header, change, signature, arrival.
type WaitingRow = (Uuid, Vec<u8>, Vec<u8>, Vec<u8>, OffsetDateTime);
/// A first answer: intent, standing, code, position, change, device, chain, number.
type AnswerRow = (Uuid, String, Option<String>, Option<i64>, Vec<u8>, Uuid, Option<Uuid>, i64);
/// A place in a chain: intent, device, chain, number, hash of the header there.
type PlaceRow = (Uuid, Uuid, Uuid, i64, Vec<u8>);

/// What the tables hold of a document when its lane begins.
#[derive(Default)]
pub(in crate::sync) struct OnRecord {
    /// None before its first change.
    pub stored: Option<LockedDocument>,
    /// All envelopes that were judged before, and as refused those for which others stand.
    pub entries: Vec<KnownEntry>,
    /// Those that wait, in the order of their arrival.
    pub waiting: Vec<(Envelope, Header, Timestamp)>,
}

/// When feed positions were written.
pub(in crate::sync) type PositionTimes = BTreeMap<u64, Timestamp>;

/// Locks the documents' lanes, and reads what is there.
pub(in crate::sync) async fn lock_and_read(tx: &mut TenantTx, documents: &BTreeSet<DocumentId>) -> Result<BTreeMap<DocumentId, OnRecord>, Fault> {
    lock_for_lanes(tx, documents).await?;
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select wanted.id as "id!", d.kind as "kind?", d.saved as "saved?", d.audiences as "audiences?", filed.entries as "entries: Vec<EntryRow>",
             filed.waiting as "waiting: Vec<WaitingRow>", replaced.entries as "replaced: Vec<EntryRow>"
           from unnest($2::uuid[]) as wanted (id)
           left join lateral (select kind, saved, audiences from documents where tid = $1 and id = wanted.id limit 1) as d on true
           cross join lateral (select
               array_agg(row(intent_id, change_hash, device, case when forked then null else chain end, device_seq, standing))
                 filter (where standing <> 'waiting') as entries,
               array_agg(row(intent_id, header, change, signature, arrived_at) order by arrived_at, device_seq) filter (where standing = 'waiting') as waiting
             from envelopes where tid = $1 and document = wanted.id) as filed
           cross join lateral (select array_agg(row(intent_id, change_hash, device, chain, device_seq, 'refused'::text)) as entries
             from replaced_envelopes where tid = $1 and document = wanted.id) as replaced"#,
        tid,
        &documents.iter().map(|document| document.0).collect::<Vec<_>>()
    )
    .fetch_all(tx.connection())
    .await?;
    let mut on_record = BTreeMap::new();
    for row in rows {
        let stored = row.kind.zip(row.saved).zip(row.audiences).map(|((kind, saved), audiences)| LockedDocument::of((kind, saved, audiences)));
        let stored = stored.transpose()?;
        let entries = row.entries.into_iter().chain(row.replaced).flatten().map(entry).collect::<Result<_, _>>()?;
        let waiting = row.waiting.unwrap_or_default().into_iter().map(waiting).collect::<Result<_, _>>()?;
        on_record.insert(DocumentId(row.id), OnRecord { stored, entries, waiting });
    }
    Ok(on_record)
}

/// What concerns the offered envelopes: the first answers to their intents, the owners of their actors, what stands at their places in the chains and
/// before them, and when the positions were written that they name; not what is known of their documents. One look into an index each, whatever the planner believes of the tables' size.
pub(in crate::sync) async fn known(tx: &mut TenantTx, headers: &[&Header]) -> Result<(Known, PositionTimes), Fault> {
    let tid = tx.tenant().0;
    let actors: BTreeSet<_> = headers.iter().map(|header| header.actor.0.clone()).collect();
    let places: BTreeSet<_> = headers
        .iter()
        .filter_map(|header| Some((header.device.0, header.chain?.0, header.device_seq as i64)))
        .flat_map(|(device, chain, seq)| [(device, chain, seq), (device, chain, seq.saturating_sub(1))])
        .collect();
    let positions: BTreeSet<_> = headers.iter().map(|header| header.basis.position as i64).collect();
    let row = sqlx::query!(
        r#"select
             (select array_agg(row(e.intent_id, e.standing, e.code, e.position, e.change_hash, e.device, e.chain, e.device_seq))
              from unnest($2::uuid[]) as w (id) cross join lateral (select * from envelopes where tid = $1 and intent_id = w.id limit 1) as e)
               as "answers: Vec<AnswerRow>",
             (select array_agg(row(a.actor, a.device))
              from unnest($3::bytea[]) as w (actor) cross join lateral (select actor, device from sync_actors where tid = $1 and actor = w.actor limit 1) as a)
               as "actors: Vec<(Vec<u8>, Uuid)>",
             (select array_agg(row(e.intent_id, w.device, w.chain, w.device_seq, e.header_hash))
              from unnest($4::uuid[], $5::uuid[], $6::bigint[]) as w (device, chain, device_seq)
              cross join lateral (select intent_id, header_hash from envelopes
                where tid = $1 and device = w.device and chain = w.chain and device_seq = w.device_seq and standing = 'accepted' and chain is not null
                  and not forked limit 1) as e)
               as "places: Vec<PlaceRow>",
             (select array_agg(row(f.position, f.created_at))
              from unnest($7::bigint[]) as w (position) cross join lateral (select position, created_at from feed where tid = $1 and position = w.position limit 1) as f)
               as "times: Vec<(i64, OffsetDateTime)>""#,
        tid,
        &headers.iter().map(|header| header.intent_id.0).collect::<Vec<_>>(),
        &actors.into_iter().collect::<Vec<_>>(),
        &places.iter().map(|(device, _, _)| *device).collect::<Vec<_>>(),
        &places.iter().map(|(_, chain, _)| *chain).collect::<Vec<_>>(),
        &places.iter().map(|(_, _, seq)| *seq).collect::<Vec<_>>(),
        &positions.into_iter().collect::<Vec<_>>()
    )
    .fetch_one(tx.connection())
    .await?;
    let known = Known {
        entries: Vec::new(),
        answers: row.answers.unwrap_or_default().into_iter().map(first_answer).collect::<Result<_, _>>()?,
        actors: row.actors.unwrap_or_default().into_iter().map(|(actor, device)| (actor, DeviceId(device))).collect(),
        headers: row.places.unwrap_or_default().into_iter().map(place).collect::<Result<_, _>>()?,
    };
    let times = row.times.unwrap_or_default().into_iter().map(|(position, at)| (position as u64, from_stored(at))).collect();
    Ok((known, times))
}

fn entry((intent, change_hash, device, chain, device_seq, standing): EntryRow) -> Result<KnownEntry, Fault> {
    let standing = match standing.as_str() {
        "accepted" => Standing::Accepted,
        "held" => Standing::Held,
        "refused" => Standing::Refused,
        _ => return Err(Fault::stored("envelopes", "standing", intent)),
    };
    let change_hash = digest(change_hash).ok_or_else(|| Fault::stored("envelopes", "change_hash", intent))?;
    Ok(KnownEntry { change_hash, device: DeviceId(device), chain: chain.map(ChainId), device_seq: device_seq as u64, standing })
}

fn waiting((intent, header, change, signature, arrived_at): WaitingRow) -> Result<(Envelope, Header, Timestamp), Fault> {
    let envelope = Envelope { header: Bytes(header), change: Bytes(change), signature: Bytes(signature) };
    let header = envelope.read_header().map_err(|_| Fault::stored("envelopes", "header", intent))?;
    Ok((envelope, header, from_stored(arrived_at)))
}

fn first_answer((intent, standing, code, position, change_hash, device, chain, device_seq): AnswerRow) -> Result<(IntentId, FirstAnswer), Fault> {
    let code = code.unwrap_or_default();
    let answer = match (standing.as_str(), position) {
        ("accepted", Some(position)) => Answer::Accepted { position: position as u64 },
        ("held", _) => Answer::Held { code },
        ("refused", _) => Answer::Refused { code },
        ("waiting", _) => Answer::Waiting { missing: Vec::new() },
        _ => return Err(Fault::stored("envelopes", "standing", intent)),
    };
    let change_hash = digest(change_hash).ok_or_else(|| Fault::stored("envelopes", "change_hash", intent))?;
    let first = FirstAnswer { answer, change_hash, device: DeviceId(device), chain: chain.map(ChainId), device_seq: device_seq as u64 };
    Ok((IntentId(intent), first))
}

fn place((intent, device, chain, device_seq, header_hash): PlaceRow) -> Result<((DeviceId, ChainId, u64), Digest32), Fault> {
    let hash = digest(header_hash).ok_or_else(|| Fault::stored("envelopes", "header_hash", intent))?;
    Ok(((DeviceId(device), ChainId(chain), device_seq as u64), hash))
}

fn digest(bytes: Vec<u8>) -> Option<Digest32> {
    bytes.try_into().ok().map(Digest32)
}

/// A document after its lane.
pub(super) struct DocumentRow<'a> {
    pub id: DocumentId,
    pub kind: &'a str,
    pub saved: &'a [u8],
    pub facts: usize,
    pub audiences: &'a [Audience],
    /// Of its newest entry, counted as all offsets.
    pub offset: i64,
}

/// An envelope to be filed.
pub(super) struct EnvelopeRow<'a> {
    pub envelope: &'a Envelope,
    pub header: &'a Header,
    pub standing: &'static str,
    pub code: Option<&'a str>,
    /// Its feed entry's, counted from the position before the first that is taken.
    pub offset: Option<i64>,
    pub effective_at: Timestamp,
    pub clock_clamped: bool,
    pub after_expiry: bool,
}

/// What lanes leave in sync's tables.
#[derive(Default)]
pub(super) struct Filing<'a> {
    /// The positions they take; with none, nothing of it needs one.
    pub positions: u64,
    /// At these offsets.
    pub feed: Vec<(i64, FeedRow)>,
    pub envelopes: Vec<EnvelopeRow<'a>>,
    /// Held envelopes that a person decides now.
    pub reopened: Vec<Uuid>,
    pub documents: Vec<DocumentRow<'a>>,
    /// The actors that came with what was merged, and whose they are; an owner never changes.
    pub actors: BTreeMap<Vec<u8>, Uuid>,
}

/// What was filed.
pub(super) struct Filed {
    /// The feed's position before those that were taken.
    pub before: u64,
    /// How many envelopes were filed: one that waited is decided now; one that was decided stays as it is, but for those `reopened`.
    pub envelopes: u64,
}

/// Takes the feed's positions and writes all that needs one, in one statement: from its head on the whole company waits for these lanes. What others may wait
/// for before (whose an actor is) comes before the head in it too.
pub(super) async fn file(tx: &mut TenantTx, filing: Filing<'_>) -> Result<Filed, sqlx::Error> {
    let (tid, arrived) = (tx.tenant().0, to_stored(tx.now()));
    let Filing { positions, feed, envelopes: rows, reopened, documents, actors } = filing;
    let (offsets, feed): (Vec<_>, Vec<_>) = feed.into_iter().unzip();
    let FeedColumns { audiences, devices, bodies } = feed.into();
    let column = |of: fn(&EnvelopeRow<'_>) -> Vec<u8>| rows.iter().map(of).collect::<Vec<_>>();
    let (actors, owners): (Vec<_>, Vec<_>) = actors.into_iter().unzip();
    let filed = sqlx::query!(
        r#"with owned as (
             insert into sync_actors (tid, actor, device) select $1, actor, device from unnest($2::bytea[], $3::uuid[]) as t (actor, device)
             on conflict (tid, actor) do nothing returning 1),
           head as (
             insert into feed_heads as known (tid, position) select $1, $4::bigint + 0 * owners.n from (select count(*) as n from owned) as owners where $4 > 0
             on conflict (tid) do update set position = known.position + $4 returning position - $4 as before),
           told as (
             insert into feed (tid, position, audiences, device, body) select $1, head.before + place, string_to_array(audience, ' '), device, body
             from head, unnest($5::text[], $6::uuid[], $7::bytea[], $35::bigint[]) as t (audience, device, body, place)),
           document as (
             insert into documents (tid, id, kind, saved, facts, audiences, position)
             select $1, id, kind, saved, facts, string_to_array(audience, ' '), head.before + place
             from head, unnest($8::uuid[], $9::text[], $10::bytea[], $11::int[], $12::text[], $36::bigint[]) as t (id, kind, saved, facts, audience, place)
             on conflict (tid, id) do update set saved = excluded.saved, facts = excluded.facts, audiences = excluded.audiences,
               position = excluded.position),
           filed as (
             insert into envelopes as known (tid, intent_id, document, kind, device, chain, device_seq, change_hash, header_hash, actor, intent, author,
               header, change, signature, standing, code, position, effective_at, clock_clamped, after_expiry, arrived_at)
             select $1, intent_id, document, kind, device, chain, device_seq, change_hash, header_hash, actor, intent, author,
               header, change, signature, standing, code, head.before + place, effective_at, clock_clamped, after_expiry, $13
             from unnest($14::uuid[], $15::uuid[], $16::text[], $17::uuid[], $18::uuid[], $19::bigint[], $20::bytea[], $21::bytea[], $22::bytea[], $23::text[],
               $24::text[], $25::bytea[], $26::bytea[], $27::bytea[], $28::text[], $29::text[], $30::bigint[], $31::timestamptz[], $32::bool[], $33::bool[])
               as t (intent_id, document, kind, device, chain, device_seq, change_hash, header_hash, actor, intent, author,
               header, change, signature, standing, code, place, effective_at, clock_clamped, after_expiry) left join head on true
             on conflict (tid, intent_id) do update set document = excluded.document, kind = excluded.kind, device = excluded.device,
               chain = excluded.chain, device_seq = excluded.device_seq, change_hash = excluded.change_hash, header_hash = excluded.header_hash,
               actor = excluded.actor, intent = excluded.intent, author = excluded.author, header = excluded.header, change = excluded.change,
               signature = excluded.signature, standing = excluded.standing, code = excluded.code, position = excluded.position,
               effective_at = excluded.effective_at, clock_clamped = excluded.clock_clamped, after_expiry = excluded.after_expiry,
               arrived_at = case when known.change_hash = excluded.change_hash then known.arrived_at else excluded.arrived_at end
             where known.standing = 'waiting' or known.code in ('depends_on_refused', 'depends_on_held')
               or known.standing = 'held' and known.intent_id = any ($34)
             returning 1)
           select (select before from head) as before, (select count(*) from filed) as "envelopes!""#,
        tid,
        &actors,
        &owners,
        positions as i64,
        &audiences,
        &devices as &[Option<Uuid>],
        &bodies,
        &documents.iter().map(|row| row.id.0).collect::<Vec<_>>(),
        &documents.iter().map(|row| row.kind.to_owned()).collect::<Vec<_>>(),
        &documents.iter().map(|row| packed::pack(row.saved)).collect::<Vec<_>>(),
        &documents.iter().map(|row| i32::try_from(row.facts).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
        &documents.iter().map(|row| joined(row.audiences)).collect::<Vec<_>>(),
        arrived,
        &rows.iter().map(|row| row.header.intent_id.0).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.header.document.0).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.header.kind.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.header.device.0).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.header.chain.map(|chain| chain.0)).collect::<Vec<_>>() as &[Option<Uuid>],
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
        &rows.iter().map(|row| row.offset).collect::<Vec<_>>() as &[Option<i64>],
        &rows.iter().map(|row| to_stored(row.effective_at)).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.clock_clamped).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.after_expiry).collect::<Vec<_>>(),
        &reopened,
        &offsets,
        &documents.iter().map(|row| row.offset).collect::<Vec<_>>()
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Filed { before: filed.before.unwrap_or(0) as u64, envelopes: filed.envelopes as u64 })
}

/// An audience that lost a document in a lane, or has it again.
pub(super) struct DepartureRow {
    pub document: DocumentId,
    pub audience: String,
    /// The position of the change by which it left; none where the audience has it.
    pub left: Option<u64>,
}

/// Keeps which documents left, for those who come back later than the feed is kept, or enter anew.
pub(super) async fn depart(tx: &mut TenantTx, rows: Vec<DepartureRow>) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let (tid, now) = (tx.tenant().0, to_stored(tx.now()));
    let (left, back): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.left.is_some());
    let (audiences, documents): (Vec<_>, Vec<_>) = back.into_iter().map(|row| (row.audience, row.document.0)).unzip();
    sqlx::query!(
        "delete from document_departures where tid = $1 and (audience, document) in (select * from unnest($2::text[], $3::uuid[]))",
        tid,
        &audiences,
        &documents
    )
    .execute(tx.connection())
    .await?;
    let positions: Vec<_> = left.iter().filter_map(|row| row.left).map(u64::cast_signed).collect();
    let (audiences, documents): (Vec<_>, Vec<_>) = left.into_iter().map(|row| (row.audience, row.document.0)).unzip();
    sqlx::query!(
        "insert into document_departures (tid, audience, document, position, left_at)
         select $1, audience, document, position, $2 from unnest($3::text[], $4::uuid[], $5::bigint[]) as l (audience, document, position)
         on conflict (tid, audience, document) do update set position = excluded.position, left_at = excluded.left_at",
        tid,
        now,
        &audiences,
        &documents,
        &positions
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// As a statement takes them, which has no lists of lists.
fn joined(audiences: &[Audience]) -> String {
    audiences.iter().map(Audience::to_string).collect::<Vec<_>>().join(" ")
}

fn author(header: &Header) -> String {
    match &header.author.account {
        Principal::Account(account) => account.to_string(),
        Principal::System(module) => format!("system:{module}"),
        Principal::Invitation(id) => format!("invitation:{id}"),
    }
}
