//! The office hears that the feed moved, and asks again: immediately, and once more after a breath, because totals follow their events. A page that nobody
//! sees asks when it is seen again.

use leptos::ev;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

const STREAM: &str = "/api/v1/sync/live";
/// Moves that come faster are answered together.
const BREATH: Duration = Duration::from_secs(1);

/// Grows whenever there may be something new to read.
#[derive(Clone, Copy)]
pub struct Live {
    moves: RwSignal<u32>,
    breathing: StoredValue<bool>,
    moved_since: StoredValue<bool>,
    /// Moved while nobody saw the page.
    missed: StoredValue<bool>,
}

impl Live {
    /// Never moves: for what is read when somebody asks for it.
    pub fn still() -> Self {
        Self { moves: RwSignal::new(0), breathing: StoredValue::new(false), moved_since: StoredValue::new(false), missed: StoredValue::new(false) }
    }

    /// Listens for as long as the screen that asked lives.
    pub fn listen() -> Self {
        Self::on(STREAM, Vec::new())
    }

    /// The same on another line, which tells moves too. What else it tells is heard by the event's name, with its data; `error` says that the line broke.
    pub fn on(address: &str, others: Vec<(&'static str, Callback<String>)>) -> Self {
        let live = Self::still();
        if let Ok(source) = EventSource::new(address) {
            let moved = Closure::<dyn Fn(MessageEvent)>::new(move |_| live.moved());
            let other = |(name, heard): (&'static str, Callback<String>)| {
                let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| heard.run(event.data().as_string().unwrap_or_default()));
                (name, heard)
            };
            let listeners: Vec<_> = [("moved", moved)].into_iter().chain(others.into_iter().map(other)).collect();
            for (name, heard) in &listeners {
                let heard = source.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
                debug_assert!(heard.is_ok(), "an event source takes listeners");
            }
            let held = StoredValue::new_local((source, listeners));
            on_cleanup(move || held.with_value(|(source, _)| source.close()));
        }
        // A page that was asleep has missed what came meanwhile.
        let woken = window_event_listener(ev::focus, move |_| live.moved());
        on_cleanup(move || woken.remove());
        let seen = window_event_listener_untyped("visibilitychange", move |_| live.seen());
        on_cleanup(move || seen.remove());
        live
    }

    /// Tracks the moves.
    pub fn track(self) {
        self.moves.track();
    }

    fn seen(self) {
        if !document().hidden() && self.missed.try_update_value(std::mem::take).unwrap_or(false) {
            self.moved();
        }
    }

    fn moved(self) {
        if document().hidden() {
            self.missed.try_set_value(true);
            return;
        }
        if self.breathing.try_get_value().unwrap_or(true) {
            self.moved_since.try_set_value(true);
            return;
        }
        self.breathing.set_value(true);
        self.tell();
        set_timeout(move || self.breathed(), BREATH);
    }

    fn breathed(self) {
        // Nothing is left of the store where the screen is gone.
        let Some(again) = self.moved_since.try_get_value() else { return };
        self.breathing.set_value(false);
        self.moved_since.set_value(false);
        if again { self.moved() } else { self.tell() }
    }

    fn tell(self) {
        self.moves.try_update(|moves| *moves = moves.wrapping_add(1));
    }
}
