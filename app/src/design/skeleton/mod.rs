//! What stands in a list's place while it loads: shown only after 200 ms, so that quick answers do not flicker.

use super::messages::t;
use leptos::prelude::*;

/// Bars in the place of rows.
#[component]
pub fn Skeleton(
    /// How many rows.
    #[prop(default = 3)]
    rows: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="unseen">{t().loading}</span>
            {(0..rows).map(|_| view! { <span class="bone"></span> }).collect_view()}
        </div>
    }
}
