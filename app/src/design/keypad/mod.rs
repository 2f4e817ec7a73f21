//! The numeric keypad of a till: large keys for an amount, which fills from the right like every cash register's.

mod entry;
#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

pub use entry::AmountEntry;

use super::icon::{Icon, IconMark};
use super::messages::t;
use leptos::prelude::*;

/// A key of the pad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// 0 to 9.
    Digit(u8),
    /// Two zeros at once.
    DoubleZero,
    /// Takes the last digit back.
    Backspace,
    /// Takes all digits back.
    Clear,
}

impl Key {
    /// The key of a keyboard's `key` value, where it is one of the pad's.
    pub fn of_keyboard(key: &str) -> Option<Self> {
        match key {
            "Backspace" => Some(Self::Backspace),
            "Delete" => Some(Self::Clear),
            _ => key.parse().ok().filter(|digit| *digit <= 9 && key.len() == 1).map(Self::Digit),
        }
    }
}

/// Twelve keys. It holds no value: it only tells what was pressed.
#[component]
pub fn Keypad(
    /// What is entered here, for whoever cannot see it.
    #[prop(into)]
    label: Signal<String>,
    /// What stands left of zero.
    #[prop(default = Key::DoubleZero)]
    corner: Key,
    /// Nothing can be entered now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Told of each key.
    #[prop(into)]
    on_key: Callback<Key>,
) -> impl IntoView {
    let rows =
        [Key::Digit(1), Key::Digit(2), Key::Digit(3), Key::Digit(4), Key::Digit(5), Key::Digit(6), Key::Digit(7), Key::Digit(8), Key::Digit(9)];
    let keys = rows.into_iter().chain([corner, Key::Digit(0), Key::Backspace]);
    let cap = move |key: Key| {
        view! {
            <button type="button" class="key" class:key-quiet=!matches!(key, Key::Digit(_) | Key::DoubleZero) disabled=disabled aria-label=name(key) on:click=move |_| on_key.run(key)>
                {face(key)}
            </button>
        }
    };
    view! { <div class="keypad" role="group" aria-label=label>{keys.map(cap).collect_view()}</div> }
}

fn face(key: Key) -> AnyView {
    match key {
        Key::Digit(digit) => digit.into_any(),
        Key::DoubleZero => "00".into_any(),
        Key::Backspace => view! { <IconMark icon=Icon::Backspace /> }.into_any(),
        Key::Clear => t().clear_key.into_any(),
    }
}

fn name(key: Key) -> Option<&'static str> {
    match key {
        Key::Backspace => Some(t().delete_last_digit),
        Key::Clear => Some(t().clear_entry),
        Key::Digit(_) | Key::DoubleZero => None,
    }
}
