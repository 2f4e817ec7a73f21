//! A banner: a state that lasts and that the person should know of, with at most one thing to do about it.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;

use super::icon::{Icon, IconMark};
use leptos::prelude::*;

/// What kind of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// All is well.
    Good,
    /// Someone should look.
    Attention,
    /// Something is wrong.
    Bad,
    /// To know.
    Info,
    /// Neither good nor bad.
    Plain,
}

impl Tone {
    /// Its class.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "tone-good",
            Self::Attention => "tone-attention",
            Self::Bad => "tone-bad",
            Self::Info => "tone-info",
            Self::Plain => "tone-plain",
        }
    }

    /// The icon that says the same as its colour.
    pub const fn icon(self) -> Icon {
        match self {
            Self::Good => Icon::Check,
            Self::Attention => Icon::Warning,
            Self::Bad => Icon::Alert,
            Self::Info | Self::Plain => Icon::Info,
        }
    }
}

/// News that stays.
#[component]
pub fn Banner(
    /// What kind.
    tone: Tone,
    /// What happened.
    #[prop(into)]
    title: Signal<String>,
    /// What it means for the work, and what to do.
    #[prop(optional, into)]
    text: Signal<Option<String>>,
    /// A stable code, small, for whoever helps.
    #[prop(optional, into)]
    code: Signal<Option<String>>,
    /// What to do about it.
    #[prop(optional, into)]
    action: ViewFnOnce,
) -> impl IntoView {
    let role = if tone == Tone::Bad { "alert" } else { "status" };
    view! {
        <div class=format!("banner {}", tone.class()) role=role>
            <IconMark icon=tone.icon() />
            <div class="banner-text">
                <strong>{title}</strong>
                {move || text.get().map(|text| view! { <p>{text}</p> })}
                {move || code.get().map(|code| view! { <p class="banner-code code">{code}</p> })}
            </div>
            <div class="banner-action">{action.run()}</div>
        </div>
    }
}
