//! The server's word that the feed moved. It carries nothing: the pull that follows does.

use super::wake::Nudge;
use crate::engine::core::Core;
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventSource, MessageEvent};

const ADDRESS: &str = "/api/v1/sync/live";
/// The name of the server's events.
const MOVED: &str = "moved";

/// The open line, if there is one.
#[derive(Default)]
pub(super) struct Live {
    line: Option<Line>,
}

struct Line {
    source: EventSource,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(web_sys::Event)>,
}

impl Live {
    /// Opens the line, where it is not open. The browser reopens one that breaks; one that the server ended is opened anew.
    pub(super) fn keep(&mut self, core: &Rc<Core>) {
        if self.line.as_ref().is_some_and(|line| line.source.ready_state() != EventSource::CLOSED) {
            return;
        }
        self.stop();
        // Without EventSource the heartbeat still brings everything.
        let Ok(source) = EventSource::new(ADDRESS) else { return };
        let stood = Rc::new(Cell::new(false));
        let (moving, standing) = (Rc::clone(core), Rc::clone(&stood));
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |_| {
            standing.set(true);
            moving.wake.nudge(Nudge::Moved);
        });
        if source.add_event_listener_with_callback(MOVED, on_message.as_ref().unchecked_ref()).is_err() {
            return source.close();
        }
        // A line that stood and breaks is the first sign of a lost network: look at once. One that never stood says nothing new.
        let breaking = Rc::clone(core);
        let on_error = Closure::<dyn Fn(web_sys::Event)>::new(move |_| {
            if stood.take() {
                breaking.wake.nudge(Nudge::Now);
            }
        });
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        self.line = Some(Line { source, _on_message: on_message, _on_error: on_error });
    }

    /// Closes the line.
    pub(super) fn stop(&mut self) {
        self.line = None;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.source.set_onerror(None);
        self.source.close();
    }
}
