//! The device's side: what to read, and what to write, for each thing that can happen. Pure.
//!
//! A store (IndexedDB in the browser, memory in the simulator) runs each operation as one transaction: it reads the records the
//! operation names, calls the function here, and writes what it answers, all or nothing. Two tabs on one store are therefore safe without knowing
//! of each other: numbers, hashes and documents are read in the transaction that uses them.
//!
//! | operation | reads | writes | durability |
//! | --- | --- | --- | --- |
//! | [`record`] | chain head, document | chain head, outbox row, document, view rows | strict |
//! | [`signed`] | outbox row | outbox row | relaxed |
//! | [`answered`] | outbox row | outbox row moved to `accepted`, or kept with its answer | relaxed |
//! | [`receive`] | documents of the page, feed state | documents, view rows, reference rows, feed state, [`Witnessed`] | relaxed |
//! | [`place`], after a page | documents outside what is followed, their outbox rows | documents and view rows, shown, hidden or gone | relaxed |
//! | [`rebuild`], with either of the two before it | chain head, document, its outbox rows | chain head, outbox rows, document, view rows | strict |

mod leave;
mod rebuild;
mod receive;
mod stored;
mod witness;

pub use crate::outbox::{
    Resting, answered, booked, heard, is_ready, is_undecided, next_push, offered_again, offered_anew, resumed, signed, undecided,
};
pub use leave::{Place, Placed, lost, place, to_place};
pub use rebuild::{Rebuild, Rebuilt, rebuild};
pub use receive::{Received, documents_of, receive};
pub use stored::{StoredDocument, Whose};
pub use witness::{MAX_WITNESSED, Said, WitnessLog, Witnessed, confirmed, lost_here, next_offer, proven, said};

use crate::bytes::{Bytes, Digest32};
use crate::cbor;
use crate::document::{BadDocument, LoadedDocument, MAX_FACTS, recordable};
use crate::envelope::{Author, Basis, BasisSource, Header, IntentCall, MAX_CHANGE_BYTES, MAX_HEADER_BYTES, WIRE_VERSION};
use crate::ids::{ChainId, DeviceId, DocumentId, Epoch, FactId, IntentId, TenantId};
use crate::kind::{Act, Audience, Facts, IntentError, Kind, NewFact, ViewRow};
use crate::time::Timestamp;
use crate::verify::ACTOR_BYTES;
use crate::wire::Answer;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How long an accepted envelope is kept, in milliseconds: should the server come back from a backup, devices offer them again.
pub const KEEP_ACCEPTED_MS: i64 = 14 * 24 * 3_600 * 1_000;

/// The head of the device's chain: one record of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The device.
    pub device: DeviceId,
    /// This creation of its database.
    pub chain: ChainId,
    /// The next number.
    pub next_seq: u64,
    /// Hash of the last header.
    pub prev: Option<Digest32>,
    /// Server clock minus device clock, as last known, in milliseconds.
    pub clock_offset_ms: i64,
    /// The feed as last stored.
    pub feed: FeedState,
}

/// Up to where the feed is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedState {
    /// None before the first pull.
    pub epoch: Option<Epoch>,
    /// Per audience.
    pub cursors: BTreeMap<Audience, u64>,
    /// Documents of no audience that is followed: of one that was left, or recorded without following any. Each goes once nothing of it is open.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub outside: BTreeSet<DocumentId>,
    /// The server came back from a backup, and does not say which audiences were left: all documents are looked at when the feed's head is reached.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub look_at_all: bool,
    /// Grows with each document that goes: whoever writes one of them anew writes under another actor than before.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub generation: u32,
    /// The changes of others that are kept, should the server come back from a backup.
    #[serde(default, skip_serializing_if = "WitnessLog::is_new")]
    pub witness: WitnessLog,
}

impl FeedState {
    /// A document was written here that may be of nobody who is followed, or of which the feed has still to say whose it is.
    fn looks_after(&mut self, kind: &dyn Kind, written: &DocumentWrite) {
        if written.stored.is_unconfirmed(kind) || !self.follows(written.stored.whose()) {
            self.outside.insert(written.document);
        }
    }

    /// Whether somebody who has a document then was read less far. Else it would be here if it were theirs still.
    fn has_not_read(&self, whose: &Whose) -> bool {
        let behind = |audience| self.cursors.get(audience).is_none_or(|cursor| *cursor < whose.position);
        self.epoch != Some(whose.epoch) || whose.audiences.iter().any(behind)
    }

    /// Whether one of these audiences is followed.
    pub fn follows(&self, audiences: &[Audience]) -> bool {
        audiences.iter().any(|audience| self.cursors.contains_key(audience))
    }
}

/// A change that the server has not settled yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRow {
    /// Its number in the chain, and its key in the store.
    pub seq: u64,
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: String,
    /// The intent.
    pub intent_id: IntentId,
    /// The intent's name, to show.
    pub intent: String,
    /// When it was done, by the device's corrected clock.
    pub at: Timestamp,
    /// CBOR of the header.
    pub header: Bytes,
    /// The change.
    pub change: Bytes,
    /// Signed later: keys cannot be asked inside a transaction.
    pub signature: Option<Bytes>,
    /// The author's grant, as issued.
    pub grant: String,
    /// How far it is.
    pub state: OutboxState,
    /// Why it is no longer in the device's document: the code of the answer, or of the refusal when it was replayed. It is kept for its author to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallen: Option<String>,
    /// What spoke of what it rests on and not of itself, until it is replayed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resting: Option<Resting>,
    /// When the feed told of its intent without saying of which envelope, or began anew: what was answered before, by the server's clock, does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told_at: Option<Timestamp>,
    /// Another row stands for its intent since a rebuild. Its envelope is sent all the same, once: whatever rests on it would wait for it for ever, and its
    /// number be a gap in the chain. Whatever the answer, it [`is_over`](Self::is_over) then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replaced: bool,
}

impl OutboxRow {
    /// Whether the server has not said its last word of it.
    pub fn is_open(&self) -> bool {
        !matches!(self.state, OutboxState::Accepted { .. } | OutboxState::Attention(Answer::Refused { .. }))
    }

    /// Its change's hash.
    pub fn change_hash(&self) -> Option<Digest32> {
        cbor::decode::<Header>(&self.header.0).ok().map(|header| header.change_hash)
    }

    /// Whether it is of no more use to anyone, and to be deleted.
    pub fn is_over(&self) -> bool {
        self.replaced && matches!(self.state, OutboxState::Attention(_))
    }
}

/// Now, by both clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// The device's own.
    pub device: Timestamp,
    /// The server's, as its message says.
    pub server: Timestamp,
}

/// How far a change is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxState {
    /// Durable here, never sent.
    Saved,
    /// Sent at least once; no final answer.
    Sent,
    /// The server keeps it until it knows what it rests on or means, and tells through the feed what came of it: not sent again before
    /// [`offered_again`], so that it takes no room from others.
    Waiting,
    /// Held or refused: the person has a task.
    Attention(Answer),
    /// In the books. Kept for [`KEEP_ACCEPTED_MS`] in the store's `accepted` records.
    Accepted {
        /// Device time of the answer.
        at: Timestamp,
    },
}

/// What a person does, before it is a change.
pub struct Draft {
    /// The company.
    pub tenant: TenantId,
    /// The document.
    pub document: DocumentId,
    /// Its kind.
    pub kind: &'static dyn Kind,
    /// Born with the tap.
    pub intent_id: IntentId,
    /// What is meant.
    pub call: IntentCall,
    /// Who acts.
    pub author: Author,
    /// The author's grant, as issued.
    pub grant: String,
    /// Random per document and tab.
    pub actor: Vec<u8>,
    /// The device's own clock.
    pub device_now: Timestamp,
}

/// What [`record`] writes.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The new head.
    pub chain: ChainHead,
    /// The new outbox row.
    pub outbox: OutboxRow,
    /// The document and its rows.
    pub document: DocumentWrite,
}

/// A document's records after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentWrite {
    /// The document.
    pub document: DocumentId,
    /// Its new record.
    pub stored: StoredDocument,
    /// Rows to put.
    pub rows: Vec<ViewRow>,
    /// Rows to delete: (view, key).
    pub gone: Vec<(String, String)>,
}

/// Why nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The intent's own rule.
    #[error(transparent)]
    Intent(#[from] IntentError),
    /// Its audience was left: what is there is sent, and nothing is added.
    #[error("the document is no longer this account's")]
    Left,
    /// The document holds as much as a device writes into one; a new part begins.
    #[error("the document is full")]
    DocumentFull,
    /// The stored document cannot be read.
    #[error(transparent)]
    Document(#[from] BadDocument),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl ChainHead {
    /// The head of a new chain.
    pub fn begin(device: DeviceId, chain: ChainId) -> Self {
        Self { device, chain, next_seq: 1, prev: None, clock_offset_ms: 0, feed: FeedState::default() }
    }

    /// The device's clock, corrected.
    pub fn corrected(&self, device_now: Timestamp) -> Timestamp {
        device_now.plus_ms(self.clock_offset_ms)
    }

    fn basis(&self) -> Basis {
        let epoch = self.feed.epoch.unwrap_or(Epoch::from_bytes([0; 16]));
        let position = self.feed.cursors.values().copied().max().unwrap_or(0);
        Basis { source: BasisSource::Server, epoch, position }
    }
}

/// A document that is recorded on: as it is stored, and read.
pub struct Standing {
    stored: Option<StoredDocument>,
    document: LoadedDocument,
}

impl Standing {
    /// Reads it; without a record it begins.
    pub fn load(id: DocumentId, kind: &'static dyn Kind, stored: Option<StoredDocument>) -> Result<Self, BadDocument> {
        let document = match &stored {
            Some(stored) => LoadedDocument::load(id, kind, &stored.saved.0)?,
            None => LoadedDocument::genesis(id, kind),
        };
        Ok(Self { stored, document })
    }

    /// What it says; none where there is no record of it, or its audience was left.
    pub fn facts(&self) -> Option<&Facts> {
        self.stored.as_ref().filter(|stored| !stored.left).map(|_| self.document.facts())
    }
}

/// A person's act becomes a change: facts, header, document, view rows, next number; to be written strictly durable in one transaction.
pub fn record(chain: &ChainHead, stored: Option<&StoredDocument>, draft: Draft) -> Result<Recorded, RecordError> {
    record_on(chain, &mut Standing::load(draft.document, draft.kind, stored.cloned())?, draft)
}

/// The same on a document that was read already, as it stands after it. After a refusal it is to be read anew.
pub fn record_on(chain: &ChainHead, Standing { stored, document }: &mut Standing, draft: Draft) -> Result<Recorded, RecordError> {
    if stored.as_ref().is_some_and(|stored| stored.left) {
        return Err(RecordError::Left);
    }
    let at = chain.corrected(draft.device_now);
    let act = Act { by: draft.author.account.clone(), at, document: draft.document, intent_id: draft.intent_id };
    let yielded = draft.kind.run(document.facts(), &draft.call, &act)?;
    if document.facts().len() + yielded.facts.len() > MAX_FACTS {
        return Err(RecordError::DocumentFull);
    }
    let facts = recordable(document, draft.intent_id, yielded.facts)?;
    let stated = Header {
        v: WIRE_VERSION,
        tenant: draft.tenant,
        document: draft.document,
        kind: draft.kind.name().to_owned(),
        device: chain.device,
        chain: Some(chain.chain),
        device_seq: chain.next_seq,
        prev: chain.prev,
        change_hash: Digest32([0; 32]),
        actor: Bytes(actor_in(chain, stored.as_ref(), &draft.actor)),
        intent_id: draft.intent_id,
        intent: draft.call,
        author: draft.author,
        co_author: None,
        basis: chain.basis(),
        wall_time_ms: at,
    };
    let (mut next, outbox) = append(chain, document, (stated, draft.grant), &facts)?;
    let write = write(draft.kind, document, stored.as_ref());
    *stored = Some(write.stored.clone());
    next.feed.looks_after(draft.kind, &write);
    Ok(Recorded { chain: next, outbox, document: write })
}

/// The actor under which whoever brought `actor` writes the document: another one after each rebuild, and after documents went.
fn actor_in(chain: &ChainHead, stored: Option<&StoredDocument>, actor: &[u8]) -> Vec<u8> {
    match chain.feed.generation.saturating_add(stored.map_or(0, |stored| stored.rebuilt)) {
        0 => actor.to_vec(),
        times => Digest32::of(&[actor, &times.to_be_bytes()].concat()).0[..ACTOR_BYTES].to_vec(),
    }
}

/// Facts become the next change of the chain, in the document and in a row that is to be sent. `stated` says all but what follows from that.
fn append(
    chain: &ChainHead,
    document: &mut LoadedDocument,
    (stated, grant): (Header, String),
    facts: &[(FactId, NewFact)],
) -> Result<(ChainHead, OutboxRow), IntentError> {
    let change = document.record(&stated.actor.0, facts);
    let header = Header { device_seq: chain.next_seq, prev: chain.prev, change_hash: change.hash(), ..stated };
    let bytes = cbor::encode(&header);
    // What no server would read must not be shown as saved.
    if bytes.len() > MAX_HEADER_BYTES || change.bytes().len() > MAX_CHANGE_BYTES {
        return Err(IntentError::Refused { code: "act_too_large" });
    }
    let next = ChainHead { next_seq: chain.next_seq + 1, prev: Some(Digest32::of(&bytes)), ..chain.clone() };
    let row = OutboxRow {
        seq: chain.next_seq,
        document: header.document,
        kind: header.kind,
        intent_id: header.intent_id,
        intent: header.intent.name,
        at: header.wall_time_ms,
        header: Bytes(bytes),
        change: Bytes(change.bytes().to_vec()),
        signature: None,
        grant,
        state: OutboxState::Saved,
        fallen: None,
        resting: None,
        told_at: None,
        replaced: false,
    };
    Ok((next, row))
}

fn write(kind: &'static dyn Kind, document: &LoadedDocument, before: Option<&StoredDocument>) -> DocumentWrite {
    // After a rebuild nothing may be there: then there is nothing to show, but the device still knows how often it was rebuilt.
    let left = before.is_some_and(|stored| stored.left);
    let rows = if left || document.facts().is_empty() { Vec::new() } else { kind.view(document.id(), document.facts()) };
    let keys: Vec<_> = rows.iter().map(|row| (row.view.clone(), row.key.clone())).collect();
    let gone = before.map(|stored| stored.view_keys.iter().filter(|key| !keys.contains(key)).cloned().collect()).unwrap_or_default();
    let rebuilt = before.map_or(0, |stored| stored.rebuilt);
    let told = kind.audiences(document.id(), document.facts());
    // Of what fell as a whole, it stays known whose it was.
    let audiences = before.filter(|_| told.is_empty()).map_or(told, |stored| stored.audiences.clone());
    let told = before.and_then(|stored| stored.told.clone());
    let stored = StoredDocument { kind: kind.name().to_owned(), saved: Bytes(document.save()), view_keys: keys, rebuilt, audiences, told, left };
    DocumentWrite { document: document.id(), stored, rows, gone }
}
