//! A badge: one word of state, with its icon.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::banner::Tone;
use super::icon::{Icon, IconMark};
use leptos::prelude::*;

/// A word in its tone.
#[component]
pub fn Badge(
    /// Which tone.
    tone: Tone,
    /// The word.
    #[prop(into)]
    label: Signal<String>,
    /// Instead of the tone's own icon.
    #[prop(optional, into)]
    icon: Option<Icon>,
) -> impl IntoView {
    view! {
        <span class=format!("badge {}", tone.class())>
            <IconMark icon=icon.unwrap_or(tone.icon()) />
            <span>{label}</span>
        </span>
    }
}
