//! Links lead elsewhere; what does something is a button.

use super::icon::{Icon, IconMark};
use leptos::prelude::*;

/// A link within the app or out of it.
#[component]
pub fn Link(
    /// Where to.
    #[prop(into)]
    href: Signal<String>,
    /// Its words.
    #[prop(into)]
    label: Signal<String>,
    /// Before the words.
    #[prop(optional, into)]
    icon: Option<Icon>,
) -> impl IntoView {
    view! {
        <a class="link" href=href>
            {icon.map(|icon| view! { <IconMark icon /> })}
            {label}
        </a>
    }
}
