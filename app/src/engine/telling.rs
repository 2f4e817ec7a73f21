//! Tells the page how till and sync stand: soon after something moved, and not more often than reading it can be afforded. What people do, and what is on
//! its way to the server and from it, goes first.

use super::core::Core;
use super::events;
use super::sync::wake::{Nudge, Wake};
use crate::device::clock;
use std::cell::Cell;
use std::rc::Rc;

/// What moves together is told together: by then an act is at the server, and its answer here.
const SOON_MS: u32 = 100;
/// The shortest rest after telling.
const REST_MS: u32 = 200;
/// After weeks offline reading takes a while: it rests for so many times as long as it took.
const REST_TIMES: u32 = 5;
/// A clock that was set meanwhile tells nothing of how long it took.
const LONGEST_MS: u32 = 1_000;

/// What the page has not been told yet.
#[derive(Default)]
pub struct Telling {
    of_till: Cell<bool>,
    wake: Wake,
}

impl Telling {
    /// Of the sync state.
    pub fn of_sync(&self) {
        self.wake.nudge(Nudge::Work);
    }

    /// Of both.
    pub fn of_till_and_sync(&self) {
        self.of_till.set(true);
        self.of_sync();
    }
}

/// Tells for ever.
pub async fn run(core: Rc<Core>) {
    loop {
        core.telling.wake.sleep(i32::MAX.unsigned_abs(), Nudge::Work).await;
        clock::sleep(SOON_MS).await;
        let began = clock::now();
        if core.telling.of_till.take() {
            events::tell_till(&core).await;
        }
        events::tell_sync(&core).await;
        let took = u32::try_from(clock::now().0.saturating_sub(began.0)).map_or(0, |took| took.min(LONGEST_MS));
        clock::sleep(REST_MS.max(took * REST_TIMES)).await;
    }
}
