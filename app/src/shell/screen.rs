//! What each screen says of itself: its title, and which surface it lies on.

use super::Shell;
use super::messages::t;
use crate::design::banner::{Banner, Tone};
use leptos::prelude::*;

/// Puts the screen's name into the window's title, before the app's.
pub fn title(name: &str) {
    document().set_title(&format!("{name} · Holdfast"));
}

/// A screen's root: names the surface, so that what is touched has the right size.
#[component]
pub fn Screen(
    /// `office`, `till` or `floor`.
    surface: &'static str,
    /// Its own class.
    #[prop(optional)]
    class: &'static str,
    /// Its content.
    children: Children,
) -> impl IntoView {
    let shell = Shell::expect();
    let failed = move || {
        shell.engine_failed.get().map(|code| {
            let text = t().engine_failed_text.to_owned();
            view! { <div class="shell-banner"><Banner tone=Tone::Bad title=t().engine_failed_title text code /></div> }
        })
    };
    view! { <div class=format!("screen {class}") data-surface=surface>{failed}{children()}</div> }
}
