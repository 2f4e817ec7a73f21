//! Four digits between colleagues: a courtesy lock, entered with one thumb or a keyboard.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::keypad::{Key, Keypad};
use super::messages::t;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// How many digits a PIN has here.
pub const PIN_DIGITS: usize = 4;

/// Dots and a keypad. Tells the PIN when its last digit is in; whoever listens clears `entered` to ask again.
#[component]
pub fn PinPad(
    /// What is asked, such as `PIN of Ana Pop`.
    #[prop(into)]
    label: Signal<String>,
    /// What is in so far.
    entered: RwSignal<String>,
    /// What was wrong with the last one, or how long to wait.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
    /// Being checked, or locked for a while.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Told of a whole PIN.
    #[prop(into)]
    on_complete: Callback<String>,
) -> impl IntoView {
    let pad = NodeRef::<leptos::html::Div>::new();
    Effect::new(move || {
        if let Some(pad) = pad.get() {
            let _focused = pad.focus();
        }
    });
    let press = move |key: Key| {
        if disabled.get_untracked() {
            return;
        }
        entered.update(|entered| match key {
            Key::Digit(digit) if entered.len() < PIN_DIGITS => entered.push(char::from(b'0' + digit)),
            Key::Backspace => drop(entered.pop()),
            Key::Clear => entered.clear(),
            Key::Digit(_) | Key::DoubleZero => {}
        });
        let whole = entered.get_untracked();
        if whole.len() == PIN_DIGITS && matches!(key, Key::Digit(_)) {
            on_complete.run(whole);
        }
    };
    let typed = move |event: KeyboardEvent| {
        if let Some(key) = Key::of_keyboard(&event.key()) {
            event.prevent_default();
            press(key);
        }
    };
    let dot = move |place: usize| {
        let filled = move || entered.read().len() > place;
        view! { <span class="pin-dot" class:filled=filled></span> }
    };
    view! {
        <div class="pin-pad" role="group" aria-label=label tabindex="-1" node_ref=pad on:keydown=typed>
            <div class="pin-dots" class:wrong=move || error.get().is_some() aria-hidden="true">{(0..PIN_DIGITS).map(dot).collect_view()}</div>
            <p class="pin-note" aria-live="assertive">
                {move || error.get().map(|error| view! { <span class="field-error">{error}</span> })}
                <span class="unseen">{move || t().pin_digits(entered.read().len(), PIN_DIGITS)}</span>
            </p>
            <Keypad label corner=Key::Clear disabled on_key=press />
        </div>
    }
}
