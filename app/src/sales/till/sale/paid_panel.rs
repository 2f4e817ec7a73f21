//! Paid: the change in large figures and the receipt, which slides away by itself; the next customer need not wait for it.

use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::icon::{Icon, IconMark};
use crate::design::ticket_line::Total;
use crate::engine::protocol::TicketView;
use crate::sales::till::messages::t;
use crate::sales::till::print::print_by_key;
use crate::sales::till::receipt::Receipt;
use crate::sales::till::store::Till;
use leptos::prelude::*;
use std::time::Duration;

/// How long the change stands in large figures.
const SHOWN: Duration = Duration::from_secs(8);
/// The sliding, as long as its animation.
const SLIDING: Duration = Duration::from_millis(200);

/// What was just paid.
#[component]
pub fn PaidPanel(
    /// The completed ticket.
    ticket: TicketView,
) -> impl IntoView {
    let till = Till::expect();
    let leaving = RwSignal::new(false);
    let held = RwSignal::new(false);
    let next = move || {
        till.paid.set(None);
        till.ticket_side.set(false);
    };
    let slide = move || {
        leaving.set(true);
        set_timeout(move || drop(till.paid.try_set(None)), SLIDING);
    };
    // While someone points at it or reads it with keys, it stays.
    Effect::new(move |running: Option<Option<TimeoutHandle>>| {
        running.flatten().inspect(TimeoutHandle::clear);
        if held.get() { None } else { set_timeout_with_handle(slide, SHOWN).ok() }
    });
    let change_minor = ticket.change_minor.unwrap_or(0);
    let change = till.money(change_minor);
    let label = if change_minor == 0 { t().no_change } else { t().change_due };
    let printed = ticket.clone();
    print_by_key(ticket.clone());
    view! {
        <div
            class="paid-panel"
            class:leaving=leaving
            on:pointerenter=move |_| held.set(true)
            on:pointerleave=move |_| held.set(false)
            on:focusin=move |_| held.set(true)
            on:focusout=move |_| held.set(false)
        >
            <div class="paid-change">
                <p class="paid-done"><IconMark icon=Icon::Check /><span>{t().paid(till.money(ticket.tendered_minor.unwrap_or(ticket.total_minor)))}</span></p>
                <Total label amount=change huge=true />
            </div>
            <div class="paid-receipt" tabindex="0" role="group" aria-label=t().receipt><Receipt ticket /></div>
            <footer class="paid-acts">
                <Button label=t().print icon=Icon::Print on_press=move || till.printing.set(Some(printed.clone())) />
                <Button label=t().next_customer kind=ButtonKind::Primary size=ButtonSize::Large wide=true on_press=next />
            </footer>
        </div>
    }
}
