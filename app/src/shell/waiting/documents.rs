//! What is not confirmed yet, document by document.

use super::messages::t;
use crate::design::list_row::{List, ListRow};
use crate::engine::protocol::{QueueState, QueuedDocument};
use crate::language::day_and_time;
use crate::shell::messages::{self as frame, t as frame_words};
use leptos::prelude::*;

/// As a person calls it, such as `Ticket 214`.
pub fn document_name(document: &QueuedDocument) -> String {
    let kind = frame::document_kind(&document.kind);
    if document.label.is_empty() { kind.to_owned() } else { format!("{kind} {}", document.label) }
}

/// The list, the oldest first; `more` are not listed.
pub fn documents(queue: Vec<QueuedDocument>, more: u32, zone: String) -> impl IntoView {
    let row = move |document: QueuedDocument| {
        let (title, since) = (document_name(&document), day_and_time(document.since, &zone));
        let text = format!("{} · {}", frame_words().changes(document.changes), state(&document.state));
        let code = match document.state {
            QueueState::Blocked { code } => Some(view! { <span class="code small soft">{code}</span> }),
            QueueState::Saved | QueueState::Sent | QueueState::AtServer => None,
        };
        view! { <ListRow title text aside=move || view! { {code}<span class="figure soft">{since}</span> } /> }
    };
    let more = (more > 0).then(|| view! { <p class="table-more soft small">{t().more_documents(more)}</p> });
    view! { <List label=frame_words().what_waits>{queue.into_iter().map(row).collect_view()}</List>{more} }
}

fn state(state: &QueueState) -> &'static str {
    match state {
        QueueState::Saved => t().state_saved,
        QueueState::Sent => t().state_sent,
        QueueState::AtServer => t().state_waiting,
        QueueState::Blocked { .. } => t().state_blocked,
    }
}
