//! Something read from the server for a screen: kept while it is read anew, so that nothing flickers.

use super::Shell;
use super::api::{self, ApiFailure};
use super::live::Live;
use super::messages::t;
use super::session::Session;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonSize};
use crate::design::skeleton::Skeleton;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;

/// What was read, and what went wrong lately.
pub struct Fetched<T: 'static> {
    /// The newest that could be read.
    pub value: RwSignal<Option<T>>,
    failure: RwSignal<Option<ApiFailure>>,
    again: RwSignal<u32>,
    /// Whether what is shown answers another address than the one that is being asked.
    pub outdated: RwSignal<bool>,
    beside: bool,
}

impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Fetched<T> {}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> Fetched<T> {
    /// Reads the address, and anew whenever it changes or the feed moves. An answer to an address that is no longer asked for is dropped.
    pub fn from(path: impl Fn() -> String + Send + Sync + 'static, live: Live) -> Self {
        Self::read(path, live, false)
    }

    /// The same; what answered the address before stays until the new answer is there, so that a list does not vanish while somebody types what to search.
    pub fn kept_from(path: impl Fn() -> String + Send + Sync + 'static, live: Live) -> Self {
        Self::read(path, live, true)
    }

    fn read(path: impl Fn() -> String + Send + Sync + 'static, live: Live, keeps: bool) -> Self {
        let fetched =
            Self { value: RwSignal::new(None), failure: RwSignal::new(None), again: RwSignal::new(0), outdated: RwSignal::new(false), beside: false };
        let shell = Shell::expect();
        let asked = StoredValue::new((0_u32, String::new()));
        Effect::new(move || {
            live.track();
            fetched.again.track();
            let path = path();
            let (number, before) = asked.get_value();
            if before != path {
                fetched.outdated.set(true);
                if !keeps {
                    fetched.value.set(None);
                }
            }
            let number = number.wrapping_add(1);
            asked.set_value((number, path.clone()));
            spawn_local(async move {
                let answer = api::get::<T>(&path).await;
                if asked.try_get_value().is_some_and(|(newest, _)| newest == number) {
                    fetched.take(shell, answer);
                }
            });
        });
        fetched
    }

    /// One of several on a screen: that the server is out of reach is told at length by another.
    pub fn beside(self) -> Self {
        Self { beside: true, ..self }
    }

    fn take(self, shell: Shell, answer: Result<T, ApiFailure>) {
        match answer {
            Ok(value) => {
                // The server knows a session that this page saw end: it was begun anew in another tab.
                if shell.session.with_untracked(|session| *session == Session::SignedOut) {
                    spawn_local(shell.renew_session());
                }
                self.failure.set(None);
                self.outdated.set(false);
                self.value.set(Some(value));
            }
            Err(failure) => {
                if failure.is_signed_out() {
                    shell.session.set(Session::SignedOut);
                }
                self.failure.set(Some(failure));
            }
        }
    }

    /// Reads it once more.
    pub fn ask_again(self) {
        self.again.update(|again| *again = again.wrapping_add(1));
    }

    /// Shows it: bars while it is read for the first time, and above it what went wrong.
    pub fn show<V: IntoView + 'static>(self, rows: usize, show: impl Fn(Signal<T>) -> V + Send + Sync + 'static) -> impl IntoView {
        let there = Memo::new(move |_| self.value.read().is_some());
        let show = StoredValue::new(show);
        let content = move || {
            there.get().then(|| {
                // The last one stays while the memo is about to take this away.
                let last = StoredValue::new(self.value.get_untracked().expect("it is there"));
                let value =
                    Signal::derive(move || self.value.get().inspect(|value| last.set_value(value.clone())).unwrap_or_else(|| last.get_value()));
                show.with_value(|show| show(value))
            })
        };
        view! {
            {move || self.failure.get().map(|failure| self.failed(&failure))}
            {move || (!there.get() && self.failure.read().is_none()).then(|| view! { <Skeleton rows /> })}
            {content}
        }
    }

    fn failed(self, failure: &ApiFailure) -> AnyView {
        if self.beside && *failure == ApiFailure::Unreachable {
            return view! { <p class="fetched-note soft small">{t().office_offline_title}</p> }.into_any();
        }
        let (tone, title, text) = match failure {
            ApiFailure::Unreachable => (Tone::Plain, t().office_offline_title, t().office_offline_text),
            ApiFailure::Problem(problem) => match problem.status {
                401 => (Tone::Attention, t().session_over_title, t().session_over_text),
                403 => (Tone::Info, t().not_permitted_title, t().not_permitted_text),
                404 => (Tone::Info, t().not_found_title, t().not_found_text),
                _ => (Tone::Bad, t().failed_title, t().failed_text),
            },
        };
        let code = failure.code().to_owned();
        view! { <Banner tone title text=text.to_owned() code action=move || view! { <Button label=t().try_again size=ButtonSize::Small on_press=move || self.ask_again() /> } /> }.into_any()
    }
}
