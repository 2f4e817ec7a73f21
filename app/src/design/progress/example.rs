//! Progress in the gallery.

use super::{ProgressBar, ProgressRing};
use leptos::prelude::*;

/// A bar and a ring.
pub fn example() -> AnyView {
    view! {
        <div class="gallery-narrow"><ProgressBar label="Loading the catalogue, 31,500 of 50,000" percent=63 /></div>
        <div class="row"><ProgressRing label="Sending" percent=30 /><ProgressRing label="Sending" percent=80 /></div>
    }
    .into_any()
}
