//! The tickets of this till session or of the whole shop, newest first, each with how far it has come.

use super::messages::t;
use super::store::Till;
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::button::{Button, ButtonKind};
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::field::Choice;
use crate::design::icon::Icon;
use crate::design::list_row::{List, ListRow};
use crate::design::skeleton::Skeleton;
use crate::design::status_chip::StatusChip;
use crate::design::tabs::Segmented;
use crate::engine::protocol::{Answer, Request, TicketRow, TicketStatus, TicketsOf};
use crate::language::{Clock, clock_time};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;

const SESSION: &str = "session";
const SITE: &str = "site";
/// How many are shown before someone asks for more.
const PAGE: usize = 50;

/// The list.
#[component]
pub fn TicketsScreen() -> impl IntoView {
    let till = Till::expect();
    let wanted = RwSignal::new(PAGE);
    let whose = RwSignal::new(SESSION.to_owned());
    let of = Memo::new(move |_| if whose.with(|whose| whose == SITE) { TicketsOf::Site } else { TicketsOf::Session });
    let rows = RwSignal::new(None::<Vec<TicketRow>>);
    Effect::new(move || {
        till.tickets_turn.track();
        let (of, limit) = (of.get(), wanted.get());
        spawn_local(async move {
            match till.ask(Request::Tickets { of, limit }).await {
                Ok(Answer::Tickets(found)) => drop(rows.try_set(Some(found))),
                Ok(_) => {}
                Err(refusal) => till.refuse(&refusal),
            }
        });
    });
    let title = Signal::derive(move || if of.get() == TicketsOf::Site { t().shop_tickets_title } else { t().tickets_title }.to_owned());
    let more = Memo::new(move |_| rows.with(|rows| rows.as_ref().is_some_and(|rows| rows.len() >= wanted.get())));
    let navigate = StoredValue::new_local(use_navigate());
    let to_sale = move || navigate.with_value(|navigate| navigate("/till", Default::default()));
    view! {
        <div class="till-page">
            <h1>{title}</h1>
            <Segmented label=t().whose_tickets choices=Signal::stored(whose_choices()) value=whose />
            {move || match rows.with(|rows| rows.as_ref().map(Vec::is_empty)) {
                None => view! { <Skeleton rows=6 /> }.into_any(),
                Some(true) => view! {
                    <EmptyState
                        icon=Icon::Receipt
                        title=t().no_tickets_title
                        text=Some(t().no_tickets_text.to_owned())
                        action=move || view! { <Button label=t().sell icon=Icon::Till on_press=to_sale /> }
                    />
                }.into_any(),
                Some(false) => view! {
                    <Card flush=true>
                        <List label=title>
                            <For each=move || rows.get().unwrap_or_default() key=row_key let:row>
                                <Row row />
                            </For>
                        </List>
                    </Card>
                    <Show when=move || more.get()>
                        <Button label=t().show_more kind=ButtonKind::Quiet wide=true on_press=move || wanted.update(|wanted| *wanted += PAGE) />
                    </Show>
                }.into_any(),
            }}
        </div>
    }
}

fn whose_choices() -> Vec<Choice> {
    let choice = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
    vec![choice(SESSION, t().this_till_session), choice(SITE, t().whole_shop)]
}

/// A row is drawn anew when anything it shows changed.
fn row_key(row: &TicketRow) -> String {
    format!("{} {:?} {:?} {} {}", row.document, row.status, row.progress, row.total_minor, row.lines)
}

#[component]
fn Row(row: TicketRow) -> impl IntoView {
    let till = Till::expect();
    let navigate = StoredValue::new_local(use_navigate());
    let title = row.receipt_number.as_deref().map(|number| t().receipt_no(number)).unwrap_or_else(|| match row.status {
        TicketStatus::Open => t().ticket_open.to_owned(),
        TicketStatus::Completed | TicketStatus::Abandoned => t().ticket_abandoned.to_owned(),
    });
    let parts = [clock_time(row.at, &till.time_zone(), Clock::Minutes), row.till_name.clone(), t().lines(row.lines), row.by.clone()];
    let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let amount = till.money(row.total_minor);
    let aside = move || {
        let state = match row.status {
            TicketStatus::Open => view! { <Badge tone=Tone::Info label=t().ringing_up icon=Icon::Till /> }.into_any(),
            TicketStatus::Completed | TicketStatus::Abandoned => view! { <StatusChip progress=row.progress /> }.into_any(),
        };
        view! { {state}<span class="figure tickets-amount" class:removed=row.status == TicketStatus::Abandoned>{amount}</span> }
    };
    let document = row.document;
    let open = move || {
        let target = if row.status == TicketStatus::Open { "/till".to_owned() } else { format!("/till/tickets/{document}") };
        navigate.with_value(|navigate| navigate(&target, Default::default()));
    };
    view! { <ListRow title text=Some(text) aside on_press=open /> }
}
