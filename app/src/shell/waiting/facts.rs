//! How this device stands: the server, the clock, the storage.

use super::messages::t;
use crate::design::button::{Button, ButtonSize};
use crate::design::list_row::{List, ListRow};
use crate::engine::protocol::SyncView;
use crate::language::{Clock, clock_time, day_and_time, whole};
use crate::shell::messages::t as frame_words;
use crate::shell::{Shell, keep_storage};
use leptos::prelude::*;

/// A clock that is off by less is right: the way to the server takes as long.
const RIGHT_MS: u64 = 2_000;

/// The list.
pub fn facts(shell: Shell, sync: &SyncView) -> AnyView {
    let zone = shell.time_zone();
    let contact = sync.last_contact.map_or_else(|| t().never.to_owned(), |at| day_and_time(at, &zone));
    let kept = sync.storage.persisted;
    let used = t().storage_used(whole(sync.storage.used >> 20), whole(sync.storage.quota >> 20));
    let storage = format!("{used} · {}", if kept { frame_words().storage_kept } else { frame_words().storage_at_risk });
    let keep =
        move || (!kept).then(|| view! { <Button label=frame_words().keep_data size=ButtonSize::Small on_press=move || keep_storage(shell) /> });
    let (connection, clock) = (connection(sync, &zone), clock(sync.clock_offset_ms));
    view! {
        <List label=frame_words().sync_facts>
            <ListRow title=t().connection text=connection />
            <ListRow title=t().last_contact aside=move || view! { <span class="figure soft">{contact}</span> } />
            <ListRow title=t().clock text=clock />
            <ListRow title=t().storage text=storage aside=keep />
        </List>
    }
    .into_any()
}

fn connection(sync: &SyncView, zone: &str) -> String {
    let minutes = |at| clock_time(at, zone, Clock::Minutes);
    if sync.online {
        return t().reached.to_owned();
    }
    let since = sync.offline_since.map_or_else(|| t().never_reached.to_owned(), |since| t().out_of_reach(minutes(since)));
    let tries = (sync.tries > 0).then(|| t().tries(sync.tries));
    let next = sync.next_try.map(|next| t().next_try(clock_time(next, zone, Clock::Seconds)));
    [Some(since), tries, next].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How far the device's clock is from the server's, as it last knew.
fn clock(offset_ms: Option<i64>) -> String {
    match offset_ms {
        None => t().never_reached.to_owned(),
        Some(offset) if offset.unsigned_abs() < RIGHT_MS => t().clock_right.to_owned(),
        Some(offset) if offset < 0 => t().clock_ahead(span(offset.unsigned_abs())),
        Some(offset) => t().clock_behind(span(offset.unsigned_abs())),
    }
}

fn span(ms: u64) -> String {
    match ms / 1_000 {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds => format!("{} h", whole(seconds / 3_600)),
    }
}
