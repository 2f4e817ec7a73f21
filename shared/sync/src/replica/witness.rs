//! Changes that others made, kept with what proves them: should the server come back from a backup, this device may be the only one that has them still.
//!
//! The feed tells each change with its header and signature, and so does a snapshot of those that lie in it. What is not this device's own is kept for as long as its own
//! accepted ones ([`KEEP_ACCEPTED_MS`](super::KEEP_ACCEPTED_MS)), the server's own word included, numbered as it comes: so what a change rests on stands before it. After a new
//! epoch all that was kept before is offered, once what is the device's own has been sent. The server judges it like any envelope: whose it is says its
//! signature, and not who brings it.
//!
//! What is in a document here, and neither in the snapshot that a restored server gives of it, nor this device's own, nor proven, nobody here can bring
//! back: it falls, and what rested on it is replayed, or that would wait for it for ever. Should its maker, or somebody who can prove it, bring it back, it comes by the
//! feed. A document that the server does not give is left as it is: it may just be older than what an audience begins with.
//!
//! What the server takes, or has, is numbered anew: it is kept on, for the next time. What it holds or refuses falls from the document here like a
//! change of one's own; only its maker can replay it. What waits there, or is of a device that the server does not know (any more), stays, and is
//! offered again when the device starts and now and then, until it is too old to be kept.

use super::{FeedState, OutboxRow, OutboxState, StoredDocument};
use crate::bytes::{Bytes, Digest32};
use crate::document::{LoadedDocument, changes_in};
use crate::envelope::{Envelope, Header};
use crate::ids::DocumentId;
use crate::kind::{Kind, Kinds};
use crate::time::Timestamp;
use crate::wire::{Answer, DEVICE_UNKNOWN, Entry, MAX_GRANTS, MAX_PUSH, MAX_PUSH_BYTES, Proof, PullResponse, PushRequest, Snapshot};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most that is kept: some twenty MiB, of which the oldest goes first.
pub const MAX_WITNESSED: u32 = 10_000;

/// A change that is in the books and not this device's own, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witnessed {
    /// Its key in the store: counts up as they come.
    pub number: u64,
    /// The document.
    pub document: DocumentId,
    /// The change's hash, by which it is found again.
    pub change_hash: Digest32,
    /// As its maker signed it.
    pub envelope: Envelope,
    /// The grant that the header names, as issued; none where it names none.
    pub grant: Option<String>,
    /// Device time at which it came.
    pub at: Timestamp,
}

/// The numbers of what is [`Witnessed`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WitnessLog {
    /// The next one.
    pub next: u64,
    /// Those below were kept under an earlier epoch and are to be offered: whether this server has them is not known.
    pub offered_below: u64,
}

impl WitnessLog {
    /// Whether nothing was ever kept.
    pub fn is_new(&self) -> bool {
        *self == Self::default()
    }

    /// The server came back from a backup.
    pub fn begin_epoch(&mut self) {
        self.offered_below = self.next;
    }

    /// Gives the change the next number: what has one already is known to this server from now on.
    pub fn keep(&mut self, change: Witnessed) -> Witnessed {
        let number = self.next;
        self.next += 1;
        Witnessed { number, ..change }
    }

    /// Whether it is to be offered.
    pub fn offers(&self, change: &Witnessed) -> bool {
        change.number < self.offered_below
    }
}

impl FeedState {
    /// Whether the page is of another epoch than what was stored, or the first one: what the server said before it may not know any more, since it came
    /// back from a backup.
    pub fn begins(&self, page: &PullResponse) -> bool {
        self.epoch != Some(page.epoch)
    }

    /// Whether the row is to be [`offered_anew`](super::offered_anew) with the page. Before the first page nothing was heard of but answers.
    pub fn offers_anew(&self, page: &PullResponse, row: &OutboxRow) -> bool {
        self.begins(page) && (self.epoch.is_some() || matches!(row.state, OutboxState::Accepted { .. } | OutboxState::Attention(_)))
    }

    /// Whether the page says what a server that was restored has.
    pub fn enters_anew(&self, page: &PullResponse) -> bool {
        self.look_at_all || self.epoch.is_some_and(|epoch| epoch != page.epoch)
    }
}

/// What a page proves, not numbered yet.
pub fn proven(page: &PullResponse, device_now: Timestamp) -> Vec<Witnessed> {
    let grants: BTreeMap<_, _> = page.grants.iter().map(|grant| (grant.id, &grant.token)).collect();
    let kept = |document: DocumentId, (header, envelope): (Header, Envelope)| {
        let grant = header.author.grant.and_then(|id| grants.get(&id)).map(|token| (*token).clone());
        Witnessed { number: 0, document, change_hash: header.change_hash, envelope, grant, at: device_now }
    };
    let mut seen = Vec::new();
    for entry in &page.entries {
        match entry {
            Entry::Change { document, change, proof: Some(proof), .. } => {
                let envelope = Envelope { header: proof.header.clone(), change: change.clone(), signature: proof.signature.clone() };
                seen.extend(envelope.read_header().ok().map(|header| kept(*document, (header, envelope))));
            }
            Entry::Enter { documents, .. } => {
                let proven = |snapshot| proven_in(snapshot).into_iter().map(|proven| kept(snapshot.document, proven));
                seen.extend(documents.iter().flat_map(proven));
            }
            _ => {}
        }
    }
    seen
}

/// The envelopes that a snapshot proves, made whole with the changes that lie in it.
fn proven_in(snapshot: &Snapshot) -> Vec<(Header, Envelope)> {
    let bare = |proof: &Proof| Envelope { header: proof.header.clone(), change: Bytes(Vec::new()), signature: proof.signature.clone() };
    let mut read: Vec<_> = snapshot.proofs.iter().map(bare).filter_map(|envelope| Some((envelope.read_header().ok()?, envelope))).collect();
    if read.is_empty() {
        return read;
    }
    let mut changes = changes_in(&snapshot.saved.0, &read.iter().map(|(header, _)| header.change_hash).collect());
    read.retain_mut(|(header, envelope)| {
        let change = changes.remove(&header.change_hash);
        envelope.change = Bytes(change.unwrap_or_default());
        !envelope.change.0.is_empty()
    });
    read
}

/// Those of `kept` that lie in the page's snapshots: the server has them.
pub fn confirmed(kinds: &Kinds, page: &PullResponse, kept: &[Witnessed]) -> BTreeSet<u64> {
    let about = |document: DocumentId| kept.iter().filter(move |change| change.document == document);
    let theirs = snapshots(kinds, page, |document| about(document).next().is_some());
    theirs
        .flat_map(|(document, _, theirs)| about(document).filter(move |change| theirs.holds(change.change_hash)).map(|change| change.number))
        .collect()
}

/// What is in the documents here, as they were `stored` before the page, and lost with what the server had before it was restored: those changes that the
/// page's snapshots lack and that are not among the `provable`, which are the device's own and those it [`Witnessed`].
pub fn lost_here(
    kinds: &Kinds,
    page: &PullResponse,
    (stored, provable): (&BTreeMap<DocumentId, StoredDocument>, &BTreeSet<Digest32>),
) -> BTreeMap<DocumentId, BTreeSet<Digest32>> {
    let mut lost = BTreeMap::new();
    for (document, kind, theirs) in snapshots(kinds, page, |document| stored.contains_key(&document)) {
        let Some(here) = stored.get(&document).and_then(|stored| LoadedDocument::load(document, kind, &stored.saved.0).ok()) else { continue };
        let changes = here.writers(|change| !theirs.holds(change.hash()) && !provable.contains(&change.hash()));
        if !changes.is_empty() {
            lost.insert(document, changes);
        }
    }
    lost
}

/// The page's snapshots that are wanted and can be read here.
fn snapshots<'p>(
    kinds: &'p Kinds,
    page: &'p PullResponse,
    wanted: impl Fn(DocumentId) -> bool + 'p,
) -> impl Iterator<Item = (DocumentId, &'static dyn Kind, LoadedDocument)> + 'p {
    let entered = page.entries.iter().filter_map(|entry| if let Entry::Enter { documents, .. } = entry { Some(documents) } else { None });
    entered.flatten().filter(move |snapshot| wanted(snapshot.document)).filter_map(|snapshot| {
        let kind = kinds.get(&snapshot.kind)?;
        Some((snapshot.document, kind, LoadedDocument::load(snapshot.document, kind, &snapshot.saved.0).ok()?))
    })
}

/// The first of these that fit into one push; not more than `most`.
pub fn next_offer(kept: &[Witnessed], most: usize) -> Option<PushRequest> {
    let (mut grants, mut envelopes, mut bytes) = (BTreeSet::new(), Vec::new(), 0);
    for Witnessed { envelope, grant, .. } in kept.iter().take(most.min(MAX_PUSH)) {
        bytes += envelope.header.0.len() + envelope.change.0.len() + envelope.signature.0.len();
        let full = grants.len() == MAX_GRANTS && grant.as_ref().is_some_and(|grant| !grants.contains(grant));
        if full || (bytes > MAX_PUSH_BYTES && !envelopes.is_empty()) {
            break;
        }
        grants.extend(grant.clone());
        envelopes.push(envelope.clone());
    }
    (!envelopes.is_empty()).then(|| PushRequest { grants: grants.into_iter().collect(), envelopes })
}

/// What an answer says of what was offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It is in the books: it is kept under a new number.
    InTheBooks,
    /// It is not: it goes, and falls from the document.
    Outside,
    /// Nothing yet.
    Open,
}

/// What an answer says of what was offered.
pub fn said(answer: &Answer) -> Said {
    match answer {
        Answer::Accepted { .. } => Said::InTheBooks,
        Answer::Duplicate { first } => said(first),
        Answer::Refused { code } if code == DEVICE_UNKNOWN => Said::Open,
        Answer::Held { .. } | Answer::Refused { .. } => Said::Outside,
        Answer::Waiting { .. } | Answer::Retry => Said::Open,
    }
}
