//! A device in a history: its store, what the model says of that store, and what is lost when its power fails.

use crate::ids::ChainId;
use crate::sim::device::{Device, Store};
use crate::sim::model::{Change, Knowledge, Name};
use crate::sim::names;
use std::collections::BTreeMap;

/// A device in the world.
pub struct SimDevice {
    /// Its name; a clone bears its original's.
    pub name: Name,
    /// What it is.
    pub device: Device,
    /// What the model says that it has stored.
    pub knowledge: Knowledge,
    /// What a power failure may leave: the last strictly durable state, and each state since.
    pub(super) durable: Vec<(Store, Knowledge)>,
    /// What its two tabs have in mind, by document; lost in a crash.
    pub(super) tabs: [BTreeMap<Name, TabsMind>; 2],
    /// Its clock, against the true one.
    pub(super) skew: i64,
    /// Grows with each crash: what was on its way to it before never arrives.
    pub(super) life: u32,
}

/// The actor under which a tab writes a document, and the last change it wrote.
#[derive(Debug, Clone)]
pub(super) struct TabsMind {
    pub(super) actor: Vec<u8>,
    pub(super) last: Option<Change>,
}

impl SimDevice {
    /// A device with an empty database.
    pub(super) fn new(name: Name, skew: i64) -> Self {
        let device = Device::new(names::identity(name), ChainId(names::device(name).0));
        let (store, knowledge) = (device.store.clone(), Knowledge::default());
        Self { name, device, knowledge: knowledge.clone(), durable: vec![(store, knowledge)], tabs: Default::default(), skew, life: 0 }
    }
}
