//! Badges in the gallery.

use super::Badge;
use crate::design::banner::Tone;
use crate::design::icon::Icon;
use leptos::prelude::*;

/// One of each tone.
pub fn example() -> AnyView {
    view! {
        <div class="row">
            <Badge tone=Tone::Good label="Completed" />
            <Badge tone=Tone::Attention label="Price to check" />
            <Badge tone=Tone::Bad label="Refused" />
            <Badge tone=Tone::Info label="Open" icon=Icon::Clock />
            <Badge tone=Tone::Plain label="Abandoned" icon=Icon::Minus />
        </div>
    }
    .into_any()
}
