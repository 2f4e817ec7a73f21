//! What a document is: facts, and what they add up to.

use holdfast_sync::cbor;
use holdfast_sync::envelope::Principal;
use holdfast_sync::ids::{DocumentId, FactId};
use holdfast_sync::kind::{Audience, Facts, ViewRow};

pub use holdfast_sync::kind::RULINGS;
use holdfast_sync::time::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A kind of document: its facts, and how they fold. Facts are a set: `fold` must yield the same whatever order they were made in.
pub trait Document: Clone + Send + Sync + 'static {
    /// Such as `sales.ticket`.
    const KIND: &'static str;
    /// Created by genesis in this order, for ever; `rulings` is among them.
    const CONTAINERS: &'static [&'static str];
    /// Those that hold one fact at most.
    const SINGLE: &'static [&'static str];
    /// What can happen to it.
    type Fact: Serialize + DeserializeOwned + Clone + Send + Sync + 'static;

    /// The container a fact lies in.
    fn container(fact: &Self::Fact) -> &'static str;
    /// What the facts add up to; they come sorted by time, then id.
    fn fold(facts: Vec<(FactId, Recorded<Self::Fact>)>) -> Self;
    /// Who gets it.
    fn audiences(&self) -> Vec<Audience>;
    /// What lists show of it on a device.
    fn view(&self, id: DocumentId) -> Vec<ViewRow>;
}

/// A fact as it is stored: who said it when, so that a document explains itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded<F> {
    /// The time in the header of its intent.
    pub at: Timestamp,
    /// Who acted.
    pub by: Principal,
    /// Its place among the facts of its intent.
    pub n: u16,
    /// What happened.
    pub fact: F,
}

/// A document, and the facts that this version of the code cannot read: a newer one wrote them.
#[derive(Clone)]
pub struct Folded<D> {
    /// What the readable facts add up to.
    pub document: D,
    /// The others, with their container.
    pub unreadable: Vec<(String, FactId)>,
}

/// Folds a document, once until there is one more fact. A fact that cannot be read, or lies in another container than its own, is named and left out.
pub fn fold<D: Document>(facts: &Facts) -> Arc<Folded<D>> {
    facts.sum(|facts| {
        let ReadFacts { readable, unreadable } = read_facts::<D>(facts);
        Folded { document: D::fold(readable), unreadable }
    })
}

/// A document's facts, read.
pub struct ReadFacts<F> {
    /// Those that can be read, by time, then id.
    pub readable: Vec<(FactId, Recorded<F>)>,
    /// The others, with their container.
    pub unreadable: Vec<(String, FactId)>,
}

/// Reads a document's facts without folding them.
pub fn read_facts<D: Document>(facts: &Facts) -> ReadFacts<D::Fact> {
    let mut readable = Vec::with_capacity(facts.len());
    let mut unreadable = Vec::new();
    for (container, id, recorded) in facts.read(|bytes| cbor::decode::<Recorded<D::Fact>>(bytes).ok()) {
        match &*recorded {
            Some(recorded) if D::container(&recorded.fact) == container => readable.push((id, recorded.clone())),
            Some(_) | None => unreadable.push((container.to_owned(), id)),
        }
    }
    readable.sort_by_key(|(id, recorded)| (recorded.at, *id));
    ReadFacts { readable, unreadable }
}
