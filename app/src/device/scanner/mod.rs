//! Scanners: whatever reads a code, a page hears it as one scan. Here the keyboard wedge; wherever the focus is, its keys reach nobody else.

pub mod wedge;

use super::keyboard;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{AddEventListenerOptions, KeyboardEvent, Window};
use wedge::{Key, Verdict, Wedge};

/// Puts back what stood somewhere before a scanner typed into it.
pub type TakeBack = Box<dyn FnOnce()>;

/// Who hears.
pub struct Hearing {
    /// A whole code was scanned.
    pub scanned: Box<dyn Fn(String)>,
    /// A scan may begin with the next key: remember what keys can change.
    pub remember: Box<dyn Fn() -> TakeBack>,
}

/// Listens until dropped.
pub struct Scanner {
    window: Window,
    on_key: Closure<dyn Fn(KeyboardEvent)>,
}

struct Ear {
    wedge: RefCell<Wedge>,
    take_back: RefCell<Option<TakeBack>>,
    /// What was kept from the page is being pressed again.
    giving_back: Cell<bool>,
    hearing: Hearing,
}

/// Listens to every key of the page, before anything in it does.
pub fn listen(window: Window, hearing: Hearing) -> Scanner {
    let ear = Rc::new(Ear { wedge: RefCell::default(), take_back: RefCell::default(), giving_back: Cell::new(false), hearing });
    let on_key = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| Ear::hear(&ear, &event));
    let options = AddEventListenerOptions::new();
    options.set_capture(true);
    let added = window.add_event_listener_with_callback_and_add_event_listener_options("keydown", on_key.as_ref().unchecked_ref(), &options);
    if let Err(fault) = added {
        web_sys::console::error_2(&"scans will not be heard".into(), &fault);
    }
    Scanner { window, on_key }
}

impl Drop for Scanner {
    fn drop(&mut self) {
        let function = self.on_key.as_ref().unchecked_ref();
        let _was_listening = self.window.remove_event_listener_with_callback_and_bool("keydown", function, true);
    }
}

impl Ear {
    fn hear(ear: &Rc<Self>, event: &KeyboardEvent) {
        if ear.giving_back.get() {
            return;
        }
        let Some(key) = key_of(event) else { return };
        let (given_back, verdict) = ear.wedge.borrow_mut().key(key, at_ms(event));
        if let Some(text) = given_back {
            ear.type_out(&text);
        }
        match verdict {
            Verdict::Pass => {}
            Verdict::PassAndRemember => {
                let take_back = (ear.hearing.remember)();
                *ear.take_back.borrow_mut() = Some(take_back);
            }
            Verdict::SwallowAndTakeBack => {
                keep(event);
                if let Some(take_back) = ear.take_back.take() {
                    take_back();
                }
                Self::wait(ear, at_ms(event));
            }
            Verdict::Swallow => {
                keep(event);
                Self::wait(ear, at_ms(event));
            }
            Verdict::Scan(code) => {
                keep(event);
                (ear.hearing.scanned)(code);
            }
        }
    }

    /// Should no key follow, what was kept comes back.
    fn wait(ear: &Rc<Self>, last_ms: u64) {
        let patience_ms = ear.wedge.borrow().patience_ms();
        let ear = Rc::downgrade(ear);
        leptos::prelude::set_timeout(
            move || {
                let Some(ear) = ear.upgrade() else { return };
                let given_back = ear.wedge.borrow_mut().pause(last_ms + patience_ms);
                if let Some(text) = given_back {
                    ear.type_out(&text);
                }
            },
            Duration::from_millis(patience_ms),
        );
    }

    /// Into the focused field, or as the keys that they were, to whichever screen hears them.
    fn type_out(&self, text: &str) {
        if !keyboard::type_into_focused_field(text) {
            self.giving_back.set(true);
            keyboard::press(text);
            self.giving_back.set(false);
        }
    }
}

/// What the key is to the wedge; none where it says nothing: a modifier, a secret being typed, a composition.
fn key_of(event: &KeyboardEvent) -> Option<Key> {
    let key = event.key();
    if event.is_composing()
        || matches!(key.as_str(), "Shift" | "Control" | "Alt" | "AltGraph" | "Meta" | "CapsLock" | "NumLock")
        || keyboard::in_secret_field()
    {
        return None;
    }
    let mut characters = key.chars();
    Some(match (characters.next(), characters.next()) {
        _ if event.repeat() => Key::Other,
        (Some(character), None) if !event.meta_key() && event.ctrl_key() == event.alt_key() => Key::Character(character),
        _ if key == "Enter" || key == "Tab" => Key::End,
        _ => Key::Other,
    })
}

fn at_ms(event: &KeyboardEvent) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds since the page began are small and not negative")]
    let at_ms = event.time_stamp() as u64;
    at_ms
}

/// Nobody else hears the key.
fn keep(event: &KeyboardEvent) {
    event.prevent_default();
    event.stop_immediate_propagation();
}
