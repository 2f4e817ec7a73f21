//! The four states in the gallery.

use super::StatusChip;
use crate::engine::protocol::Progress;
use leptos::prelude::*;

/// All four.
pub fn example() -> AnyView {
    view! {
        <div class="row">
            <StatusChip progress=Progress::SavedHere />
            <StatusChip progress=Progress::Sent />
            <StatusChip progress=Progress::Accepted />
            <StatusChip progress=Progress::NeedsAttention />
        </div>
    }
    .into_any()
}
