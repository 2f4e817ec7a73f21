//! `/office/tickets`: the tickets of a day, of all tills or one, a page at a time.

use super::day_choice::{DayChoice, DayPicker};
use super::messages::t;
use super::ticket_table::TicketTable;
use crate::design::button::Button;
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::field::{Choice, SelectField};
use crate::design::icon::Icon;
use crate::shell::{Fetched, Live, OfficeFrame, Shell, api, title};
use holdfast_domain::identity::SessionView;
use holdfast_domain::sales::office::{self, TicketInList};
use leptos::prelude::*;
use leptos::task::spawn_local;

const PAGE: u32 = 100;

/// The screen.
#[component]
pub fn TicketsPage() -> impl IntoView {
    title(t().tickets);
    view! { <OfficeFrame><Tickets /></OfficeFrame> }
}

#[component]
fn Tickets() -> impl IntoView {
    let shell = Shell::expect();
    let choice = DayChoice::of_address();
    let till = RwSignal::new(String::new());
    let address = move |after: Option<&str>| {
        let mut path = format!("/api/v1/sales/tickets?day={}&limit={PAGE}", choice.day.get());
        till.with(|till| {
            if !till.is_empty() {
                path = format!("{path}&till={till}")
            }
        });
        after.map_or_else(|| path.clone(), |after| format!("{path}&after={}", String::from(js_sys::encode_uri_component(after))))
    };
    let newest = Fetched::<office::TicketsPage>::from(move || address(None), Live::listen());
    let older = RwSignal::new(Older::default());
    Effect::new(move || {
        choice.day.track();
        till.track();
        older.set(Older::default());
    });
    let more = move |page: office::TicketsPage| older.with(|older| if older.pages == 0 { page.next } else { older.next.clone() });
    let fetch_more = move || {
        let Some(after) = newest.value.get_untracked().and_then(more) else { return };
        let path = untrack(|| address(Some(&after)));
        spawn_local(async move {
            if let Ok(page) = api::get::<office::TicketsPage>(&path).await {
                older.try_update(|older| older.add(page));
            }
        });
    };
    let choices = Signal::derive(move || shell.session.with(|session| session.view().map_or_else(Vec::new, |view| till_choices(view))));
    view! {
        <header class="office-head">
            <h1>{t().tickets}</h1>
            <div class="office-filters">
                <DayPicker choice />
                <SelectField label=t().till choices value=till />
            </div>
        </header>
        <Card flush=true>
            {newest.show(8, move |page| {
                let tickets = Signal::derive(move || older.with(|older| merged(&page.read(), &older.tickets)));
                view! {
                    <Show when=move || !tickets.read().is_empty() fallback=|| view! { <EmptyState icon=Icon::Receipt title=t().no_tickets text=t().no_tickets_text /> }>
                        <TicketTable tickets />
                        <Show when=move || more(page.get()).is_some()>
                            <div class="table-more"><Button label=t().show_more on_press=fetch_more /></div>
                        </Show>
                    </Show>
                }
            })}
        </Card>
    }
}

/// The pages after the first.
#[derive(Debug, Clone, Default)]
struct Older {
    pages: u32,
    tickets: Vec<TicketInList>,
    next: Option<String>,
}

impl Older {
    fn add(&mut self, page: office::TicketsPage) {
        self.pages += 1;
        self.tickets.extend(page.tickets);
        self.next = page.next;
    }
}

/// The first page, as it is now, before the older ones; a ticket that new ones pushed off the first page is not lost, and none is there twice.
fn merged(newest: &office::TicketsPage, older: &[TicketInList]) -> Vec<TicketInList> {
    let mut tickets = newest.tickets.clone();
    for ticket in older {
        if !tickets.iter().any(|known| known.document == ticket.document) {
            tickets.push(ticket.clone());
        }
    }
    tickets
}

fn till_choices(view: &SessionView) -> Vec<Choice> {
    let all = Choice { value: String::new(), label: t().all_tills.to_owned() };
    let tills = view.sites.iter().flat_map(|site| {
        let site_name = &site.name;
        site.tills.iter().map(move |till| Choice { value: till.id.to_string(), label: format!("{} · {site_name}", till.name) })
    });
    std::iter::once(all).chain(tills).collect()
}
