//! What the office decides about what is held, in the model's words.

use super::{Change, Did, Fate, Model, Name};

impl Model {
    /// What is on the office's desk: all that is held, but for forgeries, on which it spends no time.
    pub fn held(&self) -> Vec<Change> {
        let honest = |change: &Change| !matches!(self.made[change].did, Did::Lie(_));
        self.on_file.values().copied().filter(|change| matches!(self.fates[change], Fate::Held(_)) && honest(change)).collect()
    }

    /// Somebody decides; whether that can be. A release that something else stands against changes nothing.
    pub fn decide(&mut self, change: Change, released: bool) -> bool {
        self.decided.insert(change, released);
        let can_be = !released || self.fate(change) == Fate::Accepted;
        if !can_be {
            self.decided.remove(&change);
        }
        can_be
    }

    /// What is held of a document only for what it rests on, or was decided about, and should not be any more.
    pub fn left_on_desk(&self, document: Name) -> Vec<Change> {
        let here = self.held().into_iter().filter(|change| self.made[change].document == document);
        here.filter(|change| self.is_reopened(*change) && !matches!(self.fate(*change), Fate::Held(_) | Fate::Waiting)).collect()
    }

    /// Whether what is held is judged anew: the office decided about it, or it was held for what it rests on, and about that one.
    pub(super) fn is_reopened(&self, change: Change) -> bool {
        let Fate::Held(code) = &self.fates[&change] else { return false };
        let document = self.made[&change].document;
        self.decided.contains_key(&change) || (code == "depends_on_held" && self.decided.keys().any(|other| self.made[other].document == document))
    }
}
