//! `/waiting`: all that is not confirmed on this device, document by document, and what to do where this device cannot send it itself.

mod documents;
mod facts;
mod files;
mod messages;

pub use documents::document_name;
pub use files::{ACCEPT, HandOver, carried, outside_list, tally_words, tone_of};
pub use messages::{file as file_words, t as words};

use super::messages::t as frame_words;
use super::tasks::tasks;
use super::{Screen, Shell, TopBar, title};
use crate::design::button::{Button, ButtonKind};
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::design::skeleton::Skeleton;
use crate::engine::protocol::{Request, SyncView};
use crate::sales::photos::queued_photos;
use leptos::prelude::*;
use leptos::task::spawn_local;
use messages::t;

/// The screen.
#[component]
pub fn WaitingPage() -> impl IntoView {
    title(t().title);
    let shell = Shell::expect();
    let try_now = move || spawn_local(shell.ask_sync(Request::SyncNow));
    let known = Memo::new(move |_| shell.sync.with(Option::is_some));
    view! {
        <Screen surface="till" class="settings">
            <TopBar place=t().title />
            <main>
                <div class="settings-box stack loose">
                    <header class="waiting-head">
                        <h1>{t().title}</h1>
                        <Button label=frame_words().try_now icon=Icon::Refresh kind=ButtonKind::Primary on_press=try_now />
                    </header>
                    <Show when=move || known.get() fallback=|| view! { <Skeleton rows=4 /> }>
                        {move || shell.sync.get().map(|sync| content(shell, sync))}
                    </Show>
                    <Card title=t().hand_over>
                        <div class="stack">
                            <p class="soft">{t().hand_over_text}</p>
                            <p class="soft">{t().hand_in_text}</p>
                            <HandOver shell />
                        </div>
                    </Card>
                </div>
            </main>
        </Screen>
    }
}

fn content(shell: Shell, sync: SyncView) -> impl IntoView {
    let facts = facts::facts(shell, &sync);
    let SyncView { tasks: open, carried: files, queue, more_documents, blobs, .. } = sync;
    let listed = if queue.is_empty() && blobs.is_empty() {
        view! { <EmptyState icon=Icon::CheckDouble title=frame_words().nothing_waits text=frame_words().nothing_waits_text /> }.into_any()
    } else {
        documents::documents(queue, more_documents, shell.time_zone()).into_any()
    };
    view! {
        {tasks(shell, RwSignal::new(false), open)}
        <Card title=t().documents flush=true>{listed}</Card>
        {queued_photos(blobs, shell.time_zone())}
        {carried(shell, files)}
        <Card title=frame_words().sync_facts flush=true>{facts}</Card>
    }
}
