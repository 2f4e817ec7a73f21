//! What is not confirmed yet, document by document.

use super::messages::t;
use crate::design::list_row::{List, ListRow};
use crate::engine::protocol::{Hindrance, QueueState, QueuedDocument};
use crate::language::{Clock, clock_time, day_and_time};
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
        let more = tries(&document, &zone);
        let code = code(document).map(|code| view! { <span class="code small soft">{code}</span> });
        view! { <ListRow title text more=Some(more) aside=move || view! { {code}<span class="figure soft">{since}</span> } /> }
    };
    let more = (more > 0).then(|| view! { <p class="table-more soft small">{t().more_documents(more)}</p> });
    view! { <List label=frame_words().what_waits>{queue.into_iter().map(row).collect_view()}</List>{more} }
}

/// How often it was tried, when last, why it did not go, and when it goes again.
fn tries(document: &QueuedDocument, zone: &str) -> String {
    let Some(tried) = &document.tried else { return t().not_tried.to_owned() };
    let times = t().document_tries(tried.times);
    let last = t().last_try(day_and_time(tried.last, zone));
    let why = why(&tried.why).map(str::to_owned);
    let next = document.next_try.map(|next| t().next_try(clock_time(next, zone, Clock::Seconds)));
    [Some(times), Some(last), why, next].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What was in the way, where the document's state does not say it.
fn why(why: &Hindrance) -> Option<&'static str> {
    match why {
        Hindrance::Unreachable => Some(t().why_unreachable),
        Hindrance::SessionLost => Some(t().why_session_lost),
        Hindrance::Failed => Some(t().why_failed),
        Hindrance::Refused { .. } => Some(t().why_refused),
        Hindrance::Retry => Some(t().why_retry),
        Hindrance::Waiting | Hindrance::Resting { .. } => None,
    }
}

/// The code of the answer that is in the way, for whoever helps.
fn code(document: QueuedDocument) -> Option<String> {
    match (document.state, document.tried.map(|tried| tried.why)) {
        (QueueState::Blocked { code }, _) | (_, Some(Hindrance::Refused { code } | Hindrance::Resting { code })) => Some(code),
        _ => None,
    }
}

fn state(state: &QueueState) -> &'static str {
    match state {
        QueueState::Saved => t().state_saved,
        QueueState::Sent => t().state_sent,
        QueueState::AtServer => t().state_waiting,
        QueueState::Blocked { .. } => t().state_blocked,
    }
}
