//! `/design`: every component with its states, in every theme. Only here do examples stand in for data.

use super::{
    badge, banner, button, chart, dialog, empty_state, field, file_button, icon, keypad, list_row, menu, pin_pad, popover, progress, quantity_pad,
    scan_field, sheet, status_chip, sync_indicator, table, tabs, ticket_line, tile, toast,
};
use crate::design::field::Choice;
use leptos::prelude::*;

/// The gallery's own sheet.
pub const STYLES: &[&str] = &[include_str!("gallery.css")];

/// A component and what shows it.
type Entry = (&'static str, fn() -> AnyView);

const ENTRIES: &[Entry] = &[
    ("Button, icon button", button::example::example),
    ("Field", field::example::example),
    ("File button", file_button::example::example),
    ("Scan field", scan_field::example::example),
    ("Product tile", tile::example::example),
    ("Ticket line, total", ticket_line::example::example),
    ("Keypad", keypad::example::example),
    ("Quantity pad", quantity_pad::example::example),
    ("Segmented control", tabs::example::example),
    ("List row, card", list_row::example::example),
    ("Banner", banner::example::example),
    ("Badge", badge::example::example),
    ("Status chip", status_chip::example::example),
    ("Sync indicator", sync_indicator::example::example),
    ("Progress", progress::example::example),
    ("Table", table::example::example),
    ("Chart", chart::example::example),
    ("PIN pad", pin_pad::example::example),
    ("Menu", menu::example::example),
    ("Popover", popover::example::example),
    ("Dialog", dialog::example::example),
    ("Sheet", sheet::example::example),
    ("Toast", toast::example::example),
    ("Empty state", empty_state::example::example),
    ("Icon", icon::example::example),
];

/// The page.
#[component]
pub fn Gallery() -> impl IntoView {
    let themes = ["light", "dark", "contrast"].map(|theme| Choice { value: theme.to_owned(), label: theme.to_owned() }).to_vec();
    let surfaces = ["office", "till"].map(|surface| Choice { value: surface.to_owned(), label: surface.to_owned() }).to_vec();
    let theme = RwSignal::new("light".to_owned());
    let surface = RwSignal::new("office".to_owned());
    Effect::new(move || {
        if let Some(root) = document().document_element() {
            let _set = root.set_attribute("data-theme", &theme.get());
        }
    });
    let entry = |(name, example): &Entry| {
        view! {
            <section class="gallery-entry" aria-label=*name>
                <h2>{*name}</h2>
                <div class="stack">{example()}</div>
            </section>
        }
    };
    view! {
        <main class="gallery" data-surface=surface>
            <header class="gallery-head">
                <h1>"Holdfast design"</h1>
                <tabs::Segmented label="Theme" choices=themes value=theme />
                <tabs::Segmented label="Surface" choices=surfaces value=surface />
            </header>
            {ENTRIES.iter().map(entry).collect_view()}
        </main>
    }
}
