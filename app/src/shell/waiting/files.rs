//! Files that carry what a device could not send: writing one, and what came of those handed in here.

use super::messages::{self, t};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonSize};
use crate::design::file_button::{ChosenFile, FileButton};
use crate::design::icon::Icon;
use crate::design::list_row::{List, ListRow};
use crate::design::toast::{ToastKind, Toasts};
use crate::engine::protocol::{Answer, CarriedView, OutboxFile, Request};
use crate::language::{Clock, clock_time, day_and_time, whole};
use crate::shell::Shell;
use crate::shell::download::download;
use crate::shell::messages as frame;
use holdfast_domain::import::{ImportTally, OutsideTheBooks};
use holdfast_domain::kernel::Timestamp;
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

/// How our files end.
pub const ACCEPT: &str = ".holdfast";

/// The two buttons: to save what waits here as a file, and to hand in another device's.
#[component]
pub fn HandOver(
    /// Where it is told.
    shell: Shell,
) -> impl IntoView {
    let toasts = Toasts::expect();
    let failed = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let save = move || {
        busy.set(true);
        spawn_local(async move {
            failed.set(None);
            match shell.engine().ask(Request::ExportOutbox).await {
                Ok(Answer::OutboxFile(file)) => {
                    let name = file_name(&file, &shell.time_zone());
                    match download(&name, &file.text) {
                        Some(()) => toasts.say(ToastKind::Good, t().saved_as(name)),
                        None => failed.set(Some("not_saved".to_owned())),
                    }
                }
                Ok(_) => {}
                Err(refusal) => failed.set(Some(refusal.code)),
            }
            busy.set(false);
        });
    };
    let take = move |file: ChosenFile| {
        spawn_local(async move {
            failed.set(None);
            let (text, name) = (file.text(), file.name);
            match shell.engine().ask(Request::TakeFile { name, text }).await {
                Ok(Answer::Sync(sync)) => shell.sync.set(Some(*sync)),
                Ok(_) => {}
                Err(refusal) => failed.set(Some(refusal.code)),
            }
        });
    };
    let why = move || {
        failed.get().map(|code| {
            let (title, text) = messages::file(&code);
            view! { <Banner tone=Tone::Bad title text=text.to_owned() code /> }
        })
    };
    let nothing = Signal::derive(move || shell.sync.with(|sync| sync.as_ref().is_none_or(|sync| sync.queue.is_empty())));
    view! {
        <div class="hand-over">
            <Button label=t().save_file icon=Icon::Download disabled=nothing busy on_press=save />
            <FileButton label=t().hand_in icon=Icon::Send accept=ACCEPT on_file=take />
        </div>
        {why}
    }
}

/// Such as `holdfast-Till-1-2026-11-21-14.02.holdfast`.
fn file_name(file: &OutboxFile, zone: &str) -> String {
    let plain = |text: &str| text.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect::<String>();
    let now = crate::device::clock::now();
    let day = crate::language::today(now, zone);
    format!("holdfast-{}-{day}-{}{ACCEPT}", plain(&file.till), plain(&clock_time(now, zone, Clock::Minutes)))
}

/// What is handed in here, the newest first.
pub fn carried(shell: Shell, files: Vec<CarriedView>) -> Option<impl IntoView> {
    let one = move |file: CarriedView| carried_file(shell, file);
    (!files.is_empty()).then(|| view! { <section class="stack tight"><h3>{t().files}</h3>{files.into_iter().map(one).collect_view()}</section> })
}

fn carried_file(shell: Shell, file: CarriedView) -> impl IntoView {
    let CarriedView { id, name, left, waits, whole, device, tally, outside, refused, .. } = file;
    let from = device.map(|device| t().of_device(device)).unwrap_or(name);
    let (tone, title, text) = match (&refused, waits) {
        (Some(code), _) => (Tone::Bad, messages::file(code).0, messages::file(code).1.to_owned()),
        (None, true) => (Tone::Info, t().file_waits, t().lines_left(left)),
        (None, false) if !whole => (Tone::Attention, t().file_not_whole, t().file_not_whole_text.to_owned()),
        (None, false) => (tone_of(&tally), t().file_done, String::new()),
    };
    let text = [from, text, tally_words(&tally)].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let put_away = move || spawn_local(shell.ask_sync(Request::PutFileAway { file: id }));
    let action = move || (!waits).then(|| view! { <Button label=t().put_away size=ButtonSize::Small on_press=put_away /> });
    view! {
        <Banner tone title text code=refused action />
        {outside_list(outside, shell.time_zone(), id)}
    }
}

/// How it went, by what came of it.
pub fn tone_of(tally: &ImportTally) -> Tone {
    if tally.held + tally.refused > 0 { Tone::Attention } else { Tone::Good }
}

/// What became of a file's changes, in words; empty where nothing is known yet.
pub fn tally_words(tally: &ImportTally) -> String {
    let of = |count: u32, words: fn(String) -> String| (count > 0).then(|| words(whole(count.into())));
    let said = [
        of(tally.accepted, |count| t().in_books(count)),
        of(tally.waiting, |count| t().waits_count(count)),
        of(tally.held, |count| t().held_count(count)),
        of(tally.refused, |count| t().refused_count(count)),
        of(tally.known, |count| t().known_count(count)),
    ];
    said.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What is not in the books, and why.
pub fn outside_list(outside: Vec<OutsideTheBooks>, zone: String, of: Uuid) -> Option<impl IntoView> {
    let row = move |envelope: OutsideTheBooks| {
        let (why, text) = frame::task(&format!("{}.{}", if envelope.held { "held" } else { "refused" }, envelope.code));
        let when = envelope.at.map(|at: Timestamp| day_and_time(at, &zone)).unwrap_or_default();
        let title = format!("{} · {why}", frame::deed(&envelope.name));
        let code = envelope.code;
        view! { <ListRow title text=format!("{when} · {text}") aside=move || view! { <span class="code small soft">{code}</span> } /> }
    };
    (!outside.is_empty()).then(|| {
        view! {
            <details class="outside" data-file=of.to_string()>
                <summary>{t().outside}</summary>
                <List label=t().outside>{outside.into_iter().map(row).collect_view()}</List>
            </details>
        }
    })
}
