//! A menu of what else can be done, behind one button.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::icon::{Icon, IconMark};
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Something to do.
#[derive(Clone)]
pub struct MenuItem {
    /// The verb.
    pub label: String,
    /// Before it.
    pub icon: Icon,
    /// Does it.
    pub on_press: Callback<()>,
}

/// A button that opens a list of things to do. Arrow keys move, Escape closes, as the ARIA practices have it.
#[component]
pub fn Menu(
    /// The button's name.
    #[prop(into)]
    label: Signal<String>,
    /// What the button shows.
    #[prop(into)]
    face: ViewFnOnce,
    /// What can be done.
    #[prop(into)]
    items: Signal<Vec<MenuItem>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<leptos::html::Div>::new();
    Effect::new(move || {
        if open.get() {
            focus_item(root, 0);
        }
    });
    let left = move |event: FocusEvent| {
        let target = event.related_target().and_then(|target| target.dyn_into::<web_sys::Node>().ok());
        let stays = root.get_untracked().is_some_and(|root| root.contains(target.as_ref()));
        if !stays {
            open.set(false);
        }
    };
    let moved = move |event: KeyboardEvent| {
        let count = items.read_untracked().len();
        let at = focused_item(root).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowDown" => (at + 1) % count.max(1),
            "ArrowUp" => (at + count.saturating_sub(1)) % count.max(1),
            "Home" => 0,
            "End" => count.saturating_sub(1),
            "Escape" => {
                event.stop_propagation();
                open.set(false);
                focus_button(root);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        focus_item(root, next);
    };
    view! {
        <div class="menu" node_ref=root on:focusout=left>
            <button
                type="button"
                class="button quiet menu-button"
                aria-haspopup="menu"
                aria-expanded=move || if open.get() { "true" } else { "false" }
                aria-label=label
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {face.run()}
                <IconMark icon=Icon::ChevronDown />
            </button>
            <Show when=move || open.get()>
                <div class="menu-list" role="menu" aria-label=label on:keydown=moved>
                    {move || items.get().into_iter().map(|item| entry(open, item)).collect_view()}
                </div>
            </Show>
        </div>
    }
}

fn entry(open: RwSignal<bool>, item: MenuItem) -> impl IntoView {
    let press = move |_| {
        open.set(false);
        item.on_press.run(());
    };
    view! {
        <button type="button" role="menuitem" tabindex="-1" class="menu-item" on:click=press>
            <IconMark icon=item.icon />
            <span>{item.label}</span>
        </button>
    }
}

fn items_of(root: NodeRef<leptos::html::Div>) -> Vec<HtmlElement> {
    let found = root.get_untracked().and_then(|root| root.query_selector_all("[role=menuitem]").ok());
    found.map_or_else(Vec::new, |found| (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect())
}

fn focus_item(root: NodeRef<leptos::html::Div>, at: usize) {
    if let Some(item) = items_of(root).get(at) {
        let _focused = item.focus();
    }
}

fn focused_item(root: NodeRef<leptos::html::Div>) -> Option<usize> {
    let active = document().active_element()?;
    items_of(root).iter().position(|item| item.is_same_node(Some(&active)))
}

fn focus_button(root: NodeRef<leptos::html::Div>) {
    let button = root.get_untracked().and_then(|root| root.query_selector(".menu-button").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        let _focused = button.focus();
    }
}
