//! Selling: the products at one side, the ticket at the other.

mod grid_keys;
mod keys;
mod line_editor;
mod listen;
mod paid_panel;
mod products;
mod quantity_entry;
mod ticket_panel;
mod touched;
mod weigh;

pub use quantity_entry::QuantityEntry;
pub use touched::touched;

use super::messages::t;
use super::pay::PaySheet;
use super::store::Till;
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::icon::Icon;
use leptos::prelude::*;
use paid_panel::PaidPanel;
use products::Products;
use ticket_panel::TicketPanel;
use weigh::Weigh;

/// Products and ticket; on a phone one at a time.
#[component]
pub fn SaleScreen() -> impl IntoView {
    let till = Till::expect();
    let search = NodeRef::<leptos::html::Input>::new();
    // What was typed elsewhere is nobody's quantity here.
    till.quantity.set(QuantityEntry::default());
    listen::listen(till, search);
    view! {
        <div class="sale" class:ticket-side=till.ticket_side>
            <h1 class="unseen">{t().sell}</h1>
            <section class="sale-products" aria-label=t().products>
                <Products search />
            </section>
            <section class="sale-ticket" aria-label=t().ticket>
                {move || match till.paid.get() {
                    Some(ticket) => view! { <PaidPanel ticket /> }.into_any(),
                    None => view! { <TicketPanel /> }.into_any(),
                }}
            </section>
            <SideSwitch />
            <PaySheet />
            <Weigh />
        </div>
    }
}

/// On a phone: from the products to the ticket and back, with the total in sight.
#[component]
fn SideSwitch() -> impl IntoView {
    let till = Till::expect();
    let lines =
        Memo::new(move |_| till.state.with(|state| state.as_ref().and_then(|state| state.ticket.as_ref()).map_or(0, |ticket| ticket.lines.len())));
    let words = move || t().lines(u32::try_from(lines.get()).unwrap_or(u32::MAX));
    view! {
        <div class="sale-switch">
            <div class="sale-switch-side" class:hidden-side=till.ticket_side>
                <Button
                    label=Signal::derive(words)
                    figure=Signal::derive(move || till.money(till.total_minor()))
                    icon=Icon::Receipt
                    kind=ButtonKind::Primary
                    size=ButtonSize::Large
                    wide=true
                    on_press=move || till.ticket_side.set(true)
                />
            </div>
            <div class="sale-switch-side" class:hidden-side=move || !till.ticket_side.get()>
                <Button label=t().add_more icon=Icon::ArrowBack wide=true on_press=move || till.ticket_side.set(false) />
            </div>
        </div>
    }
}
