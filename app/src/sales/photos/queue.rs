//! Photos that the server has not got yet: what, how large, how far.

use super::messages::{refused, t};
use crate::design::card::Card;
use crate::design::list_row::{List, ListRow};
use crate::engine::protocol::QueuedBlob;
use crate::language::{day_and_time, whole};
use leptos::prelude::*;

/// The list; nothing where none waits.
pub fn queued_photos(blobs: Vec<QueuedBlob>, zone: String) -> Option<impl IntoView> {
    let row = move |queued: QueuedBlob| {
        let kilobytes = |bytes: u32| whole(u64::from(bytes.div_ceil(1024)));
        let far = t().sent_of(kilobytes(queued.sent), kilobytes(queued.blob.bytes));
        let why = queued.refused.as_deref().map(refused);
        let text = why.map_or_else(|| far.clone(), |(title, text)| format!("{far} · {title}. {text}"));
        let code = queued.refused.map(|code| view! { <span class="code small soft">{code}</span> });
        view! { <ListRow title=t().taken(day_and_time(queued.since, &zone)) text aside=move || code /> }
    };
    (!blobs.is_empty())
        .then(|| view! { <Card title=t().not_sent flush=true><List label=t().not_sent>{blobs.into_iter().map(row).collect_view()}</List></Card> })
}
