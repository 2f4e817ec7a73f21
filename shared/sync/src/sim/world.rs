//! A history: devices, a network and a server, and the model that is told the same.
//!
//! Each function here lets one thing happen; what the server and the devices make of it is compared with the model at once, in [`super::checks`].

use crate::envelope::IntentCall;
use crate::ids::{FactId, IntentId};
use crate::kind::IntentError;
use crate::replica::RecordError;
use crate::sim::checks::Broken;
use crate::sim::device::Act;
use crate::sim::fault::Fault;
use crate::sim::model::{Change, Deed, Doing, Model, Name, Rights};
use crate::sim::names;
use crate::sim::network::{Line, Message};
use crate::sim::party::{SimDevice, TabsMind};
use crate::sim::server::{Crash, Happening, Server};
use crate::sim::tally::{KINDS, Mark, MarkAll, Note, Open, TALLY, TallyIntent};
use crate::time::Timestamp;
use crate::wire::{Entry, PullRequest, PullResponse, PushRequest, PushResponse};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{BTreeMap, BTreeSet};

/// A history as it stands.
pub struct World<S> {
    /// The server.
    pub server: S,
    /// The devices; a clone of one comes last.
    pub devices: Vec<SimDevice>,
    /// What should come of it all.
    pub model: Model,
    /// What happened, a line each.
    pub told: Vec<String>,
    /// What it came to, counted.
    pub tally: BTreeMap<&'static str, u64>,
    pub(super) facts: BTreeMap<FactId, (Change, usize)>,
    pub(super) filed: usize,
    pub(super) rng: ChaCha8Rng,
    pub(super) now: i64,
    network: Vec<Message>,
    fault: Fault,
    next: Change,
}

impl<S: Server> World<S> {
    /// Nothing has happened yet; everything that will follows from the seed.
    pub fn new(seed: u64, fault: Fault, server: S) -> Self {
        let rights = Rights { may_write: names::may_write(), may_read: names::may_read(), revoked: BTreeSet::new(), version: 1 };
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let devices = (0..names::DEVICES).map(|name| SimDevice::new(name, rng.random_range(-3_600_000..3_600_000))).collect();
        Self {
            server,
            devices,
            model: Model::new(rights),
            told: Vec::new(),
            tally: BTreeMap::new(),
            facts: BTreeMap::new(),
            filed: 0,
            rng,
            now: 1_790_000_000_000,
            network: Vec::new(),
            fault,
            next: 1,
        }
    }

    /// One thing happens.
    pub fn step(&mut self) -> Result<(), Broken> {
        self.now += self.rng.random_range(0..5_000);
        self.server.happens(Happening::Now(Timestamp(self.now)));
        let index = self.rng.random_range(0..self.devices.len());
        match self.rng.random_range(0..1_000) {
            0..300 => self.act(index),
            300..400 => self.sign(index),
            400..540 => self.push(index),
            540..630 => self.pull(index),
            630..950 => self.deliver(),
            950..970 => self.power_fails(index),
            970..974 => self.revoke(),
            974..984 => self.change_rights(),
            984..988 => self.clone_device(),
            988..994 => self.upgrade(),
            _ => self.set_clock(index),
        }
    }

    /// The faults stop: everything is sent, answered and pulled until nothing moves any more.
    pub fn come_to_rest(&mut self) -> Result<(), Broken> {
        self.tell("the faults stop".to_owned());
        self.network.clear();
        self.upgrade()?;
        for _ in 0..40 {
            let mut moved = false;
            for index in 0..self.devices.len() {
                let unsigned: Vec<_> = self.devices[index].device.store.outbox.keys().copied().collect();
                for seq in unsigned {
                    self.devices[index].device.sign(seq);
                }
                if let Some(request) = self.devices[index].device.next_push() {
                    moved = true;
                    self.server_takes(self.line(index), request, Crash::Never)?;
                }
                let before = self.devices[index].device.store.chain.feed.clone();
                let request = self.pull_request(index, 3);
                self.server_serves(self.line(index), &request)?;
                while let Some(message) = self.network.pop() {
                    self.arrives(message)?;
                }
                moved |= self.devices[index].device.store.chain.feed != before;
            }
            if !moved {
                return Ok(());
            }
        }
        Err(Broken("nine: it does not come to rest".to_owned()))
    }

    fn act(&mut self, index: usize) -> Result<(), Broken> {
        let document = self.rng.random_range(0..names::DOCUMENTS);
        let deed = self.some_deed();
        let call = call(&deed, document);
        let tab = self.rng.random_range(0..2_usize);
        let mut random = [0; 16];
        self.rng.fill_bytes(&mut random);
        let (change, now) = (self.next, self.now);
        let sim = &mut self.devices[index];
        let mind = sim.tabs[tab].entry(document).or_insert(TabsMind { actor: random.to_vec(), last: None });
        let act = Act {
            document: names::document(document),
            intent_id: names::intent(change),
            call,
            actor: mind.actor.clone(),
            now: Timestamp(now + sim.skew),
        };
        let recorded = sim.device.record(&TALLY, act);
        let doing = Doing { device: sim.name, document, tabs_last: mind.last, deed: deed.clone() };
        let should = self.model.act(change, doing, &mut sim.knowledge);
        match recorded {
            Ok(seq) if should => {
                mind.last = Some(change);
                let facts = if let Deed::Mark { counts, .. } = &deed { counts.len() } else { 1 };
                self.facts.extend((0..facts).map(|n| (FactId::of(names::intent(change), u16::try_from(n).expect("few")), (change, n))));
                self.next += 1;
                self.stored(index, self.fault != Fault::RecordsNotDurable);
                self.tell(format!("device {} tab {tab}: change {change} = {deed:?} on document {document}, number {seq}", self.name(index)));
                self.check_document(index, document)
            }
            Err(RecordError::Intent(IntentError::Refused { .. })) if !should => Ok(()),
            other => Err(Broken(format!("one: {deed:?} on document {document}: allowed {should}, and {other:?}"))),
        }
    }

    fn some_deed(&mut self) -> Deed {
        match self.rng.random_range(0..10) {
            0..3 => Deed::Open,
            3..7 => Deed::Mark { counts: vec![self.rng.random_range(1..100)], version: 1 },
            7..9 => Deed::Mark { counts: (0..self.rng.random_range(1..4)).map(|n| 10 * n + 1).collect(), version: 2 },
            _ => Deed::Close,
        }
    }

    fn sign(&mut self, index: usize) -> Result<(), Broken> {
        let outbox = &self.devices[index].device.store.outbox;
        let Some(seq) = outbox.values().find(|row| row.signature.is_none()).map(|row| row.seq) else { return Ok(()) };
        let last = outbox.len() as u64;
        for seq in seq..=seq + self.rng.random_range(0..last) {
            self.devices[index].device.sign(seq);
        }
        self.stored(index, false);
        Ok(())
    }

    fn push(&mut self, index: usize) -> Result<(), Broken> {
        let Some(mut request) = self.devices[index].device.next_push() else { return Ok(()) };
        // Now and then only some of it is sent, or in another order: whoever relays need not keep it.
        if self.rng.random_bool(0.3) {
            let keep = self.rng.random_range(1..=request.envelopes.len());
            for place in (1..request.envelopes.len()).rev() {
                request.envelopes.swap(place, self.rng.random_range(0..=place));
            }
            request.envelopes.truncate(keep);
        }
        self.tell(format!("device {} sends {:?}", self.name(index), changes(&request)));
        self.network.push(Message::Push { from: self.line(index), request });
        Ok(())
    }

    fn pull(&mut self, index: usize) -> Result<(), Broken> {
        let limit = self.rng.random_range(1..8);
        let request = self.pull_request(index, limit);
        self.network.push(Message::Pull { from: self.line(index), request });
        Ok(())
    }

    fn pull_request(&self, index: usize, limit: u32) -> PullRequest {
        let feed = &self.devices[index].device.store.chain.feed;
        PullRequest { epoch: feed.epoch, cursors: feed.cursors.clone(), device: Some(names::device(self.name(index))), till: None, limit }
    }

    /// Some message, whichever, arrives: or is lost, or arrives and stays on its way all the same.
    fn deliver(&mut self) -> Result<(), Broken> {
        if self.network.is_empty() {
            return Ok(());
        }
        let at = self.rng.random_range(0..self.network.len());
        let message = match self.rng.random_range(0..10) {
            0 => {
                *self.tally.entry("messages lost").or_default() += 1;
                self.network.swap_remove(at);
                return Ok(());
            }
            1 => {
                *self.tally.entry("messages doubled").or_default() += 1;
                self.network[at].clone()
            }
            _ => self.network.swap_remove(at),
        };
        self.arrives(message)
    }

    fn arrives(&mut self, message: Message) -> Result<(), Broken> {
        match message {
            Message::Push { from, request } => {
                let crash = match self.rng.random_range(0..20) {
                    0 => Crash::Before(self.rng.random_range(0..3)),
                    1 => Crash::After(self.rng.random_range(0..3)),
                    _ => Crash::Never,
                };
                self.server_takes(from, request, crash)
            }
            Message::Pull { from, request } => self.server_serves(from, &request),
            Message::Answers { to, intents, response } if to == self.line(to.device) => self.device_is_answered(to.device, &intents, &response),
            Message::Page { to, page, learned } if to == self.line(to.device) => self.device_receives(to.device, &page, learned),
            Message::Answers { .. } | Message::Page { .. } => Ok(()),
        }
    }

    fn server_takes(&mut self, from: Line, request: PushRequest, crash: Crash) -> Result<(), Broken> {
        let intents: Vec<_> = request.envelopes.iter().filter_map(|envelope| Some(envelope.read_header().ok()?.intent_id)).collect();
        self.tell(format!("the server takes {:?}, crash: {crash:?}", changes(&request)));
        let before = self.model.fates.clone();
        let response = self.server.push(request, crash);
        self.check_filed()?;
        let Some(response) = response else {
            *self.tally.entry("server crashes").or_default() += 1;
            return Ok(());
        };
        self.check_answers(&before, &intents, &response)?;
        self.network.push(Message::Answers { to: from, intents, response });
        Ok(())
    }

    fn server_serves(&mut self, from: Line, request: &PullRequest) -> Result<(), Broken> {
        let name = self.name(from.device);
        let page = self.server.pull(names::account(name), request);
        let learned = self.check_page(name, request, &page)?;
        self.network.push(Message::Page { to: from, page, learned });
        Ok(())
    }

    /// Each answer is a transaction of its own, and the power may fail between any two.
    fn device_is_answered(&mut self, index: usize, intents: &[IntentId], response: &PushResponse) -> Result<(), Broken> {
        let stop = self.rng.random_bool(0.05).then(|| self.rng.random_range(0..=intents.len()));
        let now = Timestamp(self.now + self.devices[index].skew);
        self.devices[index].device.store.chain.clock_offset_ms = response.server_time_ms.0 - now.0;
        for (intent, answer) in intents.iter().zip(&response.answers).take(stop.unwrap_or(intents.len())) {
            self.devices[index].device.answered(*intent, answer, now);
            self.stored(index, false);
        }
        self.tell(format!("device {} is answered {:?}", self.name(index), response.answers));
        if stop.is_some() { self.power_fails(index) } else { Ok(()) }
    }

    fn device_receives(&mut self, index: usize, page: &PullResponse, learned: BTreeMap<Name, BTreeSet<Change>>) -> Result<(), Broken> {
        let sim = &mut self.devices[index];
        if self.fault == Fault::SnapshotReplaces {
            let snapshots = page.entries.iter().filter_map(|entry| if let Entry::Enter { documents, .. } = entry { Some(documents) } else { None });
            snapshots.flatten().for_each(|snapshot| drop(sim.device.store.documents.remove(&snapshot.document)));
        }
        sim.device.receive(&KINDS, page, Timestamp(self.now + sim.skew));
        for (document, changes) in &learned {
            sim.knowledge.documents.entry(*document).or_default().extend(changes);
        }
        self.stored(index, false);
        self.tell(format!("device {} receives {learned:?}, cursors {:?}", self.name(index), page.cursors));
        learned.into_keys().try_for_each(|document| self.check_document(index, document))
    }

    /// All that was not strictly durable may be gone, from some moment on; what the tabs had in mind is gone for certain.
    fn power_fails(&mut self, index: usize) -> Result<(), Broken> {
        *self.tally.entry("power failures").or_default() += 1;
        let keep = self.rng.random_range(0..self.devices[index].durable.len());
        let sim = &mut self.devices[index];
        sim.durable.truncate(keep + 1);
        (sim.device.store, sim.knowledge) = sim.durable[keep].clone();
        sim.tabs = Default::default();
        sim.life += 1;
        self.tell(format!("the power of device {} fails", self.name(index)));
        Ok(())
    }

    fn set_clock(&mut self, index: usize) -> Result<(), Broken> {
        self.devices[index].skew = self.rng.random_range(-3_600_000..3_600_000);
        self.tell(format!("the clock of device {} is set", self.name(index)));
        Ok(())
    }

    fn revoke(&mut self) -> Result<(), Broken> {
        let name = self.rng.random_range(0..names::DEVICES);
        self.model.rights.revoked.insert(name);
        self.server.happens(Happening::Revoked(names::grant(name)));
        self.tell(format!("the grant of device {name} is taken back"));
        Ok(())
    }

    fn change_rights(&mut self) -> Result<(), Broken> {
        let name = self.rng.random_range(0..names::DEVICES);
        let sites: BTreeSet<Name> = (0..names::SITES).filter(|_| self.rng.random_bool(0.6)).collect();
        self.tell(format!("device {name} may read sites {sites:?}"));
        self.server.happens(Happening::Reads(names::account(name), sites.iter().map(|site| names::site(*site)).collect()));
        self.model.rights.may_read.insert(name, sites);
        Ok(())
    }

    /// Somebody copies a device's disk, and both copies go on.
    fn clone_device(&mut self) -> Result<(), Broken> {
        if self.devices.len() > usize::from(names::DEVICES) {
            return Ok(());
        }
        let index = self.rng.random_range(0..self.devices.len());
        let original = &self.devices[index];
        let mut clone = SimDevice::new(original.name, original.skew);
        (clone.device, clone.knowledge) = (original.device.clone(), original.knowledge.clone());
        clone.durable = vec![(clone.device.store.clone(), clone.knowledge.clone())];
        self.tell(format!("device {} is cloned", original.name));
        self.devices.push(clone);
        Ok(())
    }

    fn upgrade(&mut self) -> Result<(), Broken> {
        self.model.rights.version = 2;
        self.tell("the server is upgraded".to_owned());
        self.server.happens(Happening::Upgraded);
        self.check_filed()
    }

    fn stored(&mut self, index: usize, strictly: bool) {
        let sim = &mut self.devices[index];
        if strictly {
            sim.durable.clear();
        }
        sim.durable.push((sim.device.store.clone(), sim.knowledge.clone()));
    }

    fn line(&self, index: usize) -> Line {
        Line { device: index, life: self.devices[index].life }
    }

    fn name(&self, index: usize) -> Name {
        self.devices[index].name
    }

    pub(super) fn tell(&mut self, line: String) {
        self.told.push(line);
    }
}

fn call(deed: &Deed, document: Name) -> IntentCall {
    let intent = match deed {
        Deed::Open => TallyIntent::Open(Open { site: names::site(Model::site_of(document)) }),
        Deed::Mark { counts, version: 1 } => TallyIntent::Mark(Mark { count: counts[0] }),
        Deed::Mark { counts, .. } => TallyIntent::MarkAll(MarkAll { counts: counts.clone() }),
        Deed::Close => TallyIntent::Close,
        Deed::Ruling { total } => TallyIntent::Note(Note { text: total.to_string() }),
    };
    intent.call()
}

fn changes(request: &PushRequest) -> Vec<Change> {
    request.envelopes.iter().filter_map(|envelope| names::change(envelope.read_header().ok()?.intent_id)).collect()
}
