//! `/settings/erase`: forgets everything on this device; refused while work is unsent, with what waits and how to send it.

use super::messages::t;
use super::refusal::explain;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind};
use crate::design::card::Card;
use crate::design::dialog::Dialog;
use crate::design::icon::Icon;
use crate::design::list_row::{List, ListRow};
use crate::engine::protocol::{Answer, Request, SyncView};
use crate::language::day_and_time;
use crate::sales::photos::queued_photos;
use crate::shell::sentinel;
use crate::shell::session::leave;
use crate::shell::{Screen, Shell, TopBar, document_name, title};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The screen.
#[component]
pub fn ErasePage() -> impl IntoView {
    title(t().erase);
    let shell = Shell::expect();
    let asking = RwSignal::new(false);
    let error = RwSignal::new(None::<String>);
    let waiting = Memo::new(move |_| shell.sync.with(|sync| sync.as_ref().map_or(0, |sync| sync.waiting)));
    let erase = move || {
        asking.set(false);
        spawn_local(async move {
            match shell.engine().ask(Request::Erase).await {
                Ok(Answer::Erased) => {
                    // Whoever gets the device next is not whoever was signed in.
                    sentinel::forget();
                    leave(shell.session.get_untracked()).await;
                    let _leaving = window().location().assign("/");
                }
                Ok(_) => {}
                Err(refusal) => error.set(Some(explain(&refusal))),
            }
        });
    };
    let try_now = move || spawn_local(shell.ask_sync(Request::SyncNow));
    let unsent = move || {
        let sync = shell.sync.get().filter(|sync| sync.waiting > 0)?;
        let how = if sync.paused {
            t().send_by_signing_in
        } else if sync.online {
            t().send_now
        } else {
            t().send_when_online
        };
        Some(view! {
            <Banner tone=Tone::Attention title=t().unsent_work(u64::from(sync.waiting)) text=how action=move || view! { <Button label=t().try_now icon=Icon::Refresh on_press=try_now /> } />
            {what_waits(sync, shell.time_zone())}
        })
    };
    let confirm = move || {
        view! {
            <Button label=t().keep_device kind=ButtonKind::Quiet on_press=move || asking.set(false) />
            <Button label=t().erase kind=ButtonKind::Danger on_press=erase />
        }
    };
    view! {
        <Screen surface="office" class="settings">
            <TopBar place=t().settings />
            <main>
                <div class="settings-box stack">
                    <h1>{t().erase}</h1>
                    <p class="soft">{t().erase_text}</p>
                    {unsent}
                    {move || error.get().map(|error| view! { <Banner tone=Tone::Bad title=t().not_erased text=error /> })}
                    <div class="row"><Button label=t().erase kind=ButtonKind::Danger disabled=Signal::derive(move || waiting.get() > 0) on_press=move || asking.set(true) /></div>
                    <Dialog open=asking title=t().erase_question actions=confirm><p>{t().erase_text}</p></Dialog>
                </div>
            </main>
        </Screen>
    }
}

fn what_waits(sync: SyncView, time_zone: String) -> impl IntoView {
    let row = |document: crate::engine::protocol::QueuedDocument, zone: &str| {
        let since = day_and_time(document.since, zone);
        let title = document_name(&document);
        view! { <ListRow title text=t().changes(document.changes) aside=move || view! { <span class="figure soft">{since}</span> } /> }
    };
    let photos = queued_photos(sync.blobs, time_zone.clone());
    let row = move |document| row(document, &time_zone);
    view! {
        <Card title=t().what_waits flush=true><List label=t().what_waits>{sync.queue.into_iter().map(row).collect_view()}</List></Card>
        {photos}
    }
}
