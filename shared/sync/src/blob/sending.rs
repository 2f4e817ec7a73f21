//! A device sends one blob: what is next to ask for, given what was answered. It trusts no offset of its own: each upload begins by asking where the server is.

use super::{OFFSET_DIFFERS, UPLOAD_UNKNOWN, UploadState};
use std::ops::Range;

/// How often the server may be asked where it is, for one blob in a row.
const MAX_DETOURS: u8 = 3;

/// An upload under way, in memory alone: after a break it begins anew, and goes on where the server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    bytes: u32,
    /// Where the server is; none where it is to be asked.
    offset: Option<u32>,
    asked: u8,
}

/// What to ask the server for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// To begin the upload, or tell how far it is.
    Begin,
    /// To take these bytes of the blob.
    Chunk(Range<u32>),
}

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard<'a> {
    /// So far it is.
    At(UploadState),
    /// The server will not have it, with that code.
    Refused(&'a str),
    /// Whoever was signed in is not any more.
    SignedOut,
    /// Nothing, or that the server failed.
    Nothing,
}

/// How it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// There is more to ask for.
    GoesOn,
    /// The server has all of it.
    Done,
    /// The server will not take this one now: others go on, and it is offered again later.
    SetAside(String),
    /// Nothing goes on until somebody signs in.
    SignIn,
    /// Nothing goes on until the server is reached again.
    TryLater,
}

impl Sending {
    /// A blob of so many bytes.
    pub fn new(bytes: u32) -> Self {
        Self { bytes, offset: None, asked: 1 }
    }

    /// What to ask for now.
    pub fn ask(&self, chunk_bytes: u32) -> Ask {
        self.offset.map_or(Ask::Begin, |from| Ask::Chunk(from..self.bytes.min(from.saturating_add(chunk_bytes))))
    }

    /// The answer came, or none.
    pub fn hears(&mut self, heard: Heard<'_>) -> Next {
        match heard {
            Heard::At(UploadState { complete: true, .. }) => Next::Done,
            Heard::At(UploadState { offset, .. }) if offset < self.bytes => {
                self.offset = Some(offset);
                Next::GoesOn
            }
            // Of another size than this blob's: somebody said something else of it. To begin says what it is.
            Heard::At(_) => self.asks_anew(),
            // Another tab, or an answer that was lost: the server says where it is.
            Heard::Refused(OFFSET_DIFFERS | UPLOAD_UNKNOWN) => self.asks_anew(),
            Heard::Refused(code) => Next::SetAside(code.to_owned()),
            Heard::SignedOut => Next::SignIn,
            Heard::Nothing => Next::TryLater,
        }
    }

    fn asks_anew(&mut self) -> Next {
        self.offset = None;
        self.asked += 1;
        if self.asked > MAX_DETOURS { Next::TryLater } else { Next::GoesOn }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(offset: u32) -> Heard<'static> {
        Heard::At(UploadState { offset, complete: false })
    }

    /// An upload of ten bytes that the server has so much of.
    fn begun(offset: u32) -> Sending {
        let mut sending = Sending::new(10);
        assert_eq!(sending.ask(4), Ask::Begin);
        assert_eq!(sending.hears(at(offset)), Next::GoesOn);
        sending
    }

    #[test]
    fn an_upload_goes_on_from_each_place_at_which_the_server_is() {
        for offset in 0..10 {
            assert_eq!(begun(offset).ask(4), Ask::Chunk(offset..10.min(offset + 4)));
        }
    }

    #[test]
    fn it_ends_when_the_server_says_that_it_has_all_and_not_before() {
        let mut sending = begun(6);
        assert_eq!(sending.hears(at(8)), Next::GoesOn);
        assert_eq!(sending.ask(4), Ask::Chunk(8..10));
        assert_eq!(sending.hears(Heard::At(UploadState { offset: 10, complete: true })), Next::Done);
        let mut known = Sending::new(10);
        assert_eq!(known.hears(Heard::At(UploadState { offset: 10, complete: true })), Next::Done, "nothing is to be sent");
    }

    #[test]
    fn a_server_that_goes_on_elsewhere_is_asked_where_three_times_at_most() {
        for answer in [Heard::Refused(OFFSET_DIFFERS), Heard::Refused(UPLOAD_UNKNOWN), at(10), at(11)] {
            let mut sending = begun(4);
            for again in 0..2 {
                assert_eq!(sending.hears(answer), Next::GoesOn, "{answer:?}, {again}");
                assert_eq!(sending.ask(4), Ask::Begin);
                assert_eq!(sending.hears(at(0)), Next::GoesOn);
            }
            assert_eq!(sending.hears(answer), Next::TryLater, "{answer:?}");
        }
    }

    #[test]
    fn each_answer_says_who_waits_for_what() {
        let next = |heard| begun(4).hears(heard);
        assert_eq!(next(Heard::Refused("blob_quota_reached")), Next::SetAside("blob_quota_reached".to_owned()));
        assert_eq!(next(Heard::Refused("blob_hash_differs")), Next::SetAside("blob_hash_differs".to_owned()));
        assert_eq!(next(Heard::SignedOut), Next::SignIn);
        assert_eq!(next(Heard::Nothing), Next::TryLater);
    }
}
