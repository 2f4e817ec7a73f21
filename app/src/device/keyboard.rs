//! Where typing goes: the focused field, if any, and what stands in it.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventInit, HtmlElement, HtmlInputElement, KeyboardEvent, KeyboardEventInit};

/// Where the focus is, as far as keys are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// Nowhere in particular.
    Page,
    /// In a field that takes text.
    Field,
    /// On a button, link or choice, which answers to Enter, Space and the arrows itself.
    Control,
}

fn focused() -> Option<Element> {
    leptos::prelude::document().active_element()
}

fn as_field(element: Element) -> Option<HtmlInputElement> {
    let input: HtmlInputElement = element.dyn_into().ok()?;
    matches!(input.type_().as_str(), "text" | "search" | "email" | "number" | "tel" | "url" | "password").then_some(input)
}

/// Where keys go now.
pub fn focus() -> Focus {
    let Some(element) = focused() else { return Focus::Page };
    let name = element.tag_name();
    match as_field(element) {
        Some(_) => Focus::Field,
        None if matches!(name.as_str(), "BODY" | "HTML" | "DIALOG") => Focus::Page,
        None if name == "TEXTAREA" => Focus::Field,
        None => Focus::Control,
    }
}

/// Where a key goes: Enter means nothing to a switch or a choice, so there it goes to the page.
pub fn focus_for(key: &str) -> Focus {
    let means_nothing = || focused().is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "SELECT"));
    match focus() {
        Focus::Control if key == "Enter" && means_nothing() => Focus::Page,
        focus => focus,
    }
}

/// Whether something is being typed that must not be looked at.
pub fn in_secret_field() -> bool {
    focused().and_then(as_field).is_some_and(|field| field.type_() == "password")
}

/// What stands in the focused field, to put it back later.
pub fn remember_focused_field() -> impl FnOnce() {
    let before = focused().and_then(as_field).map(|field| (field.value(), field));
    move || {
        if let Some((value, field)) = before {
            fill(&field, &value);
        }
    }
}

/// Types a text into the focused field; false where none is focused.
pub fn type_into_focused_field(text: &str) -> bool {
    let Some(field) = focused().and_then(as_field) else { return false };
    fill(&field, &(field.value() + text));
    true
}

/// Presses the keys of a text, wherever the focus is.
pub fn press(text: &str) {
    let Some(target) = focused().or_else(|| leptos::prelude::document().body().map(Into::into)) else { return };
    for character in text.chars() {
        let about = KeyboardEventInit::new();
        about.set_key(character.encode_utf8(&mut [0; 4]));
        about.set_bubbles(true);
        about.set_cancelable(true);
        if let Ok(event) = KeyboardEvent::new_with_keyboard_event_init_dict("keydown", &about) {
            let _heard = target.dispatch_event(&event);
        }
    }
}

/// Takes the focus from whatever has it.
pub fn leave() {
    if let Some(element) = focused().and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _left = element.blur();
    }
}

/// Fills a field as a person would: whoever listens to it is told.
fn fill(field: &HtmlInputElement, value: &str) {
    field.set_value(value);
    let told = EventInit::new();
    told.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &told) {
        let _heard = field.dispatch_event(&event);
    }
}
