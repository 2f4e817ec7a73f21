//! Buttons: a verb, at most one primary on a screen.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::icon::{Icon, IconMark};
use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// How loud a button is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing to do here.
    Primary,
    /// One of several things to do.
    #[default]
    Secondary,
    /// Beside the point, close by.
    Quiet,
    /// Takes something away for good.
    Danger,
}

/// How large a button is, beside its surface's own measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ButtonSize {
    /// Within rows and toolbars.
    Small,
    /// As the surface measures.
    #[default]
    Normal,
    /// The one primary button of a surface where people stand.
    Large,
}

impl ButtonKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

impl ButtonSize {
    const fn class(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Normal => "normal",
            Self::Large => "large",
        }
    }
}

/// A button with a word.
#[component]
pub fn Button(
    /// The verb.
    #[prop(into)]
    label: Signal<String>,
    /// How loud.
    #[prop(optional)]
    kind: ButtonKind,
    /// How large.
    #[prop(optional)]
    size: ButtonSize,
    /// Before the word.
    #[prop(optional, into)]
    icon: Option<Icon>,
    /// Behind the word, such as the amount of *Pay 84.50*.
    #[prop(optional, into)]
    figure: Option<Signal<String>>,
    /// The key that does the same, shown while a keyboard is used.
    #[prop(optional, into)]
    shortcut: Option<&'static str>,
    /// Nothing to do now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// Being done: shown, and not pressed twice.
    #[prop(optional, into)]
    busy: Signal<bool>,
    /// Takes the line's whole width.
    #[prop(optional)]
    wide: bool,
    /// Sends the form it stands in.
    #[prop(optional)]
    submit: bool,
    /// Done when pressed.
    #[prop(optional, into)]
    on_press: Option<Callback<()>>,
) -> impl IntoView {
    let class = format!("button {} {}{}", kind.class(), size.class(), if wide { " wide" } else { "" });
    let press = move |event: MouseEvent| {
        if busy.get_untracked() {
            event.prevent_default();
        } else if let Some(on_press) = on_press {
            on_press.run(());
        }
    };
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=class
            disabled=move || disabled.get()
            aria-busy=move || busy.get().then_some("true")
            on:click=press
        >
            {icon.map(|icon| view! { <IconMark icon /> })}
            <span class="button-label">{label}</span>
            {figure.map(|figure| view! { " " <span class="button-figure figure">{figure}</span> })}
            {shortcut.map(|key| view! { <kbd class="shortcut" aria-hidden="true">{key}</kbd> })}
        </button>
    }
}

/// A button that is only an icon; its name is read aloud and shown on hover.
#[component]
pub fn IconButton(
    /// What it draws.
    icon: Icon,
    /// What it does.
    #[prop(into)]
    label: Signal<String>,
    /// How loud.
    #[prop(default = ButtonKind::Quiet)]
    kind: ButtonKind,
    /// How large.
    #[prop(optional)]
    size: ButtonSize,
    /// Nothing to do now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    /// For toggles: whether it is pressed in.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    /// Done when pressed.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    let class = format!("button icon-only {} {}", kind.class(), size.class());
    view! {
        <button
            type="button"
            class=class
            aria-label=label
            title=label
            disabled=move || disabled.get()
            aria-pressed=move || pressed.map(|pressed| if pressed.get() { "true" } else { "false" })
            on:click=move |_| on_press.run(())
        >
            <IconMark icon />
        </button>
    }
}
