//! The office's list of tickets.

use super::messages::t;
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::icon::Icon;
use crate::design::table::{Column, Table};
use crate::language::{Clock, clock_time, money};
use holdfast_domain::sales::office::TicketInList;
use holdfast_domain::sales::ticket::TicketStatus;
use leptos::prelude::*;
use std::sync::Arc;

/// Tickets, each leading to its own page.
#[component]
pub fn TicketTable(
    /// In order.
    #[prop(into)]
    tickets: Signal<Vec<TicketInList>>,
) -> impl IntoView {
    let columns = vec![
        Column::words(t().receipt, |ticket: &TicketInList| ticket.receipt.clone().unwrap_or_else(|| t().no_receipt.to_owned())),
        Column::words(t().time, |ticket: &TicketInList| clock_time(ticket.at, &ticket.time_zone, Clock::Minutes)),
        Column::words(t().till, |ticket: &TicketInList| format!("{} · {}", ticket.till_name, ticket.site_name)).minor(),
        Column::words(t().cashier, |ticket: &TicketInList| ticket.by.clone()).minor(),
        Column::figures(t().lines, |ticket: &TicketInList| ticket.lines.to_string()).minor(),
        Column::words(t().state, |ticket: &TicketInList| view! { <TicketState ticket=ticket.clone() /> }),
        Column::figures(t().total, |ticket: &TicketInList| money(ticket.total.minor, ticket.total.currency.code())),
    ];
    let href: Arc<dyn Fn(&TicketInList) -> String + Send + Sync> = Arc::new(|ticket| format!("/office/tickets/{}", ticket.document));
    view! { <Table label=t().tickets columns rows=tickets key=|ticket: &TicketInList| key(ticket) href=href /> }
}

/// A row is drawn anew when what it shows changes.
fn key(ticket: &TicketInList) -> String {
    format!("{}:{:?}:{}:{}:{}:{}", ticket.document, ticket.status, ticket.lines, ticket.total.minor, ticket.rulings.len(), ticket.held)
}

/// How far a ticket is, and whether someone should look at it.
#[component]
pub fn TicketState(
    /// Which.
    ticket: TicketInList,
) -> impl IntoView {
    if ticket.needs_attention() {
        return view! { <Badge tone=Tone::Attention label=t().needs_attention /> };
    }
    match ticket.status {
        TicketStatus::Completed => view! { <Badge tone=Tone::Good label=t().paid /> },
        TicketStatus::Open => view! { <Badge tone=Tone::Info label=t().open icon=Icon::Clock /> },
        TicketStatus::Abandoned => view! { <Badge tone=Tone::Plain label=t().abandoned icon=Icon::Minus /> },
    }
}
