//! Cash being counted: an amount on the keypad, or note by note and coin by coin.

use super::{Denominations, Tally};
use crate::design::button::{ButtonKind, IconButton};
use crate::design::field::{Choice, fresh_id};
use crate::design::icon::Icon;
use crate::design::keypad::{AmountEntry, Key, Keypad};
use crate::design::tabs::Segmented;
use crate::device::keyboard::{self, Focus};
use crate::sales::till::messages::t;
use crate::sales::till::store::Till;
use leptos::ev;
use leptos::prelude::*;

const BY_AMOUNT: &str = "amount";
const BY_PIECE: &str = "piece";

/// Counts cash into the till's amount.
#[component]
pub fn CashEntry(
    /// What is counted.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let till = Till::expect();
    let way = RwSignal::new(BY_AMOUNT.to_owned());
    let ways = || {
        let choice = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
        vec![choice(BY_AMOUNT, t().as_amount), choice(BY_PIECE, t().by_piece)]
    };
    // What was typed is not what lies in the drawer piece by piece: the other way of counting begins anew.
    Effect::new(move |before: Option<()>| {
        way.track();
        if before.is_some() {
            till.amount.set(AmountEntry::EMPTY);
        }
    });
    let by_piece = Memo::new(move |_| way.with(|way| way == BY_PIECE));
    let shown = move || till.amount.get().minor().map_or_else(|| till.money(0), |minor| till.money(minor));
    let press = move |key: Key| till.amount.update(|amount| *amount = amount.after(key));
    let typed = window_event_listener(ev::keydown, move |event| {
        let ours = !by_piece.get_untracked() && keyboard::focus() != Focus::Field && !event.ctrl_key() && !event.meta_key();
        if let Some(key) = Key::of_keyboard(&event.key()).filter(|_| ours) {
            event.prevent_default();
            press(key);
        }
    });
    on_cleanup(move || typed.remove());
    view! {
        <div class="cash-entry">
            <div class="cash-entry-head">
                <span class="cash-entry-label">{label}</span>
                <output class="cash-entry-amount figure" class:faint=move || till.amount.get().minor().is_none() aria-live="polite">{shown}</output>
            </div>
            <Segmented label=t().way_of_counting choices=Signal::stored(ways()) value=way />
            {move || if by_piece.get() {
                view! { <Pieces /> }.into_any()
            } else {
                view! { <div class="cash-entry-keypad"><Keypad label on_key=press /></div> }.into_any()
            }}
        </div>
    }
}

/// A row for each note and coin.
#[component]
fn Pieces() -> impl IntoView {
    let till = Till::expect();
    let denominations = Denominations::of(&till.currency());
    let tally = RwSignal::new(Tally::of(denominations));
    let say = move |change: &dyn Fn(&mut Tally)| {
        tally.update(|tally| change(tally));
        till.amount.set(tally.with_untracked(Tally::sum_minor).map_or(AmountEntry::EMPTY, AmountEntry::of));
    };
    let row = move |value: i64| {
        let id = fresh_id();
        let count = move || tally.with(|tally| tally.count(value)).map_or_else(String::new, |count| count.to_string());
        let face = till.money(value);
        let typed = move |event: ev::Event| {
            let typed = event_target_value(&event);
            say(&|tally| tally.say(value, &typed));
        };
        let select = move |event: ev::FocusEvent| event_target::<web_sys::HtmlInputElement>(&event).select();
        view! {
            <li class="piece">
                <label class="piece-face figure" for=id.clone()>{face.clone()}</label>
                <IconButton icon=Icon::Minus label=t().one_less_of(&face) kind=ButtonKind::Secondary on_press=move || say(&|tally| tally.step(value, false)) />
                <input
                    id=id
                    class="control number"
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    placeholder="0"
                    prop:value=count
                    on:input=typed
                    on:focus=select
                />
                <IconButton icon=Icon::Plus label=t().one_more_of(&face) kind=ButtonKind::Secondary on_press=move || say(&|tally| tally.step(value, true)) />
            </li>
        }
    };
    view! {
        <div class="pieces">
            <section aria-label=t().notes><h3 class="soft small">{t().notes}</h3><ul>{denominations.notes.iter().copied().map(row).collect_view()}</ul></section>
            <section aria-label=t().coins><h3 class="soft small">{t().coins}</h3><ul>{denominations.coins.iter().copied().map(row).collect_view()}</ul></section>
        </div>
    }
}
