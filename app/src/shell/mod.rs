//! The frame around every screen: routes, session, sync state, toasts. It knows where modules are mounted and nothing else of them.
//!
//! Flow: [`start`] sets language, theme and style sheets, starts the engine and draws the [`routes`]. [`Shell`] is the one store every screen
//! can reach: who is here ([`session`]), what this device is, how sync stands. Absent on purpose: business state; each module keeps its own.

pub mod api;
mod appearance;
mod bar;
mod download;
pub mod entry;
mod fetched;
mod install;
mod keyboard;
mod live;
mod messages;
mod office_frame;
mod palette;
mod persistence;
mod routes;
mod screen;
pub mod sentinel;
pub mod session;
mod store;
mod sync_sheet;
mod tasks;
mod unsaved;
mod update;
pub mod upload;
pub mod waiting;

pub use appearance::{Theme, chosen_language, chosen_theme, wish_language, wish_theme};
pub use bar::{EvictionNotice, TopBar};
pub use fetched::Fetched;
pub use install::Install;
pub use live::Live;
pub use office_frame::OfficeFrame;
pub use persistence::keep_storage;
pub use screen::{Screen, title};
pub use store::{Loading, Shell};
pub use unsaved::Unsaved;
pub use update::UpdateBanner;
pub use waiting::document_name;

use crate::{audit, catalog, design, identity, oversight, records, sales};
use design::toast::{ToastRegion, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The sheets of all screens, in the order of the cascade.
const STYLES: &[&[&str]] = &[
    design::STYLES,
    &[include_str!("shell.css")],
    palette::STYLES,
    identity::STYLES,
    sales::photos::STYLES,
    sales::office::STYLES,
    oversight::STYLES,
    records::STYLES,
    catalog::STYLES,
    audit::STYLES,
    sales::till::STYLES,
    #[cfg(any(debug_assertions, feature = "gallery"))]
    design::gallery::STYLES,
];

/// Draws the app into the page, in the person's language.
pub fn start() {
    appearance::apply();
    design::styles::adopt(STYLES);
    keyboard::watch();
    mount_to_body(|| {
        Toasts::provide();
        Unsaved::provide();
        Install::provide();
        Shell::provide();
        update::UpdateState::provide();
        // The engine starts meanwhile; a text that was asked for too early would stay English.
        let spoken = RwSignal::new(false);
        spawn_local(async move {
            appearance::fetch_words().await;
            entry::leave();
            spoken.set(true);
        });
        view! { <Show when=move || spoken.get()><routes::Screens /><unsaved::UnsavedDialog /><ToastRegion /></Show> }
    });
}
