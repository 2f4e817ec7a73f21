//! A card: things that belong together.

use leptos::prelude::*;

/// A framed group.
#[component]
pub fn Card(
    /// What it holds; none where its content says so itself.
    #[prop(optional, into)]
    title: Option<Signal<String>>,
    /// At the end of the title's line.
    #[prop(optional, into)]
    aside: ViewFnOnce,
    /// No padding: for lists and tables.
    #[prop(optional)]
    flush: bool,
    /// Its content.
    children: Children,
) -> impl IntoView {
    let head = title.map(|title| view! { <header class="card-head"><h2>{title}</h2><div class="row">{aside.run()}</div></header> });
    view! {
        <section class="card" class:flush=flush>
            {head}
            <div class="card-body">{children()}</div>
        </section>
    }
}
