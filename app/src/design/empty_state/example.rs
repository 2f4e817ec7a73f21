//! The empty state in the gallery.

use super::EmptyState;
use crate::design::icon::Icon;
use leptos::prelude::*;

/// A ticket without lines.
pub fn example() -> AnyView {
    view! { <EmptyState icon=Icon::Scan title="Ready for the next customer" text=Some("Scan a product, or search for it by name.".to_owned()) /> }
        .into_any()
}
