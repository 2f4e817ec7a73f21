//! A list's rows: the first page, which is read again whenever something changed, and those after it, which are read again while they are in sight.

use super::query::Query;
use crate::shell::{Fetched, Live, api};
use holdfast_domain::kernel::resource::{Page, RecordView, Resource};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeSet;
use uuid::Uuid;

/// A page after the first.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Later {
    /// Where it begins.
    after: String,
    page: Page,
    /// Something changed since it was read.
    stale: bool,
}

/// The rows.
#[derive(Clone, Copy)]
pub struct Rows {
    resource: &'static Resource,
    query: Memo<Query>,
    /// The first page.
    pub first: Fetched<Page>,
    later: RwSignal<Vec<Later>>,
    /// Those that are drawn: the first, and how many.
    pub drawn: RwSignal<(usize, usize)>,
    /// More is being read.
    pub busy: RwSignal<bool>,
    /// A page after the first is being read again.
    again: StoredValue<bool>,
    /// Grows whenever a later page becomes another one; a page more changes none that was there.
    edition: StoredValue<u64>,
}

/// What was put together, so that a page more costs what it has itself.
#[derive(Default)]
struct Together {
    first: Option<Page>,
    edition: u64,
    later: usize,
    known: BTreeSet<Uuid>,
}

impl Rows {
    /// The rows that the query asks for.
    pub fn of(resource: &'static Resource, query: Memo<Query>, live: Live) -> Self {
        let first = Fetched::kept_from(move || query.read().address(resource, None), live);
        let (later, drawn, busy) = (RwSignal::new(Vec::new()), RwSignal::new((0, 0)), RwSignal::new(false));
        let rows = Self { resource, query, first, later, drawn, busy, again: StoredValue::new(false), edition: StoredValue::new(0) };
        Effect::new(move || {
            query.track();
            rows.edition.update_value(|edition| *edition += 1);
            rows.later.set(Vec::new());
        });
        Effect::new(move || {
            live.track();
            rows.later.update(|later| later.iter_mut().for_each(|later| later.stale = true));
        });
        // What slid off the first page, or onto it, moves those behind it.
        Effect::new(move || {
            if let Some(next) = first.value.with(|page| page.as_ref().map(|page| page.next.clone())) {
                rows.later.maybe_update(|later| {
                    let chained = chain(later, 0, next);
                    rows.edition.update_value(|edition| *edition += u64::from(chained));
                    chained
                });
            }
        });
        Effect::new(move || {
            let in_sight = rows.drawn.get();
            rows.later.track();
            rows.read_again(in_sight);
        });
        rows
    }

    /// All that were read, each once.
    pub fn all(self) -> Memo<Vec<RecordView>> {
        let kept = StoredValue::new(Together::default());
        Memo::new_owning(move |before: Option<Vec<RecordView>>| {
            let (first, later) = (self.first.value.read(), self.later.read());
            let mut rows = before.unwrap_or_default();
            let turned = kept.try_update_value(|kept| kept.take(&mut rows, (first.as_ref(), &later), self.edition.get_value()));
            (rows, turned.unwrap_or_default())
        })
    }

    /// Whether there are more than were read.
    pub fn more(self) -> Memo<bool> {
        Memo::new(move |_| self.next().is_some())
    }

    fn next(self) -> Option<String> {
        let (first, later) = (self.first.value.read(), self.later.read());
        later.last().map(|later| &later.page).or(first.as_ref()).and_then(|page| page.next.clone())
    }

    /// Reads the next page, unless that is being done.
    pub fn read_more(self) {
        let Some(after) = untrack(|| self.next()).filter(|_| !self.busy.get_untracked() && !self.first.outdated.get_untracked()) else { return };
        let query = self.query.get_untracked();
        self.busy.set(true);
        spawn_local(async move {
            let answer = api::get::<Page>(&query.address(self.resource, Some(&after))).await;
            self.busy.try_set(false);
            // Somebody may have asked for another list meanwhile, or left.
            let wanted = self.query.try_get_untracked().is_some_and(|now| now == query) && untrack(|| self.next()).is_some_and(|next| next == after);
            if let Some(page) = answer.ok().filter(|_| wanted) {
                self.later.update(|later| later.push(Later { after, page, stale: false }));
            }
        });
    }

    /// Reads the first stale page in sight again; the next, once that is there.
    fn read_again(self, (first_row, rows): (usize, usize)) {
        if self.again.get_value() {
            return;
        }
        let before = self.first.value.with_untracked(|page| page.as_ref().map_or(0, |page| page.records.len()));
        let found = self.later.try_update_untracked(|later| begin_again(later, before, first_row..first_row + rows));
        let Some(after) = found.flatten() else { return };
        let query = self.query.get_untracked();
        self.again.set_value(true);
        spawn_local(async move {
            let answer = api::get::<Page>(&query.address(self.resource, Some(&after))).await;
            let Some(now) = self.query.try_get_untracked() else { return };
            self.again.set_value(false);
            let page = answer.ok().filter(|_| now == query);
            // Told also where nothing came of it: another may wait for its turn.
            self.later.update(|later| {
                if page.is_some_and(|page| replace(later, &after, page)) {
                    self.edition.update_value(|edition| *edition += 1);
                }
            });
        });
    }
}

impl Together {
    /// Brings the rows up to these pages; whether they are others than before.
    fn take(&mut self, rows: &mut Vec<RecordView>, (first, later): (Option<&Page>, &[Later]), edition: u64) -> bool {
        let before = (rows.len(), self.later);
        let stands = self.edition == edition && self.first.as_ref() == first && self.later <= later.len();
        if !stands {
            *self = Self { first: first.cloned(), edition, ..Self::default() };
            rows.clear();
            self.add(rows, first);
        }
        self.add(rows, later[self.later..].iter().map(|later| &later.page));
        self.later = later.len();
        !stands || before != (rows.len(), self.later)
    }

    fn add<'a>(&mut self, rows: &mut Vec<RecordView>, pages: impl IntoIterator<Item = &'a Page>) {
        rows.extend(pages.into_iter().flat_map(|page| &page.records).filter(|record| self.known.insert(record.id)).cloned());
    }
}

/// Where the first stale page in sight begins. From here on it counts as read: what changes while it is being read makes it stale anew, and where it cannot
/// be read it stays as it was.
fn begin_again(later: &mut [Later], mut before: usize, sight: std::ops::Range<usize>) -> Option<String> {
    for later in later {
        let rows = before..before + later.page.records.len();
        before = rows.end;
        if later.stale && rows.start < sight.end && sight.start < rows.end {
            later.stale = false;
            return Some(later.after.clone());
        }
    }
    None
}

/// Puts a page that was read again into its place, and moves those behind it. The answer is whether anything changed.
fn replace(later: &mut Vec<Later>, after: &str, page: Page) -> bool {
    let Some(at) = later.iter().position(|later| later.after == after) else { return false };
    let chained = chain(later, at + 1, page.next.clone());
    let is_another = later[at].page != page;
    later[at].page = page;
    chained || is_another
}

/// The pages from `at` on begin at `next`: the first of them is read again where it began elsewhere, and they go where nothing comes there any more. The
/// answer is whether anything changed.
fn chain(later: &mut Vec<Later>, at: usize, next: Option<String>) -> bool {
    match (later.get_mut(at), next) {
        (None, _) => false,
        (Some(behind), Some(next)) if behind.after == next => false,
        (Some(behind), Some(next)) => {
            behind.after = next;
            behind.stale = true;
            true
        }
        (Some(_), None) => {
            later.truncate(at);
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::Timestamp;

    fn page(ids: &[u128], next: Option<&str>) -> Page {
        let record = |id: &u128| RecordView {
            id: Uuid::from_u128(*id),
            version: 1,
            archived_at: None,
            created_at: Timestamp(0),
            modified_at: Timestamp(0),
            created_by: None,
            modified_by: None,
            values: Default::default(),
            names: Default::default(),
            merged_into: None,
            alike: Vec::new(),
        };
        Page { records: ids.iter().map(record).collect(), next: next.map(str::to_owned), total: None }
    }

    fn later(after: &str, ids: &[u128], next: Option<&str>) -> Later {
        Later { after: after.to_owned(), page: page(ids, next), stale: true }
    }

    #[test]
    fn a_record_that_slid_onto_the_next_page_is_shown_once() {
        let (first, second) = (page(&[1, 2, 3], Some("c")), page(&[3, 4], None));
        let (mut kept, mut rows) = (Together::default(), Vec::new());
        let mut later = vec![Later { after: "c".to_owned(), page: second, stale: false }];
        assert!(kept.take(&mut rows, (Some(&first), &later), 0));
        assert_eq!(ids(&rows), [1, 2, 3, 4]);

        // Nothing else: nothing is drawn anew. A page more is put behind the others; what changed among them puts all together again.
        assert!(!kept.take(&mut rows, (Some(&first), &later), 0));
        later.push(self::later("d", &[4, 5], None));
        assert!(kept.take(&mut rows, (Some(&first), &later), 0));
        assert_eq!(ids(&rows), [1, 2, 3, 4, 5]);
        assert!(replace(&mut later, "c", page(&[4], Some("d"))));
        assert!(!replace(&mut later, "c", page(&[4], Some("d"))));
        assert!(kept.take(&mut rows, (Some(&page(&[0, 1, 2], Some("c"))), &later), 1));
        assert_eq!(ids(&rows), [0, 1, 2, 4, 5]);
        assert!(kept.take(&mut rows, (None, &[]), 2) && rows.is_empty());
    }

    fn ids(rows: &[RecordView]) -> Vec<u128> {
        rows.iter().map(|record| record.id.as_u128()).collect()
    }

    #[test]
    fn only_what_is_in_sight_is_read_again_and_once() {
        let mut pages = [later("a", &[3, 4], Some("b")), later("b", &[5, 6], None)];
        assert_eq!(begin_again(&mut pages, 2, 0..2), None);
        assert_eq!(begin_again(&mut pages, 2, 1..3), Some("a".to_owned()));
        assert_eq!(begin_again(&mut pages, 2, 1..3), None);
        assert_eq!(begin_again(&mut pages, 2, 2..9), Some("b".to_owned()));
    }

    #[test]
    fn a_record_pushed_off_the_first_page_is_read_with_the_next() {
        let mut pages = vec![later("b", &[3, 4], Some("d")), later("d", &[5, 6], None)];
        pages.iter_mut().for_each(|later| later.stale = false);
        assert!(!chain(&mut pages, 0, Some("b".to_owned())));
        assert!(chain(&mut pages, 0, Some("a".to_owned())));
        assert_eq!((pages[0].after.as_str(), pages[0].stale, pages[1].stale), ("a", true, false));
        assert_eq!(begin_again(&mut pages, 2, 1..3), Some("a".to_owned()));
        replace(&mut pages, "a", page(&[2, 3], Some("c")));
        assert_eq!((pages[1].after.as_str(), pages[1].stale), ("c", true));
    }

    #[test]
    fn pages_behind_one_that_is_now_the_last_go() {
        let mut pages = vec![later("b", &[3, 4], Some("d")), later("d", &[5, 6], None)];
        replace(&mut pages, "b", page(&[3], None));
        assert_eq!(pages.len(), 1);
        assert!(chain(&mut pages, 0, None));
        assert!(pages.is_empty());
    }

    #[test]
    fn a_page_that_ends_elsewhere_now_moves_the_one_behind_it() {
        let mut pages = vec![later("a", &[3, 5], Some("b")), later("b", &[6, 7], None)];
        replace(&mut pages, "a", page(&[3, 4], Some("x")));
        assert_eq!(pages[0].page, page(&[3, 4], Some("x")));
        assert_eq!((pages[1].after.as_str(), pages[1].stale), ("x", true));
    }

    #[test]
    fn a_page_is_read_as_the_server_writes_it() {
        let text = r#"{"records":[{"id":"00000000-0000-4000-8000-000000000001","version":3,"archived_at":null,"created_at":1,"created_by":null,"modified_at":2,"modified_by":null,
            "values":{"name":"Exotic","payment_days":30,"credit":{"minor":1250,"currency":"EUR"},"site":"00000000-0000-4000-8000-000000000002","tags":["a"],"open":true},
            "names":{"00000000-0000-4000-8000-000000000002":"Harbour Street"}}],"next":"c","total":1}"#;
        let page: Page = crate::device::json::read(text).unwrap();
        assert_eq!(serde_json::to_value(&page).unwrap(), serde_json::from_str::<serde_json::Value>(text).unwrap());
    }
}
