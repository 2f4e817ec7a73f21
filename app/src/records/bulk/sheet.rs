//! The sheet: fields are chosen, what would come of it is shown, and then it is done.

use super::super::messages::{not_saved, t};
use super::super::saving::{code_of, problems_of};
use super::super::words;
use super::fields::{BulkFields, Fields};
use super::{Bulk, Verb, done, focus};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind};
use crate::design::sheet::Sheet;
use crate::design::table::{Column, Table};
use crate::language::whole;
use crate::shell::api::ApiFailure;
use holdfast_domain::kernel::resource::{BulkAct, BulkEdit, BulkOutcome, BulkRecord, BulkRefusal, BulkReport, Resource, Which, Wrong};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// How far somebody has come.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// Fields are chosen; of what takes none, the server is asked what would come of it.
    Begun,
    /// That would come of this.
    Tried(BulkAct, BulkReport),
    /// It was done, but not to all of them.
    Done(BulkReport),
}

/// The sheet; open while the list's choice is worked on.
#[component]
pub(super) fn BulkSheet(bulk: Bulk) -> impl IntoView {
    let title = move || match bulk.verb.get() {
        Verb::Change => t().bulk_title,
        Verb::Archive => t().archive,
        Verb::Restore => t().restore,
    };
    view! { <Sheet open=bulk.open title=Signal::derive(move || title().to_owned())><Work bulk /></Sheet> }
}

/// Somebody works on it.
#[derive(Clone, Copy)]
struct Worker {
    bulk: Bulk,
    fields: Fields,
    step: RwSignal<Step>,
    busy: RwSignal<bool>,
    /// Why it was not done: a stable code.
    failure: RwSignal<Option<String>>,
}

impl Worker {
    fn verb(self) -> Verb {
        self.bulk.verb.get_untracked()
    }

    /// Asks what would come of it.
    fn try_it(self) {
        let act = match self.verb() {
            Verb::Change => self.fields.change().map(BulkAct::Change),
            Verb::Archive => Some(BulkAct::Archive),
            Verb::Restore => Some(BulkAct::Restore),
        };
        let Some(act) = act else { return };
        self.ask(BulkEdit { which: self.bulk.which(), act, reason: None, dry_run: true }, move |edit, report| {
            self.step.set(Step::Tried(edit.act, report));
        });
    }

    /// Does it, to those that would change.
    fn do_it(self, act: BulkAct, tried: &BulkReport) {
        let verb = self.verb();
        self.ask(BulkEdit { which: Which::Records(done(tried)), act, reason: None, dry_run: false }, move |_, report| {
            self.bulk.say_done(verb, &report);
            self.bulk.clear();
            if report.refused == 0 { self.bulk.open.set(false) } else { self.step.set(Step::Done(report)) }
        });
    }

    fn ask(self, edit: BulkEdit, then: impl FnOnce(BulkEdit, BulkReport) + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        spawn_local(async move {
            let answer = self.bulk.send(&edit).await;
            // The sheet may have been closed meanwhile; what was done is told all the same.
            let closed = self.busy.try_set(false).is_some();
            match answer {
                Ok(report) if !closed => then(edit, report),
                Ok(report) if !edit.dry_run => self.bulk.say_done(self.bulk.verb.try_get_untracked().unwrap_or(Verb::Change), &report),
                Err(failure) if !closed => self.refused(&failure),
                _ => {}
            }
        });
    }

    fn refused(self, failure: &ApiFailure) {
        if let ApiFailure::Problem(problem) = failure {
            let problems = problems_of(problem);
            self.fields.show(&problems);
            if !problems.is_empty() {
                self.step.set(Step::Begun);
            }
        }
        self.failure.set(Some(code_of(failure).to_owned()));
    }
}

#[component]
fn Work(bulk: Bulk) -> impl IntoView {
    let fields = Fields::new(bulk.resource);
    let work = Worker { bulk, fields, step: RwSignal::new(Step::Begun), busy: RwSignal::new(false), failure: RwSignal::new(None) };
    if work.verb() != Verb::Change {
        work.try_it();
    }
    // What was pressed is gone with the step before.
    Effect::new(move |before: Option<()>| {
        work.step.track();
        if before.is_some() {
            request_animation_frame(|| {
                let _focused = focus(".bulk-step .button.primary") || focus(".sheet-head button");
            });
        }
    });
    let trouble = move || {
        work.failure.get().map(|code| {
            let (title, text) = not_saved(&code);
            view! { <Banner tone=Tone::Bad title text=text.to_owned() code /> }
        })
    };
    let step = move || match work.step.get() {
        Step::Begun => view! { <Begun work /> }.into_any(),
        Step::Tried(act, report) => view! { <Tried work act report /> }.into_any(),
        Step::Done(report) => view! { <Done work report /> }.into_any(),
    };
    view! { {trouble}<div class="bulk-step">{step}</div> }
}

#[component]
fn Begun(work: Worker) -> impl IntoView {
    let try_it = move || work.try_it();
    if work.verb() != Verb::Change {
        let again = move || work.failure.read().is_some().then(|| view! { <Button label=t().bulk_try busy=work.busy on_press=try_it /> });
        let asking = move || work.busy.get().then(|| view! { <p class="soft">{t().bulk_asking}</p> });
        return view! { {asking}{again} }.into_any();
    }
    let none = Signal::derive(move || work.fields.is_empty());
    view! {
        <form
            class="stack"
            novalidate=true
            on:submit=move |event| {
                event.prevent_default();
                work.try_it();
            }
        >
            <p class="soft">{t().bulk_text}</p>
            <BulkFields fields=work.fields locked=work.busy />
            <Show when=move || !none.get()><p class="soft small">{t().bulk_empty}</p></Show>
            <div class="row end"><Button label=t().bulk_try kind=ButtonKind::Primary submit=true busy=work.busy disabled=none /></div>
        </form>
    }
    .into_any()
}

/// What would come of it.
#[component]
fn Tried(work: Worker, act: BulkAct, report: BulkReport) -> impl IntoView {
    let verb = work.verb();
    let banner = match (report.done, report.refused) {
        (0, _) => view! { <Banner tone=Tone::Info title=t().bulk_nothing /> },
        (_, 0) => view! { <Banner tone=Tone::Good title=t().import_tried /> },
        _ => view! { <Banner tone=Tone::Attention title=t().import_tried text=t().bulk_refused_text.to_owned() /> },
    };
    let back = (verb == Verb::Change).then(|| view! { <Button label=t().back kind=ButtonKind::Quiet on_press=move || work.step.set(Step::Begun) /> });
    let label = match verb {
        Verb::Change => t().bulk_change(report.done),
        Verb::Archive => t().bulk_archive(report.done),
        Verb::Restore => t().bulk_restore(report.done),
    };
    let tried = report.clone();
    let press = move || work.do_it(act.clone(), &tried);
    let go = (report.done > 0).then(|| view! { <Button label kind=ButtonKind::Primary busy=work.busy on_press=press /> });
    view! { {banner}<Told resource=work.bulk.resource will=t().bulk_will report /><div class="row end">{back}{go}</div> }
}

/// It was done to some only, since others were changed meanwhile.
#[component]
fn Done(work: Worker, report: BulkReport) -> impl IntoView {
    view! {
        <Banner tone=Tone::Attention title=t().bulk_done_but text=t().bulk_refused_text.to_owned() />
        <Told resource=work.bulk.resource will=t().import_changed report />
        <div class="row end"><Button label=t().close kind=ButtonKind::Primary on_press=move || work.bulk.open.set(false) /></div>
    }
}

/// How many, and which are left out and why.
#[component]
fn Told(resource: &'static Resource, will: &'static str, report: BulkReport) -> impl IntoView {
    let counts = [(will, report.done), (t().bulk_same, report.unchanged), (t().import_refused, report.refused)];
    let one = |(label, count): (&'static str, u64)| view! { <div class="import-count"><dt class="soft small">{label}</dt><dd class="figure">{whole(count)}</dd></div> };
    let refused: Vec<BulkRecord> = report.records.into_iter().filter(|record| matches!(record.outcome, BulkOutcome::Refused(_))).collect();
    let table = (!refused.is_empty()).then(|| {
        let name = |record: &BulkRecord| if record.name.is_empty() { t().another_record.to_owned() } else { record.name.clone() };
        let why = move |record: &BulkRecord| match &record.outcome {
            BulkOutcome::Refused(refusal) => why(resource, refusal),
            BulkOutcome::Done | BulkOutcome::Unchanged => String::new(),
        };
        let columns = vec![Column::words(words::one(resource), name), Column::words(t().import_why, why)];
        view! { <Table label=t().import_refused columns rows=Signal::stored(refused) key=|record: &BulkRecord| record.id.to_string() /> }
    });
    view! { <dl class="import-counts">{counts.map(one).into_iter().collect_view()}</dl><div class="bulk-refused">{table}</div> }
}

fn why(resource: &Resource, refusal: &BulkRefusal) -> String {
    let field = |problem: &holdfast_domain::kernel::resource::FieldProblem| {
        let (name, field) = words::problem(resource, &problem.field)?;
        // There are no lines here: another of those that are chosen says the same.
        let wrong = if problem.wrong == Wrong::Twice { Wrong::Taken } else { problem.wrong };
        Some(format!("{name}: {}", words::wrong(field, wrong)))
    };
    let fields: Vec<String> = refusal.errors.iter().filter_map(field).collect();
    if !fields.is_empty() {
        return fields.join(" ");
    }
    match refusal.code.as_str() {
        "version_stale" => t().bulk_stale,
        "record_archived" => t().wrong_archived,
        "record_unknown" => t().bulk_gone,
        "record_out_of_reach" => t().bulk_out_of_reach,
        "permission_missing" => t().bulk_forbidden,
        _ => t().bulk_other,
    }
    .to_owned()
}
