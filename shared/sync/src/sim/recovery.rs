//! What devices hear of their changes, and how their documents come out of it.

use crate::bytes::{Bytes, Digest32};
use crate::envelope::Envelope;
use crate::ids::IntentId;
use crate::replica::{Clocks, Rebuilt};
use crate::sim::checks::fate;
use crate::sim::fault::Fault;
use crate::sim::invariant::{Broken, Invariant};
use crate::sim::leaving::tells_from_the_middle;
use crate::sim::model::{Change, Fate, Model, Name};
use crate::sim::names;
use crate::sim::network::Learned;
use crate::sim::party::SimDevice;
use crate::sim::server::Server;
use crate::sim::tally::KINDS;
use crate::sim::world::World;
use crate::time::Timestamp;
use crate::wire::{Answer, DEVICE_UNKNOWN, Entry, Proof, PullResponse, PushResponse};
use std::collections::{BTreeMap, BTreeSet};

impl<S: Server> World<S> {
    /// Each answer is a transaction of its own, with what follows for its document.
    pub(super) fn device_is_answered(&mut self, index: usize, asked: &[Digest32], response: &PushResponse) -> Result<(), Broken> {
        self.remark(&format!("device at {index} is answered {:?}", response.answers));
        let mut aborted = 0;
        for (hash, answer) in asked.iter().zip(&response.answers) {
            if matches!(answer, Answer::Refused { code } if code == DEVICE_UNKNOWN) {
                self.is_unknown(index, (*hash, answer));
                continue;
            }
            let change = self.changes.get(hash).copied().or_else(|| self.ruling_of(index, *hash));
            let sim = &mut self.devices[index];
            let now = Timestamp(self.now + sim.skew);
            if !sim.writes() {
                aborted += 1;
                continue;
            }
            sim.device.store.chain.clock_offset_ms = response.server_time_ms.0 - now.0;
            sim.knowledge.clock_offset = response.server_time_ms.0 - now.0;
            let clocks = Clocks { device: now, server: response.server_time_ms };
            let row = sim.device.row_of(*hash);
            let rebuilt = match row {
                Some(number) => sim.device.answered(&KINDS, (number, answer), clocks),
                None => sim.device.offer_answered(&KINDS, (*hash, answer)),
            };
            let own = |change: &Change| row.is_some() || self.devices[index].knowledge.offered.contains(change);
            let news = |(change, fate): &(Change, Fate)| self.is_news(index, (*change, fate), response.server_time_ms.0);
            let heard = change.filter(own).map(|change| (change, fate(answer))).filter(news).into_iter().collect();
            let (strictly, rebuilt) = self.follow(
                index,
                Word { heard, at: response.server_time_ms.0, reached: false, lost: BTreeMap::new() },
                rebuilt.into_iter().collect(),
            )?;
            self.check_kept(index, rebuilt)?;
            self.devices[index].stored(strictly);
        }
        *self.tally.entry("writes aborted").or_default() += aborted;
        Ok(())
    }

    /// The server knows nothing of the maker: whoever it is enrols, and sends it again; of others nothing is said yet.
    fn is_unknown(&mut self, index: usize, (hash, answer): (Digest32, &Answer)) {
        let sim = &mut self.devices[index];
        if sim.device.row_of(hash).is_none() {
            sim.device.offer_answered(&KINDS, (hash, answer));
            return;
        }
        let name = sim.name;
        self.count("enrolled again");
        self.join(name);
    }

    /// The ruling that a device witnessed, by its change.
    fn ruling_of(&self, index: usize, hash: Digest32) -> Option<Change> {
        let kept = self.devices[index].device.store.witnessed.values().find(|kept| kept.change_hash == hash)?;
        self.rulings.get(&kept.envelope.read_header().ok()?.intent_id).copied()
    }

    /// One transaction: the page's entries and its cursors, with all that follows from them.
    pub(super) fn device_receives(&mut self, index: usize, page: &PullResponse, learned: Learned) -> Result<(), Broken> {
        let Learned { documents: learned, whose } = learned;
        self.remark(&format!("device at {index} receives {learned:?} of {whose:?}"));
        let sim = &mut self.devices[index];
        if self.fault == Fault::SnapshotReplaces {
            let snapshots = page.entries.iter().filter_map(|entry| if let Entry::Enter { documents, .. } = entry { Some(documents) } else { None });
            snapshots.flatten().for_each(|snapshot| drop(sim.device.store.documents.remove(&snapshot.document)));
        }
        if self.fault == Fault::CursorBeforePage {
            sim.device.store.chain.feed.cursors.clone_from(&page.cursors);
            sim.device.store.chain.feed.epoch = Some(page.epoch);
            sim.stored(false);
        }
        if !sim.writes() {
            self.count("writes aborted");
            return Ok(());
        }
        let rebuilt = sim.device.receive(&KINDS, page, Timestamp(self.now + sim.skew));
        if tells_from_the_middle(&sim.knowledge, page) {
            self.count("pages out of place");
            return Ok(());
        }
        let sim = &mut self.devices[index];
        let restored = self.model.hears_of(&mut sim.knowledge, page.epoch.0.as_u128());
        for (document, changes) in &learned {
            sim.knowledge.documents.entry(*document).or_default().extend(changes);
        }
        let life = page.epoch.0.as_u128();
        whose.into_iter().for_each(|heard| Model::hears_whose(&mut sim.knowledge, life, heard));
        sim.knowledge.position = page.cursors.values().copied().max().unwrap_or(0);
        let told = page
            .entries
            .iter()
            .filter_map(|entry| if let Entry::Answer { intent_id, answer, .. } = entry { Some((intent_id, answer)) } else { None });
        let told = told.filter_map(|(intent, answer)| Some((self.asked(index, names::change(*intent)?)?, fate(answer))));
        // What a page says of an act may be about a change that has been done again since; whatever the server has not answered asks for itself.
        let (answered, unanswered): (Vec<_>, Vec<_>) =
            told.filter(|(_, fate)| !blocked(fate)).partition(|(change, _)| self.devices[index].knowledge.blocked.contains_key(change));
        let heard: Vec<_> = answered.into_iter().filter(|(change, fate)| self.is_news(index, (*change, fate), page.server_time_ms.0)).collect();
        let knowledge = &mut self.devices[index].knowledge;
        // An audience that begins anew has had it all told before.
        let entered = page.entries.iter().any(|entry| matches!(entry, Entry::Enter { .. }));
        let missed: Vec<_> = knowledge.undecided.iter().copied().filter(|_| entered).collect();
        for change in unanswered.into_iter().map(|(change, _)| change).chain(missed) {
            let told = knowledge.told.entry(change).or_insert(page.server_time_ms.0);
            *told = page.server_time_ms.0.max(*told);
        }
        let accepted = learned.values().flatten().map(|change| (*change, Fate::Accepted)).collect::<Vec<_>>();
        self.note_proofs(index, page);
        let heard = accepted.into_iter().chain(heard).collect();
        let lost = self.lost_here(index, page, &learned);
        let (strictly, rebuilt) = self.follow(index, Word { heard, at: page.server_time_ms.0, reached: !page.more, lost }, rebuilt)?;
        self.note_leaving(index, (page, restored), &learned.keys().copied().collect());
        self.check_kept(index, rebuilt)?;
        self.check_leaving(index)?;
        self.devices[index].stored(strictly);
        self.check_photos_of(index)?;
        self.check_kept(index, learned.into_keys().collect())
    }

    /// Of these documents, those that are still there: with its last word one that was left may be gone.
    fn check_kept(&self, index: usize, documents: BTreeSet<Name>) -> Result<(), Broken> {
        let kept = |document: &Name| self.devices[index].device.store.documents.contains_key(&names::document(*document));
        documents.into_iter().filter(kept).try_for_each(|document| self.check_document(index, document).map(drop))
    }

    /// By document, what the device cannot bring back to a server that was restored and gives the document without it.
    fn lost_here(&mut self, index: usize, page: &PullResponse, learned: &BTreeMap<Name, BTreeSet<Change>>) -> BTreeMap<Name, BTreeSet<Change>> {
        let SimDevice { device, knowledge, .. } = &mut self.devices[index];
        let goes_on = knowledge.enters && page.more;
        if !std::mem::replace(&mut knowledge.enters, goes_on) {
            return BTreeMap::new();
        }
        let entered: BTreeSet<_> = page
            .entries
            .iter()
            .filter_map(|entry| if let Entry::Enter { documents, .. } = entry { Some(documents) } else { None })
            .flatten()
            .map(|snapshot| names::document_name(snapshot.document))
            .collect();
        // What was done again is sent all the same where the server may not have heard of it: so it comes back.
        let again = device.store.outbox.values().filter(|row| row.replaced);
        let again: BTreeSet<Change> = again.filter_map(|row| self.changes.get(&device.change_of(row.seq)).copied()).collect();
        let lost = learned.iter().filter(|(document, _)| entered.contains(document));
        lost.map(|(document, has)| (*document, Model::lost_here(knowledge, *document, &(has | &again))))
            .filter(|(_, lost)| !lost.is_empty())
            .collect()
    }

    /// What the page proves of others is kept; whatever it tells is in the books, and need not be offered.
    fn note_proofs(&mut self, index: usize, page: &PullResponse) {
        for intent_id in page.entries.iter().flat_map(intents_proven) {
            let on_file = self.act_of(intent_id).and_then(|act| self.model.on_file.get(&act)).copied();
            let Some(change) = on_file else { continue };
            let knowledge = &mut self.devices[index].knowledge;
            if ![&knowledge.undecided, &knowledge.booked, &knowledge.fallen].into_iter().any(|own| own.contains(&change)) {
                knowledge.witnessed.insert(change);
            }
        }
    }

    /// Whether an answer counts, given at that time: not where the feed has told more since.
    fn is_news(&self, index: usize, (change, fate): (Change, &Fate), at: i64) -> bool {
        *fate == Fate::Accepted || self.devices[index].knowledge.told.get(&change).is_none_or(|told| at >= *told)
    }

    /// Which change of an act the device asks about.
    fn asked(&self, index: usize, act: Change) -> Option<Change> {
        self.devices[index].knowledge.undecided.iter().copied().find(|change| self.model.made[change].act == act)
    }

    /// The device heard of changes: what falls by the model fell, and what rested on it was done again under the same acts.
    /// Answers whether that was strictly durable, and which documents were rebuilt.
    fn follow(&mut self, index: usize, word: Word, rebuilt: Vec<Rebuilt>) -> Result<(bool, BTreeSet<Name>), Broken> {
        let Word { heard, at, reached, lost } = word;
        let mut last_words: BTreeMap<Name, BTreeSet<Change>> = BTreeMap::new();
        let knowledge = &mut self.devices[index].knowledge;
        for (change, fate) in heard {
            let document = self.model.made[&change].document;
            match fate {
                Fate::Accepted => {
                    knowledge.offered.remove(&change);
                    if knowledge.undecided.remove(&change) || knowledge.fallen.remove(&change) {
                        knowledge.booked.insert(change);
                    }
                    if let Some(heard) = last_words.get_mut(&document) {
                        heard.remove(&change);
                    }
                }
                Fate::Waiting => {}
                Fate::Held(_) | Fate::Refused(_) if knowledge.offered.remove(&change) => {
                    knowledge.witnessed.remove(&change);
                    if knowledge.documents.get(&document).is_some_and(|has| has.contains(&change)) {
                        last_words.entry(document).or_default().insert(change);
                    }
                }
                _ if !knowledge.undecided.contains(&change) => {}
                fate if blocked(&fate) => {
                    knowledge.blocked.entry(change).or_insert(at);
                    last_words.entry(document).or_default();
                }
                Fate::Held(_) | Fate::Refused(_) => drop(last_words.entry(document).or_default().insert(change)),
            }
        }
        if reached {
            for change in knowledge.blocked.keys().filter(|change| knowledge.undecided.contains(change)) {
                last_words.entry(self.model.made[change].document).or_default();
            }
        }
        let mut doubled_in = BTreeSet::new();
        for (document, has) in &knowledge.documents {
            // Of two changes of one act the one on file is everybody's.
            let on_file = |change: &&Change| self.model.on_file.get(&self.model.made[change].act) == Some(change);
            let filed: BTreeSet<_> = has.iter().filter(on_file).map(|change| self.model.made[change].act).collect();
            let doubled = has.iter().filter(|change| filed.contains(&self.model.made[change].act) && !on_file(change));
            let doubled: BTreeSet<_> = doubled.copied().collect();
            if !doubled.is_empty() {
                doubled_in.insert(*document);
                last_words.entry(*document).or_default().extend(doubled);
            }
        }
        for (document, lost) in lost {
            doubled_in.insert(document);
            last_words.entry(document).or_default().extend(lost);
        }
        let mut rebuilt: BTreeMap<_, _> = rebuilt.into_iter().map(|rebuilt| (names::document_name(rebuilt.document.document), rebuilt)).collect();
        let documents: BTreeSet<Name> = rebuilt.keys().copied().collect();
        for (document, heard) in last_words {
            let knowledge = &mut self.devices[index].knowledge;
            let all_is_told = reached && !doubled_in.contains(&document);
            let fell = self.model.falls(knowledge, document, (&heard, all_is_told.then_some(at)));
            if !fell.is_empty() {
                let became = self.model.rebuild(knowledge, (document, &fell), self.next);
                self.fell(index, (document, fell), (became, rebuilt.remove(&document)))?;
            }
        }
        Invariant::SameState.ensure(rebuilt.is_empty(), || format!("device at {index} rebuilt {:?} for nothing", rebuilt.keys()))?;
        Ok((!documents.is_empty(), documents))
    }

    fn fell(
        &mut self,
        index: usize,
        (document, fell): (Name, BTreeSet<Change>),
        (became, rebuilt): (Vec<(Change, Change)>, Option<Rebuilt>),
    ) -> Result<(), Broken> {
        self.remark(&format!("it drops {fell:?} from document {document}, and does {became:?} again"));
        let Some(rebuilt) = rebuilt else { return Err(Invariant::OnlyAccepted.broke(format!("device at {index} keeps {fell:?}"))) };
        self.count("rebuilds");
        *self.tally.entry("replays").or_default() += became.len() as u64;
        self.next += became.len() as Change;
        let new = |seq: &u64| !became.is_empty() && *seq >= self.devices[index].knowledge.made + 1 - became.len() as u64;
        let rows: Vec<_> = rebuilt.rows.iter().filter(|row| new(&row.seq)).collect();
        let acts: Vec<_> = rows.iter().filter_map(|row| names::change(row.intent_id)).collect();
        let should: Vec<_> = became.iter().map(|(_, new)| self.model.made[new].act).collect();
        Invariant::DecidedOnce.ensure(acts == should, || format!("device at {index} does {acts:?} again and should do {should:?}"))?;
        for (row, (_, new)) in rows.into_iter().zip(&became) {
            self.changes.insert(self.devices[index].device.change_of(row.seq), *new);
        }
        let sim = &mut self.devices[index];
        sim.tabs.iter_mut().for_each(|tab| {
            if let Some(mind) = tab.get_mut(&document) {
                mind.last = None;
            }
        });
        Ok(())
    }
}

/// What a device hears: of changes of its own, when, whether that was all there was to tell, and what of others' is lost.
struct Word {
    heard: Vec<(Change, Fate)>,
    at: i64,
    reached: bool,
    lost: BTreeMap<Name, BTreeSet<Change>>,
}

fn blocked(fate: &Fate) -> bool {
    matches!(fate, Fate::Held(code) | Fate::Refused(code) if code.starts_with("depends_on_"))
}

/// The intents whose changes an entry proves.
pub(super) fn intents_proven(entry: &Entry) -> Vec<IntentId> {
    let named = |proof: &Proof| {
        let bare = Envelope { header: proof.header.clone(), change: Bytes(Vec::new()), signature: proof.signature.clone() };
        bare.read_header().ok().map(|header| header.intent_id)
    };
    match entry {
        Entry::Change { proof, .. } => proof.iter().filter_map(named).collect(),
        Entry::Enter { documents, .. } => documents.iter().flat_map(|snapshot| &snapshot.proofs).filter_map(named).collect(),
        _ => Vec::new(),
    }
}
