//! What must hold, each under the name of its place in the architecture's list.

use std::fmt;

/// An invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// Shown as saved, so finally accepted, held or refused, once, as the rules say, whoever sent it however often.
    DecidedOnce,
    /// The same accepted changes give the same heads and the same tables, and tables built anew are the same.
    SameState,
    /// A reader of the feed sees every entry of its audiences, once, in order.
    FeedIsWhole,
    /// Held and refused changes are in no canonical document.
    OnlyAccepted,
    /// Quantities are conserved: what the tables say is the sum of what was accepted.
    Conserved,
    /// Nothing crosses a tenant or an audience, and nobody speaks for another.
    NothingCrosses,
    /// What is bad or slow delays nothing else: no change waits for nothing.
    NothingDelays,
    /// Each event is published at least once, with one id, after its commit and never before.
    PublishedAfterCommit,
    /// When the faults stop, all converge.
    Converges,
    /// The code ran into something it holds impossible.
    NoPanic,
}

/// An invariant that broke, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub invariant: Invariant,
    /// How.
    pub how: String,
}

impl Invariant {
    /// It broke in this way.
    pub fn broke(self, how: impl Into<String>) -> Broken {
        Broken { invariant: self, how: how.into() }
    }

    /// An error unless it holds.
    pub fn ensure(self, holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Broken> {
        if holds { Ok(()) } else { Err(self.broke(otherwise())) }
    }
}

impl fmt::Display for Invariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DecidedOnce => "1, what is shown as saved is decided once",
            Self::SameState => "2, the same changes give the same state",
            Self::FeedIsWhole => "3, the feed tells everything once, in order",
            Self::OnlyAccepted => "4, only what is accepted is in a document",
            Self::Conserved => "5, quantities are conserved",
            Self::NothingCrosses => "6, nothing crosses a tenant or an audience",
            Self::NothingDelays => "7, nothing waits for another's fault",
            Self::PublishedAfterCommit => "8, events are published after their commit",
            Self::Converges => "9, all converge",
            Self::NoPanic => "nothing panics",
        })
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invariant {}: {}", self.invariant, self.how)
    }
}
