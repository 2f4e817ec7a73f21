//! One line's place among those who are there.

use super::{Place, Presence};
use holdfast_domain::kernel::AccountId;
use holdfast_domain::kernel::resource::Present;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior};
use uuid::Uuid;

/// A seat; given up when it is dropped.
pub struct Seat {
    presence: Presence,
    place: Place,
    account: AccountId,
    line: Uuid,
    told: watch::Receiver<Vec<Present>>,
    asks: Interval,
}

/// What a line is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Who else is there.
    Others(Vec<Present>),
    /// It shall say that somebody is still there.
    Asked,
}

impl Seat {
    pub(super) fn new(presence: Presence, (place, account, line): (Place, AccountId, Uuid), told: watch::Receiver<Vec<Present>>) -> Self {
        let mut asks = tokio::time::interval(presence.pace());
        asks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { presence, place, account, line, told, asks }
    }

    /// Which line it is.
    pub const fn line(&self) -> Uuid {
        self.line
    }

    /// Waits for what there is to tell; none where the seat is no more: nobody answered, or it was taken away.
    pub async fn next(&mut self) -> Option<Told> {
        tokio::select! {
            changed = self.told.changed() => {
                changed.ok()?;
                let others = self.told.borrow_and_update().iter().filter(|one| one.account != self.account).cloned().collect();
                Some(Told::Others(others))
            }
            _ = self.asks.tick() => self.presence.rooms().ask(&self.place, self.line).then_some(Told::Asked),
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.presence.show_out(&self.place, self.account, self.line);
    }
}
