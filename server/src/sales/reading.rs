//! What a fold leaves out and the books need: which fact came with which change, and when it really happened.

use crate::sync::{Merged, MergedChange};
use holdfast_domain::kernel::{FactId, IntentId, Recorded, Timestamp};
use holdfast_sync::envelope::Principal;
use std::collections::BTreeMap;

/// When facts happened: as the device said, unless a ruling corrected its clock.
pub(super) struct EffectiveTimes(BTreeMap<FactId, Timestamp>);

/// The facts that came with the changes merged now.
pub(super) struct Arrivals<'a>(BTreeMap<FactId, &'a MergedChange>);

impl EffectiveTimes {
    /// From the corrections that the document's rulings tell.
    pub(super) fn of<F>(corrections: impl Iterator<Item = (IntentId, Timestamp)>, facts: &[(FactId, Recorded<F>)]) -> Self {
        let width = width(facts);
        Self(corrections.flat_map(|(intent, at)| (0..=width).map(move |n| (FactId::of(intent, n), at))).collect())
    }

    /// When it happened.
    pub(super) fn at<F>(&self, id: FactId, recorded: &Recorded<F>) -> Timestamp {
        self.0.get(&id).copied().unwrap_or(recorded.at)
    }
}

impl<'a> Arrivals<'a> {
    /// Of a lane.
    pub(super) fn of<F>(merged: &'a Merged, facts: &[(FactId, Recorded<F>)]) -> Self {
        let width = width(facts);
        let of_change = |change: &'a MergedChange| (0..=width).map(move |n| (FactId::of(change.intent_id(), n), change));
        Self(merged.changes.iter().flat_map(of_change).collect())
    }

    /// The change that brought the fact now; none where it was there before.
    pub(super) fn brought(&self, id: FactId) -> Option<&'a MergedChange> {
        self.0.get(&id).copied()
    }
}

/// The highest place of a person's fact within its intent. Rulings are the server's, whose clock nobody corrects.
fn width<F>(facts: &[(FactId, Recorded<F>)]) -> u16 {
    let by_people = facts.iter().filter(|(_, recorded)| !matches!(recorded.by, Principal::System(_)));
    by_people.map(|(_, recorded)| recorded.n).max().unwrap_or(0)
}

/// Whoever acted, as the tables store it.
pub(super) fn author(by: &Principal) -> String {
    match by {
        Principal::Account(account) => account.to_string(),
        Principal::System(module) => format!("system:{module}"),
        Principal::Invitation(id) => format!("invitation:{id}"),
    }
}

/// Text as Postgres can hold it: a doctored client may send the character NUL, which no Postgres text holds.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
