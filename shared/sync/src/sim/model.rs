//! The reference model: what should come of a history, told in plain sets and numbers.
//!
//! It calls nothing of the core, neither its types nor its code: no Automerge, no CBOR, no hash. A change is a number; a document is the set
//! of the changes in it; what a change rests on is the set its device saw. A change that is done again gets a new number, and remains the same act.
//! Whoever changes a rule of the core must say it here again, in other words.

mod again;
mod handing;
mod office;
pub mod photos;
mod restored;

use std::collections::{BTreeMap, BTreeSet};

pub use crate::sim::deed::{Change, Deed, Did, Doing, Fake, Fate, Filing, Knowledge, Lie, Made, Name, Rights, Whose};
pub use photos::Photos;

/// The model.
#[derive(Debug, Clone)]
pub struct Model {
    /// Every change ever made.
    pub made: BTreeMap<Change, Made>,
    /// What came of those that reached the server.
    pub fates: BTreeMap<Change, Fate>,
    /// Which change of each act is on file.
    pub on_file: BTreeMap<Change, Change>,
    /// Rights as they are now.
    pub rights: Rights,
    /// The feed: the accepted changes at their positions.
    pub feed: BTreeMap<u64, Change>,
    /// Who is told of each of them.
    pub to: BTreeMap<u64, BTreeSet<Whose>>,
    /// Whose a document is from a position on, where what is told there says so.
    pub now: BTreeMap<u64, Whose>,
    /// What is told once more, at which position, to whom.
    pub again: BTreeMap<u64, (Change, Whose)>,
    /// At which position a document last left somebody.
    pub departed: BTreeMap<(Name, Whose), u64>,
    /// When the server told each position of the feed.
    pub told_at: BTreeMap<u64, i64>,
    /// What the office decided, of each change that it did: whether it was released.
    pub decided: BTreeMap<Change, bool>,
    /// Every fate that a change ever had.
    pub was: BTreeMap<Change, Vec<Fate>>,
    /// What a device had not sent, or not for certain, when its browser threw its database away.
    pub evicted: BTreeSet<Change>,
    /// Documents of which a server that was restored had nothing: whoever holds one of them cannot tell what of it is lost.
    pub lost_whole: BTreeSet<Name>,
    /// Which life of the server this is: another one after each restore.
    pub life: u128,
    /// Photos.
    pub photos: Photos,
    arrived: BTreeMap<Change, i64>,
    numbers: BTreeMap<(Name, u64), Change>,
}

/// A fact as a document should hold it: container, the change it is of, its place in it, and what it counts.
pub type Fact = (&'static str, Change, usize, i64);

impl Model {
    /// Nothing has happened.
    pub fn new(rights: Rights, life: u128) -> Self {
        let (made, fates, feed, told_at) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self {
            made,
            fates,
            on_file: BTreeMap::new(),
            rights,
            feed,
            to: BTreeMap::new(),
            now: BTreeMap::new(),
            again: BTreeMap::new(),
            departed: BTreeMap::new(),
            told_at,
            decided: BTreeMap::new(),
            was: BTreeMap::new(),
            evicted: BTreeSet::new(),
            lost_whole: BTreeSet::new(),
            life,
            photos: Photos::default(),
            arrived: BTreeMap::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// The site of a document: the first two are at one, the others at the other.
    pub fn site_of(document: Name) -> Name {
        document / 2
    }

    fn was(&self, change: Change, deed: &Deed) -> bool {
        self.made[&change].did == Did::Deed(deed.clone())
    }

    /// Whether the rule of the deed lets it happen on a document that holds `saw`.
    pub fn allowed(&self, deed: &Deed, saw: &BTreeSet<Change>) -> bool {
        let open = saw.iter().any(|change| self.was(*change, &Deed::Open));
        let closed = saw.iter().any(|change| self.was(*change, &Deed::Close));
        match deed {
            Deed::Open => !open,
            Deed::Mark { .. } | Deed::Photo { .. } | Deed::Hand { .. } | Deed::Close => open && !closed,
        }
    }

    /// A person does something on a device; nothing where its rule forbids it.
    pub fn act(&mut self, change: Change, doing: Doing, knowledge: &mut Knowledge) -> bool {
        let saw = knowledge.documents.entry(doing.document).or_default();
        if knowledge.hidden.contains(&doing.document) || !self.allowed(&doing.deed, saw) {
            return false;
        }
        let step = self.next_step(&doing.deed, saw);
        let made = Made {
            act: change,
            step,
            device: Some(doing.device),
            person: doing.person,
            document: doing.document,
            did: Did::Deed(doing.deed),
            number: knowledge.made + 1,
            previous: knowledge.last,
            saw: saw.clone(),
            tabs_last: doing.tabs_last,
            said_at: doing.clock + knowledge.clock_offset,
            basis: (knowledge.life, knowledge.position),
            names: (doing.device, doing.person),
        };
        saw.insert(change);
        knowledge.undecided.insert(change);
        knowledge.mine.insert(change);
        knowledge.made += 1;
        knowledge.last = Some(change);
        self.made.insert(change, made);
        if !self.is_told_to(knowledge, doing.document) {
            // What is done without following is not hidden.
            knowledge.looks_at.remove(&doing.document);
        }
        true
    }

    /// Whoever has a device's key sends what no app would, and names a grant, which need not be theirs.
    pub fn lie(&mut self, change: Change, (device, person, document): (Name, Name, Name), (lie, names): (Lie, (Name, Name))) {
        let did = Did::Lie(lie);
        let made = Made { act: change, device: Some(device), person, document, did, names, ..Made::default() };
        self.made.insert(change, made);
    }

    /// What should come of a change now.
    pub fn fate(&self, change: Change) -> Fate {
        let made = &self.made[&change];
        let Some(device) = made.device else { return self.resting(&self.newest(&made.saw)).unwrap_or(Fate::Accepted) };
        let may_write = self.rights.may_write[&made.person].contains(&Self::site_of(made.document));
        let by_form = if let Did::Lie(lie) = made.did { lie.by_form() } else { None };
        if let Some(code) = by_form {
            return Fate::Refused(code.to_owned());
        }
        if self.decided.get(&change) == Some(&false) {
            return Fate::Refused("rejected".to_owned());
        }
        // Whoever lies brings no word of that grant; what an app sends comes with it.
        if matches!(made.did, Did::Lie(_)) && !self.rights.hears(made.names) {
            return Fate::Held("grant_unknown".to_owned());
        }
        if made.did == Did::Lie(Lie::Author) {
            return Fate::Refused("grant_of_another".to_owned());
        }
        let set_aside = self.decided.get(&change) == Some(&true);
        if self.rights.revoked.contains(&(device, made.person)) && !set_aside {
            return Fate::Held("grant_revoked".to_owned());
        }
        if made.did == Did::Lie(Lie::Chain) {
            return Fate::Held("chain_unknown".to_owned());
        }
        if matches!(made.did, Did::Lie(_)) {
            return if may_write { Fate::Held("facts_differ_from_intent".to_owned()) } else { Fate::Refused("not_permitted".to_owned()) };
        }
        let directly: BTreeSet<_> = self.newest(&made.saw).into_iter().chain(made.tabs_last).collect();
        if let Some(resting) = self.resting(&directly) {
            return resting;
        }
        if let Some(broken) = self.broken_record(change, made, device).filter(|broken| !set_aside || *broken == forked()) {
            return broken;
        }
        if matches!(made.did, Did::Deed(Deed::Mark { version, .. }) if version > self.rights.version) {
            return Fate::Waiting;
        }
        if may_write { Fate::Accepted } else { Fate::Refused("not_permitted".to_owned()) }
    }

    /// What comes of a change because of those it rests on directly; none where all are in the books.
    fn resting(&self, directly: &BTreeSet<Change>) -> Option<Fate> {
        let any = |expected: fn(&Fate) -> bool| directly.iter().any(|before| self.fates.get(before).is_some_and(expected));
        if any(|fate| matches!(fate, Fate::Refused(_))) {
            return Some(Fate::Refused("depends_on_refused".to_owned()));
        }
        if any(|fate| matches!(fate, Fate::Held(_))) {
            return Some(Fate::Held("depends_on_held".to_owned()));
        }
        directly.iter().any(|before| self.fates.get(before) != Some(&Fate::Accepted)).then_some(Fate::Waiting)
    }

    /// Whether the device's own word contradicts itself: two changes under one number, or one that had not seen the one before.
    fn broken_record(&self, change: Change, made: &Made, device: Name) -> Option<Fate> {
        let twin = self.numbers.get(&(device, made.number)).is_some_and(|other| *other != change);
        let before = self.numbers.get(&(device, made.number - 1));
        if twin || before.is_some_and(|other| Some(*other) != made.previous) {
            return Some(forked());
        }
        let merged = self.merged(made.document).into_iter().filter(|other| self.made[other].device == Some(device));
        let (earlier, later): (Vec<_>, Vec<_>) = merged.partition(|other| self.made[other].number < made.number);
        let last = earlier.into_iter().max_by_key(|other| self.made[other].number);
        let unseen = last.is_some_and(|other| !made.saw.contains(&other));
        (unseen || !later.is_empty()).then(|| Fate::Held("dependencies_moved_back".to_owned()))
    }

    /// The server filed a change; an error where it should have come out otherwise.
    pub fn file(&mut self, change: Change, filing: Filing, now: i64) -> Result<(), String> {
        let Filing { fate, counted } = filing;
        if !self.made.contains_key(&change) {
            return Err(format!("{change}, which was never to be filed, is {fate:?}"));
        }
        if let Some(device) = self.made[&change].device.filter(|device| !self.knows(*device)) {
            return Err(format!("change {change} of device {device}, of which the server knows nothing, is {fate:?}"));
        }
        let act = self.made[&change].act;
        if let Some(before) = self.on_file.get(&act).filter(|before| !self.may_be_filed_after(**before)) {
            return Err(format!("change {change} is {fate:?}, after {before} was {:?}", self.fates[before]));
        }
        let expected = self.fate(change);
        if expected != fate && !self.was_behind(change, &fate) {
            return Err(format!("change {change} should be {expected:?} and is {fate:?}: {:?}", self.made[&change]));
        }
        let arrived = *self.arrived.entry(change).or_insert(now);
        if let (Some(device), Fate::Accepted) = (self.made[&change].device, &fate) {
            let Some((at, late)) = counted else { return Err(format!("change {change} was accepted and has no time")) };
            // What waited and was sent again may be counted by either arrival.
            let made = &self.made[&change];
            let told =
                self.told_at.get(&made.basis.1).copied().filter(|_| made.basis.0 == Some(self.life)).unwrap_or(i64::MIN).max(self.rights.issued);
            if [arrived, now].iter().all(|arrival| at != made.said_at.clamp(told.min(*arrival), *arrival)) {
                return Err(format!("change {change} of {} counts as done at {at}; it arrived at {arrived}, its basis is of {told}", made.said_at));
            }
            if late != (at > self.rights.expires[&(device, made.person)]) {
                return Err(format!("change {change} of {at} is marked late: {late}"));
            }
            self.numbers.insert((device, made.number), change);
        }
        self.was.entry(change).or_default().push(fate.clone());
        self.fates.insert(change, fate);
        self.on_file.insert(act, change);
        Ok(())
    }

    /// The server spoke of its own accord: once per closed tally, saying its total.
    pub fn ruling(&mut self, change: Change, document: Name, total: i64) -> Result<(), String> {
        let saw = self.merged(document);
        let closed = saw.iter().any(|other| self.was(*other, &Deed::Close));
        let ruled = saw.iter().any(|other| matches!(self.made[other].did, Did::Ruling { .. }));
        let sum = self.total(document);
        if !closed || ruled || sum != total {
            return Err(format!("document {document}: a ruling of {total}; closed {closed}, ruled {ruled}, total {sum}"));
        }
        self.made.insert(change, Made { act: change, document, did: Did::Ruling { total }, saw, ..Made::default() });
        self.fates.insert(change, Fate::Accepted);
        self.on_file.insert(change, change);
        Ok(())
    }

    /// The feed took a change at a position; an error where it tells it twice, or tells what is not in the books. Answers what must have been told again
    /// just before, in order.
    pub fn published(&mut self, position: u64, change: Change) -> Result<Vec<(u64, Change)>, String> {
        if self.fates.get(&change) != Some(&Fate::Accepted) || self.feed.values().any(|other| *other == change) {
            return Err(format!("position {position} tells of change {change}, which is {:?}", self.fates.get(&change)));
        }
        Ok(self.told_of(position, change))
    }

    /// The changes that a document should consist of on the server.
    pub fn merged(&self, document: Name) -> BTreeSet<Change> {
        let here = |change: &Change| self.made[change].document == document;
        self.fates.iter().filter(|(_, fate)| **fate == Fate::Accepted).map(|(change, _)| *change).filter(here).collect()
    }

    /// What a document's accepted marks come to.
    pub fn total(&self, document: Name) -> i64 {
        self.facts(&self.merged(document)).iter().filter(|(container, ..)| *container == "marks").map(|(.., count)| count).sum()
    }

    /// The facts of a set of changes.
    pub fn facts(&self, changes: &BTreeSet<Change>) -> BTreeSet<Fact> {
        let of = |change: &Change| match (self.made[change].act, &self.made[change].did) {
            (act, Did::Deed(Deed::Open)) => vec![("opened", act, 0, 0)],
            (act, Did::Deed(Deed::Close)) => vec![("closed", act, 0, 0)],
            (act, Did::Deed(Deed::Mark { counts, version })) => {
                // From version 3 on, people count in dozens.
                let unit = if *version < 3 { 1 } else { 12 };
                counts.iter().enumerate().map(|(index, count)| ("marks", act, index, unit * count)).collect()
            }
            (act, Did::Deed(Deed::Photo { .. })) => vec![("marks", act, 0, 1)],
            (act, Did::Deed(Deed::Hand { .. })) => vec![("marks", act, 0, 0)],
            (act, Did::Ruling { total }) => vec![("rulings", act, 0, *total)],
            (_, Did::Lie(_)) => Vec::new(),
        };
        changes.iter().flat_map(of).collect()
    }

    /// Those of a document's changes that no other of them has seen.
    fn newest(&self, saw: &BTreeSet<Change>) -> BTreeSet<Change> {
        let seen: BTreeSet<_> = saw.iter().flat_map(|change| self.made[change].saw.iter().copied()).collect();
        saw.difference(&seen).copied().collect()
    }
}

/// The fate of a change that contradicts its device's own record.
fn forked() -> Fate {
    Fate::Held("chain_forked".to_owned())
}
