//! What the browser keeps: how much, how surely, and whether it threw something away.
//!
//! The sentinel: beside the database a mark lies in another storage (the Cache API). A mark without a database means that the browser evicted it. Where both
//! are gone nothing on the device can tell; the server still knows the device.

use super::core::Core;
use super::protocol::StorageView;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

const CACHE: &str = "holdfast-sentinel";
const MARK: &str = "/sentinel";

/// Asks the browser how it stands.
pub async fn look(core: &Core) {
    let view = estimate().await.unwrap_or_default();
    core.storage.replace(view);
}

/// Leaves the mark: from now on a missing database was evicted.
pub async fn mark() {
    // A browser without the Cache API keeps no mark; then eviction goes unnoticed here.
    let _ = try_mark().await;
}

/// Takes the mark away: the database was erased on purpose.
pub async fn unmark() {
    let _ = call("caches", "delete", &[CACHE.into()]).await;
}

/// Whether there is a mark.
pub async fn is_marked() -> bool {
    call("caches", "has", &[CACHE.into()]).await.is_ok_and(|has| has.is_truthy())
}

async fn try_mark() -> Result<(), JsValue> {
    let cache = call("caches", "open", &[CACHE.into()]).await?;
    let response = web_sys::Response::new_with_opt_str(Some("holdfast"))?;
    let put: Function = Reflect::get(&cache, &"put".into())?.dyn_into()?;
    JsFuture::from(put.call2(&cache, &MARK.into(), &response)?.dyn_into::<Promise>()?).await?;
    Ok(())
}

async fn estimate() -> Result<StorageView, JsValue> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into())?;
    let storage = Reflect::get(&navigator, &"storage".into())?;
    let ask = |method: &str| -> Result<Promise, JsValue> {
        let method: Function = Reflect::get(&storage, &method.into())?.dyn_into()?;
        method.call0(&storage)?.dyn_into()
    };
    let persisted = JsFuture::from(ask("persisted")?).await?.is_truthy();
    let estimate = JsFuture::from(ask("estimate")?).await?;
    // Bytes as the browser rounds them, far below 2^53.
    let bytes = |name: &str| Reflect::get(&estimate, &name.into()).ok().and_then(|value| value.as_f64()).map_or(0, |value| value as u64);
    Ok(StorageView { persisted, used: bytes("usage"), quota: bytes("quota") })
}

async fn call(object: &str, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let object = Reflect::get(&js_sys::global(), &object.into())?;
    let method: Function = Reflect::get(&object, &method.into())?.dyn_into()?;
    let promise: Promise = method.apply(&object, &arguments.iter().collect())?.dyn_into()?;
    JsFuture::from(promise).await
}
