//! The field at the top of a till and of a scan flow: types, and takes a whole code with Enter.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::icon::{Icon, IconMark};
use super::messages::t;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

/// Searches while typing, takes what stands there on Enter.
#[component]
pub fn ScanField(
    /// Its name, shown while it is empty.
    #[prop(into)]
    label: Signal<String>,
    /// What is in it.
    value: RwSignal<String>,
    /// Told on Enter, with what stands there; the field keeps it until someone clears it.
    #[prop(into)]
    on_enter: Callback<String>,
    /// The key that leads here, shown while a keyboard is used.
    #[prop(optional, into)]
    shortcut: Option<&'static str>,
    /// The control itself, for whoever must focus it.
    #[prop(optional)]
    node: NodeRef<leptos::html::Input>,
) -> impl IntoView {
    let enter = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if !value.read_untracked().trim().is_empty() => {
            event.prevent_default();
            on_enter.run(value.get_untracked().trim().to_owned());
        }
        "Escape" if !value.read_untracked().is_empty() => {
            event.stop_propagation();
            value.set(String::new());
        }
        _ => {}
    };
    view! {
        <div class="scan-field" role="search">
            <IconMark icon=Icon::Search />
            <input
                node_ref=node
                class="control"
                type="search"
                enterkeyhint="search"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                aria-label=label
                placeholder=label
                prop:value=value
                on:input=move |event| value.set(event_target_value(&event))
                on:keydown=enter
            />
            {move || {
                let empty = value.read().is_empty();
                if empty {
                    shortcut.map(|key| view! { <kbd class="shortcut" aria-hidden="true">{key}</kbd> }).into_any()
                } else {
                    let clear = t().clear_search;
                    view! { <button type="button" class="control-button" aria-label=clear title=clear on:click=move |_| value.set(String::new())><IconMark icon=Icon::Close /></button> }.into_any()
                }
            }}
        </div>
    }
}
