//! The invariants, each checked where it can first be seen to break. Their numbers are those of the architecture's list.

use crate::document::LoadedDocument;
use crate::ids::{DocumentId, IntentId};
use crate::kind::{Audience, Kind};
use crate::replica::{OutboxRow, OutboxState};
use crate::sim::model::{Change, Fact, Fate, Model, Name};
use crate::sim::names;
use crate::sim::party::SimDevice;
use crate::sim::server::{FeedItem, Server};
use crate::sim::tally::{Marked, Note, TALLY};
use crate::sim::world::World;
use crate::wire::{Answer, Entry, PullRequest, PullResponse, PushResponse};
use std::collections::{BTreeMap, BTreeSet};

/// An invariant that broke, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken(pub String);

impl From<String> for Broken {
    fn from(how: String) -> Self {
        Self(how)
    }
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Broken> {
    if holds { Ok(()) } else { Err(Broken(otherwise())) }
}

impl<S: Server> World<S> {
    /// One, four, five: what the server filed came out as it should, the feed has no gap, and each document holds the accepted changes' facts.
    pub(super) fn check_filed(&mut self) -> Result<(), Broken> {
        let feed: BTreeMap<_, _> = self.server.feed().into_iter().collect();
        ensure(feed.keys().copied().eq(1..=feed.len() as u64), || format!("three: the feed's positions are {:?}", feed.keys()))?;
        let filed = self.server.filed();
        let mut touched = BTreeSet::new();
        for (intent, answer) in filed.iter().skip(self.filed) {
            let change = match (names::change(*intent), answer) {
                (Some(change), answer) => {
                    self.model.file(change, fate(answer))?;
                    *self.tally.entry(kind_of(answer)).or_default() += 1;
                    change
                }
                (None, Answer::Accepted { position }) => self.check_ruling(feed.get(position))?,
                (None, other) => return Err(Broken(format!("a ruling was {other:?}"))),
            };
            if let Answer::Accepted { position } = answer {
                self.model.published(*position, change)?;
            }
            touched.insert(self.model.made[&change].document);
        }
        self.filed = filed.len();
        let documents = self.server.documents();
        for name in touched {
            let should = self.model.facts(&self.model.merged(name));
            let holds = match documents.get(&names::document(name)) {
                Some(saved) => self.facts_of(name, saved)?,
                None => BTreeSet::new(),
            };
            ensure(holds == should, || format!("four: document {name} holds {holds:?} and should {should:?}"))?;
            let waits = |change: &&Change| self.model.made[change].document == name && self.model.fates.get(change) == Some(&Fate::Waiting);
            let needlessly = self.model.made.keys().filter(waits).find(|change| self.model.fate(**change) != Fate::Waiting);
            ensure(needlessly.is_none(), || format!("seven: change {needlessly:?} waits for nothing"))?;
        }
        Ok(())
    }

    fn check_ruling(&mut self, item: Option<&FeedItem>) -> Result<Change, Broken> {
        let Some(FeedItem::Change(document, intent, Some(total))) = item else { return Err(Broken(format!("the feed has {item:?} for a ruling"))) };
        let name = names::document_name(*document);
        let change = names::RULINGS + Change::from(name);
        self.facts.insert(crate::ids::FactId::of(*intent, 0), (change, 0));
        self.model.ruling(change, name, *total)?;
        *self.tally.entry("rulings").or_default() += 1;
        Ok(change)
    }

    /// One: each answer is what came of the envelope, and a repeat gets the first.
    pub(super) fn check_answers(&mut self, before: &BTreeMap<Change, Fate>, intents: &[IntentId], response: &PushResponse) -> Result<(), Broken> {
        ensure(intents.len() == response.answers.len(), || "one: an envelope has no answer".to_owned())?;
        for (change, answer) in intents.iter().zip(&response.answers).filter_map(|(intent, answer)| Some((names::change(*intent)?, answer))) {
            let decided = before.get(&change).is_some_and(|fate| *fate != Fate::Waiting);
            let (first, repeat) = match answer {
                Answer::Duplicate { first } => (first.as_ref(), true),
                first => (first, false),
            };
            ensure(decided == repeat, || format!("one: change {change} was decided before: {decided}, and the answer is {answer:?}"))?;
            *self.tally.entry("repeats").or_default() += u64::from(repeat);
            let position = |position| self.model.feed.get(&position) == Some(&change);
            let right = self.model.fates.get(&change) == Some(&fate(first)) && !matches!(first, Answer::Accepted { position: at } if !position(*at));
            ensure(right, || format!("one: change {change} is {:?} and the answer {answer:?}", self.model.fates.get(&change)))?;
        }
        Ok(())
    }

    /// Three and six: a page tells every change of the sites its reader may read, between the cursors, once, in order, and nothing else. Answers what
    /// its reader learns from it.
    pub(super) fn check_page(&self, name: Name, request: &PullRequest, page: &PullResponse) -> Result<BTreeMap<Name, BTreeSet<Change>>, Broken> {
        let mut learned: BTreeMap<Name, BTreeSet<Change>> = BTreeMap::new();
        let mut told = Vec::new();
        let head = self.server.feed().len() as u64;
        for entry in &page.entries {
            match entry {
                Entry::Change { position, intent_id, document, .. } => {
                    let document = names::document_name(*document);
                    let change = names::change(*intent_id).unwrap_or(names::RULINGS + Change::from(document));
                    told.push((*position, change));
                    learned.entry(document).or_default().insert(change);
                }
                Entry::Enter { audience: Audience::Site(site), position, documents, .. } => {
                    let site = site.as_bytes()[0] - 0x50;
                    let should: BTreeSet<_> = self.documents_of(site).collect();
                    let does: BTreeSet<_> = documents.iter().map(|snapshot| names::document_name(snapshot.document)).collect();
                    ensure(should == does && *position == head, || format!("three: entering site {site} gives {does:?}, not {should:?}"))?;
                    learned.extend(should.into_iter().map(|document| (document, self.model.merged(document))));
                }
                Entry::Answer { intent_id, answer, .. } => {
                    let own = names::change(*intent_id).filter(|change| self.model.made[change].device == Some(name));
                    let fate_now = own.and_then(|change| self.model.fates.get(&change));
                    ensure(fate_now == Some(&fate(answer)), || format!("six: device {name} is told {answer:?} of {intent_id}: {fate_now:?}"))?;
                }
                _ => {}
            }
        }
        let sites = &self.model.rights.may_read[&name];
        let between = |audience| Some((*request.cursors.get(&audience)?, *page.cursors.get(&audience)?));
        let followed = |site: &Name| Some(self.model.told(*site, between(Audience::Site(names::site(*site)))?));
        let mut should: Vec<_> = sites.iter().filter_map(followed).flatten().collect();
        should.sort_unstable();
        ensure(told == should, || format!("three: device {name} is told {told:?} and should be {should:?}"))?;
        let strange = page.cursors.keys().find(|audience| matches!(audience, Audience::Site(site) if !sites.contains(&(site.as_bytes()[0] - 0x50))));
        ensure(strange.is_none(), || format!("six: device {name} follows {strange:?}"))?;
        Ok(learned)
    }

    fn documents_of(&self, site: Name) -> impl Iterator<Item = Name> {
        (0..names::DOCUMENTS).filter(move |document| Model::site_of(*document) == site && !self.model.merged(*document).is_empty())
    }

    /// Two: a device's document holds the facts of what it has received and done, and its rows are those of the document.
    pub(super) fn check_document(&self, index: usize, document: Name) -> Result<(), Broken> {
        let SimDevice { name, device, knowledge, .. } = &self.devices[index];
        let id = names::document(document);
        let Some(stored) = device.store.documents.get(&id) else { return Err(Broken(format!("two: device {name} lacks document {document}"))) };
        let (holds, should) = (self.facts_of(document, &stored.saved.0)?, self.model.facts(&knowledge.documents[&document]));
        ensure(holds == should, || format!("two: device {name}'s document {document} holds {holds:?} and should {should:?}"))?;
        let facts = load(id, &stored.saved.0)?;
        let rows: Vec<_> = TALLY.view(id, facts.facts()).into_iter().map(|row| ((row.view, row.key), row.bytes.0)).collect();
        let kept = device.store.views.iter().filter(|((_, key), _)| *key == id.to_string());
        let kept: Vec<_> = kept.map(|(key, bytes)| (key.clone(), bytes.clone())).collect();
        ensure(kept == rows, || format!("two: device {name}'s rows of document {document} are {kept:?} and should be {rows:?}"))
    }

    /// One, two, nine: everything done has been decided once, everybody knows, and all hold the same.
    pub(super) fn check_at_rest(&self) -> Result<(), Broken> {
        for change in self.model.made.keys() {
            let fate = self.model.fates.get(change);
            ensure(fate.is_some_and(|fate| *fate != Fate::Waiting), || format!("one: change {change} was shown as saved and is {fate:?} at rest"))?;
        }
        let documents = self.server.documents();
        for (index, SimDevice { name, device, knowledge, .. }) in self.devices.iter().enumerate() {
            ensure(device.store.unreadable.is_empty(), || format!("two: device {name} cannot read {:?}", device.store.unreadable))?;
            for row in device.store.outbox.values() {
                self.check_row(*name, row)?;
            }
            for document in self.model.rights.may_read[name].iter().flat_map(|site| self.documents_of(*site)) {
                let merged = self.model.merged(document);
                let has = knowledge.documents.get(&document).cloned().unwrap_or_default();
                ensure(merged.is_subset(&has), || format!("nine: device {name} lacks {:?}", merged.difference(&has)))?;
                let own = |change: &Change| self.model.made[change].device == Some(*name);
                ensure(has.difference(&merged).all(own), || format!("four: device {name} holds {:?}", has.difference(&merged)))?;
                self.check_document(index, document)?;
                if has == merged {
                    let id = names::document(document);
                    let (here, there) = (load(id, &device.store.documents[&id].saved.0)?.heads(), load(id, &documents[&id])?.heads());
                    ensure(here == there, || format!("two: the heads of document {document} on device {name} differ"))?;
                }
            }
        }
        Ok(())
    }

    fn check_row(&self, name: Name, row: &OutboxRow) -> Result<(), Broken> {
        let change = names::change(row.intent_id).expect("a device's intents are numbered by the history");
        let state = match &row.state {
            OutboxState::Accepted { .. } => Some(Fate::Accepted),
            OutboxState::Attention(answer) => Some(fate(answer)),
            OutboxState::Saved | OutboxState::Sent | OutboxState::Waiting => None,
        };
        let fate = self.model.fates.get(&change);
        ensure(state.as_ref() == fate, || format!("one: device {name} shows change {change} as {:?}, and it is {fate:?}", row.state))
    }

    /// The facts of a stored document in the model's terms.
    fn facts_of(&self, name: Name, saved: &[u8]) -> Result<BTreeSet<Fact>, Broken> {
        let document = load(names::document(name), saved)?;
        let mut facts = BTreeSet::new();
        for (container, id, bytes) in document.facts().iter() {
            let container = TALLY.containers().iter().find(|known| **known == container).expect("facts lie in the kind's containers");
            let Some((change, index)) = self.facts.get(&id) else {
                return Err(Broken(format!("four: document {name} holds {id}, which nobody made")));
            };
            let count = match *container {
                "marks" => crate::cbor::decode::<Marked>(bytes).map(|mark| mark.count),
                "rulings" => crate::cbor::decode::<Note>(bytes).map(|note| note.text.parse().unwrap_or(i64::MIN)),
                _ => Ok(0),
            };
            facts.insert((*container, *change, *index, count.map_err(|bad| bad.to_string())?));
        }
        Ok(facts)
    }
}

fn load(id: DocumentId, saved: &[u8]) -> Result<LoadedDocument, Broken> {
    LoadedDocument::load(id, &TALLY, saved).map_err(|bad| Broken(format!("two: {bad}")))
}

fn fate(answer: &Answer) -> Fate {
    match answer {
        Answer::Accepted { .. } => Fate::Accepted,
        Answer::Waiting { .. } | Answer::Retry => Fate::Waiting,
        Answer::Held { code } => Fate::Held(code.clone()),
        Answer::Refused { code } => Fate::Refused(code.clone()),
        Answer::Duplicate { first } => fate(first),
    }
}

fn kind_of(answer: &Answer) -> &'static str {
    match answer {
        Answer::Accepted { .. } => "accepted",
        Answer::Waiting { .. } => "waiting",
        Answer::Held { .. } => "held",
        Answer::Refused { .. } => "refused",
        Answer::Duplicate { .. } | Answer::Retry => "other",
    }
}
