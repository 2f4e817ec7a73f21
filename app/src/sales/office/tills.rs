//! The tills and how they stand now.

use super::messages::t;
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::card::Card;
use crate::design::icon::Icon;
use crate::design::table::{Column, Table};
use crate::language::{Clock, clock_time, day_and_time, money, whole};
use holdfast_domain::sales::office::{TillStanding, TillsOverview};
use leptos::prelude::*;

/// A table of tills.
#[component]
pub fn Tills(
    /// As the server tells it.
    #[prop(into)]
    overview: Signal<TillsOverview>,
) -> impl IntoView {
    let columns = vec![
        Column::words(t().till, |till: &TillStanding| {
            view! { <span class="strong">{till.name.clone()}</span>" "<span class="faint">{till.site_name.clone()}</span> }
        }),
        Column::words(t().state, |till: &TillStanding| view! { <Standing till=till.clone() /> }),
        Column::words(t().last_contact, |till: &TillStanding| {
            till.last_contact.map_or_else(|| t().never.to_owned(), |at| day_and_time(at, &till.time_zone))
        })
        .minor(),
        Column::figures(t().tickets, |till: &TillStanding| whole(u64::from(till.tickets))).minor(),
        Column::figures(t().takings, |till: &TillStanding| {
            till.takings.map_or_else(|| t().nothing.to_owned(), |takings| money(takings.minor, takings.currency.code()))
        }),
    ];
    let rows = Signal::derive(move || overview.get().tills);
    view! { <Card title=t().tills_now flush=true><Table label=t().tills_now columns rows key=key /></Card> }
}

/// A row is drawn anew when what it shows changes.
fn key(till: &TillStanding) -> String {
    let session = till.session.as_ref().map(|session| session.document);
    format!("{}:{session:?}:{:?}:{}:{:?}", till.till, till.last_contact, till.tickets, till.takings)
}

#[component]
fn Standing(till: TillStanding) -> impl IntoView {
    match till.session {
        Some(session) => {
            let since = t().open_since(clock_time(session.opened_at, &till.time_zone, Clock::Minutes), &session.opened_by);
            view! { <Badge tone=Tone::Good label=t().open icon=Icon::Till />" "<span class="faint small">{since}</span> }.into_any()
        }
        None => view! { <Badge tone=Tone::Plain label=t().closed icon=Icon::Lock /> }.into_any(),
    }
}
