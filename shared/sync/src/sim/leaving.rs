//! What becomes of documents on a device whose person does not follow their site any more, or that went to somebody else.

use crate::sim::invariant::{Broken, Invariant};
use crate::sim::model::{Fate, Knowledge, Name};
use crate::sim::names;
use crate::sim::party::SimDevice;
use crate::sim::server::Server;
use crate::sim::world::World;
use crate::wire::{Entry, PullResponse};
use std::collections::BTreeSet;

impl<S: Server> World<S> {
    /// What only a site gave that was left is shown no more, until it is followed again.
    pub(super) fn note_leaving(&mut self, index: usize, (page, restored): (&PullResponse, bool), told: &BTreeSet<Name>) {
        let mut left: BTreeSet<_> =
            page.entries.iter().filter_map(|entry| if let Entry::Leave { audience } = entry { names::whose(audience) } else { None }).collect();
        let followed: BTreeSet<_> = page.cursors.keys().filter_map(names::whose).collect();
        let knowledge = &mut self.devices[index].knowledge;
        // A server that was restored does not say what was left: that shows once all has been told.
        let looks_at = if page.more { BTreeSet::new() } else { std::mem::take(&mut knowledge.looks_at) };
        if restored {
            left.clear();
        } else {
            left.extend(knowledge.follows.difference(&followed));
        }
        for document in knowledge.documents.keys() {
            let whose = self.model.whose_here(knowledge, *document);
            let forgotten = looks_at.contains(document) && knowledge.whose.get(document).is_some_and(|(life, ..)| Some(*life) != knowledge.life);
            if whose.is_some_and(|whose| followed.contains(&whose)) && !forgotten {
                knowledge.hidden.remove(document);
            } else if whose.is_some_and(|whose| left.contains(&whose)) || looks_at.contains(document) || told.contains(document) {
                // Of what is of nobody that is followed a page tells how it went there.
                knowledge.hidden.insert(*document);
            }
        }
        knowledge.follows = followed;
    }

    /// After a page: what is hidden is not shown, and nothing is gone that is followed, or not decided.
    pub(super) fn check_leaving(&mut self, index: usize) -> Result<(), Broken> {
        let known: Vec<_> = self.devices[index].knowledge.documents.keys().copied().collect();
        for document in known {
            let kept = self.devices[index].device.store.documents.contains_key(&names::document(document));
            if kept && self.devices[index].knowledge.hidden.contains(&document) {
                self.count("documents hidden");
                self.check_document(index, document)?;
            }
            if !kept && !self.devices[index].knowledge.documents[&document].is_empty() {
                let knowledge = &self.devices[index].knowledge;
                let follows = self.model.is_told_to(knowledge, document) && !knowledge.hidden.contains(&document);
                Invariant::FeedIsWhole.ensure(!follows, || format!("device at {index} forgets document {document}, which it follows"))?;
                let open = self.open(index, document);
                Invariant::DecidedOnce
                    .ensure(open.is_empty(), || format!("device at {index} forgets document {document} with {open:?} undecided"))?;
                self.count("documents left");
            }
            if !kept {
                let sim = &mut self.devices[index];
                sim.knowledge.documents.remove(&document);
                sim.knowledge.hidden.remove(&document);
                sim.knowledge.whose.remove(&document);
            }
        }
        let sim = &mut self.devices[index];
        // Once a document went, every tab writes under other actors.
        let generation = sim.device.store.chain.feed.generation;
        if std::mem::replace(&mut sim.knowledge.generation, generation) != generation {
            sim.tabs.iter_mut().flat_map(|tab| tab.values_mut()).for_each(|mind| mind.last = None);
        }
        Ok(())
    }

    /// A device at rest holds nothing of a site that its person may not read, but for what is not decided.
    pub(super) fn check_left(&self, index: usize) -> Result<(), Broken> {
        let SimDevice { name, person, device, knowledge, .. } = &self.devices[index];
        for document in device.store.documents.keys().map(|id| names::document_name(*id)) {
            let may = self.model.reads(*person, document);
            let empty = knowledge.documents.get(&document).is_none_or(BTreeSet::is_empty);
            let right = may || empty || !self.open(index, document).is_empty();
            Invariant::NothingCrosses
                .ensure(right, || format!("device {name} keeps document {document} for person {person}, who may not read it"))?;
        }
        Ok(())
    }

    /// What a device did on a document and the server has not decided for good.
    fn open(&self, index: usize, document: Name) -> BTreeSet<u64> {
        let mine = self.devices[index].knowledge.mine.iter().copied().filter(|change| self.model.made[change].document == document);
        let fate = |change: &u64| self.model.on_file.get(&self.model.made[change].act).map(|filed| &self.model.fates[filed]);
        mine.filter(|change| !matches!(fate(change), Some(Fate::Accepted | Fate::Refused(_)))).collect()
    }
}

/// Whether the page goes on with a site that the device does not follow (any more), as one that was asked for before it was left.
pub(super) fn tells_from_the_middle(knowledge: &Knowledge, page: &PullResponse) -> bool {
    let entered: BTreeSet<_> =
        page.entries.iter().filter_map(|entry| if let Entry::Enter { audience, .. } = entry { names::whose(audience) } else { None }).collect();
    let same = knowledge.life == Some(page.epoch.0.as_u128());
    same && page.cursors.keys().filter_map(names::whose).any(|whose| !knowledge.follows.contains(&whose) && !entered.contains(&whose))
}
