//! The receipt: on the screen as on paper.

use super::messages::t;
use super::store::Till;
use crate::engine::protocol::{LineView, TaxView, TicketView};
use crate::language::{decimal, full_time};
use crate::sales::measure::{measure, price_per};
use leptos::prelude::*;

/// A completed ticket's receipt, with its taxes per rate.
#[component]
pub fn Receipt(
    /// Which.
    ticket: TicketView,
) -> impl IntoView {
    let till = Till::expect();
    let place = till.place_untracked();
    let (company, site, till_name) = place.map(|till| (till.tenant_name, till.site_name, till.till_name)).unwrap_or_default();
    let when = full_time(ticket.completed_at.unwrap_or(ticket.opened_at), &till.time_zone());
    let label = ticket.receipt_number.as_deref().map_or_else(|| t().ticket.to_owned(), |number| t().receipt_no(number));
    let paid = ticket.tendered_minor.map(|tendered| {
        view! {
            <div class="receipt-row"><dt>{t().cash}</dt><dd class="figure">{till.plain(tendered)}</dd></div>
            <div class="receipt-row"><dt>{t().change}</dt><dd class="figure">{till.plain(ticket.change_minor.unwrap_or(0))}</dd></div>
        }
    });
    let fact = |name: &'static str, value: String| view! { <div class="receipt-row"><dt>{name}</dt><dd>{value}</dd></div> };
    view! {
        <article class="receipt" aria-label=label>
            <header class="receipt-head">
                <strong>{company}</strong>
                <span>{site}</span>
            </header>
            <ul class="receipt-lines">{ticket.lines.iter().map(|line| receipt_line(till, line)).collect_view()}</ul>
            <div class="receipt-total"><span>{t().total}</span><span class="figure">{till.money(ticket.total_minor)}</span></div>
            <dl class="receipt-facts">{paid}</dl>
            {taxes(till, &ticket.taxes)}
            <dl class="receipt-facts">
                {ticket.receipt_number.clone().map(|number| fact(t().receipt, number))}
                {fact(t().till, till_name)}
                {fact(t().served_by, ticket.by.clone())}
                {fact(t().time, when)}
            </dl>
            <footer class="receipt-foot">{t().thanks}</footer>
        </article>
    }
}

fn receipt_line(till: Till, line: &LineView) -> impl IntoView + use<> {
    let price = till.plain(line.unit_minor);
    let price = line.unit.map_or_else(|| price.clone(), |unit| price_per(&price, unit));
    let each = format!("{} × {price}", measure(line.quantity, line.unit));
    view! {
        <li>
            <span class="receipt-name">{line.name.clone()}</span>
            <span class="receipt-each figure">{each}</span>
            <span class="receipt-amount figure">{till.plain(line.gross_minor)}</span>
        </li>
    }
}

/// The tax contained, per rate: net, tax, gross.
fn taxes(till: Till, taxes: &[TaxView]) -> impl IntoView + use<> {
    let row = |tax: &TaxView| {
        view! {
            <tr>
                <th scope="row" class="figure">{format!("{} %", decimal(tax.percent))}</th>
                <td class="figure">{till.plain(tax.gross_minor - tax.tax_minor)}</td>
                <td class="figure">{till.plain(tax.tax_minor)}</td>
                <td class="figure">{till.plain(tax.gross_minor)}</td>
            </tr>
        }
    };
    view! {
        <table class="receipt-taxes">
            <thead><tr><th scope="col">{t().tax_rate}</th><th scope="col">{t().net}</th><th scope="col">{t().tax}</th><th scope="col">{t().gross}</th></tr></thead>
            <tbody>{taxes.iter().map(row).collect_view()}</tbody>
        </table>
    }
}
