//! One ticket in detail: its receipt, how far it has come, what the server ruled on it, and what to do.

use super::messages::{self, Saying, t};
use super::print::print_by_key;
use super::receipt::Receipt;
use super::store::Till;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind};
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::design::skeleton::Skeleton;
use crate::design::status_chip::StatusChip;
use crate::engine::protocol::{Answer, Progress, Request, TaskView, TicketStatus, TicketView};
use crate::language::day_and_time;
use holdfast_domain::kernel::DocumentId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_params_map;

/// What is known of the ticket asked for.
#[derive(Debug, Clone, PartialEq)]
enum Found {
    Asking,
    Ticket(Box<TicketView>),
    Nothing,
}

/// The ticket of the address.
#[component]
pub fn TicketScreen() -> impl IntoView {
    let till = Till::expect();
    let params = use_params_map();
    let found = RwSignal::new(Found::Asking);
    Effect::new(move || {
        till.tickets_turn.track();
        let Some(document) = params.read().get("document").and_then(|text| text.parse::<DocumentId>().ok()) else {
            return found.set(Found::Nothing);
        };
        spawn_local(async move {
            let answer = till.ask(Request::Ticket { document }).await;
            let ticket = match answer {
                Ok(Answer::Ticket(ticket)) => Found::Ticket(ticket),
                Ok(_) | Err(_) => Found::Nothing,
            };
            found.try_set(ticket);
        });
    });
    let shown = Memo::new(move |_| found.get());
    view! {
        <div class="till-page">
            <Link href="/till/tickets" label=t().tickets_title icon=Icon::ArrowBack />
            {move || match shown.get() {
                Found::Asking => view! { <Skeleton rows=5 /> }.into_any(),
                Found::Nothing => view! { <EmptyState icon=Icon::Receipt title=t().ticket_unknown_title text=Some(t().ticket_unknown_text.to_owned()) /> }.into_any(),
                Found::Ticket(ticket) => view! { <Detail ticket=*ticket /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Detail(ticket: TicketView) -> impl IntoView {
    let till = Till::expect();
    let title = ticket.receipt_number.as_deref().map(|number| t().receipt_no(number)).unwrap_or_else(|| match ticket.status {
        TicketStatus::Open => t().ticket_open.to_owned(),
        TicketStatus::Completed | TicketStatus::Abandoned => t().ticket_abandoned.to_owned(),
    });
    let when = day_and_time(ticket.completed_at.unwrap_or(ticket.opened_at), &till.time_zone());
    let paper = ticket.clone();
    let printed = ticket.clone();
    if ticket.status == TicketStatus::Completed {
        print_by_key(ticket.clone());
    }
    view! {
        <div class="ticket-head">
            <div class="stack tight">
                <h1>{title}</h1>
                <p class="soft">{format!("{when} · {}", ticket.by)}</p>
            </div>
            <div class="row">
                <StatusChip progress=ticket.progress />
                {(ticket.status == TicketStatus::Completed).then(|| view! {
                    <Button label=t().print icon=Icon::Print kind=ButtonKind::Secondary on_press=move || till.printing.set(Some(printed.clone())) />
                })}
            </div>
        </div>
        <div class="ticket-detail">
            <Receipt ticket=paper />
            <div class="stack">
                <Standing progress=ticket.progress status=ticket.status />
                <Rulings ticket />
            </div>
        </div>
    }
}

/// Where the ticket stands, in a sentence.
#[component]
fn Standing(progress: Progress, status: TicketStatus) -> impl IntoView {
    let Saying { title, text } = if status == TicketStatus::Abandoned { messages::abandoned_means() } else { messages::progress_means(progress) };
    view! { <Card title=Signal::stored(title)><p class="soft">{text}</p></Card> }
}

/// What the server found, and what the person is to do about it.
#[component]
fn Rulings(ticket: TicketView) -> impl IntoView {
    let till = Till::expect();
    let document = ticket.document;
    let tasks = Memo::new(move |_| {
        let mine = |tasks: &[TaskView]| tasks.iter().filter(|task| task.document == document).cloned().collect::<Vec<_>>();
        till.sync.with(|sync| sync.as_ref().map_or_else(Vec::new, |sync| mine(&sync.tasks)))
    });
    let ruled = StoredValue::new(ticket.rulings);
    let dismiss = move |task: String| {
        spawn_local(async move {
            match till.ask(Request::Dismiss { task }).await {
                Ok(Answer::Sync(sync)) => drop(till.sync.try_set(Some(*sync))),
                Ok(_) => {}
                Err(refusal) => till.refuse(&refusal),
            }
        });
    };
    let task = move |task: TaskView| {
        let Saying { title, text } = messages::ruled(&task.code);
        let id = task.id.clone();
        let read = move || view! { <Button label=t().understood kind=ButtonKind::Secondary on_press=move || dismiss(id.clone()) /> };
        view! { <Banner tone=Tone::Attention title text=Signal::stored(Some(text)) code=Signal::stored(Some(task.code)) action=read /> }
    };
    let noted = move |code: String| {
        let Saying { title, text } = messages::ruled(&code);
        view! { <Banner tone=Tone::Plain title text=Signal::stored(Some(text)) code=Signal::stored(Some(code)) /> }
    };
    view! {
        {move || {
            let tasks = tasks.get();
            let codes = ruled.with_value(|ruled| ruled.iter().map(|key| key.trim_start_matches("ruling.").to_owned()).collect::<Vec<_>>());
            let only_noted = codes.into_iter().filter(|code| !tasks.iter().any(|task| task.code.trim_start_matches("ruling.") == code)).collect::<Vec<_>>();
            view! { {tasks.into_iter().map(task).collect_view()} {only_noted.into_iter().map(noted).collect_view()} }
        }}
    }
}
