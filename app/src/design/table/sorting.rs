//! Heads that sort: pressed once, a column runs up; pressed again, down.

use crate::design::icon::{Icon, IconMark};
use leptos::prelude::*;

/// A table's order.
#[derive(Clone, Copy)]
pub struct Sorting {
    /// By which column, and whether it runs down; none where nobody chose.
    pub by: Signal<Option<(&'static str, bool)>>,
    /// Called with the column whose head was pressed.
    pub press: Callback<&'static str>,
}

/// A column's head.
pub(super) fn head(title: String, class: &'static str, sorted: Option<(Sorting, &'static str)>) -> AnyView {
    let Some((sorting, name)) = sorted else { return view! { <th scope="col" class=class>{title}</th> }.into_any() };
    let down = Memo::new(move |_| sorting.by.get().filter(|(by, _)| *by == name).map(|(_, down)| down));
    let order = move || match down.get() {
        Some(true) => "descending",
        Some(false) => "ascending",
        None => "none",
    };
    let mark = move || {
        let icon = if down.get() == Some(true) { Icon::ChevronDown } else { Icon::ChevronUp };
        view! { <IconMark icon /> }
    };
    view! {
        <th scope="col" class=class aria-sort=order>
            <button type="button" class="table-sort" class:chosen=move || down.get().is_some() on:click=move |_| sorting.press.run(name)>{title}{mark}</button>
        </th>
    }
    .into_any()
}
