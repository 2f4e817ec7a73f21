//! Whether this device can draw a pictogram: a character it has no form for is as wide as one that nobody has.

use leptos::prelude::document;
use std::cell::RefCell;
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// No font has a form for this.
const NOBODY_HAS: &str = "\u{10FFFD}";

thread_local! {
    static KNOWN: RefCell<BTreeMap<String, bool>> = const { RefCell::new(BTreeMap::new()) };
}

/// Whether the glyph has a form here; measured once per glyph.
pub fn is_drawn(glyph: &str) -> bool {
    KNOWN.with_borrow_mut(|known| match known.get(glyph) {
        Some(drawn) => *drawn,
        None => *known.entry(glyph.to_owned()).or_insert(measure(glyph).unwrap_or(false)),
    })
}

#[expect(clippy::float_cmp, reason = "the same missing form measures exactly the same")]
fn measure(glyph: &str) -> Option<bool> {
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.dyn_into().ok()?;
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_font("32px sans-serif");
    let width = |text: &str| context.measure_text(text).map(|metrics| metrics.width()).ok();
    Some(width(glyph)? != width(NOBODY_HAS)?)
}
