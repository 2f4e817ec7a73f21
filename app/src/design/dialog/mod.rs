//! A dialog asks one thing and waits for the answer; Escape is always *no*.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;
mod modal;

pub use modal::Modal;

use leptos::prelude::*;

/// A question with its answers.
#[component]
pub fn Dialog(
    /// Whether it is open; closing it sets this.
    open: RwSignal<bool>,
    /// What is asked.
    #[prop(into)]
    title: Signal<String>,
    /// What the answer means.
    children: ChildrenFn,
    /// The buttons: the primary one last.
    #[prop(into)]
    actions: ViewFn,
) -> impl IntoView {
    view! {
        <Modal open class="dialog" label=title>
            <h2 class="dialog-title">{title}</h2>
            <div class="dialog-body">{children()}</div>
            <div class="dialog-actions">{actions.run()}</div>
        </Modal>
    }
}
