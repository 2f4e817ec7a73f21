//! The places where somebody is, and who: here, and as other servers say.

use super::MOST_TOLD;
use holdfast_domain::kernel::resource::Present;
use holdfast_domain::kernel::{AccountId, TenantId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

/// Where somebody can be: a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Of which company.
    pub tenant: TenantId,
    /// The record's kind.
    pub kind: String,
    /// Its id.
    pub record: Uuid,
}

/// All places at which somebody is connected to this server.
#[derive(Default)]
pub(super) struct Rooms {
    rooms: BTreeMap<Place, Room>,
    seats: BTreeMap<(TenantId, AccountId), usize>,
}

struct Room {
    /// By line.
    here: BTreeMap<Uuid, Chair>,
    /// By server, with when it was heard.
    elsewhere: BTreeMap<Uuid, (Vec<Present>, Duration)>,
    told: watch::Sender<Vec<Present>>,
}

struct Chair {
    who: Present,
    answered: bool,
}

impl Rooms {
    pub(super) fn seats_of(&self, tenant: TenantId, account: AccountId) -> usize {
        self.seats.get(&(tenant, account)).copied().unwrap_or_default()
    }

    /// What is told at the place from now on, and whether nobody here was there before.
    pub(super) fn sit(&mut self, place: &Place, (line, who): (Uuid, Present)) -> (watch::Receiver<Vec<Present>>, bool) {
        *self.seats.entry((place.tenant, who.account)).or_default() += 1;
        let is_first = !self.rooms.contains_key(place);
        let fresh = || Room { here: BTreeMap::new(), elsewhere: BTreeMap::new(), told: watch::Sender::default() };
        let room = self.rooms.entry(place.clone()).or_insert_with(fresh);
        room.here.insert(line, Chair { who, answered: true });
        room.tell();
        let mut told = room.told.subscribe();
        // Whoever comes is told at once who is there.
        told.mark_changed();
        (told, is_first)
    }

    /// Whether it changed what is told; none where there is no such line.
    pub(super) fn answered(&mut self, place: &Place, account: AccountId, (line, editing): (Uuid, bool)) -> Option<bool> {
        let room = self.rooms.get_mut(place)?;
        let chair = room.here.get_mut(&line).filter(|chair| chair.who.account == account)?;
        chair.answered = true;
        let changed = std::mem::replace(&mut chair.who.editing, editing) != editing;
        if changed {
            room.tell();
        }
        Some(changed)
    }

    /// Whether a line has answered since it was asked last; from here on it is asked again.
    pub(super) fn ask(&mut self, place: &Place, line: Uuid) -> bool {
        let chair = self.rooms.get_mut(place).and_then(|room| room.here.get_mut(&line));
        chair.is_some_and(|chair| std::mem::take(&mut chair.answered))
    }

    /// Whether there was such a line.
    pub(super) fn leave(&mut self, place: &Place, account: AccountId, line: Uuid) -> bool {
        let Some(room) = self.rooms.get_mut(place) else { return false };
        if room.here.get(&line).is_none_or(|chair| chair.who.account != account) {
            return false;
        }
        room.here.remove(&line);
        if room.here.is_empty() {
            self.rooms.remove(place);
        } else {
            room.tell();
        }
        let key = (place.tenant, account);
        let left = self.seats_of(place.tenant, account).saturating_sub(1);
        if left == 0 {
            self.seats.remove(&key);
        } else {
            self.seats.insert(key, left);
        }
        true
    }

    pub(super) fn places(&self) -> BTreeSet<Place> {
        self.rooms.keys().cloned().collect()
    }

    /// Who of this server is there, one entry per account.
    pub(super) fn here(&self, place: &Place) -> Vec<Present> {
        self.rooms.get(place).map(Room::of_this_server).unwrap_or_default()
    }

    /// What another server says of a place that somebody has open here; of any other nothing is kept.
    pub(super) fn heard(&mut self, place: &Place, server: Uuid, (people, now): (Vec<Present>, Duration)) {
        let Some(room) = self.rooms.get_mut(place) else { return };
        if people.is_empty() {
            room.elsewhere.remove(&server);
        } else {
            room.elsewhere.insert(server, (people, now));
        }
        room.tell();
    }

    /// What a server said that is silent since then counts no more.
    pub(super) fn forget_silent(&mut self, since: Duration) {
        for room in self.rooms.values_mut() {
            room.elsewhere.retain(|_, (_, heard)| *heard >= since);
            room.tell();
        }
    }
}

impl Room {
    fn of_this_server(&self) -> Vec<Present> {
        let mut people = together(self.here.values().map(|chair| &chair.who));
        people.truncate(MOST_TOLD);
        people
    }

    fn tell(&self) {
        let here = self.of_this_server();
        let people = together(here.iter().chain(self.elsewhere.values().flat_map(|(people, _)| people)));
        self.told.send_if_modified(|told| {
            let changed = *told != people;
            *told = people;
            changed
        });
    }
}

/// Each account once, those who edit first.
fn together<'a>(all: impl Iterator<Item = &'a Present>) -> Vec<Present> {
    let mut by_account: BTreeMap<AccountId, Present> = BTreeMap::new();
    for one in all {
        by_account.entry(one.account).and_modify(|known| known.editing |= one.editing).or_insert_with(|| one.clone());
    }
    let mut people: Vec<Present> = by_account.into_values().collect();
    people.sort_by(|a, b| b.editing.cmp(&a.editing).then_with(|| a.name.cmp(&b.name)));
    people
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(n: u128) -> Place {
        Place { tenant: TenantId(Uuid::from_u128(1)), kind: "procurement.supplier".to_owned(), record: Uuid::from_u128(n) }
    }

    fn account(n: u128) -> AccountId {
        AccountId(Uuid::from_u128(n))
    }

    fn who(n: u128) -> Present {
        Present { account: account(n), name: format!("N{n}"), editing: false }
    }

    fn line(n: u128) -> Uuid {
        Uuid::from_u128(0x100 + n)
    }

    #[test]
    fn somebody_with_two_lines_is_there_once_until_both_are_gone() {
        let mut rooms = Rooms::default();
        let (told, is_first) = rooms.sit(&place(1), (line(1), who(1)));
        assert!(is_first && !rooms.sit(&place(1), (line(2), who(1))).1);
        assert_eq!(rooms.answered(&place(1), account(1), (line(2), true)), Some(true));
        assert_eq!(*told.borrow(), [Present { editing: true, ..who(1) }]);
        assert!(rooms.leave(&place(1), account(1), line(2)));
        assert_eq!(*told.borrow(), [who(1)]);
        assert!(rooms.leave(&place(1), account(1), line(1)) && !rooms.leave(&place(1), account(1), line(1)));
        assert_eq!((rooms.seats_of(place(1).tenant, account(1)), rooms.places().len(), rooms.seats.len()), (0, 0, 0));
    }

    #[test]
    fn nobody_answers_for_anothers_line_or_takes_it_away() {
        let mut rooms = Rooms::default();
        let _told = rooms.sit(&place(1), (line(1), who(1)));
        assert_eq!(rooms.answered(&place(1), account(2), (line(1), true)), None);
        assert_eq!(rooms.answered(&place(2), account(1), (line(1), true)), None);
        assert!(!rooms.leave(&place(1), account(2), line(1)));
        assert_eq!(rooms.here(&place(1)), [who(1)]);
    }

    #[test]
    fn a_line_that_does_not_answer_is_found_out_at_the_second_question() {
        let mut rooms = Rooms::default();
        let _told = rooms.sit(&place(1), (line(1), who(1)));
        assert!(rooms.ask(&place(1), line(1)));
        assert!(!rooms.ask(&place(1), line(1)));
        assert_eq!(rooms.answered(&place(1), account(1), (line(1), false)), Some(false));
        assert!(rooms.ask(&place(1), line(1)));
    }

    #[test]
    fn what_another_server_says_holds_until_it_says_else_or_nothing_for_long() {
        let mut rooms = Rooms::default();
        let (told, _) = rooms.sit(&place(1), (line(1), who(1)));
        let at = Duration::from_secs;
        let server = Uuid::from_u128(9);
        rooms.heard(&place(1), server, (vec![who(2)], at(1)));
        rooms.heard(&place(2), server, (vec![who(2)], at(1)));
        assert_eq!((told.borrow().len(), rooms.places().len()), (2, 1));
        rooms.forget_silent(at(1));
        assert_eq!(told.borrow().len(), 2);
        rooms.forget_silent(at(2));
        assert_eq!(*told.borrow(), [who(1)]);
        rooms.heard(&place(1), server, (vec![who(2)], at(3)));
        rooms.heard(&place(1), server, (Vec::new(), at(3)));
        assert_eq!(*told.borrow(), [who(1)]);
    }

    #[test]
    fn of_a_crowd_only_so_many_are_told_and_those_who_edit_among_them() {
        let mut rooms = Rooms::default();
        for n in 1..=40 {
            let _told = rooms.sit(&place(1), (line(n), who(n)));
        }
        rooms.answered(&place(1), account(40), (line(40), true));
        let told = rooms.here(&place(1));
        assert_eq!((told.len(), told[0].account), (MOST_TOLD, account(40)));
    }
}
