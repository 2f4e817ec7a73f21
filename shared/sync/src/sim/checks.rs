//! The invariants, each checked where it can first be seen to break: here after each thing that happens, in [`super::rest`] at the end.

use crate::document::LoadedDocument;
use crate::ids::{DocumentId, FactId, IntentId};
use crate::kind::Kind;
use crate::sim::invariant::{Broken, Invariant};
use crate::sim::model::{Change, Deed, Fact, Fate, Filing, Model, Name};
use crate::sim::names;
use crate::sim::network::Learned;
use crate::sim::party::SimDevice;
use crate::sim::recovery::intents_proven;
use crate::sim::server::{FeedItem, Filed, Server};
use crate::sim::tally::{Marked, Note, TALLY};
use crate::sim::world::World;
use crate::wire::{Answer, DEVICE_UNKNOWN, Entry, PullRequest, PullResponse, PushResponse};
use std::collections::{BTreeMap, BTreeSet};

impl<S: Server> World<S> {
    /// After all that the server may have written: what it filed came out as it should, the feed has no gap, each document holds the accepted
    /// changes' facts, the tables say what these come to, nothing waits for nothing, and no event is told of what is not in the books.
    pub(super) fn check_server(&mut self) -> Result<(), Broken> {
        self.check_positions()?;
        let filed = self.server.filed(self.filed);
        self.filed += filed.len();
        let mut touched = BTreeSet::new();
        for Filed { intent_id, change_hash, answer, counted } in filed {
            let change = match (self.change_of(change_hash, intent_id), &answer) {
                (Some(change), Answer::Duplicate { .. }) => {
                    self.model.bury(change).map_err(|how| Invariant::DecidedOnce.broke(how))?;
                    self.count("replaced");
                    change
                }
                (Some(change), _) => {
                    let filing = Filing { fate: fate(&answer), counted: counted.map(|(at, late)| (at.0, late)) };
                    *self.tally.entry(kind_of(&answer)).or_default() += 1;
                    *self.tally.entry("late").or_default() += u64::from(counted.is_some_and(|(_, late)| late));
                    let forked = filing.fate == Fate::Held("chain_forked".to_owned()) && !self.tally.contains_key("clones");
                    Invariant::DecidedOnce.ensure(!forked, || format!("change {change} forks the chain of a device that nobody copied"))?;
                    let broken = self.broken_by(change, &filing.fate);
                    self.model.file(change, filing, self.now).map_err(|how| broken.broke(how))?;
                    change
                }
                (None, Answer::Accepted { position }) => self.check_ruling(*position, intent_id)?,
                (None, other) => return Err(Invariant::DecidedOnce.broke(format!("a ruling was {other:?}"))),
            };
            if let Answer::Accepted { position } = answer {
                let again = self.model.published(position, change).map_err(|how| Invariant::FeedIsWhole.broke(how))?;
                self.check_again(position, &again)?;
            }
            touched.insert(self.model.made[&change].document);
        }
        touched.into_iter().try_for_each(|name| self.check_canonical(name))?;
        self.check_totals()?;
        self.check_events()
    }

    /// What breaks where a change should not have come out so.
    fn broken_by(&self, change: Change, fate: &Fate) -> Invariant {
        match (self.model.made.contains_key(&change), fate) {
            (false, _) => Invariant::NothingCrosses,
            (true, Fate::Accepted) if matches!(self.model.fate(change), Fate::Held(_) | Fate::Refused(_)) => Invariant::OnlyAccepted,
            (true, _) => Invariant::DecidedOnce,
        }
    }

    /// The feed's new positions follow those known, without a gap.
    fn check_positions(&mut self) -> Result<(), Broken> {
        for (position, item) in self.server.feed(self.feed.len() as u64) {
            let next = self.feed.len() as u64 + 1;
            Invariant::FeedIsWhole.ensure(position == next, || format!("the feed goes on at {position} instead of {next}"))?;
            self.feed.push(item);
            self.model.told_at.insert(position, self.now);
        }
        Ok(())
    }

    /// Before a change by which somebody gets a document, everything that was merged before is told once more, and nothing else is.
    fn check_again(&mut self, position: u64, again: &[(u64, Change)]) -> Result<(), Broken> {
        let item = |position: u64| usize::try_from(position - 1).ok().and_then(|index| self.feed.get(index));
        for (at, change) in again {
            let told = item(*at).is_some_and(|item| matches!(item, FeedItem::Again(_, intent) if self.act_of(*intent).and_then(|act| self.model.on_file.get(&act)) == Some(change)));
            Invariant::FeedIsWhole.ensure(told, || format!("position {at} should tell of change {change} again, and has {:?}", item(*at)))?;
        }
        let before = position - 1 - again.len() as u64;
        let needlessly = before > 0 && matches!(item(before), Some(FeedItem::Again(..)));
        Invariant::FeedIsWhole.ensure(!needlessly, || format!("position {before} tells of something again"))?;
        *self.tally.entry("told again").or_default() += again.len() as u64;
        Ok(())
    }

    fn check_ruling(&mut self, position: u64, filed: IntentId) -> Result<Change, Broken> {
        let item = usize::try_from(position - 1).ok().and_then(|index| self.feed.get(index));
        let Some(FeedItem::Change(document, intent, Some(total))) =
            item.filter(|item| matches!(item, FeedItem::Change(_, told, _) if *told == filed))
        else {
            return Err(Invariant::FeedIsWhole.broke(format!("the feed has {item:?} for a ruling")));
        };
        let name = names::document_name(*document);
        let change = names::RULINGS + self.rulings.len() as Change;
        self.rulings.insert(*intent, change);
        self.facts.insert(FactId::of(*intent, 0), (change, 0));
        self.model.ruling(change, name, *total).map_err(|how| Invariant::Conserved.broke(how))?;
        *self.tally.entry("rulings").or_default() += 1;
        Ok(change)
    }

    pub(super) fn check_canonical(&self, name: Name) -> Result<(), Broken> {
        let should = self.model.facts(&self.model.merged(name));
        let holds = match self.server.document(names::document(name)) {
            Some(saved) => self.facts_of(name, &saved)?.0,
            None => BTreeSet::new(),
        };
        Invariant::OnlyAccepted.ensure(holds == should, || format!("document {name} holds {holds:?} and should hold {should:?}"))?;
        let waits = |change: &&Change| self.model.made[change].document == name && self.model.fates.get(change) == Some(&Fate::Waiting);
        // That a grant was taken back meanwhile, or that the office released what its device did before and it had not seen, is seen once something comes
        // for what waits.
        let goes_on = |fate: &Fate| match fate {
            Fate::Held(code) => ["grant_revoked", "dependencies_moved_back"].contains(&code.as_str()),
            fate => *fate == Fate::Waiting,
        };
        let needlessly = self.model.made.keys().filter(waits).find(|change| !goes_on(&self.model.fate(**change)));
        Invariant::NothingDelays.ensure(needlessly.is_none(), || format!("change {needlessly:?} waits for nothing"))
    }

    fn check_totals(&self) -> Result<(), Broken> {
        for (document, total) in self.server.totals() {
            let name = names::document_name(document);
            let should = self.model.total(name);
            Invariant::Conserved.ensure(total == should, || format!("the tables count {total} in document {name} and should count {should}"))?;
        }
        Ok(())
    }

    fn check_events(&mut self) -> Result<(), Broken> {
        let published = self.server.published();
        for intent in &published[self.events.min(published.len())..] {
            let committed = self.feed.iter().any(|item| matches!(item, FeedItem::Change(_, told, _) if told == intent));
            Invariant::PublishedAfterCommit.ensure(committed, || format!("the event of {intent} is told and nothing is in the books"))?;
        }
        self.events = published.len();
        Ok(())
    }

    /// Each answer is what came of the envelope's act, and a repeat gets the first.
    pub(super) fn check_answers(&mut self, before: &Model, sent: &[Change], response: &PushResponse) -> Result<(), Broken> {
        let once = Invariant::DecidedOnce;
        once.ensure(sent.len() == response.answers.len(), || "an envelope has no answer, or is nobody's".to_owned())?;
        for (change, answer) in sent.iter().zip(&response.answers) {
            let unknown = self.model.made.get(change).and_then(|made| made.device).is_some_and(|device| !self.model.knows(device));
            if unknown {
                let right = matches!(answer, Answer::Refused { code } if code == DEVICE_UNKNOWN);
                once.ensure(right, || format!("change {change} of a device that is not known is answered {answer:?}"))?;
                continue;
            }
            let act = self.model.made.get(change).map_or(*change, |made| made.act);
            let decided = match before.on_file.get(&act) {
                None => false,
                Some(other) if other == change => before.fates.get(change) != Some(&Fate::Waiting),
                Some(other) => !before.replaces(*change, *other),
            };
            let (first, repeat) = match answer {
                Answer::Duplicate { first } => (first.as_ref(), true),
                first => (first, false),
            };
            // The same push brings the one that takes its place.
            let overtaken = sent.iter().any(|other| other != change && self.model.made.get(other).is_some_and(|made| made.act == act));
            // Or what the one before it waited for, which is then decided first.
            let stood = before.on_file.get(&act).filter(|other| before.fates.get(other) == Some(&Fate::Waiting));
            let woken = stood.is_some_and(|other| self.model.on_file.get(&act) == Some(other) && self.model.fates.get(other) != Some(&Fate::Waiting));
            once.ensure(decided == repeat || overtaken || (repeat && woken), || {
                format!("change {change} was decided before: {decided}, and the answer is {answer:?}")
            })?;
            *self.tally.entry("repeats").or_default() += u64::from(repeat);
            let on_file = self.model.on_file.get(&act).copied();
            let position = |position| self.model.feed.get(&position).copied() == on_file;
            let now = on_file.and_then(|change| self.model.fates.get(&change));
            // A repeat may be answered before the same push brings the one that takes its place.
            let was = before.on_file.get(&act).and_then(|change| before.fates.get(change)).filter(|_| repeat);
            let right =
                (now == Some(&fate(first)) || was == Some(&fate(first))) && !matches!(first, Answer::Accepted { position: at } if !position(*at));
            once.ensure(right || overtaken, || format!("change {change}, on file {on_file:?}, is {now:?} and the answer {answer:?}"))?;
        }
        Ok(())
    }

    /// A page tells every change of the sites its reader may read, between the cursors, once, in order, and nothing else. Answers what its reader
    /// learns from it.
    pub(super) fn check_page(&self, (name, person): (Name, Name), request: &PullRequest, page: &PullResponse) -> Result<Learned, Broken> {
        let (whole, crosses) = (Invariant::FeedIsWhole, Invariant::NothingCrosses);
        let Learned { documents: mut learned, mut whose } = Learned::default();
        let (mut told, mut gone) = (Vec::new(), BTreeSet::new());
        for entry in &page.entries {
            match entry {
                Entry::Change { position, intent_id, document, proof, .. } => {
                    let document = names::document_name(*document);
                    let on_file = |act| self.model.on_file.get(&act).copied().unwrap_or(act);
                    let Some(change) = self.act_of(*intent_id).map(on_file) else {
                        return Err(whole.broke(format!("device {name} is told of {intent_id}, which nobody did")));
                    };
                    let proven = proof.is_some() || self.model.made[&change].device == Some(name);
                    whole.ensure(proven, || format!("device {name} is told of change {change} and not what proves it"))?;
                    let crossed = self.model.tells_departure(person, *position);
                    crosses.ensure(!crossed, || format!("device {name} is told by what change {change} document {document} went to others"))?;
                    told.push((*position, change));
                    whose.extend(self.model.now.get(position).map(|whose| (document, *position, Some(*whose))));
                    learned.entry(document).or_default().insert(change);
                }
                Entry::Enter { audience, position, documents, .. } if names::whose(audience).is_some() => {
                    let site = names::whose(audience).expect("it is somebody's");
                    let entered = self.model.entered(site);
                    gone.extend(self.model.gone_from(person, site));
                    let should: BTreeSet<_> = entered.iter().map(|(document, _)| *document).collect();
                    let does: BTreeSet<_> = documents.iter().map(|snapshot| names::document_name(snapshot.document)).collect();
                    let right = should == does && *position == self.feed.len() as u64;
                    whole.ensure(right, || format!("entering {site:?} at {position} gives {does:?}, not {should:?}"))?;
                    let on_file = |intent| self.act_of(intent).and_then(|act| self.model.on_file.get(&act)).copied();
                    let proven: BTreeSet<_> = intents_proven(entry).into_iter().filter_map(on_file).collect();
                    let holds: BTreeSet<_> = entered.iter().flat_map(|(_, holds)| holds.iter().copied()).collect();
                    whole.ensure(proven == holds, || format!("entering {site:?} proves {proven:?} of {holds:?}"))?;
                    whose.extend(entered.iter().map(|(document, _)| (*document, *position, Some(site))));
                    entered.into_iter().for_each(|(document, holds)| learned.entry(document).or_default().extend(holds));
                }
                Entry::Departed { position, document } => {
                    let document = names::document_name(*document);
                    whose.push((document, *position, None));
                    learned.entry(document).or_default();
                    if !gone.remove(&(*position, document)) {
                        let change = self.model.feed.get(position).copied().filter(|change| self.model.made[change].document == document);
                        let right = change.filter(|_| self.model.tells_departure(person, *position));
                        told.push((*position, right.ok_or_else(|| whole.broke(format!("device {name} is told that document {document} left")))?));
                    }
                }
                Entry::Answer { intent_id, answer, .. } => {
                    let made = names::change(*intent_id).and_then(|change| Some((change, self.model.made.get(&change)?)));
                    let own = made.filter(|(_, made)| made.device == Some(name));
                    let now = own.and_then(|(act, _)| self.model.fates.get(self.model.on_file.get(&act)?));
                    // What it is told of what an envelope rested on may be of an earlier one than is on file.
                    let once =
                        own.and_then(|(act, _)| self.model.was.get(self.model.on_file.get(&act)?)).is_some_and(|was| was.contains(&fate(answer)));
                    let right = now.is_some() && (once || answer.rests_on_another());
                    crosses.ensure(right, || format!("device {name} is told {answer:?} of {intent_id}: {now:?}"))?;
                }
                _ => {}
            }
        }
        whole.ensure(gone.is_empty(), || format!("device {name} is not told that {gone:?} left"))?;
        let strange = page.cursors.keys().find(|audience| names::whose(audience).is_some_and(|whose| !self.model.gets(person, whose)));
        crosses.ensure(strange.is_none(), || format!("device {name} follows {strange:?} for person {person}"))?;
        // Of another life of the server no cursor counts.
        let asked = request.cursors.iter().filter(|_| request.epoch == Some(page.epoch)).collect::<BTreeMap<_, _>>();
        let between = |audience| Some((**asked.get(audience)?, *page.cursors.get(audience)?));
        let followed = |audience| Some(self.model.told(names::whose(audience)?, between(audience)?));
        // What several of them are told is told once.
        let should: BTreeSet<_> = page.cursors.keys().filter_map(followed).flatten().collect();
        let should: Vec<_> = should.into_iter().collect();
        whole.ensure(told == should, || format!("device {name} is told {told:?} and should be {should:?}"))?;
        Ok(Learned { documents: learned, whose })
    }

    /// A device's document holds the facts of what it has received and done, and its rows are those of the document.
    pub(super) fn check_document(&self, index: usize, document: Name) -> Result<LoadedDocument, Broken> {
        let same = Invariant::SameState;
        let SimDevice { name, device, knowledge, .. } = &self.devices[index];
        let id = names::document(document);
        let Some(stored) = device.store.documents.get(&id) else { return Err(same.broke(format!("device {name} lacks document {document}"))) };
        let (holds, loaded) = self.facts_of(document, &stored.saved.0)?;
        let should = self.model.facts(&knowledge.documents[&document]);
        same.ensure(holds == should, || format!("device {name}'s document {document} holds {holds:?} and should hold {should:?}"))?;
        let nothing = loaded.facts().is_empty() || knowledge.hidden.contains(&document);
        let shown = if nothing { Vec::new() } else { TALLY.view(id, loaded.facts()) };
        let rows: Vec<_> = shown.into_iter().map(|row| ((row.view, row.key), row.bytes.0)).collect();
        let kept = device.store.views.iter().filter(|((_, key), _)| *key == id.to_string());
        let kept: Vec<_> = kept.map(|(key, bytes)| (key.clone(), bytes.clone())).collect();
        same.ensure(kept == rows, || format!("device {name}'s rows of document {document} are {kept:?} and should be {rows:?}"))?;
        Ok(loaded)
    }

    /// The facts of a stored document in the model's terms, and the document.
    pub(super) fn facts_of(&self, name: Name, saved: &[u8]) -> Result<(BTreeSet<Fact>, LoadedDocument), Broken> {
        let document = load(names::document(name), saved)?;
        let mut facts = BTreeSet::new();
        for (container, id, bytes) in document.facts().iter() {
            let container = TALLY.containers().iter().find(|known| **known == container).expect("facts lie in the kind's containers");
            let Some((change, index)) = self.facts.get(&id) else {
                return Err(Invariant::OnlyAccepted.broke(format!("document {name} holds {id}, which nobody made")));
            };
            let count = match *container {
                "marks" => crate::cbor::decode::<Marked>(bytes).map(|mark| mark.count),
                "rulings" => crate::cbor::decode::<Note>(bytes).map(|note| note.text.parse().unwrap_or(i64::MIN)),
                _ => Ok(0),
            };
            facts.insert((*container, *change, *index, count.map_err(|bad| Invariant::SameState.broke(bad.to_string()))?));
        }
        Ok((facts, document))
    }
}

/// Reads a document, which must be possible.
pub(super) fn load(id: DocumentId, saved: &[u8]) -> Result<LoadedDocument, Broken> {
    LoadedDocument::load(id, &TALLY, saved).map_err(|bad| Invariant::SameState.broke(bad.to_string()))
}

/// An answer in the model's terms.
pub(super) fn fate(answer: &Answer) -> Fate {
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

/// How many facts come of a deed.
pub(super) fn facts_of_deed(deed: &Deed) -> usize {
    if let Deed::Mark { counts, .. } = deed { counts.len() } else { 1 }
}
