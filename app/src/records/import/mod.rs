//! The page that brings in many records out of a file: choose it, say what its columns are, try it, take it in.

mod head;
mod run;

use super::list;
use super::messages::{not_imported, t};
use super::{place, reach, words};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind};
use crate::design::card::Card;
use crate::design::field::{Choice, SelectField};
use crate::design::file_button::{ChosenFile, FileDrop};
use crate::design::icon::{Icon, IconMark};
use crate::design::progress::{ProgressBar, percent};
use crate::design::table::{Column, Table};
use crate::language::whole;
use crate::shell::{Shell, title};
use head::Head;
use holdfast_domain::kernel::resource::{Alike, AlikeLine, ImportProgress, ImportReport, MOST_REFUSED_TOLD, RefusedLine, Resource};
use leptos::prelude::*;
use leptos::task::spawn_local;
use run::{Ended, Sent};
use std::sync::Arc;

/// The file that was chosen.
#[derive(Clone)]
struct Chosen {
    name: String,
    bytes: Arc<Vec<u8>>,
    head: Head,
    /// The field of each column; empty where it is left out.
    columns: Vec<RwSignal<String>>,
}

/// What came of it, and whether it was only tried.
#[derive(Clone, PartialEq)]
struct Result {
    tried: bool,
    ended: Ended,
}

/// Somebody brings in a file.
#[derive(Clone, Copy)]
struct Work {
    resource: &'static Resource,
    chosen: RwSignal<Option<Chosen>>,
    unreadable: RwSignal<bool>,
    progress: RwSignal<Option<ImportProgress>>,
    result: RwSignal<Option<Result>>,
    shell: Shell,
}

impl Work {
    fn choose(self, file: ChosenFile) {
        self.result.set(None);
        let head = Head::read(&file.bytes);
        self.unreadable.set(head.is_none());
        self.chosen.set(head.map(|head| {
            let may = |name: &String| self.resource.leaf(name).is_none_or(|field| reach::brings_in(self.shell, self.resource, field));
            let columns = head.guess(self.resource).into_iter().map(|name| RwSignal::new(if may(&name) { name } else { String::new() })).collect();
            Chosen { name: file.name, bytes: Arc::new(file.bytes), head, columns }
        }));
    }

    fn is_busy(self) -> bool {
        self.progress.read().is_some()
    }

    /// Whether it is known what to take in: at least one column, and none twice.
    fn is_ready(self) -> bool {
        self.chosen.with(|chosen| {
            let fields: Vec<String> =
                chosen.iter().flat_map(|chosen| chosen.columns.iter().map(|column| column.get())).filter(|field| !field.is_empty()).collect();
            let once = (1..fields.len()).all(|n| !fields[n..].contains(&fields[n - 1]));
            once && fields.iter().any(|field| field != "id")
        })
    }

    fn send(self, dry_run: bool) {
        let Some(chosen) = self.chosen.get_untracked().filter(|_| self.progress.read_untracked().is_none()) else { return };
        self.progress.set(Some(ImportProgress { done: 0, of: 1 }));
        self.result.set(None);
        spawn_local(async move {
            let columns: Vec<String> = chosen.columns.iter().map(|column| column.try_get_untracked().unwrap_or_default()).collect();
            let csrf = self.shell.session.with_untracked(|session| session.view().map(|view| view.csrf.clone()));
            let sent = Sent { bytes: &chosen.bytes, columns: &columns, dry_run, csrf: csrf.as_deref() };
            let told = |progress| {
                self.progress.try_set(Some(progress));
            };
            let ended = run::send(self.resource, sent, told).await;
            self.progress.try_set(None);
            self.result.try_set(Some(Result { tried: dry_run, ended }));
        });
    }
}

/// The page.
#[component]
pub fn Import(
    /// Of what.
    resource: &'static Resource,
) -> impl IntoView {
    title(t().import);
    let work = Work {
        resource,
        chosen: RwSignal::new(None),
        unreadable: RwSignal::new(false),
        progress: RwSignal::new(None),
        result: RwSignal::new(None),
        shell: Shell::expect(),
    };
    let busy = Signal::derive(move || work.is_busy());
    let bar = move || {
        let progress = Signal::derive(move || work.progress.get().map_or(0, |progress| percent(progress.done, progress.of)));
        view! { <ProgressBar label=t().importing percent=progress /> }
    };
    view! {
        <header class="record-head">
            <a class="link record-crumb" href=list::as_left(resource)><IconMark icon=Icon::ArrowBack />{words::many(resource)}</a>
            <div class="office-head"><h1>{t().import}</h1></div>
        </header>
        <div class="import stack">
            <Card><FileDrop text=t().import_text label=t().import_choose accept=".csv,.txt,.tsv,text/csv" disabled=busy on_file=Callback::new(move |file| work.choose(file)) /></Card>
            <Show when=move || work.unreadable.get()>
                {move || {
                    let (title, text) = not_imported("file_unreadable");
                    view! { <Banner tone=Tone::Bad title text=text.to_owned() /> }
                }}
            </Show>
            {move || work.chosen.get().map(|chosen| view! { <Columns work chosen busy /> })}
            <Show when=move || work.is_busy()>{bar}</Show>
            <div role="status">{move || work.result.get().map(|result| view! { <Told work result /> })}</div>
        </div>
    }
}

/// What each column of the file is.
#[component]
fn Columns(work: Work, chosen: Chosen, busy: Signal<bool>) -> impl IntoView {
    let resource = work.resource;
    let choices: Vec<Choice> = std::iter::once(Choice { value: String::new(), label: t().import_left_out.to_owned() })
        .chain(std::iter::once(Choice { value: "id".to_owned(), label: t().import_id.to_owned() }))
        .chain(
            resource
                .leaves()
                .filter(|leaf| !leaf.shape.is_file())
                .filter(|field| reach::brings_in(work.shell, resource, field))
                .map(|field| Choice { value: field.name.to_owned(), label: words::field(resource, field).to_owned() }),
        )
        .collect();
    let one = |((name, sample), value): ((String, String), RwSignal<String>)| {
        let hint = (!sample.is_empty()).then_some(sample);
        view! { <SelectField label=name choices=choices.clone() value hint disabled=busy /> }
    };
    // What was tried with other columns says nothing of these.
    let named = chosen.columns.clone();
    Effect::new(move |before: Option<Vec<String>>| {
        let now: Vec<String> = named.iter().map(|column| column.get()).collect();
        if before.is_some_and(|before| before != now) {
            work.result.set(None);
        }
        now
    });
    let Head { names, samples } = chosen.head;
    let fields = names.into_iter().zip(samples).zip(chosen.columns).map(one).collect_view();
    let not_ready = Signal::derive(move || !work.is_ready());
    view! {
        <Card title=chosen.name>
            <p class="soft">{t().import_columns_text}</p>
            <div class="import-columns">{fields}</div>
            <Show when=move || not_ready.get()><p class="soft small" role="status">{t().import_not_ready}</p></Show>
            <Button label=t().import_try kind=ButtonKind::Primary busy disabled=not_ready on_press=move || work.send(true) />
        </Card>
    }
}

/// What came of it.
#[component]
fn Told(work: Work, result: Result) -> impl IntoView {
    let Result { tried, ended } = result;
    match ended {
        Ended::Refused(code) => {
            let (title, text) = not_imported(&code);
            view! { <Banner tone=Tone::Bad title text=text.to_owned() code /> }.into_any()
        }
        Ended::Broken(code, report) => {
            let (title, text) = not_imported("broken");
            view! {
                <Banner tone=Tone::Bad title text=text.to_owned() code />
                {(!tried && report != ImportReport::default()).then(|| counts(&report))}
            }
            .into_any()
        }
        Ended::Whole(report) => whole_report(work, tried, report).into_any(),
    }
}

fn counts(report: &ImportReport) -> impl IntoView + use<> {
    let all = [
        (t().import_created, report.created),
        (t().import_changed, report.changed),
        (t().import_unchanged, report.unchanged),
        (t().import_refused, report.refused),
    ];
    let alike = (report.alike > 0).then_some((t().import_alike, report.alike));
    let one = |(label, count): (&'static str, u64)| view! { <div class="import-count"><dt class="soft small">{label}</dt><dd class="figure">{whole(count)}</dd></div> };
    view! { <dl class="import-counts">{all.into_iter().chain(alike).map(one).collect_view()}</dl> }
}

fn whole_report(work: Work, tried: bool, report: ImportReport) -> impl IntoView {
    let doable = report.created + report.changed;
    let banner = match (tried, report.refused) {
        (true, 0) => view! { <Banner tone=Tone::Good title=t().import_tried text=t().import_tried_text.to_owned() /> },
        (true, _) => view! { <Banner tone=Tone::Attention title=t().import_tried text=t().import_tried_refused.to_owned() /> },
        (false, 0) => view! { <Banner tone=Tone::Good title=t().import_done /> },
        (false, _) => view! { <Banner tone=Tone::Attention title=t().import_done text=t().import_done_refused.to_owned() /> },
    };
    let busy = Signal::derive(move || work.is_busy());
    let next = if tried && doable > 0 {
        view! { <Button label=t().import_take(whole(doable)) kind=ButtonKind::Primary busy on_press=move || work.send(false) /> }.into_any()
    } else {
        view! { <a class="link" href=place::list_href(work.resource)>{words::many(work.resource)}</a> }.into_any()
    };
    let more = (report.refused > MOST_REFUSED_TOLD as u64).then(|| t().import_more(whole(MOST_REFUSED_TOLD as u64), whole(report.refused)));
    let refused = (!report.problems.is_empty()).then(|| view! { <Refused work lines=report.problems.clone() /> });
    let alikes = (!report.alikes.is_empty()).then(|| view! { <Alikes work lines=report.alikes.clone() /> });
    view! { {banner}{counts(&report)}<p>{next}</p>{refused}{alikes}{more.map(|more| view! { <p class="soft small">{more}</p> })} }
}

/// The lines whose records are probably there already: they were taken, and can be merged.
#[component]
fn Alikes(work: Work, lines: Vec<AlikeLine>) -> impl IntoView {
    let resource = work.resource;
    let same = move |line: &AlikeLine| {
        let record = |alike: &Alike| view! { <a class="link" href=place::record_href(resource, alike.id)>{alike.name.clone()}</a> " " };
        let lines = line.lines.iter().map(|line| whole(*line)).collect::<Vec<_>>().join(", ");
        let lines = (!lines.is_empty()).then(|| t().import_same_lines(lines));
        view! { {line.records.iter().map(record).collect_view()}{lines} }.into_any()
    };
    let columns = vec![Column::figures(t().import_line, |line: &AlikeLine| whole(line.line).into_any()), Column::words(t().import_same_as, same)];
    let lines = Signal::stored(lines);
    view! {
        <p class="soft">{t().import_alike_text}</p>
        <Card flush=true><Table label=t().import_alike columns rows=lines key=|line: &AlikeLine| line.line.to_string() /></Card>
    }
}

/// The lines that were not taken, and why.
#[component]
fn Refused(work: Work, lines: Vec<RefusedLine>) -> impl IntoView {
    let resource = work.resource;
    let why = move |line: &RefusedLine| {
        let one = |problem: &holdfast_domain::kernel::resource::FieldProblem| match words::problem(resource, &problem.field) {
            Some((name, field)) => format!("{name}: {}", words::wrong(field, problem.wrong)),
            None => words::wrong_line(problem.wrong),
        };
        line.problems.iter().map(one).collect::<Vec<_>>().join(" ").into_any()
    };
    let columns = vec![Column::figures(t().import_line, |line: &RefusedLine| whole(line.line).into_any()), Column::words(t().import_why, why)];
    let lines = Signal::stored(lines);
    view! { <Card flush=true><Table label=t().import_refused columns rows=lines key=|line: &RefusedLine| line.line.to_string() /></Card> }
}
