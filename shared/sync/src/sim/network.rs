//! What is on its way. A message may be lost, arrive twice, arrive after those sent later, or end early.

use crate::bytes::Digest32;
use crate::cbor;
use crate::ids::AccountId;
use crate::sim::model::{Change, Name, Whose};
use crate::sim::photos::{Asker, PhotoAnswer, PhotoAsk};
use crate::wire::{PullRequest, PullResponse, PushRequest, PushResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// A device's connection: it ends when the device dies or somebody else signs in, and what was on its way there never arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Which of the world's devices.
    pub device: usize,
    /// In which of its lives.
    pub life: u32,
}

/// A message.
#[derive(Debug, Clone)]
pub enum Message {
    /// To the server.
    Push {
        /// Whose.
        from: Line,
        /// What.
        request: PushRequest,
    },
    /// What became of a push.
    Answers {
        /// Whose it was.
        to: Line,
        /// The changes that were asked about.
        asked: Vec<Digest32>,
        /// The answers.
        response: PushResponse,
    },
    /// To the server.
    Pull {
        /// Whose.
        from: Line,
        /// Who was signed in.
        account: AccountId,
        /// What.
        request: PullRequest,
    },
    /// To the server: about a photo.
    Asks {
        /// Whose.
        from: Line,
        /// Who was signed in.
        asker: Asker,
        /// The request's number on its device.
        number: u64,
        /// What.
        ask: PhotoAsk,
    },
    /// The answer.
    Told {
        /// Whose the request was.
        to: Line,
        /// Its number.
        number: u64,
        /// About which photo.
        sha256: Digest32,
        /// The answer.
        answer: PhotoAnswer,
    },
    /// A page of the feed.
    Page {
        /// Whose.
        to: Line,
        /// The page.
        page: PullResponse,
        /// What the device will know from it, in the model's terms.
        learned: Learned,
    },
}

/// What a device will know from a page, in the model's terms.
#[derive(Debug, Clone, Default)]
pub struct Learned {
    /// The changes it tells of each document.
    pub documents: BTreeMap<Name, BTreeSet<Change>>,
    /// Whose documents are that it says so of; none of those that went to others.
    pub whose: Vec<(Name, u64, Option<Whose>)>,
}

impl Message {
    /// Whose connection it is on.
    pub fn line(&self) -> Line {
        match self {
            Self::Push { from, .. } | Self::Pull { from, .. } | Self::Asks { from, .. } => *from,
            Self::Answers { to, .. } | Self::Page { to, .. } | Self::Told { to, .. } => *to,
        }
    }

    /// Whether its body is read although only so many per cent of its bytes came.
    pub fn is_read_cut(&self, percent: u8) -> bool {
        fn cut<T: Serialize + DeserializeOwned>(body: &T, percent: u8) -> bool {
            let bytes = cbor::encode(body);
            cbor::decode::<T>(&bytes[..bytes.len() * usize::from(percent.min(99)) / 100]).is_ok()
        }
        match self {
            Self::Push { request, .. } => cut(request, percent),
            Self::Answers { response, .. } => cut(response, percent),
            Self::Pull { request, .. } => cut(request, percent),
            Self::Page { page, .. } => cut(page, percent),
            Self::Asks { ask, .. } => cut(ask, percent),
            Self::Told { answer, .. } => cut(answer, percent),
        }
    }
}
