//! Many records of a list at once: chosen in its rows, tried, and changed, archived or restored in one go.
//!
//! What is tried is what is done: of a dry run's answer those records are sent that would change, each at the version at which that was judged.

mod bar;
mod choice;
mod fields;
mod sheet;

pub use bar::BulkBar;

use super::messages::{not_saved, t};
use super::place;
use super::query::Query;
use super::rows::Rows;
use super::saving::{asking, code_of};
use crate::design::table::Choosing;
use crate::design::toast::{ToastKind, Toasts};
use crate::shell::Shell;
use crate::shell::api::{self, ApiFailure};
use choice::Choice;
use holdfast_domain::kernel::resource::{BulkAct, BulkEdit, BulkOutcome, BulkRecord, BulkReport, RecordView, Resource, Seen, Which};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use uuid::Uuid;
use wasm_bindgen::JsCast;

/// What is to be done to those that are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Change,
    Archive,
    Restore,
}

/// Somebody chooses rows of a list.
#[derive(Clone, Copy)]
pub struct Bulk {
    resource: &'static Resource,
    query: Memo<Query>,
    /// The rows that were read.
    rows: Memo<Vec<RecordView>>,
    /// How many the list finds.
    total: Memo<u64>,
    choice: RwSignal<Choice>,
    /// The row that was turned last.
    turned: StoredValue<Option<Uuid>>,
    verb: RwSignal<Verb>,
    open: RwSignal<bool>,
    shell: Shell,
    toasts: Toasts,
}

impl Bulk {
    /// Of a list; none where whoever is here may change nothing in it.
    pub fn of(resource: &'static Resource, query: Memo<Query>, rows: Rows, all: Memo<Vec<RecordView>>) -> Option<Self> {
        let shell = Shell::expect();
        if !shell.session.with_untracked(|session| session.view().is_some_and(|view| place::may_change_many(resource, view))) {
            return None;
        }
        let total = Memo::new(move |_| rows.first.value.with(|page| page.as_ref().and_then(|page| page.total)).unwrap_or_default());
        let bulk = Self {
            resource,
            query,
            rows: all,
            total,
            choice: RwSignal::new(Choice::default()),
            turned: StoredValue::new(None),
            verb: RwSignal::new(Verb::Change),
            open: RwSignal::new(false),
            shell,
            toasts: Toasts::expect(),
        };
        // Nothing that is out of sight because the list is narrowed otherwise stays chosen.
        let narrowing = Memo::new(move |_| Query { sort: None, ..query.get() });
        Effect::new(move |before: Option<()>| {
            narrowing.track();
            if before.is_some() {
                bulk.clear();
            }
        });
        Effect::new(move || {
            let rows = bulk.rows.read();
            bulk.choice.maybe_update(|choice| choice.see(&rows));
        });
        Some(bulk)
    }

    /// What the list's table needs to know.
    pub fn choosing(self) -> Choosing<RecordView> {
        let title = move |record: &RecordView| record.values.get(self.resource.title).and_then(|title| title.as_str()).unwrap_or_default().to_owned();
        Choosing {
            chosen: Arc::new(move |record: &RecordView| self.choice.read().has(record.id)),
            turn: Callback::new(move |(record, onwards): (RecordView, bool)| self.turn(record.id, onwards)),
            label: Arc::new(move |record: &RecordView| t().choose_row(title(record))),
            all: Signal::derive(move || self.choice.read().has_all(&self.rows.read())),
            turn_all: Callback::new(move |()| self.turn_all()),
            all_label: t().choose_rows,
        }
    }

    fn turn(self, id: Uuid, onwards: bool) {
        let from = self.turned.get_value().filter(|_| onwards);
        self.choice.update(|choice| choice.turn(&self.rows.read_untracked(), id, from));
        self.turned.set_value(Some(id));
    }

    fn turn_all(self) {
        let all = self.choice.read_untracked().has_all(&self.rows.read_untracked()) == Some(true);
        self.choice.set(if all { Choice::default() } else { Choice::of(&self.rows.read_untracked()) });
    }

    fn clear(self) {
        self.turned.set_value(None);
        if !self.choice.read_untracked().is_empty() {
            self.choice.set(Choice::default());
        }
    }

    fn count(self) -> u64 {
        self.choice.read().count(self.total.get())
    }

    fn begin(self, verb: Verb) {
        self.verb.set(verb);
        self.open.set(true);
    }

    /// Those that are chosen, as the server is told.
    fn which(self) -> Which {
        untrack(|| {
            let seen = self.choice.read().seen(&self.rows.read());
            seen.map_or_else(|| Which::Found(self.query.read().of_page().trim_start_matches('?').to_owned()), Which::Records)
        })
    }

    async fn send(self, edit: &BulkEdit) -> Result<BulkReport, ApiFailure> {
        let address = format!("{}/bulk", self.resource.path);
        asking(self.shell, async |csrf| api::post(&address, edit, csrf.as_deref()).await).await
    }

    /// Says what was done; what was archived can be taken back, also when the list is long gone.
    fn say_done(self, verb: Verb, report: &BulkReport) {
        match verb {
            Verb::Change => self.toasts.say(ToastKind::Good, t().bulk_changed(report.done)),
            Verb::Restore => self.toasts.say(ToastKind::Good, t().bulk_restored(report.done)),
            Verb::Archive => {
                let archived = done(report);
                let undo = Callback::new(move |()| self.take_back(archived.clone()));
                self.toasts.say_with_undo(t().bulk_archived(report.done), undo);
            }
        }
    }

    fn take_back(self, archived: Vec<Seen>) {
        spawn_local(async move {
            let edit = BulkEdit { which: Which::Records(archived), act: BulkAct::Restore, reason: None, dry_run: false };
            match self.send(&edit).await {
                Ok(report) if report.refused == 0 => self.toasts.say(ToastKind::Good, t().bulk_restored(report.done)),
                Ok(report) => self.toasts.say(ToastKind::Bad, t().bulk_restored_but(report.done, report.refused)),
                Err(failure) => self.toasts.say(ToastKind::Bad, not_saved(code_of(&failure)).0),
            }
        });
    }
}

/// Those that were changed, or would be, each at the version that it has now.
fn done(report: &BulkReport) -> Vec<Seen> {
    let seen = |record: &BulkRecord| record.version.filter(|_| record.outcome == BulkOutcome::Done).map(|version| Seen { id: record.id, version });
    report.records.iter().filter_map(seen).collect()
}

/// Focuses what is there of it; whether something is.
fn focus(what: &str) -> bool {
    let found = document().query_selector(what).ok().flatten();
    found.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()).is_some_and(|found| found.focus().is_ok())
}
