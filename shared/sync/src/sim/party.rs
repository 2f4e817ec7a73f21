//! A device in a history: its store, what the model says of that store, and what is lost when its power fails.

use crate::bytes::Digest32;
use crate::sim::device::{Device, Identity, Store};
use crate::sim::model::{Change, Knowledge, Name};
use crate::sim::names;
use crate::sim::script::{Disk, LineState};
use crate::sim::tally::Tally;
use std::collections::BTreeMap;

/// A device in the world.
pub struct SimDevice {
    /// Its name; a clone bears its original's.
    pub name: Name,
    /// Who is signed in.
    pub person: Name,
    /// What it is.
    pub device: Device,
    /// What the model says that it has stored.
    pub knowledge: Knowledge,
    /// The kind as its app knows it, and the version of each intent in it.
    pub(super) app: (&'static Tally, u16),
    /// What a power failure may leave: the last strictly durable state, and each state since.
    pub(super) durable: Vec<(Store, Knowledge)>,
    /// What its tabs have in mind, by document; lost in a crash.
    pub(super) tabs: Vec<BTreeMap<Name, TabsMind>>,
    /// Its clock, against the true one.
    pub(super) skew: i64,
    /// Grows with each crash and each time somebody signs in: what was on its way to it before never arrives.
    pub(super) life: u32,
    /// Whether it can write.
    pub(super) disk: Disk,
    /// Whether it is heard, and hears.
    pub(super) line: LineState,
}

/// The actor under which a tab writes a document, and the last change it wrote.
#[derive(Debug, Clone)]
pub(super) struct TabsMind {
    pub(super) actor: Vec<u8>,
    pub(super) last: Option<Change>,
}

impl SimDevice {
    /// A device with an empty database.
    pub(super) fn new(identity: Identity, (name, person): (Name, Name), tabs: Name) -> Self {
        let mut device = Device::new(identity, names::chain(name));
        device.entropy = Digest32::of(&[name]).0;
        let durable = vec![(device.store.clone(), Knowledge::default())];
        let tabs = vec![BTreeMap::new(); usize::from(tabs)];
        let (app, disk, line) = ((Tally::of(3), 3), Disk::Sound, LineState::Open);
        Self { name, person, device, knowledge: Knowledge::default(), app, durable, tabs, skew: 0, life: 0, disk, line }
    }

    /// Another device with a copy of the disk; what its tabs had in mind is not on it.
    pub(super) fn copy(&self) -> Self {
        let durable = vec![(self.device.store.clone(), self.knowledge.clone())];
        let tabs = vec![BTreeMap::new(); self.tabs.len()];
        let (mut device, knowledge) = (self.device.clone(), self.knowledge.clone());
        device.under_way = None;
        Self { device, knowledge, durable, tabs, life: 0, disk: Disk::Sound, line: LineState::Open, ..*self }
    }

    /// Whether the disk takes what is written now. A dead handle fails once: then the database is opened anew.
    pub(super) fn writes(&mut self) -> bool {
        match self.disk {
            Disk::Sound => true,
            Disk::Full => false,
            Disk::DeadHandle => {
                self.disk = Disk::Sound;
                false
            }
        }
    }

    /// A transaction is complete: what came before it may still be lost, unless it was strictly durable.
    pub(super) fn stored(&mut self, strictly: bool) {
        if strictly {
            self.durable.clear();
        }
        self.durable.push((self.device.store.clone(), self.knowledge.clone()));
    }

    /// All that was not strictly durable is gone, but for so many transactions; what the tabs had in mind is gone for certain.
    pub(super) fn dies(&mut self, left: u8) {
        let keep = usize::from(left) % self.durable.len();
        self.durable.truncate(keep + 1);
        (self.device.store, self.knowledge) = self.durable[keep].clone();
        self.tabs.iter_mut().for_each(BTreeMap::clear);
        self.life += 1;
        self.device.starts();
        self.stored(false);
    }
}
