//! Photos on the server in memory: tables that change in a transaction, and files that do not.

use crate::blob::taking::{Begin, Chunk, Come, Differs, Known, Room, Said, Standing, Upload, Used};
use crate::blob::{OFFSET_DIFFERS, UPLOAD_UNKNOWN, UploadState};
use crate::bytes::{Bytes, Digest32};
use crate::document::LoadedDocument;
use crate::envelope::Principal;
use crate::ids::AccountId;
use crate::sim::fault::Fault;
use crate::sim::memory::MemoryServer;
use crate::sim::photos::{Asker, PhotoAnswer, PhotoAsk, sniffed};
use crate::sim::server::Crash;
use crate::sim::tally::Marked;
use std::collections::{BTreeMap, BTreeSet};

type Key = (AccountId, Digest32);

/// What the server has of photos.
#[derive(Clone, Default)]
pub(super) struct Photos {
    tables: Tables,
    /// Files of what is whole.
    whole: BTreeMap<Digest32, Vec<u8>>,
    /// Files of what is coming.
    coming: BTreeMap<Key, Vec<u8>>,
}

#[derive(Clone, Default)]
struct Tables {
    blobs: BTreeMap<Digest32, u32>,
    holders: BTreeSet<Key>,
    uploads: BTreeMap<Key, Upload<u8>>,
}

impl MemoryServer {
    /// One request: its transaction, perhaps without its commit or its answer.
    pub(super) fn photo_asked(&mut self, asker: Asker, ask: &PhotoAsk, crash: Crash) -> Option<PhotoAnswer> {
        let key = (asker.account, ask.sha256());
        let before = self.photos.tables.clone();
        let answer = match ask {
            PhotoAsk::Begin { bytes, media_type, .. } => self.begin(asker, key, Said { bytes: *bytes, media_type: *media_type }),
            PhotoAsk::Chunk { offset, bytes, .. } => self.take((asker, key), (*offset, &bytes.0), crash),
            PhotoAsk::Look { .. } => Some(self.look(key)),
        };
        match crash {
            Crash::Never => answer,
            Crash::After(_) => None,
            Crash::Before(_) => {
                self.photos.tables = before;
                None
            }
        }
    }

    fn begin(&mut self, asker: Asker, key: Key, said: Said<u8>) -> Option<PhotoAnswer> {
        if let Some(bytes) = self.held(key).filter(|_| self.photos.whole.contains_key(&key.1)) {
            self.hold(asker, key.1);
            return Some(at(bytes, true));
        }
        if let Begin::At(offset) = Upload::begin(self.photos.tables.uploads.get(&key), &said) {
            return Some(at(offset, false));
        }
        let uploads = self.photos.tables.uploads.iter().filter(|(other, _)| **other != key).map(|(_, upload)| upload.said.bytes);
        let bytes: u64 = self.photos.tables.blobs.values().copied().chain(uploads).map(u64::from).sum();
        let (room, used) = (Room { bytes: self.room, unnamed: 1, unnamed_bytes: u64::MAX }, Used { bytes, unnamed: 0, unnamed_bytes: 0 });
        if room.takes(&used, said.bytes).is_err() {
            return Some(refused("blob_quota_reached"));
        }
        self.photos.tables.uploads.insert(key, Upload { said, received: 0 });
        Some(at(0, false))
    }

    /// As the real one: the file first, then the tables; a whole one is renamed before the commit.
    fn take(&mut self, (asker, key): (Asker, Key), (offset, piece): (u32, &[u8]), crash: Crash) -> Option<PhotoAnswer> {
        let Some(upload) = self.photos.tables.uploads.get(&key).copied() else {
            return Some(self.held(key).map_or_else(|| refused(UPLOAD_UNKNOWN), |bytes| at(bytes, true)));
        };
        let trusting = Upload { received: offset, ..upload };
        let chunk = if self.fault == Fault::OffsetTrusted { trusting } else { upload }.chunk(offset, piece.len());
        match chunk {
            Chunk::Elsewhere(_) => return Some(refused(OFFSET_DIFFERS)),
            Chunk::Beyond => return Some(refused("blob_longer_than_said")),
            Chunk::Goes(_) | Chunk::Ends => {}
        }
        let file = self.photos.coming.entry(key).or_default();
        if file.len() < offset as usize && self.fault != Fault::OffsetTrusted {
            let received = u32::try_from(file.len()).expect("photos are small");
            self.photos.tables.uploads.insert(key, Upload { received, ..upload });
            return Some(refused(OFFSET_DIFFERS));
        }
        if self.fault != Fault::CrashLeavesItsPiece {
            file.truncate(offset as usize);
        }
        file.extend_from_slice(piece);
        if crash == Crash::Before(0) {
            return None;
        }
        match chunk {
            Chunk::Goes(received) => {
                self.photos.tables.uploads.insert(key, Upload { received, ..upload });
                Some(at(received, false))
            }
            _ => Some(self.ends(asker, key, &upload)),
        }
    }

    fn ends(&mut self, asker: Asker, key: Key, upload: &Upload<u8>) -> PhotoAnswer {
        let file = self.photos.coming.remove(&key).unwrap_or_default();
        let come = Come { sha256: Digest32::of(&file), bytes: file.len() as u64, media_type: sniffed(&file) };
        self.photos.tables.uploads.remove(&key);
        match upload.check(key.1, &come) {
            Err(Differs::Hash) if self.fault != Fault::PhotoThereUnchecked => refused("blob_hash_differs"),
            Err(Differs::Type) => refused("blob_type_differs"),
            _ => {
                self.photos.tables.blobs.insert(key.1, upload.said.bytes);
                self.hold(asker, key.1);
                self.photos.whole.insert(key.1, file);
                at(upload.said.bytes, true)
            }
        }
    }

    fn held(&self, key: Key) -> Option<u32> {
        self.photos.tables.blobs.get(&key.1).copied().filter(|_| self.photos.tables.holders.contains(&key))
    }

    fn hold(&mut self, asker: Asker, sha256: Digest32) {
        let colleagues = self.registry.grants.values().filter(|grant| asker.device == Some(grant.device)).map(|grant| grant.account);
        let holders: Vec<_> = colleagues.chain([asker.account]).map(|account| (account, sha256)).collect();
        self.photos.tables.holders.extend(holders);
    }

    fn look(&self, (account, sha256): Key) -> PhotoAnswer {
        let reach: Vec<_> = self.reach(account).collect();
        let mut known = Known {
            here: self.photos.tables.blobs.contains_key(&sha256),
            named_for_reader: false,
            vouched_for_reader: false,
            vouched: false,
            held: self.photos.tables.holders.contains(&(account, sha256)),
        };
        for (id, (saved, audiences)) in &self.documents {
            let document = LoadedDocument::load(*id, self.kind, saved).expect("what the server stored can be read");
            let reached = audiences.iter().any(|audience| reach.contains(audience));
            for (_, bytes) in document.facts().of("marks") {
                let Ok(mark) = crate::cbor::decode::<Marked>(bytes) else { continue };
                let Principal::Account(by) = mark.by else { continue };
                if mark.photo.is_none_or(|named| named.sha256 != sha256) {
                    continue;
                }
                let vouched = self.photos.tables.holders.contains(&(by, sha256)) || self.fault == Fault::NamingOpensPhoto;
                known.vouched |= vouched;
                known.named_for_reader |= reached;
                known.vouched_for_reader |= reached && vouched;
            }
        }
        match known.standing() {
            Standing::Readable => self.photos.whole.get(&sha256).map_or_else(|| refused("blob_lost"), |file| PhotoAnswer::Shown(Bytes(file.clone()))),
            Standing::NotUploaded => refused("blob_not_uploaded"),
            Standing::Unknown => refused("blob_unknown"),
        }
    }

    /// The files of a photo are gone.
    pub(super) fn lose(&mut self, sha256: Digest32) {
        self.photos.whole.remove(&sha256);
        self.photos.coming.retain(|(_, other), _| *other != sha256);
    }

    /// What is there, whole.
    pub(super) fn whole_photos(&self) -> BTreeMap<Digest32, Vec<u8>> {
        let there = self.photos.whole.iter().filter(|(sha256, _)| self.photos.tables.blobs.contains_key(*sha256));
        there.map(|(sha256, file)| (*sha256, file.clone())).collect()
    }
}

fn at(offset: u32, complete: bool) -> PhotoAnswer {
    PhotoAnswer::At(UploadState { offset, complete })
}

fn refused(code: &str) -> PhotoAnswer {
    PhotoAnswer::Refused(code.to_owned())
}
