//! Toasts: what just happened, for a moment, with a way to take it back.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::button::{Button, ButtonKind, ButtonSize, IconButton};
use super::icon::{Icon, IconMark};
use super::messages::t;
use leptos::prelude::*;
use std::time::Duration;

/// How long a toast stays; what can be undone stays as long as the floor's undo.
const SHOWN: Duration = Duration::from_secs(5);
/// More than this at once is noise: the oldest goes.
const MOST: usize = 3;

/// What a toast says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToastKind {
    /// Done.
    Good,
    /// Not done, and why.
    Bad,
    /// To know.
    Info,
}

#[derive(Clone)]
struct Toast {
    id: u32,
    kind: ToastKind,
    text: String,
    undo: Option<Callback<()>>,
}

/// The page's toasts; one is provided by the shell.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Toasts {
    /// Makes the page's toasts known to everything below.
    pub fn provide() -> Self {
        let toasts = Self { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) };
        provide_context(toasts);
        toasts
    }

    /// The page's toasts.
    pub fn expect() -> Self {
        use_context().expect("the shell provides toasts around every screen")
    }

    /// Says what happened.
    pub fn say(self, kind: ToastKind, text: impl Into<String>) {
        self.push(kind, text.into(), None);
    }

    /// Says what was done, and offers to take it back.
    pub fn say_with_undo(self, text: impl Into<String>, undo: impl Into<Callback<()>>) {
        self.push(ToastKind::Good, text.into(), Some(undo.into()));
    }

    fn push(self, kind: ToastKind, text: String, undo: Option<Callback<()>>) {
        let id = self.next.with_value(|next| *next);
        self.next.set_value(id.wrapping_add(1));
        self.shown.update(|shown| {
            if shown.len() == MOST {
                shown.remove(0);
            }
            shown.push(Toast { id, kind, text, undo });
        });
        set_timeout(move || self.close(id), SHOWN);
    }

    fn close(self, id: u32) {
        self.shown.try_update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Where toasts appear; once, in the shell.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = Toasts::expect();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|toast| toast.id children=move |toast| one(toasts, toast) />
        </div>
    }
}

fn one(toasts: Toasts, toast: Toast) -> impl IntoView {
    let (class, icon) = match toast.kind {
        ToastKind::Good => ("toast good", Icon::Check),
        ToastKind::Bad => ("toast bad", Icon::Alert),
        ToastKind::Info => ("toast info", Icon::Info),
    };
    let take_back = toast.undo.map(|undo| {
        let press = move || {
            toasts.close(toast.id);
            undo.run(());
        };
        view! { <Button label=t().undo icon=Icon::Undo kind=ButtonKind::Quiet size=ButtonSize::Small on_press=press /> }
    });
    view! {
        <div class=class>
            <IconMark icon />
            <span class="toast-text">{toast.text}</span>
            {take_back}
            <IconButton icon=Icon::Close label=t().close size=ButtonSize::Small on_press=move || toasts.close(toast.id) />
        </div>
    }
}
