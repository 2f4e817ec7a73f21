//! What lies behind the sync mark: what waits, what needs the person, whether storage is kept, when the server was last reached.

use super::messages::t;
use super::tasks::tasks;
use super::waiting::{HandOver, carried, document_name, words};
use super::{Shell, keep_storage};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::design::list_row::{List, ListRow};
use crate::design::sheet::Sheet;
use crate::engine::protocol::{APP_TOO_OLD, QueuedDocument, Request, SyncView};
use crate::language::day_and_time;
use crate::sales::photos::queued_photos;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The sheet.
#[component]
pub fn SyncSheet(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let shell = Shell::expect();
    view! {
        <Sheet open title=t().sync_title>
            {move || shell.sync.get().map(|sync| content(shell, open, sync))}
        </Sheet>
    }
}

fn content(shell: Shell, open: RwSignal<bool>, sync: SyncView) -> impl IntoView {
    let zone = shell.time_zone();
    let contact = sync.last_contact.map_or_else(|| t().never.to_owned(), |at| day_and_time(at, &zone));
    let try_now = move || spawn_local(shell.ask_sync(Request::SyncNow));
    let nothing = sync.queue.is_empty() && sync.blobs.is_empty() && sync.tasks.is_empty() && !sync.carried.iter().any(|file| file.waits);
    let kept = sync.storage.persisted;
    let storage = if kept { t().storage_kept } else { t().storage_at_risk };
    view! {
        {sync.paused.then(|| view! { <Banner tone=Tone::Attention title=t().paused_title text=t().paused_text /> })}
        {(!sync.online).then(|| view! { <Banner tone=Tone::Plain title=t().offline_title text=t().offline_text /> })}
        {sync.refused.map(|code| {
            let (title, text) = if code == APP_TOO_OLD { (t().too_old_title, t().too_old_text) } else { (t().refused_title, t().refused_text) };
            view! { <Banner tone=Tone::Attention title text code=code /> }
        })}
        {tasks(shell, open, sync.tasks)}
        {queue(sync.waiting, sync.queue, zone.clone())}
        {queued_photos(sync.blobs, zone)}
        {carried(shell, sync.carried)}
        {nothing.then(|| view! { <EmptyState icon=Icon::CheckDouble title=t().nothing_waits text=t().nothing_waits_text /> })}
        <List label=t().sync_facts>
            <ListRow title=t().last_contact aside=move || view! { <span class="figure soft">{contact}</span> } />
            <ListRow
                title=t().storage
                text=storage
                aside=move || (!kept).then(|| view! { <Button label=t().keep_data size=ButtonSize::Small on_press=move || keep_storage(shell) /> })
            />
        </List>
        <Button label=t().try_now icon=Icon::Refresh kind=ButtonKind::Primary wide=true on_press=try_now />
        <HandOver shell />
        <p class="hand-over-more"><Link href="/waiting" label=words().details /></p>
    }
}

fn queue(waiting: u32, queue: Vec<QueuedDocument>, time_zone: String) -> impl IntoView {
    let one = move |document: QueuedDocument| {
        let title = document_name(&document);
        let since = day_and_time(document.since, &time_zone);
        view! { <ListRow title text=t().changes(document.changes) aside=move || view! { <span class="figure soft">{since}</span> } /> }
    };
    (!queue.is_empty()).then(|| {
        view! {
            <section class="stack tight">
                <h3>{t().waiting(waiting)}</h3>
                <List label=t().what_waits>{queue.into_iter().map(one).collect_view()}</List>
            </section>
        }
    })
}
