//! Hands the style sheets to the browser as one constructed sheet: no file to wait for, and nothing a strict Content-Security-Policy forbids.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;

/// Makes these sheets, in this order, the document's.
pub fn adopt(lists: &[&[&str]]) {
    let text = lists.iter().flat_map(|list| list.iter().copied()).collect::<Vec<_>>().join("\n");
    let document = leptos::prelude::document();
    let made = web_sys::CssStyleSheet::new().and_then(|sheet| {
        sheet.replace_sync(&text)?;
        Reflect::set(&document, &JsValue::from_str("adoptedStyleSheets"), &Array::of1(&sheet))
    });
    if let Err(fault) = made {
        web_sys::console::error_2(&JsValue::from_str("the style sheet was not taken"), &fault);
    }
}
