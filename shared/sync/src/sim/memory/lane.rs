//! One transaction of the server in memory: what it reads, runs and writes.

use crate::bytes::Digest32;
use crate::document::LoadedDocument;
use crate::envelope::{Basis, BasisSource, Envelope, Header, Principal};
use crate::hub::{Buried, Closed, Departure, Lane, Outcome, OutcomeResult, ServerAct, Told};
use crate::ids::{DeviceId, DocumentId, IntentId};
use crate::kind::{Facts, Kind};
use crate::sim::device::sign;
use crate::sim::fault::Fault;
use crate::sim::memory::{FeedRow, KEY, MemoryServer, OnFile, To};
use crate::sim::server::{FeedItem, Filed, SET_ASIDE};
use crate::sim::tally::{Marked, Note, Tally, TallyIntent};
use crate::time::Timestamp;
use crate::verify::{FirstAnswer, GrantState, Known, KnownEntry, Offer, Standing, Waiver, sound_change};
use crate::wire::{Answer, Entry};
use automerge::{Automerge, Change};
use std::collections::{BTreeMap, BTreeSet};

/// What a lane's transaction will write.
pub(super) struct Write {
    pub(super) document: DocumentId,
    pub(super) closed: Closed,
    waited: BTreeSet<IntentId>,
}

impl Write {
    /// The intents it takes into the books.
    pub(super) fn accepted(&self) -> impl Iterator<Item = IntentId> {
        let accepted = |outcome: &&Outcome| matches!(outcome.result, OutcomeResult::Accepted { .. });
        self.closed.outcomes.iter().filter(accepted).map(|outcome| outcome.header.intent_id)
    }
}

impl MemoryServer {
    /// Reads the document and whoever waits for it, offers the envelopes, lets the module settle.
    pub(super) fn run_lane(&self, document: DocumentId, envelopes: &[(Envelope, Header)]) -> Write {
        let saved = self.documents.get(&document).map(|(saved, _)| saved.clone());
        let offers: Vec<_> = envelopes.iter().map(|(envelope, header)| self.offer(envelope, header, self.now)).collect();
        let (blindly, offers): (Vec<_>, Vec<_>) = offers.into_iter().partition(|offer| self.is_taken_blindly(offer));
        let (saved, taken) = self.take_blindly(document, saved, blindly);
        let mut lane = Lane::open(document, self.kind, saved.as_deref(), self.known(document)).expect("what the server stored can be read");
        let waits = |filed: &&OnFile| filed.header.document == document && matches!(filed.answer, Answer::Waiting { .. });
        let waiting: Vec<_> = match self.fault {
            Fault::WaitingDropped => Vec::new(),
            _ => self.envelopes.values().filter(waits).map(|filed| self.offer(&filed.envelope, &filed.header, filed.arrival)).collect(),
        };
        let waited = waiting.iter().map(|offer| offer.header.intent_id).collect();
        lane.offer(offers, waiting).expect("an offer is no fault of the server's");
        self.settle(&mut lane, document);
        let mut closed = lane.close();
        if !taken.is_empty() {
            closed.saved = closed.saved.or(saved);
            closed.outcomes.splice(0..0, taken);
        }
        Write { document, closed, waited }
    }

    /// The office's word on a held envelope, and what follows for those behind it.
    pub(super) fn decide(&mut self, intent: IntentId, released: bool) {
        let held = |filed: &&OnFile| matches!(&filed.answer, Answer::Held { .. });
        let Some(filed) = self.envelopes.get(&intent).filter(held) else { return };
        let document = filed.header.document;
        let offer = self.offer(&filed.envelope, &filed.header, filed.arrival);
        let depends = |filed: &&OnFile| filed.header.document == document && filed.answer.rests_on_another() && filed.header.intent_id != intent;
        let behind = self.envelopes.values().filter(held).filter(depends);
        let behind: Vec<_> = behind.map(|filed| self.offer(&filed.envelope, &filed.header, filed.arrival)).collect();
        let waited = behind.iter().map(|offer| offer.header.intent_id).chain([intent]).collect();
        let saved = self.documents.get(&document).map(|(saved, _)| saved.clone());
        let mut lane = Lane::open(document, self.kind, saved.as_deref(), self.known(document)).expect("what the server stored can be read");
        if released {
            let waiver = Waiver(SET_ASIDE.iter().map(|code| (*code).to_owned()).collect());
            if lane.release(offer, &waiver, behind).expect("what is stored can be read").is_err() {
                return;
            }
        } else {
            lane.reject(offer, behind).expect("what is stored can be read");
        }
        self.settle(&mut lane, document);
        let write = Write { document, closed: lane.close(), waited };
        self.commit(write);
    }

    fn offer(&self, envelope: &Envelope, header: &Header, arrival: Timestamp) -> Offer {
        let grant = match header.author.grant {
            None if header.device == DeviceId::SERVER => GrantState::Own,
            None => GrantState::Missing,
            Some(id) => self.registry.grants.get(&id).map_or(GrantState::Unknown, |grant| {
                let mut grant = grant.clone();
                match self.fault {
                    Fault::RevocationForgotten => grant.revoked_at = None,
                    Fault::ExpiryStopsFacts if grant.expires_at < arrival => return GrantState::Unknown,
                    _ => {}
                }
                GrantState::Known(grant)
            }),
        };
        let told = self.feed.binary_search_by_key(&header.basis.position, |row| row.position);
        let basis_time = told.ok().filter(|_| header.basis.epoch == self.epoch).map(|index| self.feed[index].at);
        let enrolled = |chain| self.registry.chains.contains(&(header.device, chain)) || self.fault == Fault::ChainUnchecked;
        let chain_enrolled = header.chain.is_some_and(enrolled);
        Offer { envelope: envelope.clone(), header: header.clone(), grant, basis_time, chain_enrolled, arrival }
    }

    fn known(&self, document: DocumentId) -> Known {
        let buried = self.buried.iter().filter(|(of, _)| *of == document).map(|(_, entry)| entry.clone());
        let mut known = Known { entries: buried.collect(), ..Known::default() };
        for (intent, filed) in &self.envelopes {
            let header = &filed.header;
            if self.fault != Fault::DedupSkipped || matches!(filed.answer, Answer::Waiting { .. }) {
                let device_seq = if self.fault == Fault::DependsOnIsFinal { u64::MAX } else { header.device_seq };
                known.answers.insert(*intent, FirstAnswer { device_seq, ..FirstAnswer::to(header, filed.answer.clone()) });
            }
            let standing = match filed.answer {
                Answer::Accepted { .. } => Standing::Accepted,
                Answer::Held { .. } => Standing::Held,
                Answer::Refused { .. } => Standing::Refused,
                _ => continue,
            };
            if standing == Standing::Accepted {
                known.actors.insert(header.actor.0.clone(), header.device);
                known.headers.extend(header.chain.map(|chain| ((header.device, chain, header.device_seq), filed.header_hash)));
            }
            if header.document == document {
                let (change_hash, device, chain) = (header.change_hash, header.device, header.chain);
                known.entries.push(KnownEntry { change_hash, device, chain, device_seq: header.device_seq, standing });
            }
        }
        known
    }

    /// The planted faults that pass by the judge.
    fn is_taken_blindly(&self, offer: &Offer) -> bool {
        let new = !self.envelopes.contains_key(&offer.header.intent_id);
        match self.fault {
            Fault::BatchAppliedWhole => new,
            Fault::GenesisUnchecked => new && sound_change(self.kind, offer).err() == Some("change_not_facts"),
            _ => false,
        }
    }

    /// Automerge alone merges them, in one go.
    fn take_blindly(&self, document: DocumentId, saved: Option<Vec<u8>>, offers: Vec<Offer>) -> (Option<Vec<u8>>, Vec<Outcome>) {
        if offers.is_empty() {
            return (saved, Vec::new());
        }
        let before = saved.unwrap_or_else(|| LoadedDocument::genesis(document, self.kind).save());
        let mut merged = Automerge::load(&before).expect("what the server stored can be read");
        let changes: Vec<_> = offers.iter().filter_map(|offer| Change::from_bytes(offer.envelope.change.0.clone()).ok()).collect();
        let applied = merged.apply_changes(changes).is_ok();
        let after = merged.save();
        let readable = applied && LoadedDocument::load(document, self.kind, &after).is_ok();
        let told = Told { to: self.kind.audiences(document, &taken_together(document, self.kind, &after)), newcomers: Vec::new(), now: None };
        let result = OutcomeResult::Accepted { effective_time: self.now, clamped: false, late: false, told };
        let taken = offers.into_iter().map(|offer| Outcome { envelope: offer.envelope, header: offer.header, result: result.clone() });
        (Some(if readable { after } else { before }), taken.collect())
    }

    /// The module's word on a tally that has been closed: its total, once.
    fn settle(&self, lane: &mut Lane, document: DocumentId) {
        let facts = lane.facts();
        if facts.of("closed").next().is_none() || facts.of("rulings").next().is_some() {
            return;
        }
        let total = total(facts);
        let Digest32(seed) = Digest32::of(&[document.as_bytes().as_slice(), self.epoch.as_bytes()].concat());
        let actor = seed[..16].to_vec();
        let act = ServerAct {
            tenant: self.tenant,
            by: Principal::System("test".to_owned()),
            intent_id: IntentId(uuid::Uuid::from_slice(&seed[16..]).expect("16 bytes")),
            actor,
            call: TallyIntent::Note(Note { text: total.to_string() }).call(),
            now: self.now,
            basis: Basis { source: BasisSource::Server, epoch: self.epoch, position: self.head },
        };
        lane.rule(act, |bytes| sign(&KEY, bytes)).expect("a note can always be made, and there is none yet");
    }

    /// The tables' word on a document.
    pub(super) fn project(&mut self, document: DocumentId, facts: &Facts) {
        self.totals.insert(document, total(facts));
    }

    /// Files aside what others of their intents stand for.
    fn bury(&mut self, document: DocumentId, buried: Vec<Buried>) {
        for buried in buried {
            let header = match buried {
                Buried::Filed(intent) => self.envelopes[&intent].header.clone(),
                Buried::Offered(envelope) => envelope.0,
            };
            let (intent_id, change_hash) = (header.intent_id, header.change_hash);
            self.filed.push(Filed { intent_id, change_hash, answer: Answer::Duplicate { first: Box::new(Answer::Retry) }, counted: None });
            let (device, chain, device_seq) = (header.device, header.chain, header.device_seq);
            self.buried.push((document, KnownEntry { change_hash, device, chain, device_seq, standing: Standing::Refused }));
        }
    }

    /// The transaction's commit: all of it, at once. Answers each envelope, by its change.
    pub(super) fn commit(&mut self, write: Write) -> Vec<(Digest32, Answer)> {
        let Write { document, closed, waited } = write;
        let Closed { outcomes, saved, audiences, facts, buried, departures } = closed;
        self.bury(document, buried);
        let mut departures: BTreeMap<_, _> = departures.into_iter().map(|departure| (departure.intent_id, departure)).collect();
        let mut answers = Vec::new();
        for outcome in outcomes {
            let header = outcome.header;
            let intent_id = header.intent_id;
            let (answer, counted) = match outcome.result {
                OutcomeResult::Accepted { effective_time, late, told, .. } => {
                    self.tell_newcomers(document, &told);
                    let position = self.head + 1;
                    let change = outcome.envelope.change.clone();
                    let entry =
                        Entry::Change { position, document, kind: header.kind.clone(), change, intent_id, audiences: told.now.clone(), proof: None };
                    let device = (waited.contains(&intent_id) && self.fault != Fault::OutcomeUntold).then_some(header.device);
                    let item = FeedItem::Change(document, intent_id, noted(&header));
                    let departure = departures.remove(&intent_id);
                    let to = match self.fault {
                        Fault::DepartureUntold => departure.as_ref().map_or(told.to.clone(), |_| audiences.clone()),
                        _ => told.to.clone(),
                    };
                    self.append(item, To { audiences: to, device }, entry);
                    self.due.push(intent_id);
                    self.note_departure(document, &told, departure.map(|departure| (departure, position)));
                    let at = if self.fault == Fault::ClockBelieved { header.wall_time_ms } else { effective_time };
                    (Answer::Accepted { position }, Some((at, late)))
                }
                OutcomeResult::Waiting(missing) => (Answer::Waiting { missing }, None),
                OutcomeResult::Held(code) => (self.tell_if_waited(&waited, &header, Answer::Held { code: code.to_owned() }), None),
                OutcomeResult::Refused(code) => (self.tell_if_waited(&waited, &header, Answer::Refused { code: code.to_owned() }), None),
                OutcomeResult::Duplicate(first) => {
                    let first = self.envelopes.get(&intent_id).map_or(first, |filed| filed.answer.clone());
                    answers.push((header.change_hash, Answer::Duplicate { first: Box::new(first) }));
                    continue;
                }
            };
            let change_hash = header.change_hash;
            answers.push((change_hash, answer.clone()));
            let before = self.envelopes.get(&intent_id).filter(|filed| filed.header.change_hash == change_hash);
            let arrival = before.map_or(self.now, |filed| filed.arrival);
            let header_hash = outcome.envelope.header_hash();
            self.filed.push(Filed { intent_id, change_hash, answer: answer.clone(), counted });
            self.envelopes.insert(intent_id, OnFile { envelope: outcome.envelope, header, header_hash, arrival, answer });
        }
        if let Some(saved) = saved {
            self.project(document, &facts);
            self.documents.insert(document, (saved, audiences));
        }
        answers
    }

    /// Whoever gets the document only now reads first what was merged before.
    fn tell_newcomers(&mut self, document: DocumentId, to: &Told) {
        if to.newcomers.is_empty() || self.fault == Fault::NewcomersReadOn {
            return;
        }
        let told: Vec<_> = self.feed.iter().filter(|row| matches!(row.item, FeedItem::Change(of, ..) if of == document)).cloned().collect();
        for row in told {
            let FeedItem::Change(_, intent_id, _) = row.item else { continue };
            let position = self.head + 1;
            let entry = match row.entry {
                Entry::Change { document, kind, change, intent_id, proof, .. } => {
                    Entry::Change { position, document, kind, change, intent_id, audiences: to.now.clone(), proof }
                }
                other => other,
            };
            self.append(FeedItem::Again(document, intent_id), To { audiences: to.newcomers.clone(), device: None }, entry);
        }
    }

    /// Who has the document again has not lost it.
    fn note_departure(&mut self, document: DocumentId, told: &Told, departure: Option<(Departure, u64)>) {
        for audience in &told.newcomers {
            self.departures.remove(&(audience.clone(), document));
        }
        if let Some((departure, position)) = departure {
            self.departures.extend(departure.from.into_iter().map(|audience| ((audience, document), position)));
        }
    }

    fn tell_if_waited(&mut self, waited: &BTreeSet<IntentId>, header: &Header, answer: Answer) -> Answer {
        let intent_id = header.intent_id;
        if waited.contains(&intent_id) {
            let entry = Entry::Answer { position: self.head + 1, intent_id, answer: answer.clone() };
            self.append(FeedItem::Answer(intent_id), To { audiences: Vec::new(), device: Some(header.device) }, entry);
        }
        answer
    }

    fn append(&mut self, item: FeedItem, to: To, entry: Entry) {
        self.head += 1;
        self.feed.push(FeedRow { position: self.head, at: self.now, item, to, entry });
    }
}

/// What a document holds that was merged without being judged; nothing where it cannot be read.
fn taken_together(document: DocumentId, kind: &'static Tally, saved: &[u8]) -> Facts {
    LoadedDocument::load(document, kind, saved).map(|document| document.facts().clone()).unwrap_or_default()
}

fn total(facts: &Facts) -> i64 {
    facts.of("marks").filter_map(|(_, bytes)| crate::cbor::decode::<Marked>(bytes).ok()).map(|mark| mark.count).sum()
}

/// The number a ruling notes.
fn noted(header: &Header) -> Option<i64> {
    let note = (header.device == DeviceId::SERVER).then(|| crate::cbor::decode::<Note>(&header.intent.payload.0).ok())??;
    note.text.parse().ok()
}
