//! Nothing here yet, and what to do next.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::icon::{Icon, IconMark};
use leptos::prelude::*;

/// An empty list or screen.
#[component]
pub fn EmptyState(
    /// Of what would be here.
    icon: Icon,
    /// What is not here.
    #[prop(into)]
    title: Signal<String>,
    /// The next step.
    #[prop(optional, into)]
    text: Signal<Option<String>>,
    /// The button that takes it.
    #[prop(optional, into)]
    action: ViewFnOnce,
) -> impl IntoView {
    view! {
        <div class="empty-state">
            <span class="empty-icon"><IconMark icon /></span>
            <p class="strong">{title}</p>
            {move || text.get().map(|text| view! { <p class="soft">{text}</p> })}
            {action.run()}
        </div>
    }
}
