//! The page's end of the engine: starts the worker, queues until it listens, answers each request once, and starts another worker where one breaks.
//!
//! A request carries the id of its tap. What was asked and not answered when a worker broke is asked again of the next one, which does it once: it finds
//! the tap in the outbox where the first had recorded it.

mod early;

use super::protocol::{Answer, EngineRefusal, Event, FromEngine, Request, ToEngine};
use crate::device::{clock, ids, json};
use early::Early;
use futures::channel::oneshot;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{MessageEvent, Worker, WorkerOptions};

/// How often a request is asked again of a new worker.
const MAX_ATTEMPTS: u8 = 3;
/// A worker that answers no ping within this time is taken for dead.
const PING_TIMEOUT_MS: u32 = 20_000;
/// So many pings may go unanswered while a worker is still being loaded, on a slow phone.
const PINGS_WHILE_LOADING: u8 = 3;
/// Workers that break before they listen are replaced this often, and then the person is told.
const MAX_STARTS: u8 = 4;
/// The wait before the second of them; it doubles from there.
const FIRST_PAUSE_MS: u32 = 250;
/// The most requests that wait at a time; the page is told `engine_busy` beyond.
const MAX_PENDING: usize = 256;

/// The engine, as the page holds it. Clones speak to the same worker.
#[derive(Clone)]
pub struct Engine(Rc<Inner>);

/// Keeps a listener; dropping it ends the listening.
pub struct Subscription {
    id: u64,
    engine: Weak<Inner>,
}

type Listener = Rc<dyn Fn(&Event)>;

struct Inner {
    script: String,
    state: RefCell<State>,
    listeners: RefCell<BTreeMap<u64, Listener>>,
}

#[derive(Default)]
struct State {
    worker: Option<RunningWorker>,
    generation: u64,
    next_id: u64,
    pending: BTreeMap<u64, Pending>,
    pinging: bool,
    /// Workers in a row that broke before they listened.
    false_starts: u8,
}

struct RunningWorker {
    worker: Worker,
    ready: bool,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(web_sys::Event)>,
}

struct Pending {
    message: ToEngine,
    attempts: u8,
    sent: bool,
    answer: oneshot::Sender<Result<Answer, EngineRefusal>>,
}

impl Engine {
    /// The engine of the page's build: the one that `public/start.js` started beside the page's program, or another.
    pub fn start_for_page() -> Self {
        let build = web_sys::window()
            .and_then(|window| window.document())
            .and_then(|document| document.query_selector("meta[name=holdfast-build]").ok().flatten())
            .and_then(|meta| meta.get_attribute("content"))
            .unwrap_or_default();
        // An absolute address: pages lie at nested routes.
        let engine = Self::of(&if build.is_empty() { "/engine_loader.js".to_owned() } else { format!("/{build}/engine_loader.js") });
        match early::take() {
            Some(early) => engine.0.adopt(early),
            None => engine.0.start_worker(),
        }
        engine
    }

    /// Starts the engine of that script.
    pub fn start(script: &str) -> Self {
        let engine = Self::of(script);
        engine.0.start_worker();
        engine
    }

    fn of(script: &str) -> Self {
        Self(Rc::new(Inner { script: script.to_owned(), state: RefCell::new(State::default()), listeners: RefCell::new(BTreeMap::new()) }))
    }

    /// Asks, and waits for the answer. An intent is confirmed by its answer and by nothing else.
    pub async fn ask(&self, request: Request) -> Result<Answer, EngineRefusal> {
        if matches!(request, Request::KeepStorage) {
            persist().await;
        }
        let (answer, answered) = oneshot::channel();
        let id = {
            let mut state = self.0.state.borrow_mut();
            if state.pending.len() >= MAX_PENDING {
                return Err(EngineRefusal::new("engine_busy"));
            }
            state.next_id += 1;
            let id = state.next_id;
            let message = ToEngine { id, tap: ids::fresh(), request };
            state.pending.insert(id, Pending { message, attempts: 0, sent: false, answer });
            id
        };
        if self.0.is_stopped() {
            self.0.start_worker();
        }
        self.0.send(id);
        self.0.watch();
        answered.await.unwrap_or_else(|_| Err(EngineRefusal::new("engine_stopped")))
    }

    /// Calls `listener` for every event until the subscription is dropped.
    pub fn listen(&self, listener: impl Fn(&Event) + 'static) -> Subscription {
        let id = {
            let mut state = self.0.state.borrow_mut();
            state.next_id += 1;
            state.next_id
        };
        self.0.listeners.borrow_mut().insert(id, Rc::new(listener));
        Subscription { id, engine: Rc::downgrade(&self.0) }
    }
}

impl Subscription {
    /// Listens as long as the page lives.
    pub fn forever(self) {
        std::mem::forget(self);
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(engine) = self.engine.upgrade() {
            engine.listeners.borrow_mut().remove(&self.id);
        }
    }
}

impl Inner {
    fn start_worker(self: &Rc<Self>) {
        let options = WorkerOptions::new();
        options.set_name("holdfast-engine");
        match Worker::new_with_options(&self.script, &options) {
            Ok(worker) => drop(self.listen_to(worker)),
            Err(error) => {
                web_sys::console::error_2(&JsValue::from_str("the engine's worker cannot be started"), &error);
                self.refuse_all("engine_stopped");
            }
        }
    }

    /// Takes over a worker that runs already, with what it has said so far.
    fn adopt(self: &Rc<Self>, early: Early) {
        let generation = self.listen_to(early.worker);
        early.messages.iter().for_each(|message| self.hear(generation, &message));
        if early.failed {
            self.restart(generation);
        }
    }

    fn listen_to(self: &Rc<Self>, worker: Worker) -> u64 {
        let generation = {
            let mut state = self.state.borrow_mut();
            state.generation += 1;
            state.generation
        };
        let engine = Rc::downgrade(self);
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |message: MessageEvent| {
            if let Some(engine) = engine.upgrade() {
                engine.hear(generation, &message.data());
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let engine = Rc::downgrade(self);
        let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |error: web_sys::Event| {
            web_sys::console::error_2(&JsValue::from_str("the engine's worker failed"), &error);
            if let Some(engine) = engine.upgrade() {
                engine.restart(generation);
            }
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        self.state.borrow_mut().worker = Some(RunningWorker { worker, ready: false, _on_message: on_message, _on_error: on_error });
        generation
    }

    fn hear(self: &Rc<Self>, generation: u64, message: &JsValue) {
        if self.state.borrow().generation != generation {
            return;
        }
        let heard = message.as_string().and_then(|text| json::read::<FromEngine>(&text).ok());
        match heard {
            Some(FromEngine::Ready) => self.ready(),
            Some(FromEngine::Answer { id, result }) => {
                let pending = self.state.borrow_mut().pending.remove(&id);
                if let Some(pending) = pending {
                    // Whoever asked may be gone: a screen that was left.
                    let _ = pending.answer.send(result);
                }
            }
            Some(FromEngine::Event(event)) => {
                let listeners: Vec<Listener> = self.listeners.borrow().values().cloned().collect();
                listeners.iter().for_each(|listener| listener(&event));
            }
            Some(FromEngine::Broken { cause }) => {
                web_sys::console::error_1(&JsValue::from_str(&cause));
                self.restart(generation);
            }
            None => web_sys::console::error_2(&JsValue::from_str("the engine said something that is no message"), message),
        }
    }

    fn is_ready(&self) -> bool {
        self.state.borrow().worker.as_ref().is_some_and(|worker| worker.ready)
    }

    /// It was given up, and nothing is about to start another.
    fn is_stopped(&self) -> bool {
        let state = self.state.borrow();
        state.worker.is_none() && state.false_starts == 0
    }

    fn ready(&self) {
        let waiting: Vec<u64> = {
            let mut state = self.state.borrow_mut();
            if let Some(worker) = state.worker.as_mut() {
                worker.ready = true;
            }
            state.false_starts = 0;
            state.pending.keys().copied().collect()
        };
        waiting.into_iter().for_each(|id| self.send(id));
    }

    fn send(&self, id: u64) {
        let mut state = self.state.borrow_mut();
        let State { worker, pending, .. } = &mut *state;
        let (Some(worker), Some(pending)) = (worker.as_ref().filter(|worker| worker.ready), pending.get_mut(&id)) else { return };
        if pending.sent {
            return;
        }
        pending.sent = true;
        pending.attempts += 1;
        let text = serde_json::to_string(&pending.message).expect("our messages have no map with failing keys");
        if let Err(error) = worker.worker.post_message(&JsValue::from_str(&text)) {
            web_sys::console::error_1(&error);
        }
    }

    /// Another worker takes over; what was not answered is asked again, a few times.
    fn restart(self: &Rc<Self>, generation: u64) {
        let given_up = {
            let mut state = self.state.borrow_mut();
            if state.generation != generation {
                return;
            }
            let broken = state.worker.take();
            if broken.as_ref().is_none_or(|broken| !broken.ready) {
                state.false_starts += 1;
            }
            if let Some(broken) = broken {
                broken.worker.terminate();
            }
            let tired: Vec<u64> = state.pending.iter().filter(|(_, pending)| pending.attempts >= MAX_ATTEMPTS).map(|(id, _)| *id).collect();
            let given_up: Vec<Pending> = tired.iter().filter_map(|id| state.pending.remove(id)).collect();
            state.pending.values_mut().for_each(|pending| pending.sent = false);
            given_up
        };
        for pending in given_up {
            let _ = pending.answer.send(Err(EngineRefusal::new("engine_broken")));
        }
        self.start_another();
    }

    /// At once where a worker broke at its work; after a pause where one never began, and not for ever.
    fn start_another(self: &Rc<Self>) {
        let false_starts = self.state.borrow().false_starts;
        if false_starts == 0 {
            return self.start_worker();
        }
        if false_starts >= MAX_STARTS {
            // The next request tries again.
            self.state.borrow_mut().false_starts = 0;
            return self.refuse_all("engine_stopped");
        }
        let engine = Rc::downgrade(self);
        spawn_local(async move {
            clock::sleep(FIRST_PAUSE_MS << false_starts).await;
            if let Some(engine) = engine.upgrade().filter(|engine| engine.state.borrow().worker.is_none()) {
                engine.start_worker();
            }
        });
    }

    fn refuse_all(&self, code: &str) {
        let pending = std::mem::take(&mut self.state.borrow_mut().pending);
        for (_, pending) in pending {
            let _ = pending.answer.send(Err(EngineRefusal::new(code)));
        }
    }

    /// While something waits, makes sure that the worker lives: a worker that the system ended says nothing.
    fn watch(self: &Rc<Self>) {
        if std::mem::replace(&mut self.state.borrow_mut().pinging, true) {
            return;
        }
        let engine = Rc::downgrade(self);
        spawn_local(async move {
            let mut loading = 0;
            loop {
                let Some((generation, ping)) = engine.upgrade().and_then(|engine| engine.ping()) else { return };
                clock::sleep(PING_TIMEOUT_MS).await;
                let Some(engine) = engine.upgrade() else { return };
                let unanswered = engine.state.borrow_mut().pending.remove(&ping).is_some();
                loading = if unanswered && !engine.is_ready() { loading + 1 } else { 0 };
                if unanswered && (engine.is_ready() || loading >= PINGS_WHILE_LOADING) {
                    loading = 0;
                    engine.restart(generation);
                }
            }
        });
    }

    /// Sends a ping, if anything waits.
    fn ping(&self) -> Option<(u64, u64)> {
        let (generation, id) = {
            let mut state = self.state.borrow_mut();
            if state.pending.is_empty() {
                state.pinging = false;
                return None;
            }
            state.next_id += 1;
            let id = state.next_id;
            let message = ToEngine { id, tap: ids::fresh(), request: Request::Ping };
            // Nobody waits for a pong: that it left `pending` says enough.
            let (answer, _) = oneshot::channel();
            state.pending.insert(id, Pending { message, attempts: 0, sent: false, answer });
            (state.generation, id)
        };
        self.send(id);
        Some((generation, id))
    }
}

/// Asks the browser to keep the data: only a page can, the engine then looks what came of it.
async fn persist() {
    let Some(window) = web_sys::window() else { return };
    if let Ok(promise) = window.navigator().storage().persist() {
        // Refused or granted, the engine reads it from the browser.
        let _ = JsFuture::from(promise).await;
    }
}
