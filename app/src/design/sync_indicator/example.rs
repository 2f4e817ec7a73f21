//! The sync mark's states in the gallery.

use super::{SyncIndicator, SyncMark};
use leptos::prelude::*;

/// All of them.
pub fn example() -> AnyView {
    let since = Some("14:02".to_owned());
    let marks = [
        SyncMark::Settled,
        SyncMark::Waiting(3),
        SyncMark::Offline { since: since.clone(), waiting: 0 },
        SyncMark::Offline { since, waiting: 12 },
        SyncMark::NeedsYou(2),
    ];
    view! { <div class="row">{marks.map(|mark| view! { <SyncIndicator mark=Signal::stored(mark) on_press=|| () /> }).into_iter().collect_view()}</div> }
        .into_any()
}
