//! A sheet: more of the same screen, from the side or over the whole of it.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::button::IconButton;
use super::dialog::Modal;
use super::icon::Icon;
use super::messages::t;
use leptos::prelude::*;

/// Where a sheet lies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SheetKind {
    /// At the end of the line; on a phone, from below.
    #[default]
    Side,
    /// Over everything: for paying.
    Full,
}

/// A sheet with its title and a way out.
#[component]
pub fn Sheet(
    /// Whether it is open; closing it sets this.
    open: RwSignal<bool>,
    /// What it is about.
    #[prop(into)]
    title: Signal<String>,
    /// Where it lies.
    #[prop(optional)]
    kind: SheetKind,
    /// Drawn anew at each opening.
    children: ChildrenFn,
) -> impl IntoView {
    let class = match kind {
        SheetKind::Side => "sheet",
        SheetKind::Full => "sheet full",
    };
    view! {
        <Modal open class label=title>
            <header class="sheet-head">
                <h2>{title}</h2>
                <IconButton icon=Icon::Close label=t().close on_press=move || open.set(false) />
            </header>
            <div class="sheet-body">{children()}</div>
        </Modal>
    }
}
