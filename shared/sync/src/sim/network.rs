//! What is on its way. A message may be lost, arrive twice, or arrive after those sent later.

use crate::ids::IntentId;
use crate::sim::model::{Change, Name};
use crate::wire::{PullRequest, PullResponse, PushRequest, PushResponse};
use std::collections::{BTreeMap, BTreeSet};

/// A device's connection: it ends when the device dies, and what was on its way there never arrives.
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
        /// The intents that were asked about.
        intents: Vec<IntentId>,
        /// The answers.
        response: PushResponse,
    },
    /// To the server.
    Pull {
        /// Whose.
        from: Line,
        /// What.
        request: PullRequest,
    },
    /// A page of the feed.
    Page {
        /// Whose.
        to: Line,
        /// The page.
        page: PullResponse,
        /// What the device will know from it, in the model's terms.
        learned: BTreeMap<Name, BTreeSet<Change>>,
    },
}
