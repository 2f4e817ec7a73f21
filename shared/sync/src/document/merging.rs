//! Merging, change by change, and what is asked of a document between two of them.
//!
//! Whether a change may be merged takes its place in the history, the facts and nothing else, and Automerge takes in twelve changes at once in hardly more time than one. So
//! whoever judges many lets them run ahead of Automerge, and has it take them in at the end.

use super::{BadDocument, LoadedDocument, NewChange, digest};
use crate::bytes::Digest32;
use crate::kind::Facts;
use automerge::{Automerge, Change, ChangeHash};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Changes that were merged and that Automerge has not taken in yet, in their order.
#[derive(Clone, Default)]
pub(super) struct Ahead {
    changes: Vec<Change>,
    places: BTreeMap<ChangeHash, usize>,
}

impl Ahead {
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    fn get(&self, hash: &ChangeHash) -> Option<&Change> {
        self.places.get(hash).map(|place| &self.changes[*place])
    }

    fn push(&mut self, change: Change) {
        self.places.insert(change.hash(), self.changes.len());
        self.changes.push(change);
    }
}

impl LoadedDocument {
    /// The hashes no change rests on yet, sorted.
    pub fn heads(&self) -> Vec<Digest32> {
        let mut heads: BTreeSet<ChangeHash> = self.automerge.get_heads().into_iter().collect();
        for change in &self.ahead.changes {
            heads.retain(|head| !change.deps().contains(head));
            heads.insert(change.hash());
        }
        let mut heads: Vec<_> = heads.into_iter().map(digest).collect();
        heads.sort_unstable();
        heads
    }

    /// Whether the change has been merged.
    pub fn holds(&self, hash: Digest32) -> bool {
        let hash = ChangeHash(hash.0);
        self.ahead.get(&hash).is_some() || self.automerge.get_change_meta_by_hash(&hash).is_some()
    }

    /// Which of the change's dependencies are not merged.
    pub fn missing(&self, change: &NewChange) -> Vec<Digest32> {
        change.deps().into_iter().filter(|hash| !self.holds(*hash)).collect()
    }

    /// Whether `ancestor` is one of `from` or lies behind them.
    pub fn lies_behind(&self, ancestor: Digest32, from: &[Digest32]) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = from.to_vec();
        while let Some(hash) = open.pop() {
            if hash == ancestor {
                return true;
            }
            if seen.insert(hash) {
                open.extend(self.deps_of(ChangeHash(hash.0)));
            }
        }
        false
    }

    /// Has Automerge catch up where only it can tell the facts at `deps`, instead of in each copy that is asked.
    pub(crate) fn prepare_facts_at(&mut self, deps: &[Digest32]) -> Result<(), BadDocument> {
        let mut sorted = deps.to_vec();
        sorted.sort_unstable();
        if sorted == self.heads() { Ok(()) } else { self.catch_up() }
    }

    /// The facts as they stood at `deps`, all of them merged.
    pub fn facts_at(&self, deps: &[Digest32]) -> Result<Cow<'_, Facts>, BadDocument> {
        let mut sorted = deps.to_vec();
        sorted.sort_unstable();
        if sorted == self.heads() {
            return Ok(Cow::Borrowed(&self.facts));
        }
        let hashes: Vec<_> = deps.iter().map(|hash| ChangeHash(hash.0)).collect();
        self.read_facts(Some(&hashes)).map(Cow::Owned).map_err(|cause| BadDocument { document: self.id, cause })
    }

    /// Whether the change, whose dependencies are merged, continues them: its actor's next number, resting on the one before, and the next
    /// operation number. Automerge asserts the first, and takes any of the second, the last one there is included, after which
    /// nobody could write any more.
    pub fn continues(&mut self, change: &NewChange) -> bool {
        let highest = change.change.deps().iter().filter_map(|hash| self.max_op(hash)).max().unwrap_or(0);
        if change.change.start_op().get() != highest + 1 {
            return false;
        }
        match self.actors().get(change.actor()).copied() {
            None => change.change.seq() == 1,
            Some((last, hash)) => change.change.seq() == last + 1 && self.lies_behind(hash, &change.deps()),
        }
    }

    /// Merges a change all of whose dependencies are merged. Merging it again changes nothing; one that does not continue its
    /// dependencies changes nothing either, and is an error.
    pub fn merge(&mut self, change: &NewChange) -> Result<(), BadDocument> {
        self.merge_ahead(change)?;
        self.catch_up()
    }

    /// The same, for whoever merges more before anything is recorded or saved, and then calls [`LoadedDocument::catch_up`].
    pub(crate) fn merge_ahead(&mut self, change: &NewChange) -> Result<(), BadDocument> {
        if self.holds(change.hash()) {
            return Ok(());
        }
        if !self.missing(change).is_empty() {
            return Err(self.bad("a change came before what it rests on"));
        }
        if !self.continues(change) {
            return Err(self.bad("a change does not continue what it rests on"));
        }
        let last = (change.change.seq(), change.hash());
        self.actors().insert(change.actor().to_vec(), last);
        self.ahead.push(change.change.clone());
        for (container, id, bytes) in &change.facts {
            self.facts.insert(self.containers[*container], *id, bytes.clone());
        }
        Ok(())
    }

    /// Has Automerge take in what ran ahead of it.
    pub(crate) fn catch_up(&mut self) -> Result<(), BadDocument> {
        if self.ahead.is_empty() {
            return Ok(());
        }
        let Ahead { changes, places } = std::mem::take(&mut self.ahead);
        self.automerge.apply_changes(changes).map_err(|error| self.bad(&error.to_string()))?;
        // Automerge queues a change whose dependencies are missing and says Ok: look for it.
        let taken = places.keys().all(|hash| self.automerge.get_change_meta_by_hash(hash).is_some());
        if taken { Ok(()) } else { Err(self.bad("a change was queued instead of merged")) }
    }

    /// All of it, as Automerge holds it.
    pub(super) fn whole(&self) -> Result<Cow<'_, Automerge>, String> {
        if self.ahead.is_empty() {
            return Ok(Cow::Borrowed(&self.automerge));
        }
        let mut automerge = self.automerge.clone();
        automerge.apply_changes(self.ahead.changes.iter().cloned()).map_err(|error| error.to_string())?;
        Ok(Cow::Owned(automerge))
    }

    /// The last change of each actor, and its number.
    fn actors(&mut self) -> &mut BTreeMap<Vec<u8>, (u64, Digest32)> {
        let automerge = &self.automerge;
        self.actors.get_or_insert_with(|| {
            let last = |meta: automerge::ChangeMetadata<'_>| (meta.actor.to_bytes().to_vec(), (meta.seq, digest(meta.hash)));
            automerge.get_changes_meta(&[]).into_iter().map(last).collect()
        })
    }

    fn deps_of(&self, hash: ChangeHash) -> Vec<Digest32> {
        match self.ahead.get(&hash) {
            Some(change) => change.deps().iter().copied().map(digest).collect(),
            None => self
                .automerge
                .get_change_meta_by_hash(&hash)
                .into_iter()
                .flat_map(|meta| meta.deps.iter().copied().map(digest).collect::<Vec<_>>())
                .collect(),
        }
    }

    fn max_op(&self, hash: &ChangeHash) -> Option<u64> {
        let ahead = self.ahead.get(hash).map(Change::max_op);
        ahead.or_else(|| self.automerge.get_change_meta_by_hash(hash).map(|meta| meta.max_op))
    }

    fn bad(&self, cause: &str) -> BadDocument {
        BadDocument { document: self.id, cause: cause.to_owned() }
    }
}
