//! A button that asks for a file and reads it. The browser's own field lies beneath it, so that keyboard and screen reader find what they know.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::icon::{Icon, IconMark};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use web_sys::js_sys::Uint8Array;
use web_sys::{File, HtmlInputElement};

/// A file as it was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenFile {
    /// As it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

impl ChosenFile {
    /// What is in it, as text; what is no text is read as if it were.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).trim_start_matches('\u{feff}').to_owned()
    }
}

/// The button.
#[component]
pub fn FileButton(
    /// The verb.
    #[prop(into)]
    label: Signal<String>,
    /// Before the word.
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// Which files are offered, such as `.csv`.
    accept: &'static str,
    /// Takes the line's whole width.
    #[prop(optional)]
    wide: bool,
    /// Nothing to do now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The file that was chosen.
    #[prop(into)]
    on_file: Callback<ChosenFile>,
) -> impl IntoView {
    let field = NodeRef::<leptos::html::Input>::new();
    let chosen = move |_| {
        let Some(field) = field.get_untracked() else { return };
        let field: &HtmlInputElement = &field;
        if let Some(file) = field.files().and_then(|files| files.get(0)) {
            read(file, on_file);
        }
        // The same file can be chosen again.
        field.set_value("");
    };
    let class = if wide { "button secondary file-button wide" } else { "button secondary file-button" };
    view! {
        <label class=class>
            <input node_ref=field type="file" class="unseen" accept=accept disabled=move || disabled.get() on:change=chosen />
            {icon.map(|icon| view! { <IconMark icon /> })}
            <span class="button-label">{label}</span>
        </label>
    }
}

/// A place onto which a file may be dropped, with the button for whoever cannot.
#[component]
pub fn FileDrop(
    /// What to do, in a sentence.
    #[prop(into)]
    text: Signal<String>,
    /// The button's verb.
    #[prop(into)]
    label: Signal<String>,
    /// Which files are offered, such as `.csv`.
    accept: &'static str,
    /// Nothing to do now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// The file that was chosen or dropped.
    #[prop(into)]
    on_file: Callback<ChosenFile>,
) -> impl IntoView {
    let over = RwSignal::new(false);
    let dragged = move |event: web_sys::DragEvent| {
        event.prevent_default();
        over.set(true);
    };
    let dropped = move |event: web_sys::DragEvent| {
        event.prevent_default();
        over.set(false);
        if !disabled.get_untracked()
            && let Some(file) = event.data_transfer().and_then(|carried| carried.files()).and_then(|files| files.get(0))
        {
            read(file, on_file);
        }
    };
    view! {
        <div class="file-drop" class:over=over on:dragover=dragged on:dragleave=move |_| over.set(false) on:drop=dropped>
            <IconMark icon=Icon::Storage />
            <p class="soft">{text}</p>
            <FileButton label accept disabled on_file />
        </div>
    }
}

fn read(file: File, on_file: Callback<ChosenFile>) {
    spawn_local(async move {
        // One that cannot be read, such as of a stick that was pulled, is as an empty one, and is said to be none of what is asked for.
        let bytes = JsFuture::from(file.array_buffer()).await.map(|buffer| Uint8Array::new(&buffer).to_vec()).unwrap_or_default();
        on_file.run(ChosenFile { name: file.name(), bytes });
    });
}
