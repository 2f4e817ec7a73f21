//! The reference model: what should come of a history, told in plain sets and numbers.
//!
//! It calls nothing of the core, neither its types nor its code: no Automerge, no CBOR, no hash. A change is a number; a document is the set
//! of the changes in it; what a change rests on is the set its device saw. Whoever changes a rule of the core must say it here again, in other words.

use std::collections::{BTreeMap, BTreeSet};

/// A change, numbered as its intent is.
pub type Change = u64;
/// Names of devices, accounts, documents and sites within a history.
pub type Name = u8;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A tally was opened.
    Open,
    /// Marks were made, in words that a server knows from this version on.
    Mark {
        /// One fact for each.
        counts: Vec<i64>,
        /// The version of the intent.
        version: u16,
    },
    /// The tally was closed.
    Close,
    /// The server noted the total.
    Ruling {
        /// As it stood.
        total: i64,
    },
}

/// A change as its author made it.
#[derive(Debug, Clone)]
pub struct Made {
    /// By which device; none for the server.
    pub device: Option<Name>,
    /// On which document.
    pub document: Name,
    /// What.
    pub deed: Deed,
    /// Its number on the device.
    pub number: u64,
    /// The one before on the device.
    pub previous: Option<Change>,
    /// Everything its author saw of the document.
    pub saw: BTreeSet<Change>,
    /// The one before by the same tab: named by the change even where others came after it.
    pub tabs_last: Option<Change>,
}

/// What a device is about to do.
#[derive(Debug, Clone)]
pub struct Doing {
    /// The device.
    pub device: Name,
    /// The document.
    pub document: Name,
    /// What the same tab did last on that document.
    pub tabs_last: Option<Change>,
    /// What.
    pub deed: Deed,
}

/// What a device has stored, in the model's terms. Lost and restored together with the store it describes.
#[derive(Debug, Clone, Default)]
pub struct Knowledge {
    /// The changes in each of its documents.
    pub documents: BTreeMap<Name, BTreeSet<Change>>,
    /// How many changes it has made.
    pub made: u64,
    /// The last of them.
    pub last: Option<Change>,
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// In the books.
    Accepted,
    /// On file; what it rests on or what it means is not known yet.
    Waiting,
    /// For the office.
    Held(String),
    /// Never.
    Refused(String),
}

/// The server's rights and knowledge, as the model sees them.
#[derive(Debug, Clone)]
pub struct Rights {
    /// Sites at which each device may write by its grant.
    pub may_write: BTreeMap<Name, BTreeSet<Name>>,
    /// Sites each device's account may read now.
    pub may_read: BTreeMap<Name, BTreeSet<Name>>,
    /// Devices whose grant was taken back.
    pub revoked: BTreeSet<Name>,
    /// The newest version of the mark that the server knows.
    pub version: u16,
}

/// The model.
#[derive(Debug, Clone)]
pub struct Model {
    /// Every change ever made.
    pub made: BTreeMap<Change, Made>,
    /// What came of those that reached the server.
    pub fates: BTreeMap<Change, Fate>,
    /// Rights as they are now.
    pub rights: Rights,
    /// The feed: the accepted changes at their positions.
    pub feed: BTreeMap<u64, Change>,
    numbers: BTreeMap<(Name, u64), Change>,
}

/// A fact as a document should hold it: container, the change it is of, its place in it, and what it counts.
pub type Fact = (&'static str, Change, usize, i64);

impl Model {
    /// Nothing has happened.
    pub fn new(rights: Rights) -> Self {
        Self { made: BTreeMap::new(), fates: BTreeMap::new(), rights, feed: BTreeMap::new(), numbers: BTreeMap::new() }
    }

    /// The site of a document: the first two are at one, the others at the other.
    pub fn site_of(document: Name) -> Name {
        document / 2
    }

    /// Whether the rule of the deed lets it happen on a document that holds `saw`.
    pub fn allowed(&self, deed: &Deed, saw: &BTreeSet<Change>) -> bool {
        let open = saw.iter().any(|change| self.made[change].deed == Deed::Open);
        let closed = saw.iter().any(|change| self.made[change].deed == Deed::Close);
        match deed {
            Deed::Open => !open,
            Deed::Mark { .. } | Deed::Close => open && !closed,
            Deed::Ruling { .. } => true,
        }
    }

    /// A device does something; nothing where its rule forbids it.
    pub fn act(&mut self, change: Change, doing: Doing, knowledge: &mut Knowledge) -> bool {
        let Doing { device, document, tabs_last, deed } = doing;
        let saw = knowledge.documents.entry(document).or_default();
        if !self.allowed(&deed, saw) {
            return false;
        }
        let (number, previous) = (knowledge.made + 1, knowledge.last);
        let made = Made { device: Some(device), document, deed, number, previous, saw: saw.clone(), tabs_last };
        saw.insert(change);
        knowledge.made += 1;
        knowledge.last = Some(change);
        self.made.insert(change, made);
        true
    }

    /// What should come of a change now.
    pub fn fate(&self, change: Change) -> Fate {
        let made = &self.made[&change];
        let Some(device) = made.device else { return Fate::Accepted };
        if self.rights.revoked.contains(&device) {
            return Fate::Held("grant_revoked".to_owned());
        }
        let directly: BTreeSet<_> = self.newest(&made.saw).into_iter().chain(made.tabs_last).collect();
        let stands = |expected: fn(&Fate) -> bool| directly.iter().any(|before| self.fates.get(before).is_some_and(expected));
        if stands(|fate| matches!(fate, Fate::Refused(_))) {
            return Fate::Refused("depends_on_refused".to_owned());
        }
        if stands(|fate| matches!(fate, Fate::Held(_))) {
            return Fate::Held("depends_on_held".to_owned());
        }
        if directly.iter().any(|before| self.fates.get(before) != Some(&Fate::Accepted)) {
            return Fate::Waiting;
        }
        if let Some(broken) = self.broken_record(change, made, device) {
            return broken;
        }
        if matches!(made.deed, Deed::Mark { version, .. } if version > self.rights.version) {
            return Fate::Waiting;
        }
        if !self.rights.may_write[&device].contains(&Self::site_of(made.document)) {
            return Fate::Refused("not_permitted".to_owned());
        }
        Fate::Accepted
    }

    /// Whether the device's own word contradicts itself: two changes under one number, or one that had not seen the one before.
    fn broken_record(&self, change: Change, made: &Made, device: Name) -> Option<Fate> {
        let twin = self.numbers.get(&(device, made.number)).is_some_and(|other| *other != change);
        let before = self.numbers.get(&(device, made.number - 1));
        if twin || before.is_some_and(|other| Some(*other) != made.previous) {
            return Some(Fate::Held("chain_forked".to_owned()));
        }
        let merged = self.merged(made.document).into_iter().filter(|other| self.made[other].device == Some(device));
        let (earlier, later): (Vec<_>, Vec<_>) = merged.partition(|other| self.made[other].number < made.number);
        let last = earlier.into_iter().max_by_key(|other| self.made[other].number);
        let unseen = last.is_some_and(|other| !made.saw.contains(&other));
        (unseen || !later.is_empty()).then(|| Fate::Held("dependencies_moved_back".to_owned()))
    }

    /// The server filed a change; an error where it should have come out otherwise.
    pub fn file(&mut self, change: Change, fate: Fate) -> Result<(), String> {
        if let Some(before) = self.fates.get(&change).filter(|before| **before != Fate::Waiting) {
            return Err(format!("change {change} was {before:?} and is now {fate:?}"));
        }
        let expected = self.fate(change);
        if expected != fate {
            return Err(format!("change {change} should be {expected:?} and is {fate:?}: {:?}", self.made[&change]));
        }
        if let (Some(device), Fate::Accepted) = (self.made[&change].device, &fate) {
            self.numbers.insert((device, self.made[&change].number), change);
        }
        self.fates.insert(change, fate);
        Ok(())
    }

    /// The server spoke of its own accord: once per closed tally, saying its total.
    pub fn ruling(&mut self, change: Change, document: Name, total: i64) -> Result<(), String> {
        let saw = self.merged(document);
        let closed = saw.iter().any(|other| self.made[other].deed == Deed::Close);
        let ruled = saw.iter().any(|other| matches!(self.made[other].deed, Deed::Ruling { .. }));
        let sum: i64 = self.facts(&saw).iter().filter(|(container, ..)| *container == "marks").map(|(.., count)| count).sum();
        if !closed || ruled || sum != total {
            return Err(format!("document {document}: a ruling of {total}; closed {closed}, ruled {ruled}, total {sum}"));
        }
        self.made.insert(change, Made { device: None, document, deed: Deed::Ruling { total }, number: 0, previous: None, saw, tabs_last: None });
        self.fates.insert(change, Fate::Accepted);
        Ok(())
    }

    /// The feed took a change at a position; an error where it leaves a gap, goes back, or tells it twice.
    pub fn published(&mut self, position: u64, change: Change) -> Result<(), String> {
        if self.fates.get(&change) != Some(&Fate::Accepted) || self.feed.values().any(|other| *other == change) {
            return Err(format!("position {position} tells of change {change}, which is {:?}", self.fates.get(&change)));
        }
        self.feed.insert(position, change);
        Ok(())
    }

    /// The changes that a document should consist of on the server.
    pub fn merged(&self, document: Name) -> BTreeSet<Change> {
        let here = |change: &Change| self.made[change].document == document;
        self.fates.iter().filter(|(_, fate)| **fate == Fate::Accepted).map(|(change, _)| *change).filter(here).collect()
    }

    /// The facts of a set of changes.
    pub fn facts(&self, changes: &BTreeSet<Change>) -> BTreeSet<Fact> {
        let of = |change: &Change| match &self.made[change].deed {
            Deed::Open => vec![("opened", *change, 0, 0)],
            Deed::Close => vec![("closed", *change, 0, 0)],
            Deed::Ruling { total } => vec![("rulings", *change, 0, *total)],
            Deed::Mark { counts, .. } => counts.iter().enumerate().map(|(index, count)| ("marks", *change, index, *count)).collect(),
        };
        changes.iter().flat_map(of).collect()
    }

    /// What a page must tell of a site between two positions, in order.
    pub fn told(&self, site: Name, (after, up_to): (u64, u64)) -> Vec<(u64, Change)> {
        let told = self.feed.iter().filter(|(position, _)| (after + 1..=up_to).contains(position));
        told.map(|(position, change)| (*position, *change)).filter(|(_, change)| Self::site_of(self.made[change].document) == site).collect()
    }

    /// Those of a document's changes that no other of them has seen.
    fn newest(&self, saw: &BTreeSet<Change>) -> BTreeSet<Change> {
        let seen: BTreeSet<_> = saw.iter().flat_map(|change| self.made[change].saw.iter().copied()).collect();
        saw.difference(&seen).copied().collect()
    }
}
