//! The sync mark at the top right of every screen. It informs and never alarms: work goes on whatever it shows.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::icon::{Icon, IconMark};
use super::messages::t;
use leptos::prelude::*;

/// What the mark shows, the most pressing first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SyncMark {
    /// So many things need the person.
    NeedsYou(u32),
    /// The server is out of reach.
    Offline {
        /// The time of day since when, as shown.
        since: Option<String>,
        /// How many changes wait.
        waiting: u32,
    },
    /// So many changes are on their way.
    Waiting(u32),
    /// All is accepted.
    Settled,
}

/// The mark; touched, it opens the sheet.
#[component]
pub fn SyncIndicator(
    /// What it shows.
    #[prop(into)]
    mark: Signal<SyncMark>,
    /// Opens the sheet.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    let name = move || mark.with(sentence);
    view! {
        <button type="button" class="sync-mark" aria-label=name title=name on:click=move |_| on_press.run(())>
            {move || mark.with(face)}
        </button>
    }
}

/// The mark in words.
pub fn sentence(mark: &SyncMark) -> String {
    let offline = |since: &Option<String>| since.as_ref().map_or_else(|| t().sync_offline.to_owned(), |since| t().sync_offline_since(since));
    match mark {
        SyncMark::NeedsYou(count) => t().sync_needs_you(*count),
        SyncMark::Offline { since, waiting: 0 } => offline(since),
        SyncMark::Offline { since, waiting } => format!("{}, {}", offline(since), t().sync_waiting(*waiting)),
        SyncMark::Waiting(count) => t().sync_waiting(*count),
        SyncMark::Settled => t().sync_settled.to_owned(),
    }
}

fn face(mark: &SyncMark) -> AnyView {
    match mark {
        SyncMark::NeedsYou(count) => {
            let words = t().sync_needs_you(*count);
            view! { <span class="sync-dot attention"></span><span class="sync-words">{words}</span> }.into_any()
        }
        SyncMark::Offline { since, waiting } => {
            let words = since.as_ref().map_or_else(|| t().sync_offline.to_owned(), |since| t().sync_offline_since(since));
            let number = (*waiting > 0).then(|| view! { <span class="sync-number figure" data-count=waiting.to_string()></span> });
            view! { <span class="sync-ring"><IconMark icon=Icon::Offline /></span><span class="sync-words">{words}</span>{number} }.into_any()
        }
        SyncMark::Waiting(count) => view! { <span class="sync-number figure" data-count=count.to_string()></span> }.into_any(),
        SyncMark::Settled => view! { <span class="sync-dot"></span> }.into_any(),
    }
}
