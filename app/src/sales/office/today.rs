//! `/office`: the day at a glance. Totals, takings per hour and till, the tills, the newest tickets.

use super::closings::ClosingsTable;
use super::day_choice::{DayChoice, DayPicker};
use super::messages::t;
use super::takings_chart::TakingsChart;
use super::ticket_table::TicketTable;
use super::tills::Tills;
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::language::{money, whole};
use crate::shell::{Fetched, Live, OfficeFrame, Shell, title};
use holdfast_domain::reporting::Takings;
use holdfast_domain::sales::office::{self, Closings, TillsOverview};
use leptos::prelude::*;

/// The screen.
#[component]
pub fn TodayPage() -> impl IntoView {
    title(t().today);
    view! { <OfficeFrame><Today /></OfficeFrame> }
}

#[component]
fn Today() -> impl IntoView {
    let shell = Shell::expect();
    let choice = DayChoice::of_address();
    let live = Live::listen();
    let takings = Fetched::<Takings>::from(move || format!("/api/v1/reporting/takings?day={}", choice.day.get()), live);
    let tills = Fetched::<TillsOverview>::from(|| "/api/v1/sales/tills".to_owned(), live).beside();
    let closings = Fetched::<Closings>::from(move || format!("/api/v1/sales/closings?day={}", choice.day.get()), live).beside();
    let newest = Fetched::<office::TicketsPage>::from(move || format!("/api/v1/sales/tickets?day={}&limit=10", choice.day.get()), live).beside();
    let currency =
        Signal::derive(move || shell.session.with(|session| session.view().map_or_else(|| "EUR".to_owned(), |view| view.currency.clone())));
    let all = move || if choice.is_today() { "/office/tickets".to_owned() } else { format!("/office/tickets?day={}", choice.day.get()) };
    let heading = move || if choice.is_today() { t().today } else { t().day };
    view! {
        <header class="office-head">
            <h1>{heading}</h1>
            <div class="office-filters"><DayPicker choice /></div>
        </header>
        {takings.show(6, move |takings| view! { <Totals takings currency /><TakingsChart takings currency /> })}
        <Show when=move || choice.is_today()>{tills.show(4, |overview| view! { <Tills overview /> })}</Show>
        {closings.show(3, |closings| view! { <ClosingsTable closings /> })}
        <Card title=t().newest_tickets aside=move || view! { <Link href=Signal::derive(all) label=t().all_tickets /> } flush=true>
            {newest.show(5, |page| {
                let tickets = Signal::derive(move || page.get().tickets);
                view! {
                    <Show when=move || !tickets.read().is_empty() fallback=|| view! { <EmptyState icon=Icon::Receipt title=t().no_tickets text=t().no_tickets_text /> }>
                        <TicketTable tickets />
                    </Show>
                }
            })}
        </Card>
    }
}

#[component]
fn Totals(takings: Signal<Takings>, currency: Signal<String>) -> impl IntoView {
    let sums = Memo::new(move |_| sums_of(&takings.read()));
    let written = move |minor: i64| money(minor, &currency.read());
    let figure = |label: &'static str, value: Signal<String>| view! { <div class="stat"><dt>{label}</dt><dd class="figure">{value}</dd></div> };
    view! {
        <dl class="stats">
            {figure(t().takings, Signal::derive(move || written(sums.get().gross_minor)))}
            {figure(t().tickets, Signal::derive(move || whole(sums.get().tickets)))}
            {figure(t().per_ticket, Signal::derive(move || sums.get().per_ticket_minor().map_or_else(|| t().nothing.to_owned(), written)))}
        </dl>
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sums {
    gross_minor: i64,
    tickets: u64,
}

impl Sums {
    /// Rounded half up to the minor unit; none without tickets.
    fn per_ticket_minor(self) -> Option<i64> {
        let tickets = i64::try_from(self.tickets).ok().filter(|tickets| *tickets > 0)?;
        Some((self.gross_minor.saturating_mul(2) + tickets).div_euclid(tickets.saturating_mul(2)))
    }
}

fn sums_of(takings: &Takings) -> Sums {
    let hours = takings.sites.iter().flat_map(|site| &site.tills).flat_map(|till| &till.hours);
    hours.fold(Sums::default(), |sums, hour| Sums {
        gross_minor: sums.gross_minor.saturating_add(hour.gross.minor),
        tickets: sums.tickets + u64::from(hour.tickets),
    })
}

#[cfg(test)]
mod tests {
    use super::Sums;

    #[test]
    fn an_average_is_rounded_half_up_and_no_ticket_has_none() {
        for (gross_minor, tickets, expected) in [(1_000, 3, Some(333)), (1_001, 2, Some(501)), (5, 2, Some(3)), (0, 4, Some(0)), (0, 0, None)] {
            assert_eq!(Sums { gross_minor, tickets }.per_ticket_minor(), expected, "{gross_minor} over {tickets}");
        }
    }
}
