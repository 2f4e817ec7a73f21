//! What a device has of blobs: those taken there until the server has them, and those that somebody looked at, as long as there is room.

use super::UploadState;
use crate::bytes::Digest32;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// What the server will not take is offered again after this.
pub const AGAIN_AFTER_MS: i64 = 10 * 60 * 1_000;

/// How a blob stands with the server, as the device wrote it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlobState {
    /// The server has not got all of it.
    Unsent {
        /// So much it has, as it last said.
        offset: u32,
        /// Why it will not take it, and when it is asked again.
        refused: Option<(String, Timestamp)>,
    },
    /// The server has it.
    Kept,
}

impl BlobState {
    /// It was taken just now, or the server may have forgotten it: all of it is to be sent.
    pub fn to_send() -> Self {
        Self::Unsent { offset: 0, refused: None }
    }

    /// It came from the server; what was taken here in the meantime is still this account's to send.
    pub fn fetched(before: Option<Self>) -> Self {
        before.unwrap_or(Self::Kept)
    }

    /// Whether the server has not got all of it, as far as the device knows.
    pub fn is_unsent(&self) -> bool {
        matches!(self, Self::Unsent { .. })
    }

    /// Whether the server is to be asked to take it now. A clock that was set back meanwhile puts nothing off for longer than it would have been.
    pub fn is_due(&self, now: Timestamp) -> bool {
        match self {
            Self::Unsent { refused: Some((_, not_before)), .. } => *not_before <= now || *not_before > now.plus_ms(AGAIN_AFTER_MS),
            Self::Unsent { refused: None, .. } => true,
            Self::Kept => false,
        }
    }

    /// After the server said how far it is.
    pub fn told(state: UploadState) -> Self {
        if state.complete { Self::Kept } else { Self::Unsent { offset: state.offset, refused: None } }
    }

    /// After the server said why it will not take it.
    pub fn refused(self, code: &str, now: Timestamp) -> Self {
        match self {
            Self::Unsent { offset, .. } => Self::Unsent { offset, refused: Some((code.to_owned(), now.plus_ms(AGAIN_AFTER_MS))) },
            Self::Kept => Self::Kept,
        }
    }

    /// After the server came back from a backup: it is asked about all that are here, and gets those that it has forgotten.
    pub fn offered_again(self) -> Self {
        if self.is_unsent() { self } else { Self::to_send() }
    }
}

/// A blob that the server has, and that can be had from there again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cached {
    /// Which.
    pub sha256: Digest32,
    /// When it was taken, or last looked at.
    pub at: Timestamp,
    /// Its size.
    pub bytes: u32,
}

/// Those to throw away, so that what was looked at last fits into so many bytes.
pub fn to_throw_away(mut cached: Vec<Cached>, mut room: u64) -> Vec<Digest32> {
    cached.sort_by_key(|blob| Reverse((blob.at, blob.sha256)));
    let goes = |blob: &Cached| {
        let left = room.checked_sub(blob.bytes.into());
        room = left.unwrap_or(0);
        left.is_none().then_some(blob.sha256)
    };
    cached.iter().filter_map(goes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    #[test]
    fn what_the_server_refuses_is_due_again_later_and_keeps_how_far_it_came() {
        let state = BlobState::told(UploadState { offset: 7, complete: false });
        assert!(state.is_due(NOW));
        let refused = state.refused("blob_quota_reached", NOW);
        assert!(matches!(&refused, BlobState::Unsent { offset: 7, refused: Some((code, _)) } if code == "blob_quota_reached"));
        assert_eq!([0, AGAIN_AFTER_MS - 1, AGAIN_AFTER_MS].map(|ms| refused.is_due(NOW.plus_ms(ms))), [false, false, true]);
        assert!(refused.is_due(NOW.plus_ms(-1)), "the clock was set back");
    }

    #[test]
    fn only_the_servers_word_that_it_has_all_ends_it() {
        assert!(BlobState::to_send().is_unsent());
        assert!(BlobState::told(UploadState { offset: 9, complete: false }).is_unsent());
        let kept = BlobState::told(UploadState { offset: 9, complete: true });
        assert!(!kept.is_unsent() && !kept.is_due(NOW));
        assert_eq!(kept.clone().refused("blob_quota_reached", NOW), kept, "a late refusal takes nothing back");
        assert_eq!(kept.offered_again(), BlobState::to_send());
    }

    #[test]
    fn what_was_taken_here_stays_to_be_sent_though_it_is_fetched() {
        assert_eq!(BlobState::fetched(None), BlobState::Kept);
        assert_eq!(BlobState::fetched(Some(BlobState::to_send())), BlobState::to_send());
    }

    #[test]
    fn a_blob_that_was_refused_and_is_offered_again_after_a_restore_waits_no_longer_than_it_would() {
        let refused = BlobState::to_send().refused("blob_quota_reached", NOW);
        assert_eq!(refused.clone().offered_again(), refused);
    }

    #[test]
    fn what_was_looked_at_the_longest_ago_goes_first() {
        let blob = |n: u8, at: i64, bytes: u32| Cached { sha256: Digest32([n; 32]), at: Timestamp(at), bytes };
        let all = vec![blob(1, 10, 4), blob(2, 30, 4), blob(3, 20, 4), blob(4, 10, 1)];
        let gone = |room| to_throw_away(all.clone(), room).into_iter().map(|Digest32(hash)| hash[0]).collect::<Vec<_>>();
        assert_eq!(gone(13), [0; 0]);
        assert_eq!(gone(12), [1]);
        assert_eq!(gone(8), [4, 1]);
        assert_eq!(gone(7), [3, 4, 1], "nothing older stays in the room that is left over");
        assert_eq!(gone(0), [2, 3, 4, 1]);
    }
}
