//! The pay sheet: likely amounts at one touch, a keypad for every other, and the change before it is given.

use super::quick_amounts;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::keypad::{AmountEntry, Key, Keypad};
use crate::design::sheet::{Sheet, SheetKind};
use crate::design::ticket_line::Total;
use crate::device::sound::{self, Tone as Sound};
use crate::engine::protocol::EngineRefusal;
use crate::sales::till::cash::Denominations;
use crate::sales::till::messages::{self, t};
use crate::sales::till::store::Till;
use leptos::ev::{self, KeyboardEvent};
use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Over everything while cash is taken.
#[component]
pub fn PaySheet() -> impl IntoView {
    let till = Till::expect();
    view! { <Sheet open=till.paying title=t().pay_title kind=SheetKind::Full><Pay /></Sheet> }
}

/// What the sheet is in the middle of.
#[derive(Clone, Copy)]
struct Paying {
    till: Till,
    busy: RwSignal<bool>,
    refused: RwSignal<Option<EngineRefusal>>,
}

impl Paying {
    /// What was entered; the exact amount where nothing was.
    fn tendered_minor(self) -> i64 {
        self.till.amount.get().minor().unwrap_or_else(|| self.till.total_minor())
    }

    fn take(self, tendered_minor: i64) {
        if self.busy.get_untracked() {
            return;
        }
        if quick_amounts::change(self.till.total_minor(), tendered_minor).is_none() {
            sound::sound(Sound::Bad);
            return;
        }
        self.busy.set(true);
        self.refused.set(None);
        spawn_local(async move {
            if let Err(refusal) = self.till.pay_cash(tendered_minor).await {
                sound::sound(Sound::Bad);
                self.refused.try_set(Some(refusal));
            }
            self.busy.try_set(false);
        });
    }
}

#[component]
fn Pay() -> impl IntoView {
    let till = Till::expect();
    let paying = Paying { till, busy: RwSignal::new(false), refused: RwSignal::new(None) };
    let sheet = NodeRef::<Div>::new();
    focus_primary_when_shown(sheet);
    hear_keys(paying);
    let press = move |key: Key| till.amount.update(|amount| *amount = amount.after(key));
    // A touched key does not keep the focus, so that Enter takes the payment.
    let touched = move |event: ev::MouseEvent| {
        if event.detail() > 0 {
            focus_primary(sheet);
        }
    };
    view! {
        <div class="pay" node_ref=sheet on:click=touched>
            <div class="pay-sums">
                <Total label=t().to_pay amount=Signal::derive(move || till.money(till.total_minor())) huge=true />
                <Received paying />
                <QuickAmounts paying />
                <Refused paying />
            </div>
            <div class="pay-entry">
                <Keypad label=t().received disabled=paying.busy on_key=press />
                <TakePayment paying />
            </div>
        </div>
    }
}

/// What was handed over, and the change or what is missing.
#[component]
fn Received(paying: Paying) -> impl IntoView {
    let till = paying.till;
    let received = move || till.money(paying.tendered_minor());
    let change = Memo::new(move |_| quick_amounts::change(till.total_minor(), paying.tendered_minor()));
    let label = move || if change.get().is_some() { t().change } else { t().still_missing };
    let amount = move || match change.get() {
        Some(change) => till.money(change),
        None => till.money(till.total_minor().saturating_sub(paying.tendered_minor())),
    };
    view! {
        <div class="pay-received">
            <span class="soft">{t().received}</span>
            <output class="figure" class:faint=move || till.amount.get().minor().is_none()>{received}</output>
        </div>
        <div class="pay-change" class:missing=move || change.get().is_none()>
            <Total label=Signal::derive(move || label().to_owned()) amount=Signal::derive(amount) huge=true />
        </div>
    }
}

/// One touch takes the payment.
#[component]
fn QuickAmounts(paying: Paying) -> impl IntoView {
    let till = paying.till;
    let amounts = Memo::new(move |_| quick_amounts::above(till.total_minor(), Denominations::of(&till.currency())));
    let button = move |amount: i64| {
        view! { <Button label=till.money(amount) size=ButtonSize::Large disabled=paying.busy on_press=move || paying.take(amount) /> }
    };
    view! {
        <div class="pay-quick" role="group" aria-label=t().quick_amounts>
            <Button label=t().exact size=ButtonSize::Large disabled=paying.busy on_press=move || paying.take(till.total_minor()) />
            {move || amounts.get().into_iter().map(button).collect_view()}
        </div>
    }
}

/// Why it was not taken: what happened, and what to do.
#[component]
fn Refused(paying: Paying) -> impl IntoView {
    let shown = move |refusal: EngineRefusal| {
        let saying = messages::refused(&refusal);
        view! { <Banner tone=Tone::Bad title=saying.title text=Signal::stored(Some(saying.text)) code=Signal::stored(Some(refusal.code)) /> }
    };
    view! { <div class="pay-refused">{move || paying.refused.get().map(shown)}</div> }
}

#[component]
fn TakePayment(paying: Paying) -> impl IntoView {
    let till = paying.till;
    let figure = Signal::derive(move || till.money(paying.tendered_minor()));
    let too_little = Signal::derive(move || quick_amounts::change(till.total_minor(), paying.tendered_minor()).is_none());
    view! {
        <div class="pay-take">
            <Button
                label=t().take_payment
                figure
                kind=ButtonKind::Primary
                size=ButtonSize::Large
                wide=true
                shortcut="⏎"
                disabled=too_little
                busy=paying.busy
                on_press=move || paying.take(paying.tendered_minor())
            />
        </div>
    }
}

/// Digits go to the amount wherever the focus is; Enter is the focused button's, which is the primary one.
fn hear_keys(paying: Paying) {
    let heard = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let open = paying.till.paying.get_untracked() && !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        if !open {
            return;
        }
        let key = event.key();
        if let Some(key) = Key::of_keyboard(&key) {
            event.prevent_default();
            paying.till.amount.update(|amount: &mut AmountEntry| *amount = amount.after(key));
        } else if matches!(key.as_str(), "F2" | "F4" | "F8") {
            event.prevent_default();
        } else if key == "Enter" && !on_button(&event) {
            event.prevent_default();
            paying.take(paying.tendered_minor());
        }
    });
    on_cleanup(move || heard.remove());
}

fn on_button(event: &KeyboardEvent) -> bool {
    event.target().is_some_and(|target| target.dyn_ref::<web_sys::HtmlButtonElement>().is_some())
}

fn focus_primary_when_shown(sheet: NodeRef<Div>) {
    Effect::new(move || {
        if sheet.get().is_some() {
            request_animation_frame(move || focus_primary(sheet));
        }
    });
}

fn focus_primary(sheet: NodeRef<Div>) {
    let primary = sheet.get_untracked().and_then(|sheet| sheet.query_selector(".pay-take button").ok().flatten());
    if let Some(primary) = primary.and_then(|primary| primary.dyn_into::<HtmlElement>().ok()) {
        let _focused = primary.focus();
    }
}
