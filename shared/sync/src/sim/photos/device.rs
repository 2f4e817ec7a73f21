//! A device's photos: what the app's shell does with the core's decisions, in memory.

use super::{CACHE_BYTES, CHUNK_BYTES, JPEG, PhotoAnswer, PhotoAsk};
use crate::blob::goes_first;
use crate::blob::holding::{BlobState, Cached, to_throw_away};
use crate::blob::sending::{Ask, Heard, Next, Sending};
use crate::bytes::{Bytes, Digest32};
use crate::sim::device::Device;
use crate::sim::fault::Fault;
use crate::time::Timestamp;

/// A photo that is here.
#[derive(Debug, Clone)]
pub struct Photo {
    /// All of it.
    pub bytes: Vec<u8>,
    /// When it was taken, or last looked at.
    pub at: Timestamp,
    /// How it stands with the server.
    pub state: BlobState,
}

/// An upload under way; lost in a crash.
#[derive(Debug, Clone)]
pub struct UnderWay {
    sha256: Digest32,
    sending: Sending,
    /// The request that waits for its answer.
    asked: u64,
}

impl Device {
    /// In the transaction of the deed that names it.
    pub fn take_photo(&mut self, bytes: Vec<u8>, at: Timestamp) {
        self.store.photos.insert(Digest32::of(&bytes), Photo { bytes, at, state: BlobState::to_send() });
    }

    /// What to ask for next, with the request's number; nothing while a fact waits.
    pub fn next_photo(&mut self, now: Timestamp) -> Option<(u64, PhotoAsk)> {
        if self.store.outbox.values().any(goes_first) && self.fault != Fault::PhotoBeforeFacts {
            self.under_way = None;
            return None;
        }
        let mut under_way = self.under_way.take().or_else(|| self.first_due(now))?;
        let photo = self.store.photos.get(&under_way.sha256)?;
        let (sha256, length) = (under_way.sha256, u32::try_from(photo.bytes.len()).expect("photos are small"));
        let ask = match under_way.sending.ask(CHUNK_BYTES) {
            Ask::Begin => PhotoAsk::Begin { sha256, bytes: length, media_type: JPEG },
            Ask::Chunk(piece) => {
                let bytes = Bytes(photo.bytes[piece.start as usize..piece.end as usize].to_vec());
                PhotoAsk::Chunk { sha256, offset: piece.start, bytes }
            }
        };
        self.asked += 1;
        under_way.asked = self.asked;
        self.under_way = Some(under_way);
        Some((self.asked, ask))
    }

    fn first_due(&self, now: Timestamp) -> Option<UnderWay> {
        let due = self.store.photos.iter().filter(|(_, photo)| photo.state.is_due(now));
        let (sha256, photo) = due.min_by_key(|(sha256, photo)| (photo.at, **sha256))?;
        let bytes = u32::try_from(photo.bytes.len()).expect("photos are small");
        Some(UnderWay { sha256: *sha256, sending: Sending::new(bytes), asked: 0 })
    }

    /// Whether an answer is to the request that waits for one.
    pub fn awaits(&self, number: u64) -> bool {
        self.under_way.as_ref().is_some_and(|under_way| under_way.asked == number)
    }

    /// One transaction: the answer to the request that waited for it. Answers whether there is more to ask for.
    pub fn photo_answered(&mut self, answer: &PhotoAnswer, now: Timestamp) -> bool {
        let Some(mut under_way) = self.under_way.take() else { return false };
        let heard = match answer {
            PhotoAnswer::At(state) => Heard::At(*state),
            PhotoAnswer::Refused(code) => Heard::Refused(code),
            PhotoAnswer::Shown(_) => Heard::Nothing,
        };
        if let (PhotoAnswer::At(state), Some(photo)) = (answer, self.store.photos.get_mut(&under_way.sha256)) {
            photo.state = BlobState::told(*state);
            self.make_room();
        }
        match under_way.sending.hears(heard) {
            Next::GoesOn => self.under_way = Some(under_way),
            Next::Done => {}
            Next::SetAside(code) => {
                if let Some(photo) = self.store.photos.get_mut(&under_way.sha256) {
                    photo.state = photo.state.clone().refused(&code, now);
                }
            }
            Next::SignIn | Next::TryLater => return false,
        }
        true
    }

    /// One transaction: somebody looks at what is here. Answers whether it is.
    pub fn looks_here(&mut self, sha256: Digest32, now: Timestamp) -> bool {
        let Some(photo) = self.store.photos.get_mut(&sha256) else { return false };
        if !photo.state.is_unsent() {
            photo.at = now;
        }
        true
    }

    /// One transaction: what somebody looked at came, if that is what came.
    pub fn fetched(&mut self, sha256: Digest32, bytes: &[u8], now: Timestamp) {
        if Digest32::of(bytes) == sha256 {
            let before = self.store.photos.get(&sha256).map(|photo| photo.state.clone());
            self.store.photos.insert(sha256, Photo { bytes: bytes.to_vec(), at: now, state: BlobState::fetched(before) });
            self.make_room();
        }
    }

    /// In the transaction of the first page of another epoch.
    pub fn offer_photos_again(&mut self) {
        if self.fault != Fault::PhotosNotOfferedAgain {
            self.store.photos.values_mut().for_each(|photo| photo.state = photo.state.clone().offered_again());
        }
    }

    fn make_room(&mut self) {
        let goes = |photo: &Photo| !photo.state.is_unsent() || self.fault == Fault::UnsentMakesRoom;
        let kept = self.store.photos.iter().filter(|(_, photo)| goes(photo));
        let cached = kept.map(|(sha256, photo)| {
            let bytes = u32::try_from(photo.bytes.len()).expect("photos are small");
            Cached { sha256: *sha256, at: photo.at, bytes }
        });
        for sha256 in to_throw_away(cached.collect(), CACHE_BYTES) {
            self.store.photos.remove(&sha256);
        }
    }
}
