//! What is done again after something was refused, in the model's words.

use super::{Change, Did, Fate, Knowledge, Made, Model, Name};
use std::collections::BTreeSet;

impl Model {
    /// What falls from a device's document: what it has heard the last word of; and, where it has been told all there was at a time, the first it
    /// still asks about, if that was blocked by then.
    pub fn falls(&self, knowledge: &Knowledge, document: Name, (heard, told_all_at): (&BTreeSet<Change>, Option<i64>)) -> BTreeSet<Change> {
        let asked = knowledge.undecided.iter().filter(|change| self.made[change].document == document);
        let blocked = |change: &&Change| knowledge.blocked.get(change).is_some_and(|since| told_all_at.is_some_and(|at| *since <= at));
        let first = asked.min_by_key(|change| self.made[change].number).filter(blocked);
        heard.iter().chain(first).copied().collect()
    }

    /// A device drops what fell and does again what rested on it, where that can be done; answers what became what, numbered from `next` on.
    pub fn rebuild(&mut self, knowledge: &mut Knowledge, (document, fell): (Name, &BTreeSet<Change>), next: Change) -> Vec<(Change, Change)> {
        let has = knowledge.documents.entry(document).or_default();
        // Of a document that was forgotten and begun anew, what fell may not be there.
        for change in fell.difference(has) {
            knowledge.fallen.extend(knowledge.undecided.remove(change).then_some(*change));
        }
        let falls = |change: &Change| fell.contains(change) || !self.made[change].saw.is_disjoint(fell);
        let (mut again, mut kept): (Vec<_>, BTreeSet<_>) = (has.iter().copied().filter(falls).collect(), has.clone());
        kept.retain(|change| !falls(change));
        again.sort_by_key(|change| self.made[change].number);
        let mut became = Vec::new();
        for change in again {
            let made = self.made[&change].clone();
            if kept.iter().any(|other| self.made[other].act == made.act) {
                // It asks once more, and hears that its act is in the books.
                knowledge.blocked.remove(&change);
                continue;
            }
            let asked = knowledge.undecided.remove(&change);
            knowledge.fallen.extend(asked.then_some(change));
            let allowed = matches!(&made.did, Did::Deed(deed) if self.allowed(deed, &kept));
            if !fell.contains(&change) && asked && allowed {
                let (new, number, previous) = (next + became.len() as Change, knowledge.made + 1, knowledge.last);
                let step = if let Did::Deed(deed) = &made.did { self.next_step(deed, &kept) } else { 0 };
                self.made.insert(new, Made { number, previous, saw: kept.clone(), tabs_last: None, step, ..made });
                kept.insert(new);
                knowledge.undecided.insert(new);
                knowledge.mine.insert(new);
                (knowledge.made, knowledge.last) = (number, Some(new));
                knowledge.fallen.remove(&change);
                became.push((change, new));
            }
        }
        knowledge.documents.insert(document, kept);
        if !self.is_told_to(knowledge, document) {
            knowledge.looks_at.remove(&document);
        }
        became
    }

    /// Whether the server judges a change although another one of its act is on file: it was made later, and nothing was said of the act itself.
    pub fn replaces(&self, change: Change, other: Change) -> bool {
        let (new, old) = (&self.made[&change], &self.made[&other]);
        let open = match &self.fates[&other] {
            Fate::Waiting => true,
            Fate::Held(code) | Fate::Refused(code) => code.starts_with("depends_on_"),
            Fate::Accepted => false,
        };
        open && new.device == old.device && new.number > old.number
    }

    /// The server put a change aside for another one of its act; an error where there is none.
    pub fn bury(&mut self, change: Change) -> Result<(), String> {
        let others = self.made.iter().filter(|(other, made)| **other != change && made.act == self.made[&change].act).count();
        if others == 0 || self.fates.get(&change) == Some(&Fate::Accepted) {
            return Err(format!("change {change} was put aside, with {others} others"));
        }
        self.fates.insert(change, replaced());
        Ok(())
    }

    /// Whether a change may have been held for resting on one that was held, and was put aside after it in the same transaction.
    pub(super) fn was_behind(&self, change: Change, fate: &Fate) -> bool {
        let put_aside = |before: &Change| self.fates.get(before) == Some(&replaced());
        *fate == Fate::Held("depends_on_held".to_owned()) && self.made[&change].saw.iter().any(put_aside)
    }

    /// Whether the same act may be filed once more: it waited, was put aside, or the office reopened it.
    pub(super) fn may_be_filed_after(&self, change: Change) -> bool {
        self.fates[&change] == Fate::Waiting || self.fates[&change] == replaced() || self.is_reopened(change)
    }
}

/// The fate of a change for which another one of its act stands.
fn replaced() -> Fate {
    Fate::Refused("replaced".to_owned())
}
