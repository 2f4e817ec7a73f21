//! A page of the feed on its way into the device's records.

use super::{DocumentWrite, FeedState, StoredDocument, Whose, write};
use crate::bytes::Digest32;
use crate::document::LoadedDocument;
use crate::hub::trusted_change;
use crate::ids::{DocumentId, IntentId};
use crate::kind::{Audience, Kind, Kinds};
use crate::time::Timestamp;
use crate::wire::{Answer, Entry, PullResponse, ReferenceRow, Snapshot};
use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

/// What [`receive`] writes.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// Changed documents.
    pub documents: Vec<DocumentWrite>,
    /// Reference rows that came one by one, each with its audience where it is not everybody's.
    pub rows: Vec<(ReferenceRow, Option<Audience>)>,
    /// Addresses of packed pages to fetch and store before the cursor moves past them.
    pub bootstrap: Vec<String>,
    /// Intents that are in the books, each with the change that is, where it can be read: their outbox rows are [`booked`](super::booked).
    pub accepted: BTreeMap<IntentId, Option<Digest32>>,
    /// Answers to changes of this device.
    pub answers: Vec<(IntentId, Answer)>,
    /// Audiences that are no longer the account's.
    pub left: Vec<Audience>,
    /// An audience begins anew: what the server told before is not told again, so outbox rows are to be [`offered_again`](super::offered_again).
    pub entered: bool,
    /// The new feed state, but for what [`place`](super::place) makes of the documents outside of it.
    pub feed: FeedState,
    /// The page's time, where it reached the head of the feed: whatever explains an answer from before that has been told. Every document with
    /// a row that is [`Resting`](super::Resting) is to be rebuilt.
    pub reached: Option<Timestamp>,
    /// Changes of this device whose intents are in the books in other changes, by document: it is to be rebuilt without them.
    pub doubled: BTreeMap<DocumentId, BTreeSet<Digest32>>,
    /// Changes that could not be read here, such as of a kind this app does not know: shown and counted, never in the way of others.
    pub unreadable: Vec<(DocumentId, String)>,
}

/// The documents a page touches, to be read before [`receive`].
pub fn documents_of(page: &PullResponse) -> BTreeSet<DocumentId> {
    let mut documents = BTreeSet::new();
    for entry in &page.entries {
        match entry {
            Entry::Change { document, .. } | Entry::Departed { document, .. } => {
                documents.insert(*document);
            }
            Entry::Enter { documents: snapshots, .. } => documents.extend(snapshots.iter().map(|snapshot| snapshot.document)),
            _ => {}
        }
    }
    documents
}

/// A page of the feed becomes records, to be written in one transaction with the cursor. Receiving a page twice changes nothing. A document that
/// cannot be read here is told of in [`Received::unreadable`] and holds up no other. `before` is the feed state as it was.
pub fn receive(kinds: &Kinds, (before, stored): (&FeedState, &BTreeMap<DocumentId, StoredDocument>), page: &PullResponse) -> Received {
    let feed = FeedState { epoch: Some(page.epoch), cursors: page.cursors.clone(), ..FeedState::default() };
    let mut received = Received { feed, reached: (!page.more).then_some(page.server_time_ms), ..Received::default() };
    let mut desk = Desk { kinds, stored, page, loaded: BTreeMap::new(), told: BTreeMap::new(), doubled: BTreeMap::new() };
    for entry in &page.entries {
        match entry {
            Entry::Change { position, document, kind, change, intent_id, audiences, .. } => {
                if let Some(audiences) = audiences {
                    desk.hears(*document, (*position, audiences));
                }
                match desk.merge_change(*document, kind, &change.0) {
                    // Its row is sent once more and hears of it then, so that the server knows which of its changes it did not take.
                    Ok((_, true)) => {}
                    Ok((hash, false)) => drop(received.accepted.insert(*intent_id, Some(hash))),
                    Err(cause) => {
                        received.accepted.insert(*intent_id, None);
                        received.unreadable.push((*document, cause));
                    }
                }
            }
            Entry::Row { row, audience, .. } => received.rows.push((row.clone(), audience.clone())),
            Entry::Answer { intent_id, answer, .. } => received.answers.push((*intent_id, answer.clone())),
            Entry::Enter { documents, bootstrap, position, .. } => {
                received.entered = true;
                for snapshot in documents {
                    match desk.merge_snapshot(snapshot, *position) {
                        Ok(accepted) => received.accepted.extend(accepted),
                        Err(cause) => {
                            received.accepted.extend(snapshot.intents.iter().map(|intent| (*intent, None)));
                            received.unreadable.push((snapshot.document, cause));
                        }
                    }
                }
                received.bootstrap.extend(bootstrap.iter().flat_map(|manifest| manifest.pages.iter().cloned()));
            }
            Entry::Departed { position, document } => {
                if let Err(cause) = desk.depart(*document, *position) {
                    received.unreadable.push((*document, cause));
                }
            }
            Entry::Leave { audience } => received.left.push(audience.clone()),
            Entry::MinimumVersion { .. } => {}
        }
    }
    received.doubled = std::mem::take(&mut desk.doubled);
    let Desk { loaded, mut told, .. } = desk;
    // Pages overtake each other, and audiences are read to different places: what is not here, and is not news of somebody who is followed, has left.
    let comes = |whose: &Whose| received.feed.follows(&whose.audiences) && before.has_not_read(whose);
    let gone = |document: &DocumentId| {
        let moves = loaded.get(document).is_some_and(|(kind, _)| kind.moves());
        moves && !stored.contains_key(document) && !told.get(document).is_some_and(comes)
    };
    let left: BTreeSet<_> = loaded.keys().copied().filter(gone).collect();
    let is_there =
        |(_, document): &(_, LoadedDocument)| stored.contains_key(&document.id()) || !(document.facts().is_empty() || left.contains(&document.id()));
    let loaded = loaded.into_values().filter(is_there);
    let write = |(kind, document): (&'static dyn Kind, LoadedDocument)| {
        let mut written = write(kind, &document, stored.get(&document.id()));
        let told = told.remove(&document.id());
        if let Some(told) = told.filter(|told| written.stored.told.as_ref().is_none_or(|before| told.is_newer_than(before))) {
            written.stored.told = Some(told);
        }
        written
    };
    received.documents = loaded.map(write).collect();
    received
}

/// The documents that a page touches, each loaded once.
struct Desk<'d> {
    kinds: &'d Kinds,
    stored: &'d BTreeMap<DocumentId, StoredDocument>,
    page: &'d PullResponse,
    loaded: BTreeMap<DocumentId, (&'static dyn Kind, LoadedDocument)>,
    /// Who has them, as the page said last.
    told: BTreeMap<DocumentId, Whose>,
    doubled: BTreeMap<DocumentId, BTreeSet<Digest32>>,
}

impl Desk<'_> {
    fn document(&mut self, id: DocumentId, kind_name: &str) -> Result<(&'static dyn Kind, &mut LoadedDocument), String> {
        let kind = self.kinds.get(kind_name).ok_or_else(|| format!("kind {kind_name} is not known here"))?;
        let (kind, document) = match self.loaded.entry(id) {
            Slot::Occupied(slot) => slot.into_mut(),
            Slot::Vacant(slot) => {
                let document = match self.stored.get(&id) {
                    Some(stored) => LoadedDocument::load(id, kind, &stored.saved.0).map_err(|bad| bad.to_string())?,
                    None => LoadedDocument::genesis(id, kind),
                };
                slot.insert((kind, document))
            }
        };
        Ok((*kind, document))
    }

    /// What the page says of whose a document is; its entries stand in order, and snapshots tell of any position.
    fn is_told(&mut self, document: DocumentId, whose: Option<Whose>) {
        let Some(whose) = whose else { return };
        if self.told.get(&document).is_none_or(|before| whose.is_newer_than(before)) {
            self.told.insert(document, whose);
        }
    }

    /// The page says which of its reader's audiences have a document. Of others, which colleagues on the device follow, the last word stays: they are told
    /// themselves.
    fn hears(&mut self, document: DocumentId, (position, said): (u64, &[Audience])) {
        let (stored, page, told) = (self.stored, self.page, &self.told);
        let stored = stored.get(&document).and_then(|stored| stored.told.as_ref());
        let before =
            [told.get(&document), stored].into_iter().flatten().filter(|before| before.epoch == page.epoch).max_by_key(|before| before.position);
        let of_others = before.into_iter().flat_map(|before| &before.audiences).filter(|audience| !page.cursors.contains_key(audience));
        let audiences: BTreeSet<_> = of_others.chain(said).cloned().collect();
        self.is_told(document, Some(Whose { epoch: page.epoch, position, audiences: audiences.into_iter().collect() }));
    }

    /// It went to somebody whom the page's reader does not follow; nothing is to be done where it is not here.
    fn depart(&mut self, document: DocumentId, position: u64) -> Result<(), String> {
        if let Some(stored) = self.stored.get(&document) {
            self.document(document, &stored.kind)?;
        }
        self.hears(document, (position, &[]));
        Ok(())
    }

    /// The change, and whether another one of the same intent was in the document: this device's own, which the server did not take.
    fn merge_change(&mut self, id: DocumentId, kind_name: &str, bytes: &[u8]) -> Result<(Digest32, bool), String> {
        let is_new = !self.stored.contains_key(&id);
        let (kind, document) = self.document(id, kind_name)?;
        let change = trusted_change(id, kind, bytes).map_err(|bad| bad.to_string())?;
        if is_new && kind.moves() && !document.missing(&change).is_empty() {
            // It left, and is gone from here: a page from before tells of it once more. Whoever gets a document is told all of it, from the beginning.
            return Ok((change.hash(), false));
        }
        let others = if document.holds(change.hash()) { BTreeSet::new() } else { document.writers(|written| written.shares_a_fact(&change)) };
        document.merge(&change).map_err(|bad| bad.to_string())?;
        let doubled = !others.is_empty();
        if doubled {
            self.doubled.entry(id).or_default().extend(others);
        }
        Ok((change.hash(), doubled))
    }

    /// Answers which intents of the device are in the books, each with the change that is.
    fn merge_snapshot(&mut self, snapshot: &Snapshot, entered: u64) -> Result<BTreeMap<IntentId, Option<Digest32>>, String> {
        let epoch = self.page.epoch;
        let (kind, document) = self.document(snapshot.document, &snapshot.kind)?;
        let theirs = LoadedDocument::load(snapshot.document, kind, &snapshot.saved.0).map_err(|bad| bad.to_string())?;
        let position = snapshot.position.unwrap_or(entered);
        let told = kind.moves().then(|| Whose { epoch, position, audiences: kind.audiences(snapshot.document, theirs.facts()) });
        let mut accepted: BTreeMap<_, _> = snapshot.intents.iter().map(|intent| (*intent, None)).collect();
        if !accepted.is_empty() {
            theirs.writers(|written| {
                accepted.iter_mut().filter(|(intent, _)| written.speaks_for(**intent)).for_each(|(_, change)| *change = Some(written.hash()));
                false
            });
        }
        let others = document.writers(|written| !theirs.holds(written.hash()) && written.overwrites(kind.containers(), theirs.facts()));
        document.merge_all(&theirs).map_err(|bad| bad.to_string())?;
        if !others.is_empty() {
            self.doubled.entry(snapshot.document).or_default().extend(others);
        }
        self.is_told(snapshot.document, told);
        Ok(accepted)
    }
}
