//! `/office/tickets/<document>`: one ticket, its sums, what was found about it, and its history intent by intent.

use super::history::History;
use super::messages::{self, t};
use super::ticket_table::TicketState;
use crate::design::banner::{Banner, Tone};
use crate::design::card::Card;
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::design::ticket_line::{SumRow, TicketLine, Total};
use crate::language::{day_and_time, money};
use crate::sales::measure::{is_measured, measure, price_per};
use crate::shell::{Fetched, Live, OfficeFrame, title};
use holdfast_domain::kernel::{Money, Quantity};
use holdfast_domain::sales::office::{TicketDetail, TicketFinding, TicketLine as Line, TicketPayment, TicketTax};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The screen.
#[component]
pub fn TicketPage() -> impl IntoView {
    title(t().ticket);
    view! { <OfficeFrame><Ticket /></OfficeFrame> }
}

#[component]
fn Ticket() -> impl IntoView {
    let params = use_params_map();
    let address = move || format!("/api/v1/sales/tickets/{}", params.with(|params| params.get("document").unwrap_or_default()));
    let ticket = Fetched::<TicketDetail>::from(address, Live::listen());
    view! {
        <p><Link href="/office/tickets" label=t().all_tickets icon=Icon::ArrowBack /></p>
        {ticket.show(8, |detail| move || page(detail.get()))}
    }
}

fn page(detail: TicketDetail) -> impl IntoView {
    let ticket = detail.ticket.clone();
    let name = ticket.receipt.as_ref().map_or_else(|| t().no_receipt.to_owned(), |number| t().receipt_no(number));
    title(&name);
    let where_and_when = format!("{} · {} · {} · {}", day_and_time(ticket.at, &ticket.time_zone), ticket.till_name, ticket.site_name, ticket.by);
    let finding = |finding: &TicketFinding| {
        let (title, text) = messages::ruling(&finding.code);
        view! { <Banner tone=Tone::Attention title text=text.to_owned() code=finding.code.clone() /> }
    };
    let held = (ticket.held > 0).then(|| view! { <Banner tone=Tone::Attention title=t().held(ticket.held) text=t().held_text /> });
    let history = view! { <History acts=detail.history.clone() time_zone=ticket.time_zone.clone() lines=detail.lines.clone() /> };
    let findings = detail.rulings.iter().map(finding).collect_view();
    view! {
        <header class="office-head">
            <div>
                <h1>{name}</h1>
                <p class="soft small">{where_and_when}</p>
            </div>
            <TicketState ticket />
        </header>
        {held}
        {findings}
        <div class="ticket-columns">
            {sums(detail)}
            <Card title=t().history>{history}</Card>
        </div>
    }
}

fn written(amount: Money) -> String {
    money(amount.minor, amount.currency.code())
}

fn sums(detail: TicketDetail) -> impl IntoView {
    let line = |line: Line| {
        let price = written(line.unit_price);
        let each = match line.unit {
            Some(unit) if is_measured(line.unit) => Some(price_per(&price, unit)),
            _ => (line.quantity != Quantity::ONE).then(|| t().each(price)),
        };
        view! { <TicketLine quantity=measure(line.quantity.to_decimal(), line.unit) name=line.name amount=written(line.gross) note=each removed=line.removed /> }
    };
    let tax = |tax: TicketTax| view! { <SumRow label=t().tax(tax.rate.to_string()) amount=written(tax.tax) /> };
    let payment = |paid: TicketPayment| {
        view! {
            <SumRow label=t().cash_received amount=written(paid.payment.tendered) />
            <SumRow label=t().change_given amount=written(paid.payment.change) />
        }
    };
    view! {
        <Card flush=true>
            <ul aria-label=t().lines>{detail.lines.into_iter().map(line).collect_view()}</ul>
            <div class="ticket-sums stack tight">
                <Total label=t().total amount=written(detail.ticket.total) />
                {detail.taxes.into_iter().map(tax).collect_view()}
                {detail.payments.into_iter().map(payment).collect_view()}
            </div>
        </Card>
    }
}
