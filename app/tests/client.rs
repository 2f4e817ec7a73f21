//! The page's end of the engine, against workers that break in every way.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

use holdfast_app::device::ids;
use holdfast_app::engine::client::Engine;
use holdfast_app::engine::protocol::{Answer, Event, Request};
use js_sys::{Array, Promise};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Blob, BroadcastChannel, Url};

wasm_bindgen_test_configure!(run_in_browser);

/// A worker that notes each tap where the next worker finds it; `on_ask(n, id, say)` is what it does at the n-th ask of one tap.
fn worker(on_ask: &str, before_ready: &str) -> Engine {
    let notes = ids::fresh();
    let script = format!(
        "const say = message => postMessage(JSON.stringify(message));
         const onAsk = {on_ask};
         onmessage = async ({{ data }}) => {{
           const {{ id, tap, request }} = JSON.parse(data);
           if (request === 'ping') return say({{ answer: {{ id, result: {{ Ok: 'alive' }} }} }});
           const notes = await caches.open('{notes}');
           let n = 1;
           while (await notes.match(`https://notes.example/${{tap}}/${{n}}`)) n++;
           await notes.put(`https://notes.example/${{tap}}/${{n}}`, new Response());
           onAsk(n, id, say);
         }};
         (async () => {{ {before_ready}; say('ready'); }})();"
    );
    let blob = Blob::new_with_str_sequence(&Array::of1(&JsValue::from_str(&script))).unwrap();
    Engine::start(&Url::create_object_url_with_blob(&blob).unwrap())
}

const ANSWERS: &str = "(n, id, say) => say({ answer: { id, result: { Ok: 'erased' } } })";

async fn ask(engine: &Engine) -> Result<bool, String> {
    let answer = engine.ask(Request::Till).await;
    answer.map(|answer| matches!(answer, Answer::Erased)).map_err(|refusal| refusal.code)
}

#[wasm_bindgen_test]
async fn what_is_asked_before_the_engine_listens_waits_for_it() {
    let said = BroadcastChannel::new("client.rs begins").unwrap();
    let here = Promise::new(&mut |resolve, _| said.set_onmessage(Some(&resolve)));
    let engine = worker(
        ANSWERS,
        "const said = new BroadcastChannel('client.rs begins'); const told = new Promise(begin => said.onmessage = begin); said.postMessage('here'); await told",
    );
    let begin = async {
        JsFuture::from(here).await.unwrap();
        said.post_message(&"begin".into()).unwrap();
    };
    assert_eq!(futures::future::join(ask(&engine), begin).await.0, Ok(true));
}

#[wasm_bindgen_test]
async fn what_a_broken_engine_did_not_answer_is_asked_again_of_the_next_as_the_same_tap() {
    let engine =
        worker("(n, id, say) => n < 2 ? say({ broken: { cause: 'a fault of the test' } }) : say({ answer: { id, result: { Ok: 'erased' } } })", "");
    assert_eq!(futures::future::join(ask(&engine), ask(&engine)).await, (Ok(true), Ok(true)));
}

#[wasm_bindgen_test]
async fn a_worker_that_dies_without_a_word_is_replaced_too() {
    let engine = worker(
        "(n, id, say) => { if (n < 2) setTimeout(() => { throw new Error('a death of the test'); }); else say({ answer: { id, result: { Ok: 'erased' } } }); }",
        "",
    );
    assert_eq!(ask(&engine).await, Ok(true));
}

#[wasm_bindgen_test]
async fn what_breaks_the_engine_every_time_is_given_up() {
    let engine = worker("(n, id, say) => say({ broken: { cause: 'a fault of the test' } })", "");
    assert_eq!(ask(&engine).await, Err("engine_broken".to_owned()));
}

#[wasm_bindgen_test]
async fn an_engine_that_never_begins_is_given_up_and_tried_again_when_it_is_asked_again() {
    let engine = Engine::start("/there-is-no-such-script.js");
    assert_eq!(ask(&engine).await, Err("engine_stopped".to_owned()));
    assert_eq!(ask(&engine).await, Err("engine_stopped".to_owned()));
}

#[wasm_bindgen_test]
async fn events_reach_whoever_listens_until_they_stop() {
    let engine = worker("(n, id, say) => { say({ event: 'catalogue_moved' }); say({ answer: { id, result: { Ok: 'erased' } } }); }", "");
    let heard = Rc::new(RefCell::new(0));
    let counting = Rc::clone(&heard);
    let listening = engine.listen(move |event| {
        if matches!(event, Event::CatalogueMoved) {
            *counting.borrow_mut() += 1;
        }
    });
    ask(&engine).await.unwrap();
    drop(listening);
    ask(&engine).await.unwrap();
    assert_eq!(*heard.borrow(), 1);
}
