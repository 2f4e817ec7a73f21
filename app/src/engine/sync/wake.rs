//! Rouses the one that sends.

use crate::device::clock;
use futures::channel::oneshot;
use futures::future::{Either, select};
use std::cell::{Cell, RefCell};
use std::pin::pin;

/// Why to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nudge {
    /// The server says that its feed moved.
    Moved,
    /// There is something to send. While the server cannot be reached this waits for its turn.
    Work,
    /// Somebody or something says that it is worth trying at once.
    Now,
}

/// Where the sender sleeps.
#[derive(Default)]
pub struct Wake {
    pending: Cell<Option<Nudge>>,
    sleeper: RefCell<Option<(Nudge, oneshot::Sender<()>)>>,
}

impl Wake {
    /// Rouses the sender, if it can be roused by this.
    pub fn nudge(&self, nudge: Nudge) {
        self.pending.set(self.pending.get().max(Some(nudge)));
        let sleeper = self.sleeper.borrow_mut().take_if(|(least, _)| nudge >= *least);
        if let Some((_, wake)) = sleeper {
            // It may have woken by itself at the same moment.
            let _ = wake.send(());
        }
    }

    /// The feed is asked for now: what moved until now comes with it.
    pub fn hears_the_feed(&self) {
        self.pending.set(self.pending.get().filter(|pending| *pending != Nudge::Moved));
    }

    /// Sleeps so long, or until roused by `least` or more.
    pub async fn sleep(&self, ms: u32, least: Nudge) {
        if self.pending.take() >= Some(least) {
            return;
        }
        let (wake, woken) = oneshot::channel();
        self.sleeper.replace(Some((least, wake)));
        if let Either::Right(_) = select(woken, pin!(clock::sleep(ms))).await {
            self.sleeper.replace(None);
        }
        self.pending.set(None);
    }
}
