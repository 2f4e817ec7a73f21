//! The server's database is put back to what it was: what came after that is on devices alone.

use crate::sim::invariant::Broken;
use crate::sim::model::Model;
use crate::sim::names;
use crate::sim::network::Message;
use crate::sim::server::{Happening, Server};
use crate::sim::world::World;

/// What a backup holds, as far as the checks remember it: the model, and how much of the server has been looked at.
pub(super) struct Backup {
    model: Model,
    feed: usize,
    filed: usize,
    events: usize,
}

impl<S: Server> World<S> {
    /// The database is copied as it stands.
    pub(super) fn back_up(&mut self) -> Result<(), Broken> {
        self.count("backups");
        self.backup = Some(Backup { model: self.model.clone(), feed: self.feed.len(), filed: self.filed, events: self.events });
        self.server.happens(Happening::BackedUp);
        Ok(())
    }

    /// The copy takes its place. Every line to the server ends with it; what was sent and has not been heard may still arrive.
    pub(super) fn restore(&mut self) -> Result<(), Broken> {
        let Some(Backup { model, feed, filed, events }) = &self.backup else { return Ok(()) };
        self.restores += 1;
        let epoch = names::epoch(self.restores);
        self.model.restore(model, epoch.0.as_u128());
        self.feed.truncate(*feed);
        (self.filed, self.events) = (*filed, *events);
        self.network.retain(|message| matches!(message, Message::Push { .. } | Message::Pull { .. } | Message::Asks { .. }));
        self.count("restores");
        self.server.happens(Happening::Restored(epoch));
        self.check_photos()?;
        self.check_server()
    }
}
