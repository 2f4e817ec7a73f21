//! Opening the till: the cash in the drawer is counted, and becomes the float.

use super::cash::CashEntry;
use super::messages::t;
use super::store::Till;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::icon::Icon;
use crate::design::keypad::AmountEntry;
use crate::device::keyboard::{self, Focus};
use holdfast_domain::sales::OPEN_TILL;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Counts the float and opens.
#[component]
pub fn OpenScreen() -> impl IntoView {
    let till = Till::expect();
    till.amount.set(AmountEntry::EMPTY);
    let busy = RwSignal::new(false);
    let allowed = Memo::new(move |_| till.may(OPEN_TILL.as_str()));
    let open = move || {
        if busy.get_untracked() || !allowed.get_untracked() {
            return;
        }
        busy.set(true);
        let counted_minor = till.amount.get_untracked().minor().unwrap_or(0);
        spawn_local(async move {
            till.open_session(counted_minor).await;
            busy.try_set(false);
        });
    };
    let entered = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Enter" && keyboard::focus_for("Enter") != Focus::Control {
            event.prevent_default();
            open();
        }
    });
    on_cleanup(move || entered.remove());
    let figure = Signal::derive(move || till.money(till.amount.get().minor().unwrap_or(0)));
    view! {
        <div class="till-page narrow">
            <div class="stack tight">
                <h1>{t().open_title}</h1>
                <p class="soft">{t().open_text}</p>
            </div>
            <CashEntry label=t().float />
            <div class="till-page-foot">
                <Show when=move || !allowed.get()>
                    <Banner tone=Tone::Attention title=t().may_not_open_title text=t().may_not_open_text />
                </Show>
                <Button
                    label=t().open_button
                    figure
                    icon=Icon::Till
                    kind=ButtonKind::Primary
                    size=ButtonSize::Large
                    wide=true
                    shortcut="⏎"
                    disabled=Signal::derive(move || !allowed.get())
                    busy
                    on_press=open
                />
            </div>
        </div>
    }
}
