//! A receipt on 80 mm paper: drawn beside the page, measured, and printed as a page of just its height.

use super::receipt::Receipt;
use super::store::Till;
use crate::engine::protocol::TicketView;
use js_sys::{Array, Reflect};
use leptos::ev;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CssStyleSheet, HtmlElement};

/// The paper's width.
const PAPER_MM: u32 = 80;
/// CSS pixels of an inch, and millimetres of one.
const PX_PER_INCH: u32 = 96;
const TENTH_MM_PER_INCH: u32 = 254;
/// Feed after the last line, so that the tear is below it.
const FEED_MM: u32 = 8;

/// While this receipt is on the screen, the browser's own key for printing prints it, and not the screen.
pub fn print_by_key(ticket: TicketView) {
    let printing = Till::expect().printing;
    let heard = window_event_listener(ev::keydown, move |event| {
        if (event.ctrl_key() || event.meta_key()) && event.key().eq_ignore_ascii_case("p") {
            event.prevent_default();
            printing.set(Some(ticket.clone()));
        }
    });
    on_cleanup(move || heard.remove());
}

/// Where the receipt lies while it is printed; nothing of it is seen on the screen.
#[component]
pub fn PrintArea() -> impl IntoView {
    let printing = Till::expect().printing;
    let area = NodeRef::<leptos::html::Div>::new();
    let done = window_event_listener(ev::Custom::<ev::Event>::new("afterprint"), move |_| {
        printing.set(None);
        write_paper("");
    });
    on_cleanup(move || done.remove());
    Effect::new(move || {
        if printing.with(Option::is_none) {
            return;
        }
        // One turn later the receipt is laid out and can be measured.
        let go = move || {
            let Some(area) = area.get_untracked() else { return };
            set_paper(&area);
            if let Err(fault) = window().print() {
                web_sys::console::error_2(&JsValue::from_str("cannot print"), &fault);
            }
        };
        set_timeout(go, Duration::ZERO);
    });
    view! { <div class="print-area" aria-hidden="true" node_ref=area>{move || printing.get().map(|ticket| view! { <Receipt ticket /> })}</div> }
}

/// A page as wide as the paper and as long as the receipt: `@page` takes no custom properties, so the sheet is written anew.
fn set_paper(area: &HtmlElement) {
    let height_px = u32::try_from(area.scroll_height()).unwrap_or(0);
    let height_mm = (height_px * TENTH_MM_PER_INCH).div_ceil(PX_PER_INCH * 10) + FEED_MM;
    write_paper(&format!("@media print {{ @page {{ size: {PAPER_MM}mm {height_mm}mm; margin: 0; }} }}"));
}

/// Writes the sheet that says the paper's size; an empty one leaves the size to the browser, for what other screens print.
fn write_paper(text: &str) {
    thread_local! {
        static PAPER: std::cell::OnceCell<CssStyleSheet> = const { std::cell::OnceCell::new() };
    }
    let replaced = PAPER.with(|paper| {
        if paper.get().is_none() {
            let sheet = CssStyleSheet::new()?;
            adopt(&sheet)?;
            let _first = paper.set(sheet);
        }
        paper.get().map_or(Ok(()), |sheet| sheet.replace_sync(text))
    });
    if let Err(fault) = replaced {
        web_sys::console::error_2(&JsValue::from_str("the paper's size was not taken"), &fault);
    }
}

fn adopt(sheet: &CssStyleSheet) -> Result<(), JsValue> {
    let document = document();
    let name = JsValue::from_str("adoptedStyleSheets");
    let adopted: Array = Array::from(Reflect::get(&document, &name)?.unchecked_ref::<JsValue>());
    adopted.push(sheet);
    Reflect::set(&document, &name, &adopted).map(drop)
}
