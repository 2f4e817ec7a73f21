//! A history as it is played: devices, a network and a server, and the model that is told the same.
//!
//! Each step lets one thing happen; what the server and the devices make of it is compared with the model at once, in [`super::checks`].

use crate::bytes::Digest32;
use crate::ids::{FactId, IntentId, TenantId};
use crate::sim::fault::Fault;
use crate::sim::history::wrapped;
use crate::sim::invariant::Broken;
use crate::sim::model::{Change, Model, Name, Rights};
use crate::sim::names;
use crate::sim::network::{Line, Message};
use crate::sim::party::SimDevice;
use crate::sim::restore::Backup;
use crate::sim::script::{Cast, Step};
use crate::sim::server::{FeedItem, Happening, Server};
use crate::time::Timestamp;
use crate::wire::PushRequest;
use std::collections::{BTreeMap, BTreeSet};

/// The newest version of each intent.
pub const NEWEST: u16 = 3;

/// How many bytes of photos a server has room for at first.
pub const ROOM: u32 = 1_000;

/// A history as it stands.
pub struct World<S> {
    /// The server.
    pub server: S,
    /// The devices; clones come last.
    pub devices: Vec<SimDevice>,
    /// What should come of it all.
    pub model: Model,
    /// Remarks on what was played since somebody asked.
    pub told: Vec<String>,
    /// What it came to, counted.
    pub tally: BTreeMap<&'static str, u64>,
    pub(super) tenant: TenantId,
    pub(super) cast: Cast,
    pub(super) fault: Fault,
    pub(super) facts: BTreeMap<FactId, (Change, usize)>,
    /// The model's number of each change that a device made.
    pub(super) changes: BTreeMap<Digest32, Change>,
    pub(super) feed: Vec<FeedItem>,
    pub(super) filed: usize,
    pub(super) events: usize,
    pub(super) network: Vec<Message>,
    pub(super) now: i64,
    /// The next change's number.
    pub(super) next: Change,
    /// The next actor's.
    pub(super) actors: u64,
    /// The name of the next device that takes an evicted one's place.
    pub(super) spare: Name,
    /// The rulings ever made, each with its number in the model.
    pub(super) rulings: BTreeMap<IntentId, Change>,
    pub(super) backup: Option<Backup>,
    pub(super) restores: u8,
}

impl<S: Server> World<S> {
    /// Nothing has happened yet.
    pub fn new(tenant: TenantId, cast: Cast, fault: Fault, server: S) -> Self {
        let (may_write, may_read, expires) = (names::may_write(cast), names::may_read(cast), names::expiries(cast));
        let (enrolled, taken_up) = ((0..cast.devices).collect(), BTreeSet::new());
        let rights = Rights {
            may_write,
            may_read,
            enrolled,
            taken_up,
            heard_of: BTreeSet::new(),
            revoked: BTreeSet::new(),
            issued: names::ISSUED,
            expires,
            version: 1,
        };
        let fresh = |name| SimDevice::new(names::identity(tenant, name, name % cast.people), (name, name % cast.people), cast.tabs);
        let mut devices: Vec<_> = (0..cast.devices).map(fresh).collect();
        let mut model = Model::new(rights, names::epoch(0).0.as_u128());
        let size = |name| u32::try_from(names::photo(name).len()).expect("photos are small");
        model.photos.sizes = (0..names::PHOTOS).map(|name| (name, size(name))).collect();
        model.photos.room = ROOM;
        devices.iter_mut().for_each(|sim| sim.device.fault = fault);
        Self {
            server,
            devices,
            model,
            told: Vec::new(),
            tally: BTreeMap::new(),
            tenant,
            cast,
            fault,
            facts: BTreeMap::new(),
            changes: BTreeMap::new(),
            feed: Vec::new(),
            filed: 0,
            events: 0,
            network: Vec::new(),
            now: names::BEGINS,
            next: 1,
            actors: 1,
            spare: cast.devices,
            rulings: BTreeMap::new(),
            backup: None,
            restores: 0,
        }
    }

    /// Time passes.
    pub fn passes(&mut self, ms: u32) {
        self.now += i64::from(ms);
        self.server.happens(Happening::Now(Timestamp(self.now)));
    }

    /// One thing happens; `there` is the other company.
    pub fn play(&mut self, step: &Step, there: &mut Self) -> Result<(), Broken> {
        match step {
            Step::Device(device, what) => {
                let index = wrapped(*device, self.devices.len());
                self.on_device(index, what)?;
                self.check_photos_of(index)
            }
            Step::Message(message, what) => self.on_message(*message, *what),
            Step::Strays(message) => self.strays(*message, there),
            Step::Revoked { device, person } => {
                let (device, person) = (device % self.spare, person % self.cast.people);
                // What the office does not see it does not take back.
                if !self.model.rights.enrolled.contains(&device) {
                    return Ok(());
                }
                self.model.rights.revoked.insert((device, person));
                self.server.happens(Happening::Revoked(names::grant(device, person)));
                Ok(())
            }
            Step::Reads { person, sites } => {
                let (person, sites): (_, BTreeSet<_>) = (person % self.cast.people, sites.iter().map(|site| site % names::SITES).collect());
                self.count("rights changed");
                let ids = sites.iter().map(|site| names::site(*site)).collect();
                self.server.happens(Happening::Reads(names::account(person), ids));
                self.model.rights.may_read.insert(person, sites);
                Ok(())
            }
            Step::Decides { held, released } => self.decides(*held, *released),
            Step::Upgraded => self.upgrade(),
            Step::Publishes { dies } => {
                self.server.happens(Happening::Publishes { dies: *dies });
                self.check_server()
            }
            Step::Room(bytes) => {
                self.make_room(*bytes);
                Ok(())
            }
            Step::Loses(photo) => self.lose_files(photo % names::PHOTOS),
            Step::BackedUp => [self, there].into_iter().try_for_each(Self::back_up),
            Step::Restored => [self, there].into_iter().try_for_each(Self::restore),
        }
    }

    /// The server learns the next version of each intent, if there is one.
    pub(super) fn upgrade(&mut self) -> Result<(), Broken> {
        if self.model.rights.version == NEWEST {
            return Ok(());
        }
        self.model.rights.version += 1;
        self.server.happens(Happening::Upgraded(self.model.rights.version));
        self.check_server()?;
        // Also those to which nothing came: what waited for the newer version waits for nothing now.
        (0..names::DOCUMENTS).try_for_each(|name| self.check_canonical(name))
    }

    pub(super) fn line(&self, index: usize) -> Line {
        Line { device: index, life: self.devices[index].life }
    }

    pub(super) fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// The model's number of an envelope's change: a lie is numbered as its intent is.
    pub(super) fn change_of(&self, change: Digest32, intent: IntentId) -> Option<Change> {
        self.changes.get(&change).copied().or_else(|| self.act_of(intent))
    }

    /// The number of whatever is on file under an intent: an act's, or a ruling's.
    pub(super) fn act_of(&self, intent: IntentId) -> Option<Change> {
        names::change(intent).or_else(|| self.rulings.get(&intent).copied())
    }

    /// The changes in a push.
    pub(super) fn changes_in(&self, request: &PushRequest) -> Vec<Change> {
        let headers = request.envelopes.iter().filter_map(|envelope| envelope.read_header().ok());
        headers.filter_map(|header| self.change_of(header.change_hash, header.intent_id)).collect()
    }

    /// Notes what a step came to.
    pub(super) fn remark(&mut self, what: &str) {
        self.told.push(format!("#   {what}"));
    }
}
