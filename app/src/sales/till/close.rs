//! Closing the till: the cash is counted, compared with what should be there, and nothing is missing.

use super::cash::CashEntry;
use super::messages::t;
use super::store::Till;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::card::Card;
use crate::design::dialog::Dialog;
use crate::design::icon::Icon;
use crate::design::keypad::AmountEntry;
use crate::design::ticket_line::SumRow;
use crate::language::{day_and_time, whole};
use crate::sales::photos::{Draft, PhotoEntry, words};
use holdfast_domain::sales::CLOSE_TILL;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;

/// Counts the drawer, shows the difference, closes.
#[component]
pub fn CloseScreen() -> impl IntoView {
    let till = Till::expect();
    let navigate = StoredValue::new_local(use_navigate());
    till.amount.set(AmountEntry::EMPTY);
    let busy = RwSignal::new(false);
    let asking = RwSignal::new(false);
    let drafts = RwSignal::new_local(Vec::<Draft>::new());
    let allowed = Memo::new(move |_| till.may(CLOSE_TILL.as_str()));
    let unfinished = Memo::new(move |_| till.has_lines());
    let counted = Memo::new(move |_| till.amount.get().minor());
    let difference = Memo::new(move |_| counted.get().zip(till.session()).map(|(counted, session)| counted - session.expected_minor));
    let close = move || {
        asking.set(false);
        let Some(counted_minor) = counted.get_untracked().filter(|_| !busy.get_untracked()) else { return };
        busy.set(true);
        let photos = drafts.with_untracked(|drafts| drafts.iter().map(|draft| draft.bytes.clone()).collect());
        spawn_local(async move {
            if till.close_session(counted_minor, photos).await {
                // Whoever opens it again wants to sell.
                navigate.try_with_value(|navigate| navigate("/till", Default::default()));
            }
            busy.try_set(false);
        });
    };
    let press = move || if difference.get_untracked() == Some(0) { close() } else { asking.set(true) };
    let blocked = Signal::derive(move || counted.get().is_none() || unfinished.get() || !allowed.get());
    view! {
        <div class="till-page close-screen">
            <div class="stack">
                <h1>{t().close_title}</h1>
                <p class="soft">{t().close_text}</p>
                <CashEntry label=t().counted />
                <Card title=words().photos><PhotoEntry drafts /></Card>
            </div>
            <div class="close-summary">
                <Card title=t().this_session><SessionSums difference /></Card>
                <Show when=move || !unfinished.get()><Missing /></Show>
                <Show when=move || unfinished.get()>
                    <Banner tone=Tone::Attention title=t().ticket_open_title text=t().ticket_open_text />
                </Show>
                <Show when=move || !allowed.get()>
                    <Banner tone=Tone::Attention title=t().may_not_close_title text=t().may_not_close_text />
                </Show>
                <Button label=t().close_button icon=Icon::Lock kind=ButtonKind::Primary size=ButtonSize::Large wide=true disabled=blocked busy on_press=press />
            </div>
            <Dialog
                open=asking
                title=Signal::derive(move || difference_words(till, difference.get().unwrap_or(0)))
                actions=move || view! {
                    <Button label=t().count_again kind=ButtonKind::Quiet on_press=move || asking.set(false) />
                    <Button label=t().close_anyway kind=ButtonKind::Primary on_press=close />
                }
            >
                <p>{t().difference_text}</p>
            </Dialog>
        </div>
    }
}

/// Float, takings, what should be there, what is.
#[component]
fn SessionSums(difference: Memo<Option<i64>>) -> impl IntoView {
    let till = Till::expect();
    let of = move |amount: fn(&crate::engine::protocol::TillSessionView) -> i64| {
        Signal::derive(move || till.session().map(|session| till.money(amount(&session))).unwrap_or_default())
    };
    let opened = Signal::derive(move || {
        till.session().map(|session| t().opened_by(&session.opened_by, day_and_time(session.opened_at, &till.time_zone()))).unwrap_or_default()
    });
    let tickets = Signal::derive(move || till.session().map(|session| whole(u64::from(session.tickets))).unwrap_or_default());
    view! {
        <p class="soft small">{opened}</p>
        <div class="sums">
            <SumRow label=t().tickets amount=tickets />
            <SumRow label=t().float amount=of(|session| session.float_minor) />
            <SumRow label=t().cash_taken amount=of(|session| session.cash_minor) />
            <div class="sums-total"><SumRow label=t().expected amount=of(|session| session.expected_minor) /></div>
            <DifferenceRow difference />
        </div>
    }
}

/// The difference, with the word that says which way; its place is kept before anything was counted.
#[component]
fn DifferenceRow(#[prop(into)] difference: Signal<Option<i64>>) -> impl IntoView {
    let till = Till::expect();
    view! {
        <div class="difference" role="status" aria-live="polite">
            {move || match difference.get() {
                None => view! { <span class="faint">{t().not_counted}</span> }.into_any(),
                Some(difference) => {
                    let class = if difference == 0 { "difference-words tone-good" } else { "difference-words tone-attention" };
                    view! { <span class=class>{difference_words(till, difference)}</span> }.into_any()
                }
            }}
        </div>
    }
}

/// "The cash matches", "5.00 too little", "5.00 too much".
pub fn difference_words(till: Till, difference_minor: i64) -> String {
    let amount = till.money(difference_minor.saturating_abs());
    match difference_minor {
        0 => t().cash_matches.to_owned(),
        less if less < 0 => t().cash_short(&amount),
        _ => t().cash_over(&amount),
    }
}

/// Whether everything has arrived, or how much still waits here: safe either way.
#[component]
fn Missing() -> impl IntoView {
    let till = Till::expect();
    let waiting = Memo::new(move |_| till.waiting());
    view! {
        {move || match waiting.get() {
            0 => view! { <Banner tone=Tone::Good title=t().nothing_missing_title text=t().nothing_missing_text /> }.into_any(),
            count => view! { <Banner tone=Tone::Info title=t().waiting_title(count) text=t().waiting_text /> }.into_any(),
        }}
    }
}
