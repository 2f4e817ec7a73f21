//! The worker's end: hears the page, answers, tells what happens unasked.

use super::protocol::{Answer, DeviceView, EngineRefusal, FromEngine, Request, StorageView, ToEngine};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

/// Listens for ever. Called once, by the engine's binary.
pub fn run() {
    std::panic::set_hook(Box::new(|panic| {
        console_error_panic_hook::hook(panic);
        post(&FromEngine::Broken { cause: panic.to_string() });
    }));
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(|message: MessageEvent| {
        let heard = message.data().as_string().and_then(|text| serde_json::from_str::<ToEngine>(&text).ok());
        let Some(ToEngine { id, request, .. }) = heard else {
            return web_sys::console::error_2(&JsValue::from_str("the page said something that is no message"), &message.data());
        };
        post(&FromEngine::Answer { id, result: answer(&request) });
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(&FromEngine::Ready);
}

fn answer(request: &Request) -> Result<Answer, EngineRefusal> {
    match request {
        Request::Ping => Ok(Answer::Alive),
        Request::Device => Ok(Answer::Device(Box::new(DeviceView {
            person: None,
            people: Vec::new(),
            till: None,
            online: false,
            session_lost: true,
            storage: StorageView::default(),
            evicted: false,
        }))),
        _ => Err(EngineRefusal::new("not_a_till")),
    }
}

fn post(message: &FromEngine) {
    let text = serde_json::to_string(message).expect("our messages have no map with failing keys");
    if let Err(error) = scope().post_message(&JsValue::from_str(&text)) {
        web_sys::console::error_1(&error);
    }
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}
