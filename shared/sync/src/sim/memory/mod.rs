//! The server in memory: a shell around [`Lane`](crate::hub::Lane) as the real one is around Postgres. One transaction per lane, feed positions
//! taken last, answers kept, waiting envelopes kept, whatever a crash leaves behind.

mod lane;
mod photos;
mod pull;
mod taken_up;

use crate::bytes::Digest32;
use crate::envelope::{Envelope, Header};
use crate::ids::{AccountId, DeviceId, DocumentId, Epoch, IntentId, TenantId};
use crate::kind::Audience;
use crate::sim::device::sign;
use crate::sim::fault::Fault;
use crate::sim::names;
use crate::sim::photos::{Asker, PhotoAnswer, PhotoAsk};
use crate::sim::script::Cast;
use crate::sim::server::{Crash, FeedItem, Filed, Happening, Registry, Server};
use crate::sim::tally::Tally;
use crate::sim::world::ROOM;
use crate::time::Timestamp;
use crate::verify::KnownEntry;
use crate::wire::{Answer, Entry, PullRequest, PullResponse, PushRequest, PushResponse};
use lane::Write;
use photos::Photos;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// The server in memory.
#[derive(Clone)]
pub struct MemoryServer {
    tenant: TenantId,
    registry: Registry,
    /// Whatever it granted, in whichever life: its own word, which it knows when somebody brings it.
    granted: Registry,
    /// Whether it was put back from a backup.
    restored: bool,
    kind: &'static Tally,
    fault: Fault,
    now: Timestamp,
    documents: BTreeMap<DocumentId, (Vec<u8>, Vec<Audience>)>,
    /// At which position documents last left an audience.
    departures: BTreeMap<(Audience, DocumentId), u64>,
    totals: BTreeMap<DocumentId, i64>,
    envelopes: BTreeMap<IntentId, OnFile>,
    /// Envelopes that others of their intents stand for.
    buried: Vec<(DocumentId, KnownEntry)>,
    filed: Vec<Filed>,
    feed: Vec<FeedRow>,
    /// The position that was taken last.
    head: u64,
    due: Vec<IntentId>,
    published: Vec<IntentId>,
    epoch: Epoch,
    photos: Photos,
    /// How many bytes of photos it keeps.
    room: u64,
    /// As it was when it was backed up.
    backup: Option<Box<Self>>,
    /// What every company's server answered last: read by a planted fault alone.
    everywhere: Ledger,
}

type Ledger = Rc<RefCell<BTreeMap<IntentId, (TenantId, Answer)>>>;

#[derive(Clone)]
struct OnFile {
    envelope: Envelope,
    header: Header,
    header_hash: Digest32,
    arrival: Timestamp,
    answer: Answer,
}

#[derive(Clone)]
struct FeedRow {
    position: u64,
    at: Timestamp,
    item: FeedItem,
    to: To,
    entry: Entry,
}

/// Whoever follows one of the audiences; and the one device that waits to hear what became of its envelope. Where it does not follow the document
/// it hears of the outcome alone: it may not hold what the change rests on.
#[derive(Clone)]
struct To {
    audiences: Vec<Audience>,
    device: Option<DeviceId>,
}

const KEY: [u8; 32] = [0x5e; 32];
/// The most changes of one lane's transaction; small here, so that pushes span several.
const MAX_LANE: usize = 4;

impl MemoryServer {
    /// Two companies' servers that have seen nothing and know only the oldest version of the mark.
    pub fn pair(cast: Cast, fault: Fault) -> [Self; 2] {
        let everywhere = Ledger::default();
        [names::TENANT, names::NEIGHBOUR].map(|tenant| Self::new(tenant, cast, (fault, everywhere.clone())))
    }

    fn new(tenant: TenantId, cast: Cast, (fault, everywhere): (Fault, Ledger)) -> Self {
        Self {
            tenant,
            registry: names::registry(cast),
            granted: names::registry(cast),
            restored: false,
            kind: Tally::of(1),
            fault,
            now: Timestamp(names::BEGINS),
            documents: BTreeMap::new(),
            departures: BTreeMap::new(),
            totals: BTreeMap::new(),
            envelopes: BTreeMap::new(),
            buried: Vec::new(),
            filed: Vec::new(),
            feed: Vec::new(),
            head: 0,
            due: Vec::new(),
            published: Vec::new(),
            epoch: names::epoch(0),
            photos: Photos::default(),
            room: ROOM.into(),
            backup: None,
            everywhere,
        }
    }

    /// The header, if the envelope is one and its device signed it.
    fn admit(&self, envelope: &Envelope) -> Result<Header, &'static str> {
        let header = envelope.read_header().map_err(|_| "envelope_malformed")?;
        if header.tenant != self.tenant && self.fault != Fault::TenantUnchecked {
            return Err("foreign_tenant");
        }
        let ours = header.device == DeviceId::SERVER && self.fault != Fault::OwnWordUnknown;
        let known = if ours { Some(&KEY) } else { self.registry.keys.get(&header.device) };
        let key = known.ok_or("device_unknown")?;
        let signed = sign(key, &envelope.header.0) == envelope.signature.0 || self.fault == Fault::SignatureUnchecked;
        if signed { Ok(header) } else { Err("signature_wrong") }
    }

    /// The answers, unless a planted fault finds others in another company's ledger.
    fn mixed_up(&self, admitted: &[Result<(Envelope, Header), &'static str>], answers: Vec<Answer>) -> Vec<Answer> {
        let mut everywhere = self.everywhere.borrow_mut();
        let mix = |(admitted, answer): (&Result<(Envelope, Header), _>, Answer)| {
            let Ok((_, header)) = admitted else { return answer };
            let (of, first) = everywhere.entry(header.intent_id).or_insert_with(|| (self.tenant, answer.clone()));
            if self.fault == Fault::AnswersShared && *of != self.tenant { Answer::Duplicate { first: Box::new(first.clone()) } } else { answer }
        };
        admitted.iter().zip(answers).map(mix).collect()
    }

    /// What happens of a lane's transaction where the server dies before its commit: nothing, unless it is at fault.
    fn lost(&mut self, write: &Write) {
        match self.fault {
            Fault::FeedByBigserial => self.head += write.accepted().count() as u64,
            Fault::ProjectedBeforeCommit => self.project(write.document, &write.closed.facts),
            Fault::PublishedBeforeCommit => self.published.extend(write.accepted()),
            _ => {}
        }
    }

    /// What was backed up takes its place; the program and the clock are those of now.
    fn restore(&mut self, epoch: Epoch) {
        let Some(backup) = self.backup.take() else { return };
        let epoch = if self.fault == Fault::RestoredIntoTheSameEpoch { self.epoch } else { epoch };
        let granted = std::mem::take(&mut self.granted);
        *self = Self { kind: self.kind, now: self.now, room: self.room, epoch, granted, restored: true, backup: Some(backup.clone()), ..*backup };
    }

    fn publish(&mut self, dies: bool) {
        self.published.extend(self.due.iter().copied());
        if dies && self.fault == Fault::EventForgotten {
            // It noted that it had, and then did not.
            self.published.truncate(self.published.len() - self.due.len());
            self.due.clear();
        }
        if !dies {
            self.due.clear();
        }
    }
}

impl Server for MemoryServer {
    const DIES_BETWEEN_FILES_AND_TABLES: bool = true;

    fn push(&mut self, request: PushRequest, crash: Crash) -> Option<PushResponse> {
        self.take_up(&request);
        let admitted: Vec<_> = request.envelopes.into_iter().map(|envelope| self.admit(&envelope).map(|header| (envelope, header))).collect();
        let mut documents: Vec<DocumentId> = Vec::new();
        for (_, header) in admitted.iter().flatten() {
            if !documents.contains(&header.document) {
                documents.push(header.document);
            }
        }
        let mut answers = BTreeMap::new();
        let of = |document| admitted.iter().flatten().filter(move |(_, header)| header.document == document).cloned().collect::<Vec<_>>();
        let lanes: Vec<_> = documents.into_iter().flat_map(|document| of(document).chunks(MAX_LANE).map(<[_]>::to_vec).collect::<Vec<_>>()).collect();
        for (index, envelopes) in lanes.into_iter().enumerate() {
            let write = self.run_lane(envelopes[0].1.document, &envelopes);
            if crash == Crash::Before(index) {
                self.lost(&write);
                if self.fault != Fault::AnsweredBeforeCommit {
                    return None;
                }
            } else {
                for (change, answer) in self.commit(write) {
                    let known = answers.entry(change).or_insert_with(|| answer.clone());
                    // It waited in one lane of this push, and the next brought what it waited for.
                    if matches!(known, Answer::Waiting { .. }) {
                        *known = answer;
                    }
                }
            }
            if crash == Crash::After(index) {
                return None;
            }
        }
        let answer = |admitted: &Result<(Envelope, Header), &'static str>| match admitted {
            Err(code) => Answer::Refused { code: (*code).to_owned() },
            Ok((_, header)) => answers.get(&header.change_hash).cloned().unwrap_or_else(|| {
                // The same push brought the one that took its place.
                let first = self.envelopes.get(&header.intent_id).map_or(Answer::Retry, |filed| filed.answer.clone());
                Answer::Duplicate { first: Box::new(first) }
            }),
        };
        let answers = admitted.iter().map(answer).collect();
        let answers = self.mixed_up(&admitted, answers);
        Some(PushResponse { answers, server_time_ms: self.now })
    }

    fn pull(&mut self, account: AccountId, request: &PullRequest) -> PullResponse {
        self.page(account, request)
    }

    fn asked(&mut self, asker: Asker, ask: &PhotoAsk, crash: Crash) -> Option<PhotoAnswer> {
        self.photo_asked(asker, ask, crash)
    }

    fn happens(&mut self, what: Happening) {
        match what {
            Happening::Now(now) => self.now = now,
            Happening::Joined(registry) => {
                self.granted.learn(registry.clone());
                self.registry.learn(registry);
            }
            Happening::Enrolled(device, chain) => drop(self.registry.chains.insert((device, chain))),
            Happening::Revoked(id) => {
                let now = self.now;
                self.registry.grants.entry(id).and_modify(|grant| grant.revoked_at = Some(now));
            }
            Happening::Decided(intent, released) => self.decide(intent, released),
            Happening::Reads(account, sites) => drop(self.registry.reads.insert(account, sites)),
            Happening::Upgraded(version) => {
                self.kind = Tally::of(version);
                let waits = |filed: &&OnFile| matches!(filed.answer, Answer::Waiting { .. }) && self.fault != Fault::UpgradeLooksAtNothing;
                let documents: BTreeSet<_> = self.envelopes.values().filter(waits).map(|filed| filed.header.document).collect();
                for document in documents {
                    let write = self.run_lane(document, &[]);
                    self.commit(write);
                }
            }
            Happening::Publishes { dies } => self.publish(dies),
            Happening::Room(bytes) => self.room = bytes,
            Happening::LosesFiles(sha256) => self.lose(sha256),
            Happening::BackedUp => self.backup = Some(Box::new(Self { backup: None, ..self.clone() })),
            Happening::Restored(epoch) => self.restore(epoch),
        }
    }

    fn filed(&self, from: usize) -> Vec<Filed> {
        self.filed[from..].to_vec()
    }

    fn feed(&self, after: u64) -> Vec<(u64, FeedItem)> {
        self.after(after).iter().map(|row| (row.position, row.item.clone())).collect()
    }

    fn document(&self, id: DocumentId) -> Option<Vec<u8>> {
        self.documents.get(&id).map(|(saved, _)| saved.clone())
    }

    fn totals(&self) -> BTreeMap<DocumentId, i64> {
        self.totals.clone()
    }

    fn photos(&self) -> BTreeMap<Digest32, Vec<u8>> {
        self.whole_photos()
    }

    fn knows(&self, device: DeviceId) -> bool {
        self.registry.keys.contains_key(&device)
    }

    fn published(&self) -> Vec<IntentId> {
        self.published.clone()
    }
}
