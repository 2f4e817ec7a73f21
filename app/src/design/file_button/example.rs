//! File buttons in the gallery.

use super::{FileButton, FileDrop};
use crate::design::icon::Icon;
use leptos::prelude::*;

/// The button, alone and in its place.
pub fn example() -> AnyView {
    view! {
        <div class="row">
            <FileButton label="Choose a file" icon=Icon::Storage accept=".csv" on_file=|_| () />
            <FileButton label="Not now" accept=".csv" disabled=true on_file=|_| () />
        </div>
        <FileDrop text="Drop the file here, or choose it." label="Choose a file" accept=".csv" on_file=|_| () />
    }
    .into_any()
}
