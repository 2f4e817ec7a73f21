//! The server takes a blob: where an upload begins, whether a chunk goes where it is said to, whether the whole is what it was said to be, whether there is room, and
//! who may look. Each upload is its account's own.

use crate::bytes::Digest32;

/// What somebody says that a blob is. `T` is whatever names a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said<T> {
    /// How many bytes.
    pub bytes: u32,
    /// Of which type.
    pub media_type: T,
}

/// An upload under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upload<T> {
    /// What it is said to be.
    pub said: Said<T>,
    /// How many bytes are durably here.
    pub received: u32,
}

/// Where an upload begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// It goes on.
    At(u32),
    /// At nothing, if there is room. One of the same address that was said to be something else goes.
    Anew,
}

/// What becomes of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunk {
    /// It is appended, and so much is here then.
    Goes(u32),
    /// The same, and it is the last one: the whole is to be checked.
    Ends,
    /// It begins elsewhere than the upload goes on, which is there.
    Elsewhere(u32),
    /// It reaches beyond the end that was said.
    Beyond,
}

/// What a whole upload turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Come<T> {
    /// Its hash.
    pub sha256: Digest32,
    /// Its size.
    pub bytes: u64,
    /// What its first bytes say that it is.
    pub media_type: Option<T>,
}

/// Why a whole upload is not what it was said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Differs {
    /// Its bytes are others.
    Hash,
    /// It does not begin as its type does.
    Type,
}

/// What a company keeps, unfinished uploads included, and how much of that is an account's that nothing names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// All of it.
    pub bytes: u64,
    /// How many are the account's that no document names.
    pub unnamed: u64,
    /// What these weigh.
    pub unnamed_bytes: u64,
}

/// How much may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// By a company.
    pub bytes: u64,
    /// By an account, of what nothing names.
    pub unnamed: u64,
    /// What these may weigh.
    pub unnamed_bytes: u64,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRoom {
    /// The account has sent too much that nothing names.
    Account,
    /// The company's is used up.
    Company,
}

/// What is known of a blob, for one reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// It is here.
    pub here: bool,
    /// A document that the reader gets names it.
    pub named_for_reader: bool,
    /// The same, and whoever named it has it.
    pub vouched_for_reader: bool,
    /// Whoever named it in some document has it.
    pub vouched: bool,
    /// The reader has it.
    pub held: bool,
}

/// What a reader may know of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// All of it.
    Readable,
    /// A document that they get names it, and whoever named it has not sent it yet.
    NotUploaded,
    /// Nothing, not even whether it is there.
    Unknown,
}

impl<T: PartialEq> Upload<T> {
    /// Where it begins, given what is under way. What is here already, for whoever has it, is not asked about.
    pub fn begin(under_way: Option<&Self>, said: &Said<T>) -> Begin {
        under_way.filter(|upload| upload.said == *said).map_or(Begin::Anew, |upload| Begin::At(upload.received))
    }

    /// What becomes of a chunk of that length that is said to go there. It is taken whole or not at all.
    pub fn chunk(&self, offset: u32, length: usize) -> Chunk {
        if offset != self.received {
            return Chunk::Elsewhere(self.received);
        }
        let received = offset.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
        match received {
            beyond if beyond > self.said.bytes => Chunk::Beyond,
            whole if whole == self.said.bytes => Chunk::Ends,
            part => Chunk::Goes(part),
        }
    }

    /// Whether what came is what it was said to be.
    pub fn check(&self, sha256: Digest32, come: &Come<T>) -> Result<(), Differs> {
        if come.bytes != u64::from(self.said.bytes) || come.sha256 != sha256 {
            return Err(Differs::Hash);
        }
        if come.media_type.as_ref() == Some(&self.said.media_type) { Ok(()) } else { Err(Differs::Type) }
    }
}

impl Room {
    /// Whether one more of that size may come.
    pub fn takes(&self, used: &Used, bytes: u32) -> Result<(), NoRoom> {
        let bytes = u64::from(bytes);
        if used.unnamed >= self.unnamed || used.unnamed_bytes.saturating_add(bytes) > self.unnamed_bytes {
            return Err(NoRoom::Account);
        }
        if used.bytes.saturating_add(bytes) > self.bytes { Err(NoRoom::Company) } else { Ok(()) }
    }
}

impl Known {
    /// A document that names a blob opens it to its audiences if whoever named it has shown to have the bytes; one that nobody has named so far is its
    /// holders' alone.
    pub fn standing(&self) -> Standing {
        if self.here && (self.vouched_for_reader || (self.held && !self.vouched)) {
            Standing::Readable
        } else if self.named_for_reader {
            Standing::NotUploaded
        } else {
            Standing::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: Said<char> = Said { bytes: 10, media_type: 'j' };

    #[test]
    fn an_upload_goes_on_where_it_is_unless_something_else_is_said_of_it() {
        let upload = Upload { said: SAID, received: 4 };
        assert_eq!(Upload::begin(None, &SAID), Begin::Anew);
        assert_eq!(Upload::begin(Some(&upload), &SAID), Begin::At(4));
        assert_eq!(Upload::begin(Some(&upload), &Said { bytes: 11, ..SAID }), Begin::Anew);
        assert_eq!(Upload::begin(Some(&upload), &Said { media_type: 'p', ..SAID }), Begin::Anew);
    }

    #[test]
    fn a_chunk_is_taken_at_the_servers_offset_and_nowhere_else() {
        let chunk = |received, offset, length| Upload { said: SAID, received }.chunk(offset, length);
        for received in 0..10 {
            for offset in (0..12).chain([u32::MAX]).filter(|offset| *offset != received) {
                assert_eq!(chunk(received, offset, 1), Chunk::Elsewhere(received));
            }
            let left = 10 - received as usize;
            assert_eq!(chunk(received, received, left - 1), Chunk::Goes(9));
            assert_eq!(chunk(received, received, left), Chunk::Ends);
            assert_eq!(chunk(received, received, left + 1), Chunk::Beyond);
            assert_eq!(chunk(received, received, usize::MAX), Chunk::Beyond);
        }
    }

    #[test]
    fn a_whole_is_there_only_with_its_size_hash_and_type() {
        let (upload, sha256) = (Upload { said: SAID, received: 10 }, Digest32::of(b"kelp"));
        let come = Come { sha256, bytes: 10, media_type: Some('j') };
        assert_eq!(upload.check(sha256, &come), Ok(()));
        assert_eq!(upload.check(sha256, &Come { bytes: 9, ..come }), Err(Differs::Hash));
        assert_eq!(upload.check(sha256, &Come { sha256: Digest32::of(b"dulse"), ..come }), Err(Differs::Hash));
        assert_eq!(upload.check(sha256, &Come { media_type: Some('p'), ..come }), Err(Differs::Type));
        assert_eq!(upload.check(sha256, &Come { media_type: None, ..come }), Err(Differs::Type));
    }

    #[test]
    fn room_is_bounded_by_account_and_by_company() {
        let (room, used) = (Room { bytes: 100, unnamed: 3, unnamed_bytes: 20 }, Used { bytes: 90, unnamed: 2, unnamed_bytes: 10 });
        assert_eq!(room.takes(&used, 10), Ok(()));
        assert_eq!(room.takes(&used, 11), Err(NoRoom::Account));
        assert_eq!(room.takes(&Used { unnamed: 3, ..used }, 1), Err(NoRoom::Account));
        assert_eq!(room.takes(&Used { bytes: 91, ..used }, 10), Err(NoRoom::Company));
        assert_eq!(room.takes(&Used { bytes: u64::MAX, ..used }, 1), Err(NoRoom::Company));
    }

    /// Each way in which a reader can stand to a blob.
    #[test]
    fn who_may_look() {
        for bits in 0..32_u8 {
            let bit = |n: u8| bits & 1 << n != 0;
            let known = Known { here: bit(0), named_for_reader: bit(1), vouched_for_reader: bit(2), vouched: bit(3), held: bit(4) };
            let expected = match known {
                Known { here: true, vouched_for_reader: true, .. } => Standing::Readable,
                // Nobody has opened it to anybody, and the reader sent it.
                Known { here: true, held: true, vouched: false, .. } => Standing::Readable,
                Known { named_for_reader: true, .. } => Standing::NotUploaded,
                _ => Standing::Unknown,
            };
            assert_eq!(known.standing(), expected, "{known:?}");
        }
    }
}
