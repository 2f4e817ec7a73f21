//! Whose a document is, who is told of what becomes of it, and who has to hear it from the beginning, in the model's words.

use super::{Change, Deed, Did, Knowledge, Model, Name, Whose};
use std::collections::BTreeSet;

impl Model {
    /// Who has a document that consists of these changes: the last to whom it was handed, or its site. Of two that did not see each other the one
    /// counts that hands it to somebody rather than back, and to the one named later.
    pub fn whose(&self, document: Name, has: &BTreeSet<Change>) -> Whose {
        let handed = has.iter().filter_map(|change| match &self.made[change].did {
            Did::Deed(Deed::Hand { to }) => Some((self.made[change].step, *to)),
            _ => None,
        });
        match handed.max() {
            Some((_, Some(person))) => Whose::Person(person),
            _ => Whose::Site(Self::site_of(document)),
        }
    }

    /// Whose a document is on a device: as the server said last, or by what it consists of there; none where it went to others.
    pub fn whose_here(&self, knowledge: &Knowledge, document: Name) -> Option<Whose> {
        let by_itself = || Some(self.whose(document, knowledge.documents.get(&document).unwrap_or(&BTreeSet::new())));
        knowledge.whose.get(&document).map_or_else(by_itself, |(_, _, whose)| *whose)
    }

    /// Whether a device follows whose a document is, as the server said.
    pub fn is_told_to(&self, knowledge: &Knowledge, document: Name) -> bool {
        knowledge.whose.get(&document).is_some_and(|(_, _, whose)| whose.is_some_and(|whose| knowledge.follows.contains(&whose)))
    }

    /// A device hears whose a document is; what it heard of a later position counts.
    pub fn hears_whose(knowledge: &mut Knowledge, life: u128, (document, position, whose): (Name, u64, Option<Whose>)) {
        if knowledge.heard.get(&document).is_some_and(|(before, at)| *before == life && *at > position) {
            return;
        }
        knowledge.heard.insert(document, (life, position));
        knowledge.whose.insert(document, (life, position, whose));
    }

    /// Whether the person gets a document that is somebody's.
    pub fn gets(&self, person: Name, whose: Whose) -> bool {
        match whose {
            Whose::Site(site) => self.rights.may_read[&person].contains(&site),
            Whose::Person(other) => other == person,
        }
    }

    /// Whether the person gets the document as it is in the books.
    pub fn reads(&self, person: Name, document: Name) -> bool {
        self.gets(person, self.whose(document, &self.merged(document)))
    }

    /// The number of a deed among those that hand a document on.
    pub(super) fn next_step(&self, deed: &Deed, saw: &BTreeSet<Change>) -> u32 {
        if let Deed::Hand { .. } = deed { 1 + saw.iter().map(|change| self.made[change].step).max().unwrap_or(0) } else { 0 }
    }

    /// The feed tells a change: whoever has the document before it or after it is told, and whoever has it after it alone is told all that was before.
    pub(super) fn told_of(&mut self, position: u64, change: Change) -> Vec<(u64, Change)> {
        let document = self.made[&change].document;
        let earlier: Vec<Change> = self.feed.values().copied().filter(|other| self.made[other].document == document).collect();
        let mut has: BTreeSet<Change> = earlier.iter().copied().collect();
        let before = (!has.is_empty()).then(|| self.whose(document, &has));
        has.insert(change);
        let after = self.whose(document, &has);
        self.feed.insert(position, change);
        self.to.insert(position, before.into_iter().chain([after]).collect());
        if before != Some(after) {
            self.now.insert(position, after);
        }
        let Some(before) = before.filter(|before| *before != after) else { return Vec::new() };
        self.departed.remove(&(document, after));
        self.departed.insert((document, before), position);
        let again: Vec<_> = (position - earlier.len() as u64..).zip(earlier).collect();
        self.again.extend(again.iter().map(|(at, change)| (*at, (*change, after))));
        self.now.extend(again.iter().map(|(at, _)| (*at, after)));
        again
    }

    /// What a page must tell of what is somebody's between two positions, in order.
    pub fn told(&self, whose: Whose, (after, up_to): (u64, u64)) -> Vec<(u64, Change)> {
        let first = self.feed.iter().filter(|(position, _)| self.to[position].contains(&whose)).map(|(position, change)| (*position, *change));
        let again = self.again.iter().filter(|(_, (_, to))| *to == whose).map(|(position, (change, _))| (*position, *change));
        first.chain(again).filter(|(position, _)| (after + 1..=up_to).contains(position)).collect()
    }

    /// Whether what is told at a position is that its document went to somebody whose documents the person does not get: no more than that.
    pub fn tells_departure(&self, person: Name, position: u64) -> bool {
        self.feed.contains_key(&position) && self.now.get(&position).is_some_and(|whose| !self.gets(person, *whose))
    }

    /// What somebody is told who begins to follow: what is theirs.
    pub fn entered(&self, whose: Whose) -> Vec<(Name, BTreeSet<Change>)> {
        let documents: BTreeSet<_> = self.feed.values().map(|change| self.made[change].document).collect();
        let here = documents.into_iter().map(|document| (document, self.merged(document)));
        here.filter(|(document, merged)| self.whose(*document, merged) == whose).collect()
    }

    /// And what left, at which position, and is not the person's in another way.
    pub fn gone_from(&self, person: Name, whose: Whose) -> BTreeSet<(u64, Name)> {
        let left = self.departed.iter().filter(|((document, from), _)| *from == whose && !self.reads(person, *document));
        left.map(|((document, _), position)| (*position, *document)).collect()
    }
}
