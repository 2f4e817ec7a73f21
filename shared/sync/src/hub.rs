//! The server's side of one document: offers in, verdicts and changes out.
//!
//! A [`Lane`] lives for one transaction. Whoever holds it has locked the document, loads [`Known`], offers envelopes, lets the kind's module
//! settle what changed (its rulings come in through [`Lane::rule`]), and then stores what [`Lane::close`] gives. Feed positions
//! are taken last, by the one who stores.
//!
//! An intent is answered once and a repeat gets the first answer, with one exception. That an envelope rests on one that was refused or is held says
//! nothing of its own intent: its device drops what fell, replays the intent and sends it in a new envelope, whose number in the same chain is
//! higher. That one is judged, and takes the place of the one before it, as it does of one that waits. Of two envelopes of an intent the one with the
//! lower number never counts again, however late it comes: it is [`Buried`], so that what rests on it does not wait for it.

mod told;

pub use told::{Departure, Told};

use crate::bytes::{Bytes, Digest32};
use crate::cbor;
use crate::document::{BadDocument, LoadedDocument, NewChange, recordable};
use crate::envelope::{Author, Basis, Envelope, Header, IntentCall, Principal, WIRE_VERSION};
use crate::ids::{DeviceId, DocumentId, IntentId, TenantId};
use crate::kind::{Act, Audience, Facts, IntentError, Kind};
use crate::time::Timestamp;
use crate::verify::{Accepted, FirstAnswer, Known, KnownEntry, Offer, Standing, Verdict, Waiver, judge, sound_change};
use crate::wire::Answer;

/// The most envelopes of one document that wait, and their weight in bytes. Whoever may write nothing may still send what rests on nothing.
pub const MAX_WAITING: usize = 1_000;
const MAX_WAITING_BYTES: usize = 8 * 1024 * 1024;

/// The code of an envelope that a person in the office rejected.
pub const REJECTED: &str = "rejected";

/// One document within one transaction of the server.
pub struct Lane {
    id: DocumentId,
    kind: &'static dyn Kind,
    document: LoadedDocument,
    known: Known,
    outcomes: Vec<Outcome>,
    buried: Vec<Buried>,
    departures: Vec<Departure>,
    /// Who was told of what was merged before this lane, where whoever stores it says so.
    told_so_far: Option<Vec<Audience>>,
}

/// An envelope that another one of its intent stands for: kept as evidence, and what rests on it is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Buried {
    /// The envelope that is filed under the intent, before the new one is filed there.
    Filed(IntentId),
    /// One that came while another was filed.
    Offered(Box<(Header, Envelope)>),
}

/// An offer that waits, its change read once.
struct Open {
    offer: Offer,
    change: NewChange,
    missing: Vec<Digest32>,
}

/// An offer with what came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// As offered; for the server's own, as made.
    pub envelope: Envelope,
    /// Its header.
    pub header: Header,
    /// What came of it.
    pub result: OutcomeResult,
}

/// What came of an offer.
#[derive(Debug, Clone)]
pub enum OutcomeResult {
    /// Merged now.
    Accepted {
        /// Device time clamped to what can be.
        effective_time: Timestamp,
        /// The clock said something impossible.
        clamped: bool,
        /// Done after the grant had expired.
        late: bool,
        /// Who is told of it.
        told: Told,
    },
    /// Not judged yet.
    Waiting(Vec<Digest32>),
    /// For the office.
    Held(&'static str),
    /// Never merged.
    Refused(&'static str),
    /// Answered before. Where the first answer fell in this very lane and is `accepted`, its position is 0: positions are taken after.
    Duplicate(Answer),
}

/// What the server signs when it acts itself.
pub struct ServerAct {
    /// The company.
    pub tenant: TenantId,
    /// The speaking module.
    pub by: Principal,
    /// Random; per lane.
    pub actor: Vec<u8>,
    /// The new intent.
    pub intent_id: IntentId,
    /// What is meant.
    pub call: IntentCall,
    /// The server's clock.
    pub now: Timestamp,
    /// The feed as the server knows it.
    pub basis: Basis,
}

/// What a lane leaves to be stored.
pub struct Closed {
    /// In the order in which they were decided; an envelope that had waited before appears again when it is decided.
    pub outcomes: Vec<Outcome>,
    /// Envelopes that others of their intents stand for, to be kept aside before the outcomes are stored.
    pub buried: Vec<Buried>,
    /// The document's new bytes, unpacked, where a change was merged.
    pub saved: Option<Vec<u8>>,
    /// The facts as they are now.
    pub facts: Facts,
    /// Who gets the document now.
    pub audiences: Vec<Audience>,
    /// Whom it left, in order.
    pub departures: Vec<Departure>,
}

impl Closed {
    /// Whether somebody gets the document now who has to be told what was merged before.
    pub fn has_newcomers(&self) -> bool {
        let newcomers = |outcome: &Outcome| matches!(&outcome.result, OutcomeResult::Accepted { told, .. } if !told.newcomers.is_empty());
        self.outcomes.iter().any(newcomers)
    }
}

impl Lane {
    /// Opens the lane of a document: `saved` as stored, none where this is its first change.
    pub fn open(id: DocumentId, kind: &'static dyn Kind, saved: Option<&[u8]>, known: Known) -> Result<Self, BadDocument> {
        let document = match saved {
            Some(bytes) => LoadedDocument::load(id, kind, bytes)?,
            None => LoadedDocument::genesis(id, kind),
        };
        Ok(Self { id, kind, document, known, outcomes: Vec::new(), buried: Vec::new(), departures: Vec::new(), told_so_far: None })
    }

    /// Judges the offers in order and merges what is honest; whoever waited for a change is looked at again once that is decided.
    /// `waiting` are the offers of this document that waited before.
    pub fn offer(&mut self, offers: Vec<Offer>, waiting: Vec<Offer>) -> Result<(), BadDocument> {
        let mut open = Vec::new();
        for offer in waiting.into_iter().chain(offers) {
            match self.known.answers.get(&offer.header.intent_id).cloned() {
                Some(first) if first.change_hash == offer.header.change_hash && matches!(first.answer, Answer::Waiting { .. } | Answer::Retry) => {
                    // It waited before and is sent again: the new copy may carry a grant that is known by now.
                    open.retain(|held: &Open| held.offer.header.intent_id != offer.header.intent_id);
                }
                Some(first) if first.is_followed_by(&offer.header) && is_open(&first.answer) => self.replace(&first, &offer.header, &mut open)?,
                Some(first) => {
                    let known = self.known.entries.iter().any(|entry| entry.change_hash == offer.header.change_hash);
                    // Another device's envelope under this intent is nobody's earlier or later word: an ordinary repeat.
                    let own = first.is_by_the_author_of(&offer.header);
                    if own && first.change_hash != offer.header.change_hash && !known && sound_change(self.kind, &offer).is_ok() {
                        self.bury(Buried::Offered(Box::new((offer.header.clone(), offer.envelope.clone()))), &offer.header, &mut open)?;
                    }
                    self.decide(offer, OutcomeResult::Duplicate(first.answer));
                    continue;
                }
                None => {}
            }
            self.judge_and_wake(offer, &mut open)?;
        }
        self.document.catch_up()?;
        let mut weight = 0;
        for (place, Open { offer, missing, .. }) in open.into_iter().enumerate() {
            weight += offer.envelope.header.0.len() + offer.envelope.change.0.len();
            let result = if place < MAX_WAITING && weight <= MAX_WAITING_BYTES {
                OutcomeResult::Waiting(missing)
            } else {
                OutcomeResult::Held("too_many_waiting")
            };
            self.decide(offer, result);
        }
        Ok(())
    }

    /// A person releases a held offer: it is judged again, but for what they set aside, and merged if nothing else stands against it. Then those `behind` it,
    /// held only because they rest on it, are judged again. Where something does, that is the answer, and the lane is as it was.
    pub fn release(&mut self, offer: Offer, waiver: &Waiver, behind: Vec<Offer>) -> Result<Result<(), Verdict>, BadDocument> {
        let change = match sound_change(self.kind, &offer) {
            Ok(change) => change,
            Err(code) => return Ok(Err(Verdict::Refused(code))),
        };
        let held = self.known.answers.get(&offer.header.intent_id).and_then(|first| match &first.answer {
            Answer::Held { code } => Some(code.as_str()),
            _ => None,
        });
        let waiver = waiver.of_a_release(held);
        match judge(self.kind, &mut self.document, &self.known, (&offer, &change, &waiver))? {
            Verdict::Accepted(Accepted { effective_time, clamped, late }) => {
                let told = self.merge(offer.header.intent_id, &change)?;
                self.document.catch_up()?;
                self.forget(&offer);
                self.decide(offer, OutcomeResult::Accepted { effective_time, clamped, late, told });
                self.reopen(behind)?;
                Ok(Ok(()))
            }
            verdict => Ok(Err(verdict)),
        }
    }

    /// A person rejects a held offer, for good. Those `behind` it, held only because they rest on it, are judged again.
    pub fn reject(&mut self, offer: Offer, behind: Vec<Offer>) -> Result<(), BadDocument> {
        self.forget(&offer);
        self.decide(offer, OutcomeResult::Refused(REJECTED));
        self.reopen(behind)
    }

    /// The facts as they stand.
    pub fn facts(&self) -> &Facts {
        self.document.facts()
    }

    /// What has been decided so far.
    pub fn outcomes(&self) -> &[Outcome] {
        &self.outcomes
    }

    /// Writes an intent of the server's own (a ruling, an act in the office) into the document. `sign` signs the header's bytes with the server's key.
    pub fn rule(&mut self, act: ServerAct, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Result<(), IntentError> {
        let context = Act { by: act.by.clone(), at: act.now, document: self.id, intent_id: act.intent_id };
        let yielded = self.kind.run(self.document.facts(), &act.call, &context)?;
        let facts = recordable(&self.document, act.intent_id, yielded.facts)?;
        let before = self.had();
        let change = self.document.record(&act.actor, &facts);
        let told = self.told(act.intent_id, before);
        let header = Header {
            v: WIRE_VERSION,
            tenant: act.tenant,
            document: self.id,
            kind: self.kind.name().to_owned(),
            device: DeviceId::SERVER,
            chain: None,
            device_seq: 0,
            prev: None,
            change_hash: change.hash(),
            actor: Bytes(change.actor().to_vec()),
            intent_id: act.intent_id,
            intent: act.call,
            author: Author { account: act.by, grant: None },
            co_author: None,
            basis: act.basis,
            wall_time_ms: act.now,
        };
        let bytes = cbor::encode(&header);
        let signature = Bytes(sign(&bytes));
        let envelope = Envelope { header: Bytes(bytes), change: Bytes(change.bytes().to_vec()), signature };
        let result = OutcomeResult::Accepted { effective_time: act.now, clamped: false, late: false, told };
        self.remember(&header, envelope.header_hash(), Standing::Accepted);
        self.known.answers.insert(header.intent_id, FirstAnswer::to(&header, Answer::Accepted { position: 0 }));
        self.outcomes.push(Outcome { envelope, header, result });
        Ok(())
    }

    /// Ends the lane.
    pub fn close(self) -> Closed {
        let merged = self.outcomes.iter().any(|outcome| matches!(outcome.result, OutcomeResult::Accepted { .. }));
        let audiences = self.kind.audiences(self.id, self.document.facts());
        Closed {
            saved: merged.then(|| self.document.save_plain()),
            facts: self.document.facts().clone(),
            audiences,
            outcomes: self.outcomes,
            buried: self.buried,
            departures: self.departures,
        }
    }

    /// Judges held offers again; those that stay held are no outcome.
    fn reopen(&mut self, held: Vec<Offer>) -> Result<(), BadDocument> {
        let before = self.outcomes.len();
        held.iter().for_each(|offer| self.forget(offer));
        self.offer(held, Vec::new())?;
        let mut place = 0;
        self.outcomes.retain(|outcome| {
            place += 1;
            place <= before || !matches!(outcome.result, OutcomeResult::Held(_) | OutcomeResult::Waiting(_))
        });
        Ok(())
    }

    /// That it was held counts no more.
    fn forget(&mut self, offer: &Offer) {
        self.known.answers.remove(&offer.header.intent_id);
        self.known.entries.retain(|entry| entry.change_hash != offer.header.change_hash || entry.standing != Standing::Held);
    }

    /// A new envelope takes the place of the one that the intent's answer was about.
    fn replace(&mut self, first: &FirstAnswer, by: &Header, open: &mut Vec<Open>) -> Result<(), BadDocument> {
        let intent = by.intent_id;
        let waits = open.iter().position(|held| held.offer.header.intent_id == intent).map(|index| open.remove(index).offer);
        let waits = waits.map(|offer| (offer.header, offer.envelope));
        // Decided in this very lane: it is not filed yet, or as waiting.
        let decided = |outcome: &Outcome| outcome.header.intent_id == intent && !matches!(outcome.result, OutcomeResult::Duplicate(_));
        let decided = self.outcomes.iter().position(decided).map(|index| self.outcomes.remove(index));
        let here = waits.or_else(|| decided.map(|outcome| (outcome.header, outcome.envelope)));
        let mut old = by.clone();
        (old.change_hash, old.device_seq) = (first.change_hash, first.device_seq);
        self.bury(here.map_or(Buried::Filed(intent), |envelope| Buried::Offered(Box::new(envelope))), &old, open)
    }

    /// What rests on the envelope is refused from now on, in this lane at once.
    fn bury(&mut self, buried: Buried, header: &Header, open: &mut Vec<Open>) -> Result<(), BadDocument> {
        self.buried.push(buried);
        let (change_hash, device, chain, device_seq) = (header.change_hash, header.device, header.chain, header.device_seq);
        self.known.entries.retain(|entry| entry.change_hash != change_hash);
        self.known.entries.push(KnownEntry { change_hash, device, chain, device_seq, standing: Standing::Refused });
        let ready = open.extract_if(.., |held| held.missing.contains(&change_hash)).collect();
        self.judge_all(ready, open)
    }

    fn judge_and_wake(&mut self, offer: Offer, open: &mut Vec<Open>) -> Result<(), BadDocument> {
        let change = match sound_change(self.kind, &offer) {
            Ok(change) => change,
            Err(code) => {
                self.decide(offer, OutcomeResult::Refused(code));
                return Ok(());
            }
        };
        self.judge_all(vec![Open { offer, change, missing: Vec::new() }], open)
    }

    fn judge_all(&mut self, mut ready: Vec<Open>, open: &mut Vec<Open>) -> Result<(), BadDocument> {
        while let Some(mut next) = ready.pop() {
            match judge(self.kind, &mut self.document, &self.known, (&next.offer, &next.change, &Waiver::NONE))? {
                Verdict::Waiting(missing) => {
                    let answer = Answer::Waiting { missing: missing.clone() };
                    self.known.answers.insert(next.offer.header.intent_id, FirstAnswer::to(&next.offer.header, answer));
                    next.missing = missing;
                    open.push(next);
                    continue;
                }
                Verdict::Accepted(Accepted { effective_time, clamped, late }) => {
                    let told = self.merge(next.offer.header.intent_id, &next.change)?;
                    self.decide(next.offer, OutcomeResult::Accepted { effective_time, clamped, late, told });
                }
                Verdict::Held(code) => self.decide(next.offer, OutcomeResult::Held(code)),
                Verdict::Refused(code) => self.decide(next.offer, OutcomeResult::Refused(code)),
            }
            let decided = next.change.hash();
            ready.extend(open.extract_if(.., |held| held.missing.contains(&decided)));
        }
        Ok(())
    }

    fn decide(&mut self, offer: Offer, result: OutcomeResult) {
        let decided = match &result {
            OutcomeResult::Accepted { .. } => Some((Standing::Accepted, Answer::Accepted { position: 0 })),
            OutcomeResult::Held(code) => Some((Standing::Held, Answer::Held { code: (*code).to_owned() })),
            OutcomeResult::Refused(code) => Some((Standing::Refused, Answer::Refused { code: (*code).to_owned() })),
            OutcomeResult::Waiting(_) | OutcomeResult::Duplicate(_) => None,
        };
        if let Some((standing, answer)) = decided {
            self.remember(&offer.header, offer.envelope.header_hash(), standing);
            self.known.answers.insert(offer.header.intent_id, FirstAnswer::to(&offer.header, answer));
        }
        self.outcomes.push(Outcome { envelope: offer.envelope, header: offer.header, result });
    }

    /// What has been decided in this lane counts for the offers that follow in it.
    fn remember(&mut self, header: &Header, header_hash: Digest32, standing: Standing) {
        self.known.entries.push(KnownEntry {
            change_hash: header.change_hash,
            device: header.device,
            chain: header.chain,
            device_seq: header.device_seq,
            standing,
        });
        if standing == Standing::Accepted {
            self.known.actors.entry(header.actor.0.clone()).or_insert(header.device);
        }
        if let (Some(chain), Standing::Accepted) = (header.chain, standing) {
            self.known.headers.entry((header.device, chain, header.device_seq)).or_insert(header_hash);
        }
    }
}

/// Whether a later envelope of the same intent is judged in spite of the answer.
fn is_open(answer: &Answer) -> bool {
    matches!(answer, Answer::Waiting { .. } | Answer::Retry) || answer.rests_on_another()
}

/// A change read from the feed, for whoever merges it without judging: the server has judged.
pub fn trusted_change(document: DocumentId, kind: &dyn Kind, bytes: &[u8]) -> Result<NewChange, crate::document::BadChange> {
    NewChange::read(document, kind.containers(), bytes)
}
