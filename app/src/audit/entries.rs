//! The entries that were read: the first page, and those that somebody asked for after it.

use super::query::Query;
use crate::shell::{Fetched, Live, api};
use holdfast_domain::audit::{EntriesPage, EntryView};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What ids are called.
pub type Names = BTreeMap<Uuid, String>;

/// What was read.
#[derive(Clone, Copy)]
pub struct Entries {
    query: Memo<Query>,
    zone: StoredValue<String>,
    /// The newest.
    pub first: Fetched<EntriesPage>,
    later: RwSignal<Vec<EntriesPage>>,
    /// More is being read.
    pub busy: RwSignal<bool>,
}

impl Entries {
    /// What the query asks for; days are those of the zone.
    pub fn of(query: Memo<Query>, zone: StoredValue<String>) -> Self {
        let first = Fetched::kept_from(move || query.read().address(&zone.read_value(), None), Live::still());
        let later = RwSignal::new(Vec::new());
        Effect::new(move || {
            query.track();
            later.set(Vec::new());
        });
        Self { query, zone, first, later, busy: RwSignal::new(false) }
    }

    /// All of them, each once.
    pub fn all(self) -> Memo<Vec<EntryView>> {
        Memo::new(move |_| {
            let (first, later) = (self.first.value.read(), self.later.read());
            let mut known = BTreeSet::new();
            let entries = first.iter().chain(later.iter()).flat_map(|page| &page.entries);
            entries.filter(|entry| known.insert(entry.id)).cloned().collect()
        })
    }

    /// What their ids are called.
    pub fn names(self) -> Memo<Names> {
        Memo::new(move |_| {
            let (first, later) = (self.first.value.read(), self.later.read());
            first.iter().chain(later.iter()).flat_map(|page| page.names.clone()).collect()
        })
    }

    /// Whether there may be more.
    pub fn more(self) -> Memo<bool> {
        Memo::new(move |_| self.next().is_some())
    }

    fn next(self) -> Option<String> {
        let (first, later) = (self.first.value.read(), self.later.read());
        later.last().or(first.as_ref()).and_then(|page| page.next.clone())
    }

    /// Reads on, unless that is being done.
    pub fn read_more(self) {
        let Some(after) = untrack(|| self.next()).filter(|_| !self.busy.get_untracked() && !self.first.outdated.get_untracked()) else { return };
        let query = self.query.get_untracked();
        let address = query.address(&self.zone.read_value(), Some(&after));
        self.busy.set(true);
        spawn_local(async move {
            let answer = api::get::<EntriesPage>(&address).await;
            self.busy.try_set(false);
            // Somebody may have asked for something else meanwhile, or left.
            let wanted = self.query.try_get_untracked().is_some_and(|now| now == query) && untrack(|| self.next()).is_some_and(|next| next == after);
            if let Some(page) = answer.ok().filter(|_| wanted) {
                self.later.update(|later| later.push(page));
            }
        });
    }
}
