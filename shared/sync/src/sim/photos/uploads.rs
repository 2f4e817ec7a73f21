//! What devices do with photos, and what they hear of them.

use super::{Asker, PhotoAnswer, PhotoAsk};
use crate::bytes::Digest32;
use crate::sim::fault::Fault;
use crate::sim::invariant::{Broken, Invariant};
use crate::sim::model::Name;
use crate::sim::names;
use crate::sim::network::{Line, Message};
use crate::sim::party::SimDevice;
use crate::sim::server::{Crash, Server};
use crate::sim::world::World;
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// After so many requests in a row, one device's uploads never end.
const REQUESTS: usize = 200;
/// How often what was refused is offered again at rest.
const AGAIN: usize = 4;

impl<S: Server> World<S> {
    /// The device sends what it has: a request that was not answered is given up.
    pub(in crate::sim) fn uploads(&mut self, index: usize) -> Result<(), Broken> {
        self.devices[index].device.under_way = None;
        self.ask_on(index)
    }

    /// The next request, if there is one, and no fact waits by the model.
    fn ask_on(&mut self, index: usize) -> Result<(), Broken> {
        let now = self.clock_of(index);
        let asker = self.asker(index);
        let from = self.line(index);
        let Some((number, ask)) = self.devices[index].device.next_photo(now) else { return Ok(()) };
        let SimDevice { name, knowledge, .. } = &self.devices[index];
        let unheard = self.model.unheard(knowledge);
        Invariant::NothingDelays.ensure(unheard.is_empty(), || format!("device {name} sends a photo before {unheard:?}"))?;
        self.remark(&format!("it asks {ask:?} as message {}", self.network.len()));
        self.network.push(Message::Asks { from, asker, number, ask });
        Ok(())
    }

    /// Somebody looks at a photo, which comes from the server unless it is here.
    pub(in crate::sim) fn look(&mut self, index: usize, photo: Name) {
        let (sha256, now) = (names::photo_hash(photo), self.clock_of(index));
        if self.devices[index].device.looks_here(sha256, now) {
            self.devices[index].stored(false);
            return;
        }
        let (from, asker) = (self.line(index), self.asker(index));
        self.network.push(Message::Asks { from, asker, number: 0, ask: PhotoAsk::Look { sha256 } });
    }

    /// One transaction: the answer to a request.
    pub(in crate::sim) fn photo_answered(&mut self, to: Line, (number, sha256): (u64, Digest32), answer: &PhotoAnswer) -> Result<(), Broken> {
        let (index, now) = (to.device, self.clock_of(to.device));
        let sim = &mut self.devices[index];
        let shown = if let PhotoAnswer::Shown(bytes) = answer { Some(bytes) } else { None };
        if shown.is_none() && !sim.device.awaits(number) {
            return Ok(());
        }
        if !sim.writes() {
            sim.device.under_way = None;
            self.count("writes aborted");
            return Ok(());
        }
        let photo = names::photo_name(sha256).expect("nobody asks about anything else");
        let goes_on = match shown {
            Some(bytes) => {
                sim.device.fetched(sha256, &bytes.0, now);
                if !sim.knowledge.unsent.contains(&photo) {
                    sim.knowledge.kept.insert(photo);
                }
                false
            }
            None => sim.device.photo_answered(answer, now),
        };
        if let PhotoAnswer::At(state) = answer {
            let (to, from) = match (state.complete, &mut sim.knowledge) {
                (true, knowledge) => (&mut knowledge.kept, &mut knowledge.unsent),
                (false, knowledge) => (&mut knowledge.unsent, &mut knowledge.kept),
            };
            to.extend(from.take(&photo));
        }
        sim.stored(false);
        self.check_photos_of(index)?;
        if goes_on { self.ask_on(index) } else { Ok(()) }
    }

    /// What counts as unsent on a device is what the server has not said to have, and what counts as kept the server has.
    pub(in crate::sim) fn check_photos_of(&mut self, index: usize) -> Result<(), Broken> {
        let SimDevice { name, device, knowledge, .. } = &mut self.devices[index];
        let here = |unsent: bool| -> BTreeSet<Name> {
            let some = device.store.photos.iter().filter(|(_, photo)| photo.state.is_unsent() == unsent);
            some.filter_map(|(sha256, _)| names::photo_name(*sha256)).collect()
        };
        let (unsent, kept) = (here(true), here(false));
        Invariant::DecidedOnce
            .ensure(unsent == knowledge.unsent, || format!("device {name} has {unsent:?} to send, and should {:?}", knowledge.unsent))?;
        let strange: Vec<_> = kept.difference(&knowledge.kept).collect();
        Invariant::DecidedOnce.ensure(strange.is_empty(), || format!("device {name} takes {strange:?} for sent, and nobody said so"))?;
        // Those that made room come back when somebody looks.
        knowledge.kept.clone_from(&kept);
        let current = knowledge.life == Some(self.model.life);
        let lacking: Vec<_> = kept.difference(&self.model.photos.there).filter(|_| current).collect();
        Invariant::DecidedOnce.ensure(lacking.is_empty(), || format!("device {name} takes {lacking:?} for sent, and the server never had them"))
    }

    /// With room for all, every photo that a device has yet to send goes up, but for what rests on nothing: it is offered again until it does.
    pub(in crate::sim) fn photos_come_to_rest(&mut self) -> Result<(), Broken> {
        self.make_room(u32::MAX / 2);
        for _ in 0..AGAIN {
            let wait = u32::try_from(crate::blob::holding::AGAIN_AFTER_MS).expect("minutes");
            self.passes(wait);
            for index in 0..self.devices.len() {
                self.check_photos_of(index)?;
                self.uploads(index)?;
                for _ in 0..REQUESTS {
                    let Some(message) = self.network.pop() else { break };
                    self.arrives(message, Crash::Never)?;
                }
                Invariant::Converges.ensure(self.network.is_empty(), || format!("device at {index} does not end to send photos"))?;
            }
        }
        Ok(())
    }

    /// Nothing is left to send, and what any device has the server has.
    pub(in crate::sim) fn check_photos_at_rest(&self) -> Result<(), Broken> {
        for SimDevice { name, knowledge, .. } in &self.devices {
            Invariant::Converges.ensure(knowledge.unsent.is_empty(), || format!("device {name} cannot send {:?}", knowledge.unsent))?;
            let lacking: Vec<_> = knowledge.kept.difference(&self.model.photos.there).collect();
            Invariant::Converges.ensure(lacking.is_empty(), || format!("device {name} has {lacking:?}, and the server has not"))?;
        }
        Ok(())
    }

    pub(super) fn clock_of(&self, index: usize) -> Timestamp {
        Timestamp(self.now + self.devices[index].skew)
    }

    /// Every second device's sessions are not the device's: nobody else there has what is sent.
    pub(super) fn asker(&self, index: usize) -> Asker {
        let SimDevice { name, person, .. } = &self.devices[index];
        Asker { account: names::account(*person), device: name.is_multiple_of(2).then(|| names::device(*name)) }
    }

    /// In the transaction of a deed that names a photo that was taken. Answers whether it is; it is not where that is planted.
    pub(in crate::sim) fn photo_taken(&mut self, index: usize, photo: Name) -> bool {
        let now = self.clock_of(index);
        let apart = self.fault == Fault::PhotoKeptApart;
        let sim = &mut self.devices[index];
        sim.knowledge.unsent.insert(photo);
        sim.knowledge.kept.remove(&photo);
        if apart {
            sim.stored(true);
        }
        sim.device.take_photo(names::photo(photo), now);
        self.count("photos taken");
        !apart
    }
}
