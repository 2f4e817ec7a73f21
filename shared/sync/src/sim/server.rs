//! A server, as the simulator drives and questions it.

use crate::ids::{AccountId, DeviceId, DocumentId, GrantId, IntentId};
use crate::time::Timestamp;
use crate::verify::Grant;
use crate::wire::{Answer, PullRequest, PullResponse, PushRequest, PushResponse};
use std::collections::{BTreeMap, BTreeSet};

/// A server as the simulator drives it. The one here is in memory; the real one runs the same histories on Postgres.
pub trait Server {
    /// Takes in a push. Nothing comes back where the server died; what it had committed stays.
    fn push(&mut self, request: PushRequest, crash: Crash) -> Option<PushResponse>;
    /// Serves a page of the feed to whoever is signed in on a device.
    fn pull(&mut self, account: AccountId, request: &PullRequest) -> PullResponse;
    /// The office or time changes something.
    fn happens(&mut self, what: Happening);
    /// Every envelope filed, in the order in which it was: what waited appears again when it is decided.
    fn filed(&self) -> Vec<(IntentId, Answer)>;
    /// The entries of the feed at their positions, from the first.
    fn feed(&self) -> Vec<(u64, FeedItem)>;
    /// The documents as stored.
    fn documents(&self) -> BTreeMap<DocumentId, Vec<u8>>;
}

/// Where a server dies during a push: at which of its lanes, and on which side of the commit.
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
    /// A grant is taken back.
    Revoked(GrantId),
    /// Where an account may read, from now on.
    Reads(AccountId, BTreeSet<uuid::Uuid>),
    /// It is replaced by one that knows the newest intents, which looks again at all that waited.
    Upgraded,
}

/// An entry of the feed, for the checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedItem {
    /// A merged change: its document, its intent, and what it notes where it is the server's own.
    Change(DocumentId, IntentId, Option<i64>),
    /// What became of an envelope that had waited.
    Answer(IntentId),
}

/// Whom the server knows.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    /// The devices' keys.
    pub keys: BTreeMap<DeviceId, [u8; 32]>,
    /// The grants it issued.
    pub grants: BTreeMap<GrantId, Grant>,
    /// Where each account may read now.
    pub reads: BTreeMap<AccountId, BTreeSet<uuid::Uuid>>,
}
