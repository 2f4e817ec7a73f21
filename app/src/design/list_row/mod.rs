//! A row of a list: a mark, two lines of words or three, something at the end.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::icon::{Icon, IconMark};
use leptos::prelude::*;

/// Rows, one below the other.
#[component]
pub fn List(
    /// What is listed, for whoever cannot see it.
    #[prop(into)]
    label: Signal<String>,
    /// Rows.
    children: Children,
) -> impl IntoView {
    view! { <ul class="list" aria-label=label>{children()}</ul> }
}

/// One row; pressed, it leads on.
#[component]
pub fn ListRow(
    /// The first line.
    #[prop(into)]
    title: Signal<String>,
    /// The second.
    #[prop(optional, into)]
    text: Signal<Option<String>>,
    /// A third, where there is more to say.
    #[prop(optional, into)]
    more: Signal<Option<String>>,
    /// At the start: an avatar, an icon.
    #[prop(optional, into)]
    mark: ViewFnOnce,
    /// At the end: an amount, a chip.
    #[prop(optional, into)]
    aside: ViewFnOnce,
    /// Where it leads; without it, the row only shows.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
) -> impl IntoView {
    let body = view! {
        {mark.run()}
        <span class="list-row-text">
            <span class="list-row-title">{title}</span>
            {move || text.get().map(|text| view! { <span class="list-row-note">{text}</span> })}
            {move || more.get().map(|more| view! { <span class="list-row-note">{more}</span> })}
        </span>
        <span class="list-row-aside">{aside.run()}</span>
    };
    match on_press {
        Some(on_press) => view! {
            <li>
                <button type="button" class="list-row" on:click=move |_| on_press.run(())>
                    {body}
                    <IconMark icon=Icon::ChevronForward />
                </button>
            </li>
        }
        .into_any(),
        None => view! { <li><div class="list-row">{body}</div></li> }.into_any(),
    }
}
