//! How far something has come: a bar, or a ring.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use leptos::prelude::*;

/// A share in whole percent, for what has come out of what there is.
pub fn percent(done: u64, of: u64) -> u8 {
    let share = u128::from(done) * 100 / u128::from(of.max(1));
    u8::try_from(share.min(100)).expect("at most 100")
}

/// A bar with its words.
#[component]
pub fn ProgressBar(
    /// Of what.
    #[prop(into)]
    label: Signal<String>,
    /// In whole percent.
    #[prop(into)]
    percent: Signal<u8>,
) -> impl IntoView {
    view! {
        <label class="progress">
            <span class="progress-label"><span>{label}</span><span class="figure">{move || percent.get()}" %"</span></span>
            <progress max="100" value=move || percent.get().to_string()></progress>
        </label>
    }
}

/// A ring, for small places.
#[component]
pub fn ProgressRing(
    /// Of what.
    #[prop(into)]
    label: Signal<String>,
    /// In whole percent.
    #[prop(into)]
    percent: Signal<u8>,
) -> impl IntoView {
    view! {
        <span class="ring" role="progressbar" aria-label=label aria-valuenow=move || percent.get().to_string() aria-valuemin="0" aria-valuemax="100" style=("--percent", move || percent.get().to_string())></span>
    }
}
