//! The worker that was started before the page's program ran.

use js_sys::{Array, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Worker;

/// Where `public/start.js` leaves it.
const PLACE: &str = "holdfastEngine";

/// The worker, and what it did while nobody listened.
pub(super) struct Early {
    pub(super) worker: Worker,
    pub(super) messages: Array,
    pub(super) failed: bool,
}

/// Takes it, once.
pub(super) fn take() -> Option<Early> {
    let window = web_sys::window()?;
    let place = JsValue::from_str(PLACE);
    let left = Reflect::get(&window, &place).ok().filter(JsValue::is_object)?;
    Reflect::delete_property(&window, &place).ok()?;
    let field = |name: &str| Reflect::get(&left, &JsValue::from_str(name)).ok();
    Some(Early { worker: field("worker")?.dyn_into().ok()?, messages: field("messages")?.dyn_into().ok()?, failed: field("failed")?.is_truthy() })
}
