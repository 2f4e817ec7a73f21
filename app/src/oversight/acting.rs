//! The one dialog in which the office does something that is kept for good: what it means, why it is done, and the button.

use super::messages::{self, t};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind};
use crate::design::dialog::Dialog;
use crate::design::field::TextField;
use crate::shell::Shell;
use crate::shell::api::{self, ApiFailure};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

/// What is to be done.
#[derive(Clone)]
pub struct Act {
    /// The question.
    pub title: String,
    /// What it means.
    pub text: String,
    /// The verb on the button.
    pub verb: &'static str,
    /// It takes something away.
    pub danger: bool,
    /// The addresses that are asked, one after the other.
    pub paths: Vec<String>,
    /// The reasons that are set aside, where it is a release.
    pub waives: Option<Vec<String>>,
}

/// The dialog's state.
#[derive(Clone, Copy)]
pub struct Acting {
    open: RwSignal<bool>,
    act: RwSignal<Option<Act>>,
    reason: RwSignal<String>,
    busy: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
    shell: Shell,
}

impl Acting {
    /// Nothing is asked yet.
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            act: RwSignal::new(None),
            reason: RwSignal::new(String::new()),
            busy: RwSignal::new(false),
            failed: RwSignal::new(None),
            shell: Shell::expect(),
        }
    }

    /// Asks whether it shall be done, and why.
    pub fn ask(self, act: Act) {
        self.act.set(Some(act));
        self.reason.set(String::new());
        self.failed.set(None);
        self.open.set(true);
    }

    /// Does what takes no reason.
    pub fn at_once(self, path: String, body: Value) {
        spawn_local(async move {
            self.failed.set(self.post(&path, &body).await.err().map(|failure| failure.code().to_owned()));
        });
    }

    async fn post(self, path: &str, body: &Value) -> Result<(), ApiFailure> {
        let csrf = self.shell.session.with_untracked(|session| session.view().map(|view| view.csrf.clone()));
        api::post::<Value, Value>(path, body, csrf.as_deref()).await.map(|_| ())
    }

    fn go(self) {
        let Some(act) = self.act.get_untracked() else { return };
        self.busy.set(true);
        spawn_local(async move {
            self.failed.set(None);
            for path in &act.paths {
                let reason = self.reason.get_untracked();
                let body = match &act.waives {
                    Some(waives) => json!({ "reason": reason, "waives": waives }),
                    None => json!({ "reason": reason }),
                };
                if let Err(failure) = self.post(path, &body).await {
                    self.refused(failure.code());
                    break;
                }
            }
            self.busy.set(false);
            if self.failed.with_untracked(Option::is_none) {
                self.open.set(false);
            }
        });
    }

    /// Another reason to hold it may be set aside, too, now that it is known.
    fn refused(self, code: &str) {
        if messages::can_be_set_aside(code) {
            self.act.update(|act| {
                if let Some(waives) = act.as_mut().and_then(|act| act.waives.as_mut())
                    && !waives.iter().any(|known| known == code)
                {
                    waives.push(code.to_owned());
                }
            });
        }
        self.failed.set(Some(code.to_owned()));
    }
}

/// The dialog.
#[component]
pub fn ActingDialog(
    /// Its state.
    acting: Acting,
) -> impl IntoView {
    let Acting { open, act, reason, busy, failed, .. } = acting;
    let title = Signal::derive(move || act.with(|act| act.as_ref().map_or_else(String::new, |act| act.title.clone())));
    let text = move || act.with(|act| act.as_ref().map(|act| act.text.clone()));
    let nothing_said = Signal::derive(move || reason.with(|reason| reason.trim().is_empty()));
    let failure = move || {
        failed.get().map(|code| {
            let (title, text) = messages::not_done(&code);
            view! { <Banner tone=Tone::Attention title text=text.to_owned() code /> }
        })
    };
    let actions = move || {
        let (verb, kind) = act.with_untracked(|act| {
            act.as_ref().map_or(("", ButtonKind::Primary), |act| (act.verb, if act.danger { ButtonKind::Danger } else { ButtonKind::Primary }))
        });
        view! {
            <Button label=t().cancel kind=ButtonKind::Quiet on_press=move || open.set(false) />
            <Button label=verb kind disabled=nothing_said busy on_press=move || acting.go() />
        }
    };
    view! {
        <Dialog open title actions>
            <div class="stack">
                <p class="soft">{text}</p>
                <TextField label=t().reason value=reason hint=t().reason_hint.to_owned() />
                {failure}
            </div>
        </Dialog>
    }
}

/// That something was not done outside the dialog.
pub fn trouble(acting: Acting) -> impl IntoView {
    move || {
        acting.failed.get().filter(|_| !acting.open.get()).map(|code| {
            let (title, text) = messages::not_done(&code);
            view! { <Banner tone=Tone::Attention title text=text.to_owned() code /> }
        })
    }
}
