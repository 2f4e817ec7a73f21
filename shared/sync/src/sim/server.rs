//! A server, as the simulator drives and questions it.

use crate::bytes::Digest32;
use crate::ids::{AccountId, ChainId, DeviceId, DocumentId, Epoch, GrantId, IntentId};
use crate::sim::photos::{Asker, PhotoAnswer, PhotoAsk};
use crate::time::Timestamp;
use crate::verify::Grant;
use crate::wire::{Answer, PullRequest, PullResponse, PushRequest, PushResponse};
use std::collections::{BTreeMap, BTreeSet};

/// A server as the simulator drives it. The one here is in memory; the real one runs the same histories on Postgres.
pub trait Server {
    /// Whether it can be made to die where a photo's file has its name and the tables do not say so yet.
    const DIES_BETWEEN_FILES_AND_TABLES: bool;
    /// Takes in a push. Nothing comes back where the server died; what it had committed stays.
    fn push(&mut self, request: PushRequest, crash: Crash) -> Option<PushResponse>;
    /// Serves a page of the feed to whoever is signed in on a device.
    fn pull(&mut self, account: AccountId, request: &PullRequest) -> PullResponse;
    /// Answers whoever asks about a photo. Nothing comes back where the server died.
    fn asked(&mut self, asker: Asker, ask: &PhotoAsk, crash: Crash) -> Option<PhotoAnswer>;
    /// The office or time changes something.
    fn happens(&mut self, what: Happening);
    /// Every envelope filed, in the order in which it was, without the first so many: what waited appears again when it is decided.
    fn filed(&self, from: usize) -> Vec<Filed>;
    /// The entries of the feed after a position, with their own.
    fn feed(&self, after: u64) -> Vec<(u64, FeedItem)>;
    /// A document as stored.
    fn document(&self, id: DocumentId) -> Option<Vec<u8>>;
    /// What its tables say: each document's marks, added up.
    fn totals(&self) -> BTreeMap<DocumentId, i64>;
    /// The photos that are there, whole.
    fn photos(&self) -> BTreeMap<Digest32, Vec<u8>>;
    /// Whether it knows the device: it enrolled, or was taken up from a grant.
    fn knows(&self, device: DeviceId) -> bool;
    /// The intents whose events have been published, in order; more than once where the publisher was not sure.
    fn published(&self) -> Vec<IntentId>;
}

/// An envelope on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Its intent.
    pub intent_id: IntentId,
    /// Its change.
    pub change_hash: Digest32,
    /// What came of it; a repeat's answer where another one of its intent stands for it.
    pub answer: Answer,
    /// Where it was accepted: when it counts as done, and whether that was after its grant had ended.
    pub counted: Option<(Timestamp, bool)>,
}

/// Where a server dies during a push: at which of its lanes, and on which side of the commit. With a photo's piece the first place before is that between
/// file and tables, the others are between the whole file's new name and the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// It does not.
    Never,
    /// Before the commit of that lane.
    Before(usize),
    /// After it.
    After(usize),
}

/// Something that happens to the server.
#[derive(Debug, Clone)]
pub enum Happening {
    /// Its clock moves.
    Now(Timestamp),
    /// A device enrols, or does so once more, as whoever has forgotten it asks.
    Joined(Registry),
    /// A device enrols once more, with another chain.
    Enrolled(DeviceId, ChainId),
    /// A grant is taken back.
    Revoked(GrantId),
    /// Somebody in the office decides about a held envelope: it is released, all reasons in [`SET_ASIDE`] aside, or rejected. What cannot be released
    /// stays held.
    Decided(IntentId, bool),
    /// Where an account may read, from now on.
    Reads(AccountId, BTreeSet<uuid::Uuid>),
    /// It is replaced by one that knows this version of each intent, which looks again at all that waited.
    Upgraded(u16),
    /// It publishes the events that are due, and perhaps dies before it has noted that it did.
    Publishes {
        /// Whether it dies.
        dies: bool,
    },
    /// So many bytes of photos may be kept, from now on.
    Room(u64),
    /// The files of a photo are gone.
    LosesFiles(Digest32),
    /// Its database is copied as it stands, and its files.
    BackedUp,
    /// The copy is put in the database's place, and a new epoch begins. It is the same program, and the true time.
    Restored(Epoch),
}

/// What the office sets aside when it releases something.
pub const SET_ASIDE: [&str; 2] = ["grant_revoked", "dependencies_moved_back"];

/// An entry of the feed, for the checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedItem {
    /// A merged change: its document, its intent, and what it notes where it is the server's own.
    Change(DocumentId, IntentId, Option<i64>),
    /// A change that was told before, for whoever gets its document only now.
    Again(DocumentId, IntentId),
    /// What became of an envelope that had waited.
    Answer(IntentId),
}

/// Whom the server knows.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    /// The devices' keys.
    pub keys: BTreeMap<DeviceId, [u8; 32]>,
    /// The chains they enrolled with.
    pub chains: BTreeSet<(DeviceId, ChainId)>,
    /// The grants it issued.
    pub grants: BTreeMap<GrantId, Grant>,
    /// Where each account may read now.
    pub reads: BTreeMap<AccountId, BTreeSet<uuid::Uuid>>,
}

impl Registry {
    /// Learns what it does not know; what was taken back stays so.
    pub fn learn(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.chains.extend(other.chains);
        let known = std::mem::take(&mut self.grants);
        self.grants = other.grants.into_iter().chain(known).collect();
        self.reads.extend(other.reads);
    }
}
