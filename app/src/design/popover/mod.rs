//! A panel behind a button: what is chosen there acts at once, and Escape or leaving it closes it.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::icon::{Icon, IconMark};
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The button and its panel.
#[component]
pub fn Popover(
    /// On the button.
    #[prop(into)]
    label: Signal<String>,
    /// Before the word.
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// Whether what the panel chooses is in force.
    #[prop(optional, into)]
    chosen: Signal<bool>,
    /// Whether it is open.
    open: RwSignal<bool>,
    /// Drawn anew at each opening.
    children: ChildrenFn,
) -> impl IntoView {
    let root = NodeRef::<leptos::html::Div>::new();
    Effect::new(move || {
        if open.get() {
            request_animation_frame(move || focus(root, ".popover-panel :is(input, select, button)"));
        }
    });
    let left = move |event: FocusEvent| {
        let target = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        // Pressing what takes no focus leaves nothing, and is no way out.
        let stays = target.is_none() || root.get_untracked().is_none_or(|root| root.contains(target.as_ref()));
        if !stays {
            open.set(false);
        }
    };
    let beside = window_event_listener(leptos::ev::pointerdown, move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        if open.try_get_untracked() == Some(true) && root.get_untracked().is_some_and(|root| !root.contains(target.as_ref())) {
            open.set(false);
        }
    });
    on_cleanup(move || beside.remove());
    let key = move |event: KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.stop_propagation();
            open.set(false);
            focus(root, ".popover-button");
        }
    };
    view! {
        <div class="popover" node_ref=root on:focusout=left on:keydown=key>
            <button
                type="button"
                class="popover-button"
                class:chosen=move || chosen.get()
                aria-expanded=move || if open.get() { "true" } else { "false" }
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {icon.map(|icon| view! { <IconMark icon /> })}
                <span>{label}</span>
                <IconMark icon=Icon::ChevronDown />
            </button>
            <Show when=move || open.get()><div class="popover-panel" role="group" aria-label=label>{children()}</div></Show>
        </div>
    }
}

fn focus(root: NodeRef<leptos::html::Div>, what: &str) {
    let found = root.get_untracked().and_then(|root| root.query_selector(what).ok().flatten());
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        let _focused = found.focus();
    }
}
