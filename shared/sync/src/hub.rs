//! The server's side of one document: offers in, verdicts and changes out.
//!
//! A [`Lane`] lives for one transaction. Whoever holds it has locked the document, loads [`Known`], offers envelopes, lets the kind's module
//! settle what changed (its rulings come in through [`Lane::rule`]), and then stores what [`Lane::close`] gives. Feed positions
//! are taken last, by the one who stores.

use crate::bytes::{Bytes, Digest32};
use crate::cbor;
use crate::document::{BadDocument, LoadedDocument, NewChange};
use crate::envelope::{Author, Basis, Envelope, Header, IntentCall, Principal, WIRE_VERSION};
use crate::ids::{DeviceId, DocumentId, IntentId, TenantId};
use crate::kind::{Act, Audience, Facts, IntentError, Kind};
use crate::time::Timestamp;
use crate::verify::{Accepted, Known, KnownEntry, Offer, Standing, Verdict, verify, with_ids};
use crate::wire::Answer;

/// One document within one transaction of the server.
pub struct Lane {
    id: DocumentId,
    kind: &'static dyn Kind,
    document: LoadedDocument,
    known: Known,
    outcomes: Vec<Outcome>,
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
    },
    /// Not judged yet.
    Waiting(Vec<Digest32>),
    /// For the office.
    Held(&'static str),
    /// Never merged.
    Refused(&'static str),
    /// Answered before.
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
    /// The document's new bytes, where a change was merged.
    pub saved: Option<Vec<u8>>,
    /// The facts as they are now.
    pub facts: Facts,
    /// Who gets the document now.
    pub audiences: Vec<Audience>,
}

impl Lane {
    /// Opens the lane of a document: `saved` as stored, none where this is its first change.
    pub fn open(id: DocumentId, kind: &'static dyn Kind, saved: Option<&[u8]>, known: Known) -> Result<Self, BadDocument> {
        let document = match saved {
            Some(bytes) => LoadedDocument::load(id, kind, bytes)?,
            None => LoadedDocument::genesis(id, kind),
        };
        Ok(Self { id, kind, document, known, outcomes: Vec::new() })
    }

    /// Judges the offers in order and merges what is honest; then looks again at those that waited, as long as that brings something.
    /// `waiting` are the offers of this document that waited before.
    pub fn offer(&mut self, offers: Vec<Offer>, waiting: Vec<Offer>) -> Result<(), BadDocument> {
        let mut open = waiting;
        for offer in offers {
            if let Some(first) = self.first_answer(&offer) {
                self.decide(offer, OutcomeResult::Duplicate(first));
            } else if let Some(index) = open.iter().position(|held| held.header.intent_id == offer.header.intent_id) {
                // It waited before and is sent again; the new copy may carry a grant that is known by now.
                open[index] = offer;
            } else {
                open.push(offer);
            }
            self.judge_while_moving(&mut open)?;
        }
        self.judge_while_moving(&mut open)?;
        for offer in open {
            let missing = match verify(self.kind, &self.document, &self.known, &offer)? {
                Verdict::Waiting(missing) => missing,
                _ => Vec::new(),
            };
            self.outcomes.push(Outcome { envelope: offer.envelope, header: offer.header, result: OutcomeResult::Waiting(missing) });
        }
        Ok(())
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
        let change = self.document.record(&act.actor, &with_ids(act.intent_id, yielded.facts));
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
        let result = OutcomeResult::Accepted { effective_time: act.now, clamped: false, late: false };
        self.outcomes.push(Outcome { envelope, header, result });
        Ok(())
    }

    /// Ends the lane.
    pub fn close(self) -> Closed {
        let merged = self.outcomes.iter().any(|outcome| matches!(outcome.result, OutcomeResult::Accepted { .. }));
        let audiences = self.kind.audiences(self.id, self.document.facts());
        Closed { saved: merged.then(|| self.document.save()), facts: self.document.facts().clone(), audiences, outcomes: self.outcomes }
    }

    fn first_answer(&self, offer: &Offer) -> Option<Answer> {
        self.known.answers.get(&offer.header.intent_id).filter(|answer| !matches!(answer, Answer::Waiting { .. } | Answer::Retry)).cloned()
    }

    fn judge_while_moving(&mut self, open: &mut Vec<Offer>) -> Result<(), BadDocument> {
        let mut index = 0;
        while index < open.len() {
            let verdict = verify(self.kind, &self.document, &self.known, &open[index])?;
            if matches!(verdict, Verdict::Waiting(_)) {
                index += 1;
                continue;
            }
            let offer = open.remove(index);
            self.conclude(offer, verdict)?;
            index = 0;
        }
        Ok(())
    }

    fn conclude(&mut self, offer: Offer, verdict: Verdict) -> Result<(), BadDocument> {
        match verdict {
            Verdict::Accepted(accepted) => self.merge(offer, accepted),
            Verdict::Held(code) => {
                self.decide(offer, OutcomeResult::Held(code));
                Ok(())
            }
            Verdict::Refused(code) => {
                self.decide(offer, OutcomeResult::Refused(code));
                Ok(())
            }
            Verdict::Waiting(_) => Ok(()),
        }
    }

    fn merge(&mut self, offer: Offer, accepted: Accepted) -> Result<(), BadDocument> {
        let Accepted { change, effective_time, clamped, late } = accepted;
        let mut tried = self.document.clone();
        match tried.merge(&change) {
            Ok(()) => {
                self.document = tried;
                self.decide(offer, OutcomeResult::Accepted { effective_time, clamped, late });
            }
            // Sound by itself, yet Automerge does not take it, such as an actor's number used twice.
            Err(_) => self.decide(offer, OutcomeResult::Refused("change_not_mergeable")),
        }
        Ok(())
    }

    fn decide(&mut self, offer: Offer, result: OutcomeResult) {
        let standing = match &result {
            OutcomeResult::Accepted { .. } => Some(Standing::Accepted),
            OutcomeResult::Held(_) => Some(Standing::Held),
            OutcomeResult::Refused(_) => Some(Standing::Refused),
            OutcomeResult::Waiting(_) | OutcomeResult::Duplicate(_) => None,
        };
        if let Some(standing) = standing {
            self.remember(&offer, standing);
        }
        self.outcomes.push(Outcome { envelope: offer.envelope, header: offer.header, result });
    }

    /// What has been decided in this lane counts for the offers that follow in it.
    fn remember(&mut self, offer: &Offer, standing: Standing) {
        let header = &offer.header;
        self.known.entries.push(KnownEntry {
            change_hash: header.change_hash,
            device: header.device,
            chain: header.chain,
            device_seq: header.device_seq,
            standing,
        });
        let answer = match standing {
            Standing::Accepted => Answer::Accepted { position: 0 },
            Standing::Held => Answer::Held { code: String::new() },
            Standing::Refused => Answer::Refused { code: String::new() },
        };
        self.known.answers.insert(header.intent_id, answer);
        if standing == Standing::Accepted {
            self.known.actors.entry(header.actor.0.clone()).or_insert(header.device);
        }
        if let (Some(chain), true) = (header.chain, standing != Standing::Refused) {
            self.known.headers.entry((header.device, chain, header.device_seq)).or_insert_with(|| offer.envelope.header_hash());
        }
    }
}

/// A change read from the feed, for whoever merges it without judging: the server has judged.
pub fn trusted_change(document: DocumentId, kind: &dyn Kind, bytes: &[u8]) -> Result<NewChange, crate::document::BadChange> {
    NewChange::read(document, kind.containers(), bytes)
}
