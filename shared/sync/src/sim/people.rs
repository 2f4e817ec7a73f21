//! What happens on a device and to it.

use crate::bytes::Digest32;
use crate::envelope::IntentCall;
use crate::ids::{AccountId, FactId};
use crate::kind::IntentError;
use crate::replica::RecordError;
use crate::sim::checks::facts_of_deed;
use crate::sim::device::Act;
use crate::sim::fault::Fault;
use crate::sim::invariant::{Broken, Invariant};
use crate::sim::model::{Deed, Doing, Model, Name};
use crate::sim::names;
use crate::sim::network::Message;
use crate::sim::party::{SimDevice, TabsMind};
use crate::sim::script::OnDevice;
use crate::sim::server::Server;
use crate::sim::tally::{Hand, Mark, MarkAll, MarkDozens, Named, Open, Show, Tally, TallyIntent};
use crate::sim::world::World;
use crate::time::Timestamp;
use crate::wire::PullRequest;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How many clones there may be.
const CLONES: usize = 2;

impl<S: Server> World<S> {
    /// Something happens on a device or to it.
    pub(super) fn on_device(&mut self, index: usize, what: &OnDevice) -> Result<(), Broken> {
        match what {
            OnDevice::Acts { tab, document, deed } => return self.act(index, (*tab, document % names::DOCUMENTS), deed),
            OnDevice::Signs(rows) => {
                let unsigned = self.devices[index].device.store.outbox.values().filter(|row| row.signature.is_none());
                let rows: Vec<_> = unsigned.map(|row| row.seq).take(usize::from(*rows)).collect();
                self.sign_rows(index, &rows);
            }
            OnDevice::Pushes(some) => self.push(index, *some),
            OnDevice::Pulls(limit) => {
                let (account, request) = self.pull_request(index, u32::from(*limit).max(1));
                self.network.push(Message::Pull { from: self.line(index), account, request });
            }
            OnDevice::Line(state) => self.devices[index].line = *state,
            OnDevice::Disk(state) => self.devices[index].disk = *state,
            OnDevice::PowerFails(left) => self.power_fails(index, *left),
            OnDevice::Evicted => self.evict(index),
            OnDevice::Forgets => self.forget(index),
            OnDevice::Cloned => {
                if self.devices.len() < usize::from(self.cast.devices) + CLONES {
                    self.count("clones");
                    let mut clone = self.devices[index].copy();
                    clone.device.entropy = Digest32::of(&[clone.device.entropy.as_slice(), &self.devices.len().to_be_bytes()].concat()).0;
                    self.devices.push(clone);
                }
            }
            OnDevice::Clock(skew) => self.devices[index].skew = *skew,
            OnDevice::SignsIn(person) => {
                let sim = &mut self.devices[index];
                sim.person = person % self.cast.people;
                sim.device.identity = names::identity(self.tenant, sim.name, sim.person);
                sim.life += 1;
                sim.device.under_way = None;
            }
            OnDevice::Uploads => return self.uploads(index),
            OnDevice::Looks(photo) => self.look(index, photo % names::PHOTOS),
            OnDevice::Fakes(photo, fake) => return self.fake(index, photo % names::PHOTOS, *fake),
            OnDevice::App(version) => self.devices[index].app = (Tally::of(*version), *version),
            OnDevice::Lies(document, lie) => return self.lie(index, document % names::DOCUMENTS, *lie),
        }
        Ok(())
    }

    fn act(&mut self, index: usize, (tab, document): (Name, Name), deed: &Deed) -> Result<(), Broken> {
        let deed = &match deed {
            Deed::Hand { to } => Deed::Hand { to: to.map(|to| to % self.cast.people) },
            other => other.clone(),
        };
        let (change, clock) = (self.next, self.now + self.devices[index].skew);
        let actor = self.new_actor(tab);
        let sim = &mut self.devices[index];
        if matches!(deed, Deed::Mark { version, .. } if *version > sim.app.1) {
            return Ok(());
        }
        let tab = usize::from(tab) % sim.tabs.len();
        let mind = sim.tabs[tab].entry(document).or_insert(TabsMind { actor, last: None });
        let tabs_last = mind.last;
        let act = Act {
            document: names::document(document),
            intent_id: names::intent(change),
            call: call(deed, document),
            actor: mind.actor.clone(),
            now: Timestamp(clock),
        };
        let doing = Doing { device: sim.name, person: sim.person, document, tabs_last, deed: deed.clone(), clock };
        if !sim.writes() {
            if self.fault == Fault::ConfirmedThoughAborted {
                self.model.act(change, doing, &mut sim.knowledge.clone());
                self.next += 1;
            }
            self.count("writes aborted");
            return Ok(());
        }
        let recorded = sim.device.record(sim.app.0, act);
        let should = self.model.act(change, doing, &mut sim.knowledge);
        match recorded {
            Ok(seq) if should => {
                sim.tabs[tab].entry(document).and_modify(|mind| mind.last = Some(change));
                self.changes.insert(sim.device.change_of(seq), change);
                let together = match deed {
                    Deed::Photo { photo, taken: true } => self.photo_taken(index, photo % names::PHOTOS),
                    _ => true,
                };
                let sim = &mut self.devices[index];
                sim.stored(self.fault != Fault::ConfirmedBeforeDurable && together);
                let facts = facts_of_deed(deed);
                self.facts.extend((0..facts).map(|n| (FactId::of(names::intent(change), u16::try_from(n).expect("few")), (change, n))));
                self.next += 1;
                self.remark(&format!("change {change}, number {seq}"));
                self.check_document(index, document).map(drop)
            }
            Err(RecordError::Left | RecordError::Intent(IntentError::Refused { .. })) if !should => Ok(()),
            other => Err(Invariant::DecidedOnce.broke(format!("{deed:?} on document {document}: allowed {should}, and {other:?}"))),
        }
    }

    /// Random per document and tab session in the app; here another for each.
    fn new_actor(&mut self, tab: Name) -> Vec<u8> {
        self.actors += 1;
        if self.fault == Fault::ActorReused { vec![tab; 16] } else { Digest32::of(&self.actors.to_be_bytes()).0[..16].to_vec() }
    }

    pub(super) fn sign_rows(&mut self, index: usize, rows: &[u64]) {
        if rows.is_empty() || !self.devices[index].writes() {
            return;
        }
        let sim = &mut self.devices[index];
        let before: Vec<_> = rows.iter().filter(|seq| sim.device.envelope(**seq).is_none()).copied().collect();
        rows.iter().for_each(|seq| sim.device.sign(*seq));
        if let (Fault::SignedOutOfOrder, [first, .., last]) = (self.fault, before.as_slice()) {
            let [one, other] = [first, last].map(|seq| sim.device.store.outbox[seq].signature.clone());
            sim.device.store.outbox.entry(*first).and_modify(|row| row.signature = other);
            sim.device.store.outbox.entry(*last).and_modify(|row| row.signature = one);
        }
        sim.stored(false);
    }

    fn push(&mut self, index: usize, some: Option<(u8, u32)>) {
        let Some(mut request) = self.devices[index].device.next_push() else { return };
        if let Some((keep, order)) = some {
            let mut rng = ChaCha8Rng::seed_from_u64(u64::from(order));
            for place in (1..request.envelopes.len()).rev() {
                request.envelopes.swap(place, rng.random_range(0..=place));
            }
            request.envelopes.truncate(usize::from(keep.max(1)));
        }
        self.remark(&format!("sends {:?} as message {}", self.changes_in(&request), self.network.len()));
        self.network.push(Message::Push { from: self.line(index), request });
    }

    /// What the device asks for, and who is signed in.
    pub(super) fn pull_request(&self, index: usize, limit: u32) -> (AccountId, PullRequest) {
        let SimDevice { name, person, device, .. } = &self.devices[index];
        let feed = &device.store.chain.feed;
        let request = PullRequest { epoch: feed.epoch, cursors: feed.cursors.clone(), device: Some(names::device(*name)), till: None, limit };
        (names::account(*person), request)
    }

    pub(super) fn power_fails(&mut self, index: usize, left: u8) {
        self.count("power failures");
        self.devices[index].dies(left);
    }

    fn forget(&mut self, index: usize) {
        let sim = &mut self.devices[index];
        if !sim.writes() {
            return;
        }
        let log = sim.device.store.chain.feed.witness;
        sim.device.store.witnessed.retain(|_, kept| log.offers(kept));
        sim.knowledge.witnessed = sim.knowledge.offered.clone();
        sim.stored(false);
    }

    /// The key lay in the database, too: what comes back is another device.
    fn evict(&mut self, index: usize) {
        if self.spare == self.cast.devices + names::SPARE {
            return;
        }
        self.count("evictions");
        let old = &self.devices[index];
        let identity = names::identity(self.tenant, self.spare, old.person);
        let fresh =
            SimDevice { skew: old.skew, app: old.app, life: old.life + 1, ..SimDevice::new(identity, (self.spare, old.person), self.cast.tabs) };
        self.model.evict(old.name);
        self.join(self.spare);
        self.devices[index] = fresh;
        self.devices[index].device.fault = self.fault;
        self.spare += 1;
    }
}

/// What a deed is in the app's words.
pub(super) fn call(deed: &Deed, document: Name) -> IntentCall {
    let intent = match deed {
        Deed::Open => TallyIntent::Open(Open { site: names::site(Model::site_of(document)) }),
        Deed::Mark { counts, version: 1 } => TallyIntent::Mark(Mark { count: counts.first().copied().unwrap_or(1) }),
        Deed::Mark { counts, version: 2 } => TallyIntent::MarkAll(MarkAll { counts: counts.clone() }),
        Deed::Mark { counts, .. } => TallyIntent::MarkDozens(MarkDozens { dozens: counts.clone() }),
        Deed::Photo { photo, .. } => {
            let photo = photo % names::PHOTOS;
            let bytes = u32::try_from(names::photo(photo).len()).expect("photos are small");
            TallyIntent::Show(Show { photo: Named { sha256: names::photo_hash(photo), bytes } })
        }
        Deed::Hand { to } => TallyIntent::Hand(Hand { to: to.map(names::own) }),
        Deed::Close => TallyIntent::Close,
    };
    intent.call()
}
