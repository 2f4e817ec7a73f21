//! What is lost, with a device or with what the server had after its backup, and what comes back, in the model's words.

use super::{Change, Fate, Knowledge, Model, Name};
use std::collections::BTreeSet;

impl Model {
    /// A browser threw a device's database away: what is not decided yet may never be.
    pub fn evict(&mut self, device: Name) {
        let open = |change: &Change| self.made[change].device == Some(device) && matches!(self.fates.get(change), None | Some(Fate::Waiting));
        let lost: Vec<_> = self.made.keys().copied().filter(open).collect();
        self.evicted.extend(lost);
    }

    /// Whether a change may be without a decision when all is at rest: it was lost with its device, or came without what it rests on, which was.
    pub fn may_stay_open(&self, change: Change) -> bool {
        let lost = |change: &Change| self.evicted.contains(change) && !self.fates.contains_key(change);
        lost(&change) || (self.fates.get(&change) == Some(&Fate::Waiting) && self.made[&change].saw.iter().any(lost))
    }

    /// The server is as it was; what it decided since may be lost. What people did, and the program, are as they are.
    pub fn restore(&mut self, was: &Self, life: u128) {
        let version = self.rights.version;
        let decided_since: Vec<_> = self.fates.keys().copied().filter(|change| !was.fates.contains_key(change)).collect();
        let Self { made, was: ever, evicted, lost_whole, photos, .. } = std::mem::replace(self, was.clone());
        self.photos.room = photos.room;
        (self.made, self.was, self.evicted, self.lost_whole, self.rights.version) = (made, ever, evicted, lost_whole, version);
        self.life = life;
        let documents: BTreeSet<_> = self.made.values().map(|made| made.document).collect();
        self.lost_whole.extend(documents.into_iter().filter(|document| was.merged(*document).is_empty()));
        self.evicted.extend(decided_since);
    }

    /// Whether the server knows the device: what another one sends it files nowhere.
    pub fn knows(&self, device: Name) -> bool {
        self.rights.enrolled.contains(&device) || self.rights.taken_up.contains(&device)
    }

    /// A device hears from the server in that life; whether it is another one. Then it asks about all it did, and offers what it can prove of others.
    pub fn hears_of(&self, knowledge: &mut Knowledge, life: u128) -> bool {
        let before = knowledge.life.replace(life);
        if before == Some(life) {
            return false;
        }
        knowledge.undecided.append(&mut knowledge.booked);
        knowledge.unsent.append(&mut knowledge.kept);
        if before.is_some() {
            knowledge.blocked.clear();
            knowledge.told.clear();
        }
        knowledge.offered = knowledge.witnessed.clone();
        let followed = knowledge.documents.keys().copied().filter(|document| self.is_told_to(knowledge, *document));
        knowledge.looks_at = followed.collect();
        knowledge.enters = before.is_some();
        before.is_some()
    }

    /// What a device holds of a document, and cannot bring back to a restored server that has only those changes of it.
    pub fn lost_here(knowledge: &Knowledge, document: Name, has: &BTreeSet<Change>) -> BTreeSet<Change> {
        let provable = [has, &knowledge.undecided, &knowledge.booked, &knowledge.fallen, &knowledge.witnessed];
        let holds = knowledge.documents.get(&document).into_iter().flatten();
        holds.copied().filter(|change| provable.iter().all(|some| !some.contains(change))).collect()
    }

    /// What a device keeps and the server does not have; nothing of that, when all is at rest.
    pub fn kept_back(&self, knowledge: &Knowledge) -> BTreeSet<Change> {
        let kept = [&knowledge.undecided, &knowledge.booked, &knowledge.fallen, &knowledge.witnessed];
        kept.into_iter().flatten().copied().filter(|change| !self.on_file.contains_key(&self.made[change].act)).collect()
    }
}
