//! The device's clock and its timers, in a page as in a worker.

use holdfast_domain::kernel::Timestamp;
use js_sys::{Date, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The device's own clock, uncorrected.
pub fn now() -> Timestamp {
    // A browser's clock is whole milliseconds within ±8.64e15, which both types hold exactly.
    Timestamp(Date::now() as i64)
}

/// Resolves after so many milliseconds.
pub async fn sleep(ms: u32) {
    let promise = Promise::new(&mut |resolve, _| {
        let global = js_sys::global();
        let set_timeout: Function = Reflect::get(&global, &JsValue::from_str("setTimeout")).expect("the global object can be read").unchecked_into();
        set_timeout.call2(&global, &resolve, &JsValue::from(ms)).expect("setTimeout takes a function and a number");
    });
    JsFuture::from(promise).await.expect("the promise is never rejected");
}
