//! The server in memory: a shell around [`Lane`] as the real one is around Postgres. One transaction per lane, feed positions taken
//! last, answers kept, waiting envelopes kept, whatever a crash leaves behind.

use crate::bytes::Digest32;
use crate::envelope::{Basis, BasisSource, Envelope, Header, Principal};
use crate::hub::{Closed, Lane, OutcomeResult, ServerAct};
use crate::ids::{AccountId, DeviceId, DocumentId, Epoch, IntentId, TenantId};
use crate::kind::{Audience, Kind};
use crate::sim::device::sign;
use crate::sim::fault::Fault;
use crate::sim::server::{Crash, FeedItem, Happening, Registry, Server};
use crate::sim::tally::{Marked, Note, OLD_TALLY, TALLY, Tally, TallyIntent};
use crate::time::Timestamp;
use crate::verify::{GrantState, Known, KnownEntry, Offer, Standing};
use crate::wire::{Answer, Entry, PullRequest, PullResponse, PushRequest, PushResponse, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

/// The server in memory.
pub struct MemoryServer {
    tenant: TenantId,
    registry: Registry,
    kind: &'static Tally,
    fault: Fault,
    now: Timestamp,
    documents: BTreeMap<DocumentId, (Vec<u8>, Vec<Audience>)>,
    envelopes: BTreeMap<IntentId, Filed>,
    filed: Vec<(IntentId, Answer)>,
    feed: Vec<FeedRow>,
}

struct Filed {
    envelope: Envelope,
    header: Header,
    arrival: Timestamp,
    answer: Answer,
}

struct FeedRow {
    at: Timestamp,
    item: FeedItem,
    to: To,
    entry: Entry,
}

/// Whoever follows one of the audiences; and the one device that waits to hear what became of its envelope. Where it does not follow the document
/// it hears of the outcome alone: it may not hold what the change rests on.
struct To {
    audiences: Vec<Audience>,
    device: Option<DeviceId>,
}

/// What a lane's transaction will write.
struct Write {
    document: DocumentId,
    closed: Closed,
    waited: BTreeSet<IntentId>,
}

const EPOCH: Epoch = Epoch::from_bytes([0xe0; 16]);
const KEY: [u8; 32] = [0x5e; 32];
/// The most changes of one lane's transaction; small here, so that pushes span several.
const MAX_LANE: usize = 4;

impl MemoryServer {
    /// A server that has seen nothing and knows only the old version of the mark.
    pub fn new(tenant: TenantId, registry: Registry, fault: Fault) -> Self {
        Self {
            tenant,
            registry,
            kind: &OLD_TALLY,
            fault,
            now: Timestamp(0),
            documents: BTreeMap::new(),
            envelopes: BTreeMap::new(),
            filed: Vec::new(),
            feed: Vec::new(),
        }
    }

    /// The header, if the envelope is one and its device signed it.
    fn admit(&self, envelope: &Envelope) -> Result<Header, &'static str> {
        let header = envelope.read_header().map_err(|_| "header_malformed")?;
        if header.tenant != self.tenant {
            return Err("foreign_tenant");
        }
        let key = self.registry.keys.get(&header.device).ok_or("device_unknown")?;
        if sign(key, &envelope.header.0) != envelope.signature.0 { Err("bad_signature") } else { Ok(header) }
    }

    fn offer(&self, envelope: &Envelope, header: &Header, arrival: Timestamp) -> Offer {
        let grant = match header.author.grant {
            None => GrantState::Missing,
            Some(id) => self.registry.grants.get(&id).map_or(GrantState::Unknown, |grant| GrantState::Known(grant.clone())),
        };
        let basis = usize::try_from(header.basis.position).ok().and_then(|position| position.checked_sub(1));
        let basis_time = basis.and_then(|index| self.feed.get(index)).map(|row| row.at);
        Offer { envelope: envelope.clone(), header: header.clone(), grant, basis_time, chain_enrolled: true, arrival }
    }

    fn known(&self, document: DocumentId) -> Known {
        let mut known = Known::default();
        for (intent, filed) in &self.envelopes {
            let header = &filed.header;
            let standing = match filed.answer {
                Answer::Accepted { .. } => Standing::Accepted,
                Answer::Held { .. } => Standing::Held,
                Answer::Refused { .. } => Standing::Refused,
                _ => continue,
            };
            if self.fault != Fault::AnswersForgotten {
                known.answers.insert(*intent, filed.answer.clone());
            }
            if standing == Standing::Accepted {
                known.actors.insert(header.actor.0.clone(), header.device);
                known.headers.extend(header.chain.map(|chain| ((header.device, chain, header.device_seq), filed.envelope.header_hash())));
            }
            if header.document == document {
                let (change_hash, device, chain) = (header.change_hash, header.device, header.chain);
                known.entries.push(KnownEntry { change_hash, device, chain, device_seq: header.device_seq, standing });
            }
        }
        known
    }

    fn run_lane(&self, document: DocumentId, envelopes: &[(Envelope, Header)]) -> Write {
        let saved = self.documents.get(&document).map(|(saved, _)| saved.as_slice());
        let mut lane = Lane::open(document, self.kind, saved, self.known(document)).expect("what the server stored can be read");
        let offers = envelopes.iter().map(|(envelope, header)| self.offer(envelope, header, self.now)).collect();
        let waits = |filed: &&Filed| filed.header.document == document && matches!(filed.answer, Answer::Waiting { .. });
        let waiting: Vec<_> = match self.fault {
            Fault::WaitingForgotten => Vec::new(),
            _ => self.envelopes.values().filter(waits).map(|filed| self.offer(&filed.envelope, &filed.header, filed.arrival)).collect(),
        };
        let waited = waiting.iter().map(|offer| offer.header.intent_id).collect();
        lane.offer(offers, waiting).expect("an offer is no fault of the server's");
        self.settle(&mut lane, document);
        Write { document, closed: lane.close(), waited }
    }

    /// The module's word on a tally that has been closed: its total, once.
    fn settle(&self, lane: &mut Lane, document: DocumentId) {
        let facts = lane.facts();
        if facts.of("closed").next().is_none() || facts.of("rulings").next().is_some() {
            return;
        }
        let total: i64 = facts.of("marks").map(|(_, bytes)| crate::cbor::decode::<Marked>(bytes).expect("merged marks can be read").count).sum();
        let Digest32(seed) = Digest32::of(document.as_bytes());
        let actor = seed[..16].to_vec();
        let act = ServerAct {
            tenant: self.tenant,
            by: Principal::System("test".to_owned()),
            intent_id: IntentId(uuid::Uuid::from_slice(&seed[16..]).expect("16 bytes")),
            actor,
            call: TallyIntent::Note(Note { text: total.to_string() }).call(),
            now: self.now,
            basis: Basis { source: BasisSource::Server, epoch: EPOCH, position: self.feed.len() as u64 },
        };
        lane.rule(act, |bytes| sign(&KEY, bytes)).expect("a note can always be made, and there is none yet");
    }

    /// The transaction's commit: all of it, at once.
    fn commit(&mut self, write: Write) {
        let Closed { outcomes, saved, audiences, .. } = write.closed;
        for outcome in outcomes {
            let header = outcome.header;
            let intent_id = header.intent_id;
            let (document, kind) = (write.document, header.kind.clone());
            let position = self.feed.len() as u64 + 1;
            let answer = match outcome.result {
                OutcomeResult::Accepted { .. } => {
                    let change = outcome.envelope.change.clone();
                    let entry = Entry::Change { position, document, kind, change, intent_id };
                    let item = FeedItem::Change(document, intent_id, noted(&header));
                    let device = write.waited.contains(&intent_id).then_some(header.device);
                    self.feed.push(FeedRow { at: self.now, item, to: To { audiences: audiences.clone(), device }, entry });
                    Answer::Accepted { position }
                }
                OutcomeResult::Waiting(missing) => Answer::Waiting { missing },
                OutcomeResult::Held(code) => self.tell_if_waited(&write.waited, &header, Answer::Held { code: code.to_owned() }),
                OutcomeResult::Refused(code) => self.tell_if_waited(&write.waited, &header, Answer::Refused { code: code.to_owned() }),
                OutcomeResult::Duplicate(_) => continue,
            };
            let arrival = self.envelopes.get(&intent_id).map_or(self.now, |filed| filed.arrival);
            self.filed.push((intent_id, answer.clone()));
            self.envelopes.insert(intent_id, Filed { envelope: outcome.envelope, header, arrival, answer });
        }
        if let Some(saved) = saved {
            self.documents.insert(write.document, (saved, audiences));
        }
    }

    fn tell_if_waited(&mut self, waited: &BTreeSet<IntentId>, header: &Header, answer: Answer) -> Answer {
        let intent_id = header.intent_id;
        if waited.contains(&intent_id) {
            let entry = Entry::Answer { position: self.feed.len() as u64 + 1, intent_id, answer: answer.clone() };
            self.feed.push(FeedRow {
                at: self.now,
                item: FeedItem::Answer(intent_id),
                to: To { audiences: Vec::new(), device: Some(header.device) },
                entry,
            });
        }
        answer
    }

    fn enter(&self, audience: Audience, device: Option<DeviceId>) -> Entry {
        let own = |document: DocumentId| {
            let own = move |filed: &&Filed| filed.header.document == document && Some(filed.header.device) == device;
            self.envelopes
                .values()
                .filter(own)
                .filter(|filed| matches!(filed.answer, Answer::Accepted { .. }))
                .map(|filed| filed.header.intent_id)
                .collect()
        };
        let here = self.documents.iter().filter(|(_, (_, audiences))| audiences.contains(&audience));
        let snapshot = |(document, (saved, _)): (&DocumentId, &(Vec<u8>, Vec<Audience>))| Snapshot {
            document: *document,
            kind: self.kind.name().to_owned(),
            saved: saved.clone().into(),
            intents: own(*document),
        };
        Entry::Enter { position: self.feed.len() as u64, documents: here.map(snapshot).collect(), bootstrap: None, audience }
    }
}

impl Server for MemoryServer {
    fn push(&mut self, request: PushRequest, crash: Crash) -> Option<PushResponse> {
        let admitted: Vec<_> = request.envelopes.into_iter().map(|envelope| self.admit(&envelope).map(|header| (envelope, header))).collect();
        let mut documents: Vec<DocumentId> = Vec::new();
        for (_, header) in admitted.iter().flatten() {
            if !documents.contains(&header.document) {
                documents.push(header.document);
            }
        }
        let repeated: BTreeSet<_> =
            self.envelopes.iter().filter(|(_, filed)| !matches!(filed.answer, Answer::Waiting { .. })).map(|(id, _)| *id).collect();
        let of = |document| admitted.iter().flatten().filter(move |(_, header)| header.document == document).cloned().collect::<Vec<_>>();
        let lanes: Vec<_> = documents.into_iter().flat_map(|document| of(document).chunks(MAX_LANE).map(<[_]>::to_vec).collect::<Vec<_>>()).collect();
        for (index, envelopes) in lanes.into_iter().enumerate() {
            let write = self.run_lane(envelopes[0].1.document, &envelopes);
            if crash == Crash::Before(index) && self.fault != Fault::AnsweredBeforeCommit {
                return None;
            }
            if crash != Crash::Before(index) {
                self.commit(write);
            }
            if crash == Crash::After(index) {
                return None;
            }
        }
        let answer = |admitted: &Result<(Envelope, Header), &'static str>| match admitted {
            Err(code) => Answer::Refused { code: (*code).to_owned() },
            Ok((_, header)) => match self.envelopes.get(&header.intent_id) {
                Some(filed) if repeated.contains(&header.intent_id) => Answer::Duplicate { first: Box::new(filed.answer.clone()) },
                Some(filed) => filed.answer.clone(),
                None => Answer::Accepted { position: 0 },
            },
        };
        Some(PushResponse { answers: admitted.iter().map(answer).collect(), server_time_ms: self.now })
    }

    fn pull(&mut self, account: AccountId, request: &PullRequest) -> PullResponse {
        let live: BTreeSet<_> = self.registry.reads[&account].iter().map(|site| Audience::Site(*site)).chain([Audience::Tenant]).collect();
        let head = self.feed.len() as u64;
        let known = if request.epoch == Some(EPOCH) { request.cursors.clone() } else { BTreeMap::new() };
        let mut page = PullResponse { epoch: EPOCH, entries: Vec::new(), cursors: BTreeMap::new(), more: false, server_time_ms: self.now };
        for audience in known.keys().filter(|audience| !live.contains(audience)) {
            page.entries.push(Entry::Leave { audience: audience.clone() });
        }
        for audience in &live {
            if let Some(cursor) = known.get(audience) {
                page.cursors.insert(audience.clone(), *cursor);
            } else {
                page.entries.push(self.enter(audience.clone(), request.device));
                page.cursors.insert(audience.clone(), head);
                page.more = true;
            }
        }
        if page.more {
            return page;
        }
        let after = page.cursors.values().copied().min().unwrap_or(head);
        let mut reached = head;
        let mut taken = 0;
        for (position, row) in (1..).zip(&self.feed).skip(usize::try_from(after).expect("a history is short")) {
            let followed = row.to.audiences.iter().filter_map(|audience| page.cursors.get(audience)).min().copied();
            let awaited = row.to.device.is_some() && row.to.device == request.device;
            let cursor = followed.or_else(|| awaited.then(|| page.cursors[&Audience::Tenant]));
            let entry = match &row.item {
                FeedItem::Change(_, intent_id, _) if followed.is_none() => {
                    Entry::Answer { position, intent_id: *intent_id, answer: Answer::Accepted { position } }
                }
                _ => row.entry.clone(),
            };
            if cursor.is_some_and(|cursor| cursor < position) {
                if taken == request.limit {
                    page.more = true;
                    reached = if self.fault == Fault::CursorRunsAhead { position } else { position - 1 };
                    break;
                }
                taken += 1;
                page.entries.push(entry);
            }
        }
        for cursor in page.cursors.values_mut() {
            *cursor = reached.max(*cursor);
        }
        page
    }

    fn happens(&mut self, what: Happening) {
        match what {
            Happening::Now(now) => self.now = now,
            Happening::Revoked(id) => {
                let now = self.now;
                self.registry.grants.entry(id).and_modify(|grant| grant.revoked_at = Some(now));
            }
            Happening::Reads(account, sites) => drop(self.registry.reads.insert(account, sites)),
            Happening::Upgraded => {
                self.kind = &TALLY;
                let waiting = self.envelopes.values().filter(|filed| matches!(filed.answer, Answer::Waiting { .. }));
                let documents: BTreeSet<_> = waiting.map(|filed| filed.header.document).collect();
                for document in documents {
                    let write = self.run_lane(document, &[]);
                    self.commit(write);
                }
            }
        }
    }

    fn filed(&self) -> Vec<(IntentId, Answer)> {
        self.filed.clone()
    }

    fn feed(&self) -> Vec<(u64, FeedItem)> {
        (1..).zip(&self.feed).map(|(position, row)| (position, row.item.clone())).collect()
    }

    fn documents(&self) -> BTreeMap<DocumentId, Vec<u8>> {
        self.documents.iter().map(|(document, (saved, _))| (*document, saved.clone())).collect()
    }
}

/// The number a ruling notes.
fn noted(header: &Header) -> Option<i64> {
    let note = (header.device == DeviceId::SERVER).then(|| crate::cbor::decode::<Note>(&header.intent.payload.0).ok())??;
    note.text.parse().ok()
}
