//! Which changes of a document rest on which, and the document without some of them.

use super::merging::Ahead;
use super::{BadDocument, LoadedDocument, NewChange, digest};
use crate::bytes::Digest32;
use crate::ids::{FactId, IntentId};
use crate::kind::Facts;
use automerge::Automerge;
use std::collections::{BTreeMap, BTreeSet};

/// Those of the changes that lie in a saved document, each in the bytes in which it came; none where it cannot be read.
///
/// A change is taken only in its one form, so what Automerge writes of it is what was signed.
pub fn changes_in(saved: &[u8], wanted: &BTreeSet<Digest32>) -> BTreeMap<Digest32, Vec<u8>> {
    let Ok(automerge) = Automerge::load(saved) else { return BTreeMap::new() };
    let changes = automerge.get_changes(&[]).into_iter().map(|change| (digest(change.hash()), change.raw_bytes().to_vec()));
    changes.filter(|(hash, _)| wanted.contains(hash)).collect()
}

impl LoadedDocument {
    /// Those of `changes` that are in the document, and all that rest on them.
    pub fn resting_on(&self, changes: &BTreeSet<Digest32>) -> BTreeSet<Digest32> {
        let mut resting = BTreeSet::new();
        // Automerge tells each change after those it rests on.
        for meta in self.automerge.get_changes_meta(&[]) {
            let hash = digest(meta.hash);
            if changes.contains(&hash) || meta.deps.iter().any(|dep| resting.contains(&digest(*dep))) {
                resting.insert(hash);
            }
        }
        resting
    }

    /// The document without these changes. Whatever rests on them is among them.
    pub fn without(&self, changes: &BTreeSet<Digest32>) -> Result<Self, BadDocument> {
        let bad = |cause: String| BadDocument { document: self.id, cause };
        let kept = self.automerge.get_changes(&[]).into_iter().filter(|change| !changes.contains(&digest(change.hash())));
        let mut automerge = Automerge::new();
        automerge.apply_changes(kept).map_err(|error| bad(error.to_string()))?;
        let mut document =
            Self { id: self.id, containers: self.containers, automerge, facts: Facts::default(), actors: None, ahead: Ahead::default() };
        document.facts = document.read_facts(None).map_err(bad)?;
        Ok(document)
    }

    /// The changes for which `wanted` holds.
    pub(crate) fn writers(&self, mut wanted: impl FnMut(&NewChange) -> bool) -> BTreeSet<Digest32> {
        let changes = self.automerge.get_changes(&[]);
        // Genesis adds no fact, so it does not read as a change of ours.
        let read = changes.iter().filter_map(|change| NewChange::read(self.id, self.containers, change.raw_bytes()).ok());
        read.filter(|change| wanted(change)).map(|change| change.hash()).collect()
    }
}

impl NewChange {
    /// Whether both write some fact: then they are of one intent.
    pub(crate) fn shares_a_fact(&self, other: &Self) -> bool {
        self.facts.iter().any(|(container, id, _)| other.facts.iter().any(|(there, theirs, _)| (container, id) == (there, theirs)))
    }

    /// Whether it is the change of that intent.
    pub(crate) fn speaks_for(&self, intent: IntentId) -> bool {
        let first = FactId::of(intent, 0);
        self.facts.iter().any(|(_, id, _)| *id == first)
    }
}
