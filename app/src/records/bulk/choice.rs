//! Which rows of a list are chosen.

use holdfast_domain::kernel::resource::{RecordView, Seen};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// These, each at the version at which it was last seen.
    These(BTreeMap<Uuid, u64>),
    /// All that the list finds, also what was not read yet.
    All,
}

impl Default for Choice {
    fn default() -> Self {
        Self::These(BTreeMap::new())
    }
}

impl Choice {
    /// All of these rows.
    pub fn of(rows: &[RecordView]) -> Self {
        Self::These(rows.iter().map(|row| (row.id, row.version)).collect())
    }

    /// Whether a row is.
    pub fn has(&self, id: Uuid) -> bool {
        match self {
            Self::These(these) => these.contains_key(&id),
            Self::All => true,
        }
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many are, of `total` that the list finds.
    pub fn count(&self, total: u64) -> u64 {
        match self {
            Self::These(these) => these.len() as u64,
            Self::All => total,
        }
    }

    /// Whether all of these rows are; none where only some are.
    pub fn has_all(&self, rows: &[RecordView]) -> Option<bool> {
        // Most of the time: a list may have many thousand rows.
        if self.is_empty() {
            return Some(false);
        }
        let chosen = rows.iter().filter(|row| self.has(row.id)).count();
        match chosen {
            0 => Some(false),
            chosen if chosen == rows.len() => Some(true),
            _ => None,
        }
    }

    /// Turns a row; with `from`, all between that one and it become as it does.
    pub fn turn(&mut self, rows: &[RecordView], id: Uuid, from: Option<Uuid>) {
        let on = !self.has(id);
        if *self == Self::All {
            *self = Self::of(rows);
        }
        let Self::These(these) = self else { return };
        let place = |id: Uuid| rows.iter().position(|row| row.id == id);
        let Some(to) = place(id) else { return };
        let from = from.and_then(place).unwrap_or(to);
        for row in &rows[from.min(to)..=from.max(to)] {
            if on {
                these.insert(row.id, row.version);
            } else {
                these.remove(&row.id);
            }
        }
    }

    /// Rows as they are seen now; whether a version is new.
    pub fn see(&mut self, rows: &[RecordView]) -> bool {
        let Self::These(these) = self else { return false };
        if these.is_empty() {
            return false;
        }
        let mut is_new = false;
        for row in rows {
            if let Some(version) = these.get_mut(&row.id).filter(|version| **version < row.version) {
                *version = row.version;
                is_new = true;
            }
        }
        is_new
    }

    /// Those that are, in the order of the rows; what is not among them behind. None where that is all that the list finds.
    pub fn seen(&self, rows: &[RecordView]) -> Option<Vec<Seen>> {
        let Self::These(these) = self else { return None };
        let mut left = these.clone();
        let mut seen: Vec<Seen> = rows.iter().filter_map(|row| left.remove(&row.id).map(|version| Seen { id: row.id, version })).collect();
        seen.extend(left.into_iter().map(|(id, version)| Seen { id, version }));
        Some(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::Timestamp;

    fn rows(versions: &[(u128, u64)]) -> Vec<RecordView> {
        let row = |(id, version): &(u128, u64)| RecordView {
            id: Uuid::from_u128(*id),
            version: *version,
            archived_at: None,
            created_at: Timestamp(0),
            modified_at: Timestamp(0),
            created_by: None,
            modified_by: None,
            values: Default::default(),
            names: Default::default(),
            merged_into: None,
            alike: Vec::new(),
        };
        versions.iter().map(row).collect()
    }

    fn ids(choice: &Choice, rows: &[RecordView]) -> Vec<u128> {
        choice.seen(rows).unwrap().iter().map(|seen| seen.id.as_u128()).collect()
    }

    #[test]
    fn a_row_is_turned_and_with_shift_all_up_to_it_become_as_it_does() {
        let rows = rows(&[(9, 1), (2, 1), (7, 1), (4, 1), (5, 1)]);
        let id = Uuid::from_u128;
        let mut choice = Choice::default();
        choice.turn(&rows, id(2), None);
        choice.turn(&rows, id(4), Some(id(2)));
        assert_eq!(ids(&choice, &rows), [2, 7, 4]);
        choice.turn(&rows, id(9), Some(id(4)));
        assert_eq!(ids(&choice, &rows), [9, 2, 7, 4], "also upwards");
        choice.turn(&rows, id(7), Some(id(9)));
        assert_eq!(ids(&choice, &rows), [4], "also away");
        choice.turn(&rows, id(5), Some(id(0xdead)));
        assert_eq!(ids(&choice, &rows), [4, 5], "from a row that is gone, it is one row");
        assert_eq!((choice.has_all(&rows), choice.has_all(&rows[3..]), choice.has_all(&rows[..1])), (None, Some(true), Some(false)));
    }

    #[test]
    fn of_all_that_are_found_one_that_is_turned_leaves_those_that_are_seen() {
        let rows = rows(&[(1, 1), (2, 1), (3, 1)]);
        let mut choice = Choice::All;
        assert_eq!((choice.count(120), choice.has(Uuid::from_u128(99)), choice.seen(&rows)), (120, true, None));
        choice.turn(&rows, Uuid::from_u128(2), None);
        assert_eq!((ids(&choice, &rows), choice.count(120)), (vec![1, 3], 2));
    }

    #[test]
    fn a_row_is_meant_at_the_version_at_which_it_was_last_seen() {
        let mut choice = Choice::of(&rows(&[(1, 1), (2, 4)]));
        assert!(choice.see(&rows(&[(1, 2), (3, 9)])) && !choice.see(&rows(&[(1, 2), (2, 3)])));
        let seen = choice.seen(&rows(&[(2, 4)])).unwrap();
        assert_eq!(seen.iter().map(|seen| (seen.id.as_u128(), seen.version)).collect::<Vec<_>>(), [(2, 4), (1, 2)]);
    }
}
