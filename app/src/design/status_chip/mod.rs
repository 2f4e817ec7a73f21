//! How far a record has come: saved here, sent, accepted, needs attention.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::badge::Badge;
use super::banner::Tone;
use super::icon::Icon;
use super::messages::t;
use crate::engine::protocol::Progress;
use leptos::prelude::*;

/// A record's progress, as icon and word.
#[component]
pub fn StatusChip(
    /// How far.
    #[prop(into)]
    progress: Signal<Progress>,
) -> impl IntoView {
    move || {
        let (tone, icon, label) = match progress.get() {
            Progress::SavedHere => (Tone::Plain, Icon::Device, t().saved_here),
            Progress::Sent => (Tone::Info, Icon::Send, t().sent),
            Progress::Accepted => (Tone::Good, Icon::CheckDouble, t().accepted),
            Progress::NeedsAttention => (Tone::Attention, Icon::Warning, t().needs_attention),
        };
        view! { <Badge tone label icon /> }
    }
}
