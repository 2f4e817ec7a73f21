//! One tab sends for all: a Web Lock makes it the leader until it is closed. Where the browser has no locks, every tab sends; that costs traffic and nothing else,
//! because whatever is sent twice is answered twice the same.

use futures::channel::oneshot;
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

const LOCK: &str = "holdfast-sync";

/// Waits until this tab leads. It leads as long as it lives.
pub async fn lead() {
    // Without locks this fails at once, and every tab leads.
    let Some(granted) = request() else { return };
    // A browser that refuses the lock, as in some private windows, must not keep the queue from being sent.
    let _ = granted.await;
}

fn request() -> Option<oneshot::Receiver<()>> {
    let navigator = Reflect::get(&js_sys::global(), &"navigator".into()).ok()?;
    let locks = Reflect::get(&navigator, &"locks".into()).ok().filter(|locks| !locks.is_undefined())?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let (grant, granted) = oneshot::channel();
    let held = Closure::once_into_js(move |_: JsValue| -> Promise {
        // The tab may have stopped waiting; it holds the lock then all the same.
        let _ = grant.send(());
        // Never resolved: the lock is held until the worker ends.
        Promise::new(&mut |_, _| ())
    });
    request.call2(&locks, &LOCK.into(), &held).ok()?;
    Some(granted)
}
