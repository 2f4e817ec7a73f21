//! Uploads that no app would make: each is answered as the model says, and nothing of it is there.

use super::{CHUNK_BYTES, JPEG, PDF, PhotoAnswer, PhotoAsk};
use crate::bytes::Bytes;
use crate::sim::invariant::Broken;
use crate::sim::model::{Fake, Name};
use crate::sim::names;
use crate::sim::server::{Crash, Server};
use crate::sim::world::World;

impl<S: Server> World<S> {
    /// Whoever is signed in on the device speaks with the server as no app would.
    pub(in crate::sim) fn fake(&mut self, index: usize, photo: Name, fake: Fake) -> Result<(), Broken> {
        self.count("fakes");
        let (asker, sha256, mut bytes) = (self.asker(index), names::photo_hash(photo), names::photo(photo));
        let size = u32::try_from(bytes.len()).expect("photos are small");
        let (said, media_type) = match fake {
            Fake::Longer => {
                bytes.push(0);
                (size + 1, JPEG)
            }
            Fake::Type => (size, PDF),
            Fake::Bytes => {
                bytes.iter_mut().skip(3).for_each(|byte| *byte ^= 1);
                (size, JPEG)
            }
            Fake::Beyond | Fake::Elsewhere => (size, JPEG),
        };
        let mut at = self.ask(asker, &PhotoAsk::Begin { sha256, bytes: said, media_type }, Crash::Never)?;
        while let Some(PhotoAnswer::At(state)) = at
            && !state.complete
        {
            let (from, to) = match fake {
                Fake::Beyond => (state.offset, said),
                Fake::Elsewhere => (state.offset + 1, (state.offset + 2).min(said)),
                _ => (state.offset, said.min(state.offset + CHUNK_BYTES)),
            };
            let mut piece = bytes.get(from as usize..to as usize).unwrap_or_default().to_vec();
            if fake == Fake::Beyond {
                piece.push(0);
            }
            at = self.ask(asker, &PhotoAsk::Chunk { sha256, offset: from, bytes: Bytes(piece) }, Crash::Never)?;
        }
        Ok(())
    }
}
