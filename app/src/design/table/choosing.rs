//! Rows that are chosen: a box before each, one in the head for all that are there, and Shift for all from the one that was turned before.

use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// What a table needs to know of choosing.
pub struct Choosing<R: 'static> {
    /// Whether a row is chosen.
    pub chosen: Arc<dyn Fn(&R) -> bool + Send + Sync>,
    /// Called with a row that was turned, and whether Shift was held.
    pub turn: Callback<(R, bool)>,
    /// What a row's box is called.
    pub label: Arc<dyn Fn(&R) -> String + Send + Sync>,
    /// Whether all rows are chosen; none where only some are.
    pub all: Signal<Option<bool>>,
    /// Chooses all rows, or none where all are.
    pub turn_all: Callback<()>,
    /// What the box in the head is called.
    pub all_label: &'static str,
}

impl<R: 'static> Clone for Choosing<R> {
    fn clone(&self) -> Self {
        Self { chosen: Arc::clone(&self.chosen), label: Arc::clone(&self.label), ..*self }
    }
}

impl<R: Clone + Send + Sync + 'static> Choosing<R> {
    /// The box in the head.
    pub(super) fn head(&self) -> impl IntoView + use<R> {
        let (all, turn_all) = (self.all, self.turn_all);
        view! {
            <th scope="col" class="table-choose">
                <label>
                    <input
                        type="checkbox"
                        aria-label=self.all_label
                        prop:checked=move || all.get() == Some(true)
                        prop:indeterminate=move || all.get().is_none()
                        on:click=move |_| turn_all.run(())
                    />
                </label>
            </th>
        }
    }

    /// Whether the row is chosen, whenever that changes.
    pub(super) fn of(&self, row: &R) -> Signal<bool> {
        let (row, chosen) = (row.clone(), Arc::clone(&self.chosen));
        Memo::new(move |_| chosen(&row)).into()
    }

    /// A row's box.
    pub(super) fn cell(&self, row: &R, chosen: Signal<bool>) -> impl IntoView + use<R> {
        let (turn, label) = (self.turn, (self.label)(row));
        let row = row.clone();
        let press = move |event: MouseEvent| turn.run((row.clone(), event.shift_key()));
        view! {
            <td class="table-choose">
                <label><input type="checkbox" aria-label=label prop:checked=chosen on:click=press /></label>
            </td>
        }
    }

    /// Space turns the row that is focused, which would else scroll.
    pub(super) fn key(&self, row: &R) -> impl Fn(KeyboardEvent) + use<R> {
        let (turn, row) = (self.turn, row.clone());
        move |event| {
            let on_link = event.target().is_some_and(|target| target.dyn_ref::<web_sys::HtmlAnchorElement>().is_some());
            if event.key() == " " && on_link {
                event.prevent_default();
                turn.run((row.clone(), event.shift_key()));
            }
        }
    }
}
