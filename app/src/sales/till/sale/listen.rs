//! The keys of the sale: asks what a key does here, and does it.

use super::super::store::Till;
use super::grid_keys;
use super::keys::{Act, Situation, act};
use super::quantity_entry::QuantityEntry;
use crate::device::keyboard::{self, Focus};
use crate::engine::protocol::LineView;
use leptos::ev::{self, KeyboardEvent};
use leptos::html::Input;
use leptos::prelude::*;

/// Listens as long as the sale is on the screen.
pub fn listen(till: Till, search: NodeRef<Input>) {
    let heard = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        let elsewhere =
            till.paying.get_untracked() || in_dialog() || event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key();
        if elsewhere {
            return;
        }
        let situation = Situation {
            focus: keyboard::focus_for(&event.key()),
            entering: !till.quantity.with_untracked(QuantityEntry::is_empty),
            in_empty_search: till.search.with_untracked(String::is_empty) && in_search(search),
            line_chosen: till.chosen.with_untracked(Option::is_some),
        };
        if let Some(act) = act(&event.key(), situation) {
            if act != (Act::Search { types: true }) {
                event.prevent_default();
            }
            perform(till, search, act);
        }
    });
    on_cleanup(move || heard.remove());
}

fn perform(till: Till, search: NodeRef<Input>, act: Act) {
    match act {
        Act::Enter(character) => till.quantity.update(|entry| entry.push(character)),
        Act::TakeBackDigit => till.quantity.update(QuantityEntry::pop),
        Act::UseEntry => use_entry(till),
        Act::Search { .. } => {
            if let Some(search) = search.get_untracked() {
                let _focused = search.focus();
                search.select();
            }
        }
        Act::ToProducts => grid_keys::focus_first(),
        Act::Pay => till.begin_paying(),
        Act::Back => back(till),
        Act::Step { more } => till.step(more),
        Act::Remove => {
            if let Some(line) = till.chosen.get_untracked() {
                till.remove(line);
            }
        }
        Act::Choose { next } => choose(till, next),
        Act::Reserved => {}
    }
}

/// A code typed by hand is a scan; a quantity is that of the chosen line, or the last.
fn use_entry(till: Till) {
    let entry = till.quantity.get_untracked();
    if let Some(code) = entry.code() {
        till.quantity.set(QuantityEntry::default());
        till.scan(code.to_owned());
    } else if let Some((quantity, line)) = entry.quantity().zip(till.chosen_or_last()) {
        till.quantity.set(QuantityEntry::default());
        till.set_quantity(line.id, quantity);
    }
}

/// The last thing begun is left first.
fn back(till: Till) {
    if till.notice.with_untracked(Option::is_some) {
        till.notice.set(None);
    } else if !till.quantity.with_untracked(QuantityEntry::is_empty) {
        till.quantity.set(QuantityEntry::default());
    } else if till.chosen.with_untracked(Option::is_some) {
        till.chosen.set(None);
    } else if till.paid.with_untracked(Option::is_some) {
        till.paid.set(None);
    } else if !till.search.with_untracked(String::is_empty) {
        till.search.set(String::new());
    }
    keyboard::leave();
}

fn choose(till: Till, next: bool) {
    let lines: Vec<LineView> = till
        .state
        .with_untracked(|state| state.as_ref().and_then(|state| state.ticket.as_ref()).map_or_else(Vec::new, |ticket| ticket.lines.clone()));
    let Some(last) = lines.len().checked_sub(1) else { return };
    let at = till.chosen.get_untracked().and_then(|chosen| lines.iter().position(|line| line.id == chosen));
    let to = match (at, next) {
        (None, true) => 0,
        (None, false) => last,
        (Some(at), true) => (at + 1).min(last),
        (Some(at), false) => at.saturating_sub(1),
    };
    till.chosen.set(Some(lines[to].id));
}

fn in_search(search: NodeRef<Input>) -> bool {
    let active = document().active_element();
    keyboard::focus() == Focus::Field && search.get_untracked().is_some_and(|search| active.is_some_and(|active| search.is_same_node(Some(&active))))
}

/// A dialog or sheet has its own keys.
fn in_dialog() -> bool {
    document().query_selector("dialog[open]").ok().flatten().is_some()
}
