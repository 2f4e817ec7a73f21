//! Hands a text out as a file.

use crate::device::clock;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::js_sys::Array;

/// Some browsers fetch what a link names only after the press; none takes longer.
const KEPT_MS: u32 = 60_000;

/// Saves it under that name; none where the browser gives out no files.
pub fn download(name: &str, text: &str) -> Option<()> {
    let blob = web_sys::Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(text))).ok()?;
    let address = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let document = web_sys::window()?.document()?;
    let link = document.create_element("a").ok()?.dyn_into::<web_sys::HtmlElement>().ok()?;
    link.set_attribute("href", &address).ok()?;
    link.set_attribute("download", name).ok()?;
    document.body()?.append_child(&link).ok()?;
    link.click();
    link.remove();
    spawn_local(async move {
        clock::sleep(KEPT_MS).await;
        // Its page may be gone by then, and the address with it.
        let _ = web_sys::Url::revoke_object_url(&address);
    });
    Some(())
}
