//! A module's ear.

use super::Event;
use crate::failure::Fault;
use crate::tenancy::TenantTx;
use futures::future::BoxFuture;

/// What came of hearing an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing that anybody looks at.
    Unseen,
    /// Someone may be looking at what was written: listeners are told once it is committed.
    Seen,
}

/// Hears of events and does something about each, once: in order within a lane. One that it fails on is tried again, and parked after some tries;
/// meanwhile those behind it in its lane wait, and all others go on.
pub trait Consumer: Send + Sync {
    /// Such as `reporting.takings`; its cursor lies under this name for ever.
    fn name(&self) -> &'static str;
    /// The types of event it hears of.
    fn kinds(&self) -> &'static [&'static str];
    /// The most events of one transaction. An effect that takes the feed's counter is the last thing a transaction may do: such a consumer says 1.
    fn batch(&self) -> u32 {
        100
    }
    /// The lane of an event: what must reach this consumer in order. What is about the same subject, where a consumer says nothing else; the same for
    /// all where each event rests on the one before.
    fn lane<'e>(&self, event: &'e Event) -> &'e str {
        &event.subject
    }
    /// The effect. What it does within `tx` happens once; it must do nothing outside.
    fn handle<'a>(&'a self, tx: &'a mut TenantTx, event: &'a Event) -> BoxFuture<'a, Result<Effect, Fault>>;
}
