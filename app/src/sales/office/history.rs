//! A ticket's history: who, on which device, when, what; the held and the refused too.

use super::messages::{self, t};
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::icon::{Icon, IconMark};
use crate::language::{Clock, clock_time, decimal, money};
use crate::sales::measure::{measure, price_per};
use holdfast_domain::kernel::{FactId, Money};
use holdfast_domain::sales::office::{ActOutcome, TicketAct, TicketLine};
use holdfast_domain::sales::ticket::{SoldItem, TicketFact, reached};
use leptos::prelude::*;

/// Later than this, the arrival is worth telling.
const LATE_MS: i64 = 60_000;

/// The acts, oldest first.
#[component]
pub fn History(
    /// In effective order.
    acts: Vec<TicketAct>,
    /// Of the site.
    time_zone: String,
    /// To name the lines that facts speak of.
    lines: Vec<TicketLine>,
) -> impl IntoView {
    let act = |act: TicketAct| {
        let icon = act.facts.first().map_or(Icon::Info, icon_of);
        let what = act.facts.iter().map(|fact| view! { <span class="act-what">{words(fact, &lines)}</span> }).collect_view();
        let unknown = act.facts.is_empty().then(|| view! { <span class="act-what code">{act.name.clone()}</span> });
        let by = if act.by_system { t().the_server.to_owned() } else { act.by.clone() };
        let on = act.device.as_ref().map(|device| t().on_device(device, act.device_seq.unwrap_or(0)));
        let late = (act.arrived_at.0 - act.at.0 > LATE_MS).then(|| t().arrived(clock_time(act.arrived_at, &time_zone, Clock::Seconds)));
        let note = [Some(by), on, late].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        view! {
            <li class="act">
                <span class="act-icon"><IconMark icon /></span>
                <div class="act-text">{what}{unknown}<span class="act-note">{note}</span>{outcome(&act.outcome)}</div>
                <time class="act-time figure">{clock_time(act.at, &time_zone, Clock::Seconds)}</time>
            </li>
        }
    };
    view! { <ol class="history">{acts.into_iter().map(act).collect_view()}</ol> }
}

fn outcome(outcome: &ActOutcome) -> Option<AnyView> {
    let (tone, label, code) = match outcome {
        ActOutcome::Accepted { .. } => return None,
        ActOutcome::Held { code } => (Tone::Attention, t().act_held, code.clone()),
        ActOutcome::Refused { code } => (Tone::Bad, t().act_refused, code.clone()),
    };
    Some(view! { <span class="row"><Badge tone label /><span class="code tiny faint">{code}</span></span> }.into_any())
}

const fn icon_of(fact: &TicketFact) -> Icon {
    match fact {
        TicketFact::Opened(_) => Icon::Receipt,
        TicketFact::LineAdded(_) | TicketFact::LineAddedWithBreaks { .. } => Icon::Plus,
        TicketFact::QuantityChanged { .. } => Icon::Refresh,
        TicketFact::LineRemoved { .. } => Icon::Minus,
        TicketFact::PaymentTaken(_) => Icon::Cash,
        TicketFact::Completed { .. } => Icon::Check,
        TicketFact::Abandoned => Icon::Close,
        TicketFact::Ruled(_) => Icon::Warning,
    }
}

fn added(item: &SoldItem, price: Money, lines: &[TicketLine]) -> String {
    let unit = lines.iter().find(|line| line.product == item.product).and_then(|line| line.unit);
    let price = money(price.minor, price.currency.code());
    let price = unit.map_or_else(|| price.clone(), |unit| price_per(&price, unit));
    t().fact_line_added(measure(item.quantity.to_decimal(), unit), &item.name, price)
}

fn words(fact: &TicketFact, lines: &[TicketLine]) -> String {
    let name_of = |id: FactId| lines.iter().find(|line| line.id == id).map_or_else(|| t().a_line.to_owned(), |line| line.name.clone());
    match fact {
        TicketFact::Opened(_) => t().fact_opened.to_owned(),
        TicketFact::LineAdded(item) => added(item, item.unit_price, lines),
        TicketFact::LineAddedWithBreaks { item, breaks } => {
            added(item, reached(breaks, item.quantity).map_or(item.unit_price, |at| at.unit_price), lines)
        }
        TicketFact::QuantityChanged { line, by } => {
            let signed = if by.millionths() > 0 { format!("+{}", decimal(by.to_decimal())) } else { decimal(by.to_decimal()) };
            t().fact_quantity_changed(name_of(*line), &signed)
        }
        TicketFact::LineRemoved { line } => t().fact_line_removed(name_of(*line)),
        TicketFact::PaymentTaken(payment) => t().fact_paid(
            money(payment.amount.minor, payment.amount.currency.code()),
            money(payment.tendered.minor, payment.tendered.currency.code()),
            money(payment.change.minor, payment.change.currency.code()),
        ),
        TicketFact::Completed { receipt } => t().fact_completed(receipt.number),
        TicketFact::Abandoned => t().fact_abandoned.to_owned(),
        TicketFact::Ruled(ruling) => messages::ruling(ruling.code()).0.to_owned(),
    }
}
