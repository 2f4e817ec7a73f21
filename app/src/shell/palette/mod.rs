//! The command palette: one line in which somebody says where to go, what to make or whom to find. Opened with Ctrl-K (Cmd-K), or the button in the office's bar.
//!
//! What it offers is the office's, so it lives in the office's frame and nowhere else: [`choices`] are the places and acts that whoever is here may have, [`sought`] asks the server for
//! records, which tells only what may be read, and [`recent`] keeps what was chosen last, as keys without names. It is a combobox over a listbox (ARIA practices) in the browser's own dialog: the focus stays in
//! the line, and goes back to where it was.

mod choices;
mod listed;
mod messages;
mod recent;
mod sought;

use super::{Shell, Unsaved};
use crate::design::dialog::Modal;
use crate::design::icon::{Icon, IconMark};
use choices::Choice;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use listed::Listed;
use messages::t;
use sought::Sought;

/// The palette's sheet.
pub(super) const STYLES: &[&str] = &[include_str!("palette.css")];

/// The most characters that are searched for.
const LONGEST: &str = "200";

/// The button in the bar.
#[component]
pub(super) fn PaletteButton(
    /// Opens it.
    open: RwSignal<bool>,
) -> impl IntoView {
    view! {
        <button type="button" class="palette-button" aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K" on:click=move |_| open.set(true)>
            <IconMark icon=Icon::Search />
            <span class="palette-button-words">{t().open}</span>
            <kbd class="palette-key" aria-hidden="true">{if is_mac() { "⌘ K" } else { "Ctrl K" }}</kbd>
        </button>
    }
}

/// The palette.
#[component]
pub(super) fn Palette(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let key = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        let is_ours = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key() && event.key().eq_ignore_ascii_case("k");
        if !is_ours {
            return;
        }
        event.prevent_default();
        // Another dialog is answered first.
        let another = document().query_selector("dialog[open]:not(.palette)").ok().flatten().is_some();
        if !another {
            open.update(|open| *open = !*open);
        }
    });
    on_cleanup(move || key.remove());
    let (shell, navigate, unsaved) = (Shell::expect(), use_navigate(), Unsaved::expect());
    // The question whether to leave may be answered when the list is long gone: where to is kept here.
    let to = StoredValue::new(String::new());
    let leave = Callback::new(move |()| navigate(&to.get_value(), NavigateOptions::default()));
    let go = Callback::new(move |choice: Choice| {
        open.set(false);
        recent::keep(shell, &choice.key);
        to.set_value(choice.href);
        unsaved.leave(leave);
    });
    view! { <Modal open class="palette" label=t().title><Panel open go /></Modal> }
}

/// What is in it; begun anew at each opening.
#[component]
fn Panel(open: RwSignal<bool>, go: Callback<Choice>) -> impl IntoView {
    let shell = Shell::expect();
    let text = RwSignal::new(String::new());
    let sought = Sought::new();
    let known = Memo::new(move |_| shell.session.with(choices::of).into_iter().chain(sought.views.get()).collect());
    let lately = recent::kept(shell);
    sought.name_recent(&lately);
    sought.ask_views();
    let listed = Listed::new(known, (sought, lately), text);
    let typed = move |event| {
        text.set(event_target_value(&event));
        listed.begin_again();
        sought.ask(text.read_untracked().trim());
    };
    let pressed = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "ArrowDown" => listed.step(1),
            "ArrowUp" => listed.step(-1),
            "PageDown" => listed.step(8),
            "PageUp" => listed.step(-8),
            "Enter" if !event.is_composing() => match listed.active_now() {
                Some(choice) if event.ctrl_key() || event.meta_key() => open_beside(shell, &choice),
                Some(choice) => go.run(choice),
                None => {}
            },
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="palette-line">
            <IconMark icon=Icon::Search />
            <input
                type="text"
                class="palette-input"
                role="combobox"
                aria-label=t().title
                aria-autocomplete="list"
                aria-expanded=move || if listed.active_id().is_some() { "true" } else { "false" }
                aria-controls=listed::LIST
                aria-activedescendant=move || listed.active_id()
                placeholder=t().placeholder
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                enterkeyhint="go"
                maxlength=LONGEST
                prop:value=text
                on:input=typed
                on:keydown=pressed
            />
            <button type="button" class="palette-close" aria-label=t().close on:click=move |_| open.set(false)><IconMark icon=Icon::Close /></button>
        </div>
        {listed.draw(go)}
        <p class="palette-foot" aria-hidden="true">
            <span><kbd>"↑"</kbd><kbd>"↓"</kbd>{t().hint_choose}</span>
            <span><kbd>"⏎"</kbd>{t().hint_open}</span>
            <span><kbd>"Esc"</kbd>{t().hint_close}</span>
        </p>
    }
}

/// In another tab; the palette stays.
fn open_beside(shell: Shell, choice: &Choice) {
    recent::keep(shell, &choice.key);
    let _opened = window().open_with_url_and_target(&choice.href, "_blank");
}

fn is_mac() -> bool {
    window().navigator().platform().is_ok_and(|platform| platform.starts_with("Mac") || platform.starts_with("iP"))
}
