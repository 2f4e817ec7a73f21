//! The server is asked about a photo: its answer, and what it has then, are what the model says.

use super::{Asker, PhotoAnswer, PhotoAsk};
use crate::bytes::Digest32;
use crate::ids::DeviceId;
use crate::sim::invariant::{Broken, Invariant};
use crate::sim::model::photos::{Piece, Word};
use crate::sim::model::{Name, Photos};
use crate::sim::names;
use crate::sim::network::{Line, Message};
use crate::sim::server::{Crash, Happening, Server};
use crate::sim::world::World;
use std::collections::BTreeSet;

impl<S: Server> World<S> {
    /// A device's request arrives.
    pub(in crate::sim) fn server_is_asked(&mut self, (from, asker, number): (Line, Asker, u64), ask: PhotoAsk, crash: Crash) -> Result<(), Broken> {
        let answer = self.ask(asker, &ask, crash)?;
        let Some(answer) = answer else {
            self.count("server crashes");
            return Ok(());
        };
        self.network.push(Message::Told { to: from, number, sha256: ask.sha256(), answer });
        Ok(())
    }

    /// Anybody's request arrives.
    pub(super) fn ask(&mut self, asker: Asker, ask: &PhotoAsk, crash: Crash) -> Result<Option<PhotoAnswer>, Broken> {
        let crash = if matches!(crash, Crash::Before(_)) && !S::DIES_BETWEEN_FILES_AND_TABLES { Crash::Before(0) } else { crash };
        let should = self.should_answer(asker, ask, crash);
        let answer = self.server.asked(asker, ask, crash);
        let crosses = if matches!(ask, PhotoAsk::Look { .. }) { Invariant::NothingCrosses } else { Invariant::DecidedOnce };
        if let Some(answer) = &answer {
            self.remark(&format!("the server answers {answer:?}"));
            let right = match (answer, should) {
                (PhotoAnswer::At(state), Word::At(offset, complete)) => (state.offset, state.complete) == (offset, complete),
                (PhotoAnswer::Refused(code), Word::Refused(expected)) => code == expected,
                (PhotoAnswer::Shown(bytes), Word::Shown) => Digest32::of(&bytes.0) == ask.sha256(),
                _ => false,
            };
            crosses.ensure(right, || format!("{ask:?} of {asker:?} should be answered {should:?}, and is {answer:?}"))?;
            self.count(match should {
                Word::At(_, true) => "photos there",
                Word::At(..) => "pieces taken",
                Word::Refused(_) => "photos refused",
                Word::Shown => "photos shown",
            });
        }
        self.check_photos()?;
        Ok(answer)
    }

    fn should_answer(&mut self, asker: Asker, ask: &PhotoAsk, crash: Crash) -> Word {
        let photo = names::photo_name(ask.sha256()).expect("nobody asks about anything else");
        let key = (names::person(asker.account), photo);
        let rights = &self.model.rights;
        let works_on = |device: DeviceId, person: Name| {
            let is_it = |name: &Name| names::device(*name) == device;
            rights.enrolled.iter().any(is_it) || rights.heard_of.iter().any(|(name, by)| is_it(name) && *by == person)
        };
        let there_too: BTreeSet<Name> = (0..self.cast.people).filter(|person| asker.device.is_some_and(|device| works_on(device, *person))).collect();
        let before: Photos = self.model.photos.clone();
        let in_vain = matches!(crash, Crash::Before(_));
        let word = match ask {
            PhotoAsk::Begin { bytes, media_type, .. } => self.model.photos.begin(key, (*bytes, *media_type == super::JPEG), &there_too),
            PhotoAsk::Look { .. } => self.model.looks(key.0, photo),
            PhotoAsk::Chunk { offset, bytes, .. } => {
                let true_bytes = names::photo(photo);
                let length = u32::try_from(bytes.0.len()).expect("photos are small");
                let right = true_bytes.get(*offset as usize..(*offset + length) as usize) == Some(&bytes.0);
                let piece = Piece { offset: *offset, length, right };
                let word = self.model.photos.take(key, piece, &there_too);
                if in_vain {
                    self.model.photos = before;
                    self.model.photos.take_in_vain(key, piece, crash == Crash::Before(0));
                    return word;
                }
                word
            }
        };
        if in_vain {
            self.model.photos = before;
        }
        word
    }

    /// The server has each photo whole or not at all, and has those that it should.
    pub(in crate::sim) fn check_photos(&self) -> Result<(), Broken> {
        let there = self.server.photos();
        let broken = there.iter().find(|(sha256, bytes)| Digest32::of(bytes) != **sha256);
        Invariant::DecidedOnce.ensure(broken.is_none(), || format!("the server has {broken:?} for a photo"))?;
        let there: BTreeSet<_> = there.keys().filter_map(|sha256| names::photo_name(*sha256)).collect();
        let should: BTreeSet<_> = self.model.photos.there.difference(&self.model.photos.lost).copied().collect();
        Invariant::DecidedOnce.ensure(there == should, || format!("the server has the photos {there:?} and should have {should:?}"))
    }

    /// How many bytes of photos the server has room for, from now on.
    pub(in crate::sim) fn make_room(&mut self, bytes: u32) {
        self.model.photos.room = bytes;
        self.server.happens(Happening::Room(bytes.into()));
    }

    /// The server's files of a photo are gone.
    pub(in crate::sim) fn lose_files(&mut self, photo: Name) -> Result<(), Broken> {
        self.model.photos.lose(photo);
        self.server.happens(Happening::LosesFiles(names::photo_hash(photo)));
        self.check_photos()
    }
}
