//! Photos, in the model's words: which pieces came from whom, which are there, and who may look.

use super::{Change, Deed, Did, Knowledge, Model, Name};
use std::collections::{BTreeMap, BTreeSet};

/// What the server should have.
#[derive(Debug, Clone, Default)]
pub struct Photos {
    /// How large each is.
    pub sizes: BTreeMap<Name, u32>,
    /// Those of which every byte came and was right.
    pub there: BTreeSet<Name>,
    /// Those whose file the server has lost since.
    pub lost: BTreeSet<Name>,
    /// Who sent one, or works on a device that did.
    pub had_by: BTreeSet<(Name, Name)>,
    /// How many bytes there is room for.
    pub room: u32,
    coming: BTreeMap<(Name, Name), Coming>,
}

/// One person's upload of one photo.
#[derive(Debug, Clone, Copy)]
struct Coming {
    said: Said,
    received: u32,
    wrong: bool,
    /// Its file is gone.
    gone: bool,
}

/// What a photo is said to be: its size, and whether of its true type.
pub type Said = (u32, bool);

/// A piece: where it goes, how long it is, and whether it is that of the photo.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    /// Where it goes.
    pub offset: u32,
    /// Its length.
    pub length: u32,
    /// Whether it is what the photo has there.
    pub right: bool,
}

/// What the server should answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// So many bytes are there; whether that is all.
    At(u32, bool),
    /// A code.
    Refused(&'static str),
    /// The photo.
    Shown,
}

impl Photos {
    fn has(&self, person: Name, photo: Name) -> bool {
        self.there.contains(&photo) && self.had_by.contains(&(person, photo))
    }

    /// Somebody begins to send one; `there_too` work on the same device.
    pub fn begin(&mut self, (person, photo): (Name, Name), said: Said, there_too: &BTreeSet<Name>) -> Word {
        if self.has(person, photo) && !self.lost.contains(&photo) {
            self.had_by.extend(there_too.iter().map(|other| (*other, photo)));
            return Word::At(self.sizes[&photo], true);
        }
        if let Some(coming) = self.coming.get(&(person, photo)).filter(|coming| coming.said == said) {
            return Word::At(coming.received, false);
        }
        let others: u32 = self.coming.iter().filter(|(key, _)| **key != (person, photo)).map(|(_, coming)| coming.said.0).sum();
        let kept: u32 = self.there.iter().map(|photo| self.sizes[photo]).sum();
        if others + kept + said.0 > self.room {
            return Word::Refused("blob_quota_reached");
        }
        self.coming.insert((person, photo), Coming { said, received: 0, wrong: false, gone: false });
        Word::At(0, false)
    }

    /// A piece comes.
    pub fn take(&mut self, (person, photo): (Name, Name), piece: Piece, there_too: &BTreeSet<Name>) -> Word {
        let size = self.sizes[&photo];
        let Some(coming) = self.coming.get_mut(&(person, photo)) else {
            return if self.has(person, photo) { Word::At(size, true) } else { Word::Refused("blob_upload_unknown") };
        };
        if piece.offset != coming.received {
            return Word::Refused("blob_offset_differs");
        }
        if piece.offset + piece.length > coming.said.0 {
            return Word::Refused("blob_longer_than_said");
        }
        if coming.gone && coming.received > 0 {
            *coming = Coming { received: 0, wrong: false, gone: false, ..*coming };
            return Word::Refused("blob_offset_differs");
        }
        (coming.received, coming.gone) = (piece.offset + piece.length, false);
        coming.wrong |= !piece.right;
        let Coming { said, received, wrong, .. } = *coming;
        if received < said.0 {
            return Word::At(received, false);
        }
        self.coming.remove(&(person, photo));
        if wrong || said.0 != size {
            return Word::Refused("blob_hash_differs");
        }
        if !said.1 {
            return Word::Refused("blob_type_differs");
        }
        self.there.insert(photo);
        self.lost.remove(&photo);
        self.had_by.extend(there_too.iter().map(|other| (*other, photo)).chain([(person, photo)]));
        Word::At(size, true)
    }

    /// The same, and the server dies before it has noted it: at once, or after the last piece's file went where it belongs.
    pub fn take_in_vain(&mut self, key: (Name, Name), piece: Piece, at_once: bool) {
        let mut would = self.clone();
        let word = would.take(key, piece, &BTreeSet::new());
        let ended = self.coming.contains_key(&key) && !would.coming.contains_key(&key);
        if let Some(coming) = self.coming.get_mut(&key).filter(|_| ended && !at_once) {
            coming.gone = true;
            if matches!(word, Word::At(..)) {
                self.lost.remove(&key.1);
            }
        }
    }

    /// The server's files of a photo are gone.
    pub fn lose(&mut self, photo: Name) {
        self.lost.extend(self.there.get(&photo));
        self.coming.iter_mut().filter(|((_, other), _)| *other == photo).for_each(|(_, coming)| coming.gone = true);
    }
}

impl Model {
    /// What somebody who looks should be shown.
    pub fn looks(&self, person: Name, photo: Name) -> Word {
        let names = |change: &Change| match &self.made[change].did {
            Did::Deed(Deed::Photo { photo: named, .. }) => *named == photo,
            _ => false,
        };
        let reads = |change: &Change| self.reads(person, self.made[change].document);
        let vouched = |change: &Change| self.photos.had_by.contains(&(self.made[change].person, photo));
        let named: Vec<_> = self.feed.values().filter(|change| names(change)).collect();
        let opened = named.iter().any(|change| vouched(change));
        let (for_reader, vouched_for_reader) =
            (named.iter().any(|change| reads(change)), named.iter().any(|change| reads(change) && vouched(change)));
        let may = vouched_for_reader || (!opened && self.photos.had_by.contains(&(person, photo)));
        match (self.photos.there.contains(&photo) && may, for_reader) {
            (true, _) if self.photos.lost.contains(&photo) => Word::Refused("blob_lost"),
            (true, _) => Word::Shown,
            (false, true) => Word::Refused("blob_not_uploaded"),
            (false, false) => Word::Refused("blob_unknown"),
        }
    }

    /// What a device did and the server has not heard of: no photo goes before it.
    pub fn unheard(&self, knowledge: &Knowledge) -> BTreeSet<Change> {
        let here = |change: &Change| self.on_file.contains_key(&self.made[change].act);
        let heard = |change: &Change| here(change) || (knowledge.life != Some(self.life) && self.was.contains_key(change));
        knowledge.undecided.iter().copied().filter(|change| !heard(change)).collect()
    }
}
