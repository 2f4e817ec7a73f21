//! Products by name. Fifty thousand names are read through in a few milliseconds, so there is no index to keep.

use super::fold::folded;
use holdfast_domain::kernel::ProductId;
use std::collections::HashMap;

/// Folded names. A removed name leaves a gap that is used again.
#[derive(Default)]
pub(super) struct Names {
    entries: Vec<Option<(ProductId, String)>>,
    places: HashMap<ProductId, usize>,
    gaps: Vec<usize>,
}

/// What a search found.
pub(super) struct Found {
    /// The best, the best first.
    pub(super) best: Vec<ProductId>,
    /// How many fit in all.
    pub(super) of: u32,
}

/// How well a name fits; the lowest is the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// The name begins so.
    Begins,
    /// Each word begins a word of the name.
    Words,
    /// Each word is somewhere in the name.
    Parts,
}

impl Names {
    pub(super) fn put(&mut self, id: ProductId, name: &str) {
        let entry = Some((id, folded(name)));
        let place = match self.gaps.pop() {
            Some(gap) => {
                self.entries[gap] = entry;
                gap
            }
            None => {
                self.entries.push(entry);
                self.entries.len() - 1
            }
        };
        self.places.insert(id, place);
    }

    pub(super) fn remove(&mut self, id: ProductId) {
        if let Some(place) = self.places.remove(&id) {
            self.entries[place] = None;
            self.gaps.push(place);
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = ProductId> {
        self.entries.iter().flatten().map(|(id, _)| *id)
    }

    /// The best `limit`: by fit, then by name, then by id, so that the same search always shows the same.
    pub(super) fn search(&self, text: &str, wanted: impl Fn(ProductId) -> bool, limit: usize) -> Found {
        let text = folded(text);
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let fitting = self.entries.iter().flatten().filter_map(|(id, name)| Some((fit(name, &text, &words)?, name, *id)));
        let mut found: Vec<_> = fitting.filter(|(_, _, id)| wanted(*id)).collect();
        let of = u32::try_from(found.len()).unwrap_or(u32::MAX);
        if found.len() > limit && limit > 0 {
            found.select_nth_unstable(limit - 1);
        }
        found.truncate(limit);
        found.sort_unstable();
        Found { best: found.into_iter().map(|(_, _, id)| id).collect(), of }
    }
}

fn fit(name: &str, text: &str, words: &[&str]) -> Option<Fit> {
    if !words.iter().all(|word| name.contains(word)) {
        None
    } else if name.starts_with(text) {
        Some(Fit::Begins)
    } else if words.iter().all(|word| name.split(' ').any(|part| part.starts_with(word))) {
        Some(Fit::Words)
    } else {
        Some(Fit::Parts)
    }
}
