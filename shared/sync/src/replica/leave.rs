//! Audiences that are no longer the account's, and what of them is on the device.
//!
//! The feed says `leave` once a person lost a site or a device its till. What only that audience gave is hidden
//! at once and read-only: no view row shows it and nothing is recorded on it. It is gone, document and view rows, as soon as nothing of it is
//! unsent or undecided: what somebody did there is theirs until the server has said its last word. If the audience is gained again, its snapshot brings the
//! documents back, and those that were only hidden are shown again.
//!
//! The same for what was recorded at a site without following it: nobody hides it from whoever does it, and it goes once it is decided.

use super::{DocumentWrite, FeedState, OutboxRow, Received, StoredDocument, write};
use crate::document::{BadDocument, LoadedDocument};
use crate::ids::DocumentId;
use crate::kind::{Audience, Kind};
use crate::wire::{Entry, PullResponse};
use std::collections::BTreeSet;

/// Where a document stands after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// What is to be written.
    pub place: Place,
    /// Whether it is of no audience that is followed, and still here.
    pub outside: bool,
}

/// What is to be written of a document after a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Nothing.
    Stays,
    /// It is shown again, or not any more.
    Turns(Box<DocumentWrite>),
    /// Its record is deleted, and these view rows: (view, key).
    Gone(Vec<(String, String)>),
}

/// Which documents to [`place`] after a page; none says all. `before` is the feed state as it was.
pub fn to_place(before: &FeedState, received: &Received) -> Option<BTreeSet<DocumentId>> {
    if lost(before, received).next().is_some() || (is_told_anew(before, received) && received.reached.is_some()) {
        return None;
    }
    let told = received.documents.iter().map(|write| write.document);
    Some(before.outside.iter().copied().chain(told).collect())
}

/// Where a document stands after a page, with its outbox rows as they are then.
pub fn place(
    kind: &'static dyn Kind,
    (document, stored): (DocumentId, &StoredDocument),
    (before, received): (&FeedState, &Received),
    rows: &[OutboxRow],
) -> Result<Placed, BadDocument> {
    let load = || LoadedDocument::load(document, kind, &stored.saved.0);
    let is_said = stored.told.is_some() || !stored.audiences.is_empty();
    let audiences = if is_said { stored.whose().to_vec() } else { kind.audiences(document, load()?.facts()) };
    let (reached, is_open) = (received.reached.is_some(), rows.iter().any(OutboxRow::is_open));
    let forgotten = is_forgotten(before, (document, stored), received);
    if (audiences.is_empty() && !is_said) || (received.feed.follows(&audiences) && !forgotten) {
        let place = if stored.left {
            let shown = StoredDocument { left: false, ..stored.clone() };
            Place::Turns(Box::new(write(kind, &load()?, Some(&shown))))
        } else {
            Place::Stays
        };
        let unconfirmed = stored.is_unconfirmed(kind) && !audiences.is_empty();
        // Were it of whoever is followed, the feed would have told it by now.
        if unconfirmed && reached && !is_open {
            return Ok(Placed { place: Place::Gone(stored.view_keys.clone()), outside: false });
        }
        return Ok(Placed { place, outside: unconfirmed });
    }
    let left = lost(before, received).any(|audience| audiences.contains(audience))
        || forgotten
        || vanished(before, (document, stored), received)
        || departed((document, stored), received);
    // What was followed before it was restored the server does not take back: that shows once it has told all, and then everything is looked at.
    if !left && !reached && is_told_anew(before, received) && !before.outside.contains(&document) {
        return Ok(Placed { place: Place::Stays, outside: false });
    }
    if (left || reached) && !is_open {
        return Ok(Placed { place: Place::Gone(stored.view_keys.clone()), outside: false });
    }
    let hides = left && !stored.left;
    Ok(Placed { place: if hides { hidden(document, stored) } else { Place::Stays }, outside: true })
}

/// What was followed and is not any more: pages may overtake each other, so that the `leave` itself may have come before the device followed last.
pub fn lost<'r>(before: &'r FeedState, received: &'r Received) -> impl Iterator<Item = &'r Audience> {
    let same = before.epoch == received.feed.epoch;
    let vanished = before.cursors.keys().filter(move |audience| same && !received.feed.cursors.contains_key(audience));
    received.left.iter().chain(vanished)
}

/// Whether a server that was restored tells what there is, or ends telling it with this page.
fn is_told_anew(before: &FeedState, received: &Received) -> bool {
    before.look_at_all || before.epoch.is_some_and(|epoch| Some(epoch) != received.feed.epoch)
}

/// Whether what was followed is not any more, though no entry says so: the server was restored.
fn vanished(before: &FeedState, (document, stored): (DocumentId, &StoredDocument), received: &Received) -> bool {
    before.look_at_all && received.reached.is_some() && !stored.left && !before.outside.contains(&document)
}

/// Whether the page told how it left whoever is followed: of a document that is of none of them the server tells nothing else.
fn departed((document, stored): (DocumentId, &StoredDocument), received: &Received) -> bool {
    stored.told.is_some() && received.documents.iter().any(|write| write.document == document)
}

/// Whether a server that was restored has told all that there is for whoever is followed, and this was not among it: it may have lost by what the document came
/// to them.
fn is_forgotten(before: &FeedState, (document, stored): (DocumentId, &StoredDocument), received: &Received) -> bool {
    let told_before = stored.told.as_ref().is_some_and(|said| Some(said.epoch) != received.feed.epoch);
    told_before && is_told_anew(before, received) && received.reached.is_some() && !before.outside.contains(&document)
}

fn hidden(document: DocumentId, stored: &StoredDocument) -> Place {
    let gone = stored.view_keys.clone();
    let stored = StoredDocument { left: true, view_keys: Vec::new(), ..stored.clone() };
    Place::Turns(Box::new(DocumentWrite { document, stored, rows: Vec::new(), gone }))
}

impl FeedState {
    /// Whether the page goes on from where the device is. Pages may overtake each other: one that was asked for before an audience was left tells of it from
    /// the middle, and what came before is gone from here. Such a page is not stored; the next one enters.
    pub fn is_followed_by(&self, page: &PullResponse) -> bool {
        let entered = |audience: &Audience| page.entries.iter().any(|entry| matches!(entry, Entry::Enter { audience: new, .. } if new == audience));
        self.epoch != Some(page.epoch) || page.cursors.keys().all(|audience| self.cursors.contains_key(audience) || entered(audience))
    }

    /// The state after a page, once its documents were placed: these are outside now, and those that went had been rebuilt so often. What the page
    /// proves is in the log of `self` already.
    pub fn after(&self, received: &Received, outside: BTreeSet<DocumentId>, gone: &[u32]) -> Self {
        let restored = is_told_anew(self, received);
        let generation = gone.iter().fold(self.generation, |generation, rebuilt| generation.saturating_add(*rebuilt).saturating_add(1));
        Self { outside, look_at_all: restored && received.reached.is_none(), generation, witness: self.witness, ..received.feed.clone() }
    }
}
