//! Who has what open now, kept in memory alone: nothing of it is a row, and a server that starts knows nobody.
//!
//! Whoever opens a place's live line takes a [`Seat`] there, and is gone when the line is. A line that was lost without a word is found out by asking: the seat is asked every
//! [`Presence::pace`], and a line that has not answered by the next question ends. What is told of a place are its people on all servers ([`Relay`]).
//!
//! Bounds: an account has [`MOST_SEATS`] seats, a place tells of [`MOST_TOLD`] people of each server, and what others say of a place is kept only while somebody here has it open.
//! Absent on purpose: whether somebody may be there. Whoever hands out seats has asked that, and asks again with each answer.

mod relay;
mod rooms;
mod seat;

pub use relay::Relay;
pub use rooms::Place;
pub use seat::{Seat, Told};

use crate::failure::Refusal;
use holdfast_domain::kernel::AccountId;
use holdfast_domain::kernel::resource::Present;
use rooms::Rooms;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// How often a line is asked whether somebody is still there.
const PACE: Duration = Duration::from_secs(8);
/// The most seats of one account on one server.
const MOST_SEATS: usize = 32;
/// The most people that one server tells of at one place.
const MOST_TOLD: usize = 12;
/// The most characters of a name that are told: what is told of a place must fit into one word between servers (8,000 bytes).
const LONGEST_NAME: usize = 60;

/// Who is where. Clones are the same.
#[derive(Clone)]
pub struct Presence {
    pace: Duration,
    rooms: Arc<Mutex<Rooms>>,
    /// Places of which other servers have not been told, and whether they are asked who is there, too.
    untold: Arc<Mutex<BTreeMap<Place, bool>>>,
    more: Arc<Notify>,
}

/// Who takes a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitter {
    /// Whose account.
    pub account: AccountId,
    /// As others are told.
    pub name: String,
}

impl Default for Presence {
    fn default() -> Self {
        Self::with_pace(PACE)
    }
}

impl Presence {
    /// Asks at that pace.
    pub fn with_pace(pace: Duration) -> Self {
        Self { pace, rooms: Arc::default(), untold: Arc::default(), more: Arc::default() }
    }

    /// How often a line is asked.
    pub const fn pace(&self) -> Duration {
        self.pace
    }

    /// Takes a seat, for as long as what is returned lives. `line` tells it from all others.
    pub fn sit(&self, place: &Place, sitter: Sitter, line: Uuid) -> Result<Seat, Refusal> {
        let mut rooms = self.rooms();
        if rooms.seats_of(place.tenant, sitter.account) >= MOST_SEATS {
            let detail = format!("Close some first: {MOST_SEATS} records may be open at once.");
            return Err(Refusal::new(429, "too_many_open", "Too many records are open", detail));
        }
        let name = sitter.name.chars().take(LONGEST_NAME).collect();
        let (here, is_first) = rooms.sit(place, (line, Present { account: sitter.account, name, editing: false }));
        drop(rooms);
        self.to_tell(place.clone(), is_first);
        Ok(Seat::new(self.clone(), (place.clone(), sitter.account, line), here))
    }

    /// Somebody answers for their line; false where they have no such line there.
    pub fn still_here(&self, place: &Place, account: AccountId, (line, editing): (Uuid, bool)) -> bool {
        let Some(changed) = self.rooms().answered(place, account, (line, editing)) else { return false };
        if changed {
            self.to_tell(place.clone(), false);
        }
        true
    }

    /// Takes a seat away: its line ends when it is asked next.
    pub fn show_out(&self, place: &Place, account: AccountId, line: Uuid) {
        if self.rooms().leave(place, account, line) {
            self.to_tell(place.clone(), false);
        }
    }

    fn rooms(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn to_tell(&self, place: Place, asking: bool) {
        *self.untold.lock().unwrap_or_else(PoisonError::into_inner).entry(place).or_default() |= asking;
        self.more.notify_one();
    }

    /// Waits for what other servers have not been told.
    async fn untold(&self) -> BTreeMap<Place, bool> {
        loop {
            let places = std::mem::take(&mut *self.untold.lock().unwrap_or_else(PoisonError::into_inner));
            if !places.is_empty() {
                return places;
            }
            self.more.notified().await;
        }
    }

    fn all_places(&self) -> BTreeSet<Place> {
        self.rooms().places()
    }
}
