//! Arrow keys in the grid of products: to the neighbour at that side.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent};

/// Moves the focus among the tiles.
pub fn moved(event: &KeyboardEvent) {
    let tiles = tiles();
    let active = document().active_element();
    let Some(at) = tiles.iter().position(|tile| tile.is_same_node(active.as_deref().map(AsRef::as_ref))) else { return };
    let columns = tiles.iter().take_while(|tile| tile.offset_top() == tiles[0].offset_top()).count().max(1);
    if let Some(to) = neighbour(&event.key(), at, columns, tiles.len()) {
        event.prevent_default();
        event.stop_propagation();
        let _focused = tiles[to].focus();
    }
}

/// To the first product, from the search.
pub fn focus_first() {
    if let Some(tile) = tiles().first() {
        let _focused = tile.focus();
    }
}

fn tiles() -> Vec<HtmlElement> {
    let found = document().query_selector_all(".sale-products .tile").ok();
    found.map_or_else(Vec::new, |found| (0..found.length()).filter_map(|at| found.item(at)?.dyn_into().ok()).collect())
}

/// The place to go from `at`, in rows of so many columns; none where the key is no arrow or nothing lies there.
fn neighbour(key: &str, at: usize, columns: usize, count: usize) -> Option<usize> {
    let to = match key {
        "ArrowRight" => at.checked_add(1),
        "ArrowLeft" => at.checked_sub(1),
        "ArrowDown" => at.checked_add(columns),
        "ArrowUp" => at.checked_sub(columns),
        "Home" => Some(0),
        "End" => count.checked_sub(1),
        _ => None,
    };
    to.filter(|to| *to < count)
}

#[cfg(test)]
mod tests {
    use super::neighbour;

    #[test]
    fn arrows_move_to_the_neighbour_and_stop_at_the_edge() {
        for (key, at, expected) in [
            ("ArrowRight", 0, Some(1)),
            ("ArrowLeft", 0, None),
            ("ArrowDown", 1, Some(5)),
            ("ArrowUp", 1, None),
            ("ArrowUp", 6, Some(2)),
            ("ArrowDown", 7, None),
            ("ArrowRight", 9, None),
            ("End", 3, Some(9)),
            ("Home", 3, Some(0)),
            ("Enter", 3, None),
        ] {
            assert_eq!(neighbour(key, at, 4, 10), expected, "{key} at {at}");
        }
    }
}
