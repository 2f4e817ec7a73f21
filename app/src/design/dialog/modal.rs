//! The browser's own modal dialog, bound to a signal: focus moves in, stays in, and returns; Escape and a touch beside it close it.

use leptos::ev::{Event, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// What a dialog and a sheet share.
#[component]
pub fn Modal(
    /// Whether it is open; closing it sets this.
    open: RwSignal<bool>,
    /// How it looks.
    class: &'static str,
    /// Its name, for whoever cannot see it.
    #[prop(into)]
    label: Signal<String>,
    /// Drawn anew at each opening.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = node.get() else { return };
        let shown = open.get();
        if shown && !dialog.open() {
            let _already_open = dialog.show_modal();
            request_animation_frame(move || focus_into(&dialog));
        } else if !shown && dialog.open() {
            dialog.close();
        }
    });
    let beside = move |event: MouseEvent| {
        let on_itself = event.target().is_some_and(|target| target.dyn_ref::<web_sys::HtmlDialogElement>().is_some());
        if on_itself {
            open.set(false);
        }
    };
    // The browser tells of a closing some time after it; by then somebody may have opened it again.
    let closed = move |_: Event| {
        if node.get_untracked().is_none_or(|dialog| !dialog.open()) {
            open.set(false);
        }
    };
    view! {
        <dialog node_ref=node class=class aria-label=label on:cancel=move |_: Event| open.set(false) on:close=closed on:mousedown=beside>
            <Show when=move || open.get()>
                <div class="modal-box">{children()}</div>
            </Show>
        </dialog>
    }
}

/// The browser gives the focus to what stands in the dialog when it opens; what is drawn a moment later gets it here.
fn focus_into(dialog: &web_sys::HtmlDialogElement) {
    let has_it = document().active_element().is_some_and(|active| !dialog.is_same_node(Some(&active)) && dialog.contains(Some(&active)));
    let first = dialog.query_selector("input, select, textarea, button:not(:disabled), a[href]").ok().flatten();
    if let Some(first) = first.filter(|_| !has_it).and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _focused = first.focus();
    }
}
