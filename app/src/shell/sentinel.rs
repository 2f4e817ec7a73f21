//! Notices that the browser threw this device's data away.
//!
//! A browser that runs out of space clears all that a site keeps in its storage at once: the database, and the engine's mark in the Cache API with it. A
//! cookie outlives that. It says nothing but that a person has worked here, and is taken away when the device is erased on purpose.

use crate::engine::protocol::DeviceView;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

const NAME: &str = "holdfast_device";
/// Browsers keep a cookie for 400 days at most.
const KEPT: &str = "holdfast_device=1; path=/; max-age=34560000; samesite=strict";
const GONE: &str = "holdfast_device=; path=/; max-age=0; samesite=strict";

/// The device as the engine tells it, and cleared where the cookie knows of people that the database does not. Whoever works here is noted.
pub(super) fn look(device: DeviceView) -> DeviceView {
    let Some(document) = document().dyn_into::<HtmlDocument>().ok() else { return device };
    if device.people.is_empty() {
        let noted = document.cookie().is_ok_and(|cookies| cookies.split("; ").any(|cookie| cookie.split('=').next() == Some(NAME)));
        return DeviceView { evicted: device.evicted || noted, ..device };
    }
    // Without cookies nobody can sign in either.
    let _noted = document.set_cookie(KEPT);
    device
}

/// The device was erased on purpose.
pub fn forget() {
    if let Ok(document) = document().dyn_into::<HtmlDocument>() {
        let _forgotten = document.set_cookie(GONE);
    }
}
