//! The server's database is put back to what it was: what came after that is on devices alone.

use crate::sim::invariant::{Broken, Invariant};
use crate::sim::model::{Model, Name};
use crate::sim::names;
use crate::sim::network::Message;
use crate::sim::server::{Happening, Server};
use crate::sim::world::World;
use crate::wire::{PushRequest, PushResponse};
use std::collections::BTreeSet;

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

    /// A device enrols.
    pub(super) fn join(&mut self, name: Name) {
        self.server.happens(Happening::Joined(names::registered(self.cast, name)));
        self.model.rights.taken_up.remove(&name);
        self.model.rights.enrolled.insert(name);
    }

    /// Of a device that was taken up, the server knows the grants that came with what was done by them.
    fn note_grants(&mut self, request: &PushRequest) {
        let by = |change| self.model.made.get(&change).and_then(|made| Some((made.device?, made.person)));
        let came = |(name, person): &(Name, Name)| {
            let id = names::grant(*name, *person).to_string();
            self.model.rights.taken_up.contains(name) && request.grants.iter().any(|token| token.starts_with(&id))
        };
        let heard_of: Vec<_> = self.changes_in(request).into_iter().filter_map(by).filter(came).collect();
        self.model.rights.heard_of.extend(heard_of);
    }

    /// After a push: of the devices that the server knew nothing of, it knows those now of which the push brought its own word, and no others. A push brings either what
    /// a device did itself, and then its grants as it has them, or what others did, with what the server said of their grants.
    pub(super) fn check_taken_up(&mut self, request: &PushRequest, response: Option<&PushResponse>) -> Result<(), Broken> {
        let brings_its_word = request.grants.iter().any(|token| uuid::Uuid::parse_str(token).is_err());
        let makers: BTreeSet<_> = self.changes_in(request).iter().filter_map(|change| self.model.made.get(change)?.device).collect();
        for name in makers.into_iter().filter(|name| !self.model.knows(*name)).collect::<Vec<_>>() {
            let known = self.server.knows(names::device(name));
            let unasked = known && !brings_its_word;
            Invariant::NothingCrosses.ensure(!unasked, || format!("device {name} is known, and nobody brought the server's word on it"))?;
            let in_vain = !known && brings_its_word && response.is_some();
            Invariant::DecidedOnce.ensure(!in_vain, || format!("device {name} is unknown, though somebody brought the server's word on it"))?;
            if known {
                self.count("taken up");
                self.model.rights.taken_up.insert(name);
            }
        }
        self.note_grants(request);
        Ok(())
    }
}
