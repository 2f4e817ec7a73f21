//! `/office/hand-in`: a file that a device saved because it could not send, and what came of it.

use crate::design::banner::{Banner, Tone};
use crate::design::card::Card;
use crate::design::file_button::{ChosenFile, FileDrop};
use crate::design::progress::{ProgressBar, percent};
use crate::device::{clock, json};
use crate::language::whole;
use crate::shell::api::ApiFailure;
use crate::shell::waiting::{ACCEPT, file_words, outside_list, tally_words, tone_of, words as t};
use crate::shell::{OfficeFrame, Shell, api, title};
use holdfast_domain::import::{ImportTally, Imported, OutsideTheBooks};
use holdfast_sync::outbox_file::SealedPart;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

/// How often a line is handed in that the server could not finish.
const TRIES: u32 = 5;
/// Between two of them.
const PAUSE_MS: u32 = 2_000;

/// The screen.
#[component]
pub fn HandInPage() -> impl IntoView {
    title(t().hand_in);
    view! { <OfficeFrame><HandIn /></OfficeFrame> }
}

/// A file on its way, and what came of it so far.
#[derive(Debug, Clone, Default)]
struct Run {
    name: String,
    lines: usize,
    done: usize,
    parts: u32,
    device: Option<String>,
    tally: ImportTally,
    outside: Vec<OutsideTheBooks>,
    failed: Option<String>,
    /// Nothing more is handed in now.
    stopped: bool,
}

#[component]
fn HandIn() -> impl IntoView {
    let shell = Shell::expect();
    let run = RwSignal::new(None::<Run>);
    let busy = Signal::derive(move || run.with(|run| run.as_ref().is_some_and(Run::is_under_way)));
    let take = move |file: ChosenFile| spawn_local(hand_in(shell, run, file));
    view! {
        <header class="office-head"><h1>{t().hand_in}</h1></header>
        <Card>
            <div class="stack">
                <FileDrop text=t().drop_text label=t().hand_in accept=ACCEPT disabled=busy on_file=take />
                {move || run.get().map(|run| outcome(&run))}
            </div>
        </Card>
    }
}

fn outcome(run: &Run) -> AnyView {
    let from = run.device.as_ref().map_or_else(|| run.name.clone(), |device| t().of_device(device));
    let said = [from, tally_words(&run.tally)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let zone =
        Shell::expect().session.with_untracked(|session| session.view().and_then(|view| view.sites.first().map(|site| site.time_zone.clone())));
    let outside = outside_list(run.outside.clone(), zone.unwrap_or_else(|| "UTC".to_owned()), Uuid::nil());
    if run.is_under_way() {
        let label = format!("{} · {} / {}", t().handing_in, whole(run.done as u64), whole(run.lines as u64));
        return view! { <ProgressBar label percent=percent(run.done as u64, run.lines as u64) /><p class="soft" role="status">{said}</p> }.into_any();
    }
    let (tone, title, text) = match &run.failed {
        Some(code) => (Tone::Bad, file_words(code).0, format!("{} {said}", file_words(code).1)),
        None if run.parts as usize > run.lines => (Tone::Attention, t().file_not_whole, format!("{} {said}", t().file_not_whole_text)),
        None => (tone_of(&run.tally), t().file_done, said),
    };
    view! { <Banner tone title text code=run.failed.clone() />{outside} }.into_any()
}

/// Hands in line after line. What was handed in stays so, whatever becomes of the rest; a line that cannot be read keeps no other from being handed in.
async fn hand_in(shell: Shell, run: RwSignal<Option<Run>>, file: ChosenFile) {
    let (text, name) = (file.text(), file.name);
    let lines: Vec<SealedPart> = text.lines().filter_map(|line| json::read(line).ok()).collect();
    let failed = lines.is_empty().then(|| "no_outbox_file".to_owned());
    run.set(Some(Run { name, lines: lines.len(), stopped: failed.is_some(), failed, ..Run::default() }));
    for line in &lines {
        match answered(shell, line).await {
            Ok(imported) => run.update(|run| run.iter_mut().for_each(|run| run.add(imported.clone()))),
            Err(code) => {
                let stops = !is_of_the_line(&code);
                run.update(|run| run.iter_mut().for_each(|run| run.fail(code.clone(), stops)));
                if stops {
                    return;
                }
            }
        }
    }
}

async fn answered(shell: Shell, line: &SealedPart) -> Result<Imported, String> {
    for attempt in 1..=TRIES {
        let csrf = shell.session.with_untracked(|session| session.view().map(|view| view.csrf.clone()));
        match api::post::<_, Imported>("/api/v1/sync/import", line, csrf.as_deref()).await {
            Ok(imported) if imported.tally.again == 0 => return Ok(imported),
            Ok(_) => {}
            Err(ApiFailure::Unreachable) if attempt < TRIES => {}
            Err(failure) => return Err(failure.code().to_owned()),
        }
        if attempt < TRIES {
            clock::sleep(PAUSE_MS).await;
        }
    }
    Err("again".to_owned())
}

/// Whether another line may fare better.
fn is_of_the_line(code: &str) -> bool {
    code.starts_with("import_") || matches!(code, "push_too_large" | "body_too_large" | "invalid_body")
}

impl Run {
    fn is_under_way(&self) -> bool {
        !self.stopped && self.done < self.lines
    }

    fn fail(&mut self, code: String, stops: bool) {
        self.done += usize::from(!stops);
        self.failed.get_or_insert(code);
        self.stopped |= stops;
    }

    fn add(&mut self, imported: Imported) {
        self.done += 1;
        self.parts = imported.parts;
        self.device = imported.device_name.or_else(|| self.device.take());
        self.tally = self.tally.and(imported.tally);
        self.outside.extend(imported.outside);
    }
}
