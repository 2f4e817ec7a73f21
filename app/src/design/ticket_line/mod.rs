//! A line of a ticket: quantity, name, price; touched to change it.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use leptos::prelude::*;

/// A line in a ticket's list.
#[component]
pub fn TicketLine(
    /// How many, as shown.
    #[prop(into)]
    quantity: Signal<String>,
    /// Of what.
    #[prop(into)]
    name: Signal<String>,
    /// The line's sum, as shown.
    #[prop(into)]
    amount: Signal<String>,
    /// Each, where there is more than one, such as `€2.10 each`; or what else is to know.
    #[prop(optional, into)]
    note: Signal<Option<String>>,
    /// Whether it is the one being changed.
    #[prop(optional, into)]
    selected: Signal<bool>,
    /// Whether it is out: shown struck through, on a ticket's history.
    #[prop(optional, into)]
    removed: Signal<bool>,
    /// Chooses it; without it, the line only shows.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
) -> impl IntoView {
    let body = move || {
        view! {
            <span class="ticket-line-quantity figure">{quantity}<span class="unseen">" × "</span></span>
            <span class="ticket-line-name">
                {name}
                {move || note.get().map(|note| view! { <span class="ticket-line-note">{note}</span> })}
            </span>
            <span class="ticket-line-amount figure">{amount}</span>
        }
    };
    match on_press {
        Some(on_press) => view! {
            <li class="ticket-line-item" class:removed=removed>
                <button type="button" class="ticket-line" aria-pressed=move || if selected.get() { "true" } else { "false" } on:click=move |_| on_press.run(())>
                    {body()}
                </button>
            </li>
        }
        .into_any(),
        None => view! { <li class="ticket-line-item" class:removed=removed><div class="ticket-line">{body()}</div></li> }.into_any(),
    }
}

/// A sum at the foot of a ticket.
#[component]
pub fn SumRow(
    /// Of what.
    #[prop(into)]
    label: Signal<String>,
    /// As shown.
    #[prop(into)]
    amount: Signal<String>,
) -> impl IntoView {
    view! { <div class="sum-row"><span>{label}</span><span class="figure">{amount}</span></div> }
}

/// The total: what the customer owes, readable across the counter.
#[component]
pub fn Total(
    /// Such as `Total`, or `Change`.
    #[prop(into)]
    label: Signal<String>,
    /// As shown.
    #[prop(into)]
    amount: Signal<String>,
    /// In 48 px instead of 36: for change due.
    #[prop(optional)]
    huge: bool,
) -> impl IntoView {
    view! {
        <div class="total" class:huge=huge role="status" aria-live="polite">
            <span class="total-label">{label}</span>
            " "
            <output class="total-amount figure">{amount}</output>
        </div>
    }
}
