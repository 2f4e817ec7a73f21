//! The server's word that the feed moved. It carries nothing: the pull that follows does.

use super::wake::Nudge;
use crate::engine::core::Core;
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
        let core = Rc::clone(core);
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |_| core.wake.nudge(Nudge::Work));
        if source.add_event_listener_with_callback(MOVED, on_message.as_ref().unchecked_ref()).is_err() {
            return source.close();
        }
        self.line = Some(Line { source, _on_message: on_message });
    }

    /// Closes the line.
    pub(super) fn stop(&mut self) {
        self.line = None;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.source.close();
    }
}
