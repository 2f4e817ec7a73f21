//! The open ticket: its lines, its total, and the one button.

use super::line_editor::LineEditor;
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::dialog::Dialog;
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::design::ticket_line::{TicketLine, Total};
use crate::device::keyboard;
use crate::engine::protocol::LineView;
use crate::sales::measure::{is_measured, measure, price_per};
use crate::sales::till::messages::t;
use crate::sales::till::store::Till;
use holdfast_domain::kernel::FactId;
use leptos::prelude::*;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use web_sys::{ScrollIntoViewOptions, ScrollLogicalPosition};

/// The ticket beside the products.
#[component]
pub fn TicketPanel() -> impl IntoView {
    let till = Till::expect();
    let lines = Memo::new(move |_| {
        till.state.with(|state| state.iter().flat_map(|state| &state.ticket).flat_map(|ticket| ticket.lines.clone()).collect::<Vec<_>>())
    });
    let by_id = Memo::new(move |_| lines.with(|lines| lines.iter().map(|line| (line.id, line.clone())).collect::<BTreeMap<_, _>>()));
    let empty = Memo::new(move |_| lines.with(Vec::is_empty));
    let abandoning = RwSignal::new(false);
    show_touched(till);
    let touched = move |event: leptos::ev::MouseEvent| {
        if event.detail() > 0 {
            keyboard::leave();
        }
    };
    view! {
        <div class="ticket-panel" on:click=touched>
            <header class="ticket-panel-head">
                <h2>{t().ticket}</h2>
                <span class="soft small" aria-live="off">{move || lines.with(|lines| if lines.is_empty() { String::new() } else { t().lines(u32::try_from(lines.len()).unwrap_or(u32::MAX)) })}</span>
                <span class="grow"></span>
                <Button label=t().abandon icon=Icon::Trash kind=ButtonKind::Quiet disabled=empty on_press=move || abandoning.set(true) />
            </header>
            <div class="ticket-panel-lines">
                {move || if empty.get() {
                    view! { <EmptyState icon=Icon::Scan title=t().ready_title text=Some(t().ready_text.to_owned()) /> <LastPaid /> }.into_any()
                } else {
                    view! {
                        <ul aria-label=t().ticket_lines>
                            <For each=move || lines.get() key=|line| line.id let:line>
                                <Line line by_id />
                            </For>
                        </ul>
                    }.into_any()
                }}
            </div>
            <LineEditor by_id />
            <footer class="ticket-panel-foot">
                <Total label=t().total amount=Signal::derive(move || till.money(till.total_minor())) />
                <Button
                    label=t().pay
                    figure=Signal::derive(move || till.plain(till.total_minor()))
                    kind=ButtonKind::Primary
                    size=ButtonSize::Large
                    wide=true
                    shortcut="⏎"
                    disabled=empty
                    on_press=move || till.begin_paying()
                />
            </footer>
            <Dialog
                open=abandoning
                title=t().abandon_title
                actions=move || view! {
                    <Button label=t().keep_ticket kind=ButtonKind::Quiet on_press=move || abandoning.set(false) />
                    <Button label=t().abandon kind=ButtonKind::Danger on_press=move || { abandoning.set(false); till.abandon(); } />
                }
            >
                <p>{t().abandon_text}</p>
            </Dialog>
        </div>
    }
}

#[component]
fn Line(line: LineView, by_id: Memo<BTreeMap<FactId, LineView>>) -> impl IntoView {
    let till = Till::expect();
    let id = line.id;
    let now = Memo::new(move |_| by_id.with(|lines| lines.get(&id).cloned()).unwrap_or_else(|| line.clone()));
    let quantity = Signal::derive(move || now.with(|line| measure(line.quantity, line.unit)));
    let name = Signal::derive(move || now.read().name.clone());
    let amount = Signal::derive(move || till.plain(now.read().gross_minor));
    let note = Signal::derive(move || now.with(|line| each(till, line)));
    let selected = Signal::derive(move || till.chosen.get() == Some(id));
    let turn = move || till.flash.get().filter(|flash| flash.line == id).map(|flash| flash.turn % 2);
    let press = move || till.chosen.update(|chosen| *chosen = if *chosen == Some(id) { None } else { Some(id) });
    view! {
        <TicketLine
            quantity
            name
            amount
            on_press=press
            note
            selected
            {..}
            attr:data-line=id.to_string()
            class:flash-even=move || turn() == Some(0)
            class:flash-odd=move || turn() == Some(1)
        />
    }
}

/// What one costs, where the line's sum does not say it.
fn each(till: Till, line: &LineView) -> Option<String> {
    let price = till.plain(line.unit_minor);
    match line.unit {
        Some(unit) if is_measured(line.unit) => Some(price_per(&price, unit)),
        _ => (line.quantity != Decimal::ONE).then(|| t().each(price)),
    }
}

/// What was paid last stays in sight until the next ticket begins.
#[component]
fn LastPaid() -> impl IntoView {
    let till = Till::expect();
    let last = move || {
        till.last_paid.get().map(|ticket| {
            let change = t().last_change(till.money(ticket.change_minor.unwrap_or(0)));
            let number = ticket.receipt_number.as_deref().map(|number| t().receipt_no(number));
            let show = ticket.clone();
            view! {
                <div class="last-paid">
                    <span><span class="figure strong">{change}</span> <span class="soft small">{number}</span></span>
                    <Button label=t().receipt icon=Icon::Receipt kind=ButtonKind::Quiet on_press=move || till.paid.set(Some(show.clone())) />
                </div>
            }
        })
    };
    view! { {last} }
}

/// The touched or chosen line is scrolled to, as little as needed.
fn show_touched(till: Till) {
    let scroll_to = |line: FactId| {
        let go = move || {
            let found = document().query_selector(&format!(".ticket-panel-lines [data-line='{line}']")).ok().flatten();
            let options = ScrollIntoViewOptions::new();
            options.set_block(ScrollLogicalPosition::Nearest);
            if let Some(found) = found {
                found.scroll_into_view_with_scroll_into_view_options(&options);
            }
        };
        request_animation_frame(go);
    };
    Effect::new(move || {
        if let Some(flash) = till.flash.get() {
            scroll_to(flash.line);
        }
    });
    Effect::new(move || {
        if let Some(line) = till.chosen.get() {
            scroll_to(line);
        }
    });
}
