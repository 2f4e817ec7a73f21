//! `/sign-in`: company, e-mail, password; offline, the people this device knows.

use super::messages::t;
use super::refusal::explain_sign_in;
use crate::design::banner::{Banner, Tone};
use crate::design::brand::BrandMark;
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::field::{PasswordField, TextField, TextKind};
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::shell::api::ApiFailure;
use crate::shell::session::{Session, sign_in};
use crate::shell::{EvictionNotice, Screen, Shell, title};
use holdfast_domain::identity::SignIn;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::sync::Arc;

const LAST_COMPANY: &str = "holdfast.company";

/// The screen.
#[component]
pub fn SignInPage() -> impl IntoView {
    title(t().sign_in);
    let shell = Shell::expect();
    let company = RwSignal::new(last_company());
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<ApiFailure>);
    let first = NodeRef::<leptos::html::Input>::new();
    let second = NodeRef::<leptos::html::Input>::new();
    Effect::new(move || {
        let field = if company.read_untracked().is_empty() { first.get() } else { second.get() };
        if let Some(field) = field {
            let _focused = field.focus();
        }
    });
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let body = SignIn { tenant: company.get_untracked(), email: email.get_untracked(), password: password.get_untracked() };
        let navigate = navigate.clone();
        spawn_local(async move {
            match sign_in(&body).await {
                Ok(view) => {
                    remember_company(&view.tenant_slug);
                    shell.signed_in(Arc::new(view)).await;
                    navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() });
                }
                Err(failure) => {
                    password.set(String::new());
                    failed.set(Some(failure));
                    busy.set(false);
                }
            }
        });
    };
    let unreachable = Memo::new(move |_| failed.read().is_none() && shell.session.with(|session| *session == Session::Unreachable));
    view! {
        <Screen surface="office" class="sign-in">
            <EvictionNotice />
            <main>
                <div class="sign-in-box">
                    <p class="brand"><BrandMark />"Holdfast"</p>
                    <form class="stack" on:submit=submit>
                        <h1>{t().sign_in}</h1>
                        <Show when=move || unreachable.get()><Banner tone=Tone::Plain title=t().offline_title text=t().offline_sign_in /></Show>
                        {move || failed.get().map(|failure| view! { <Banner tone=Tone::Bad title=t().not_signed_in text=explain_sign_in(&failure) /> })}
                        <TextField label=t().company value=company kind=TextKind::Code autocomplete="organization" required=true node=first />
                        <TextField label=t().email value=email kind=TextKind::Email autocomplete="username" required=true node=second />
                        <PasswordField label=t().password value=password />
                        <Button label=t().sign_in kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy />
                    </form>
                    <Show when=move || shell.device.with(|device| device.as_ref().is_some_and(|device| !device.people.is_empty()))>
                        <p class="sign-in-other"><Link href="/people" label=t().people_here icon=Icon::Crew /></p>
                    </Show>
                </div>
            </main>
        </Screen>
    }
}

fn last_company() -> String {
    window().local_storage().ok().flatten().and_then(|storage| storage.get_item(LAST_COMPANY).ok().flatten()).unwrap_or_default()
}

fn remember_company(slug: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        // A full or forbidden storage costs only a word to type next time.
        let _kept = storage.set_item(LAST_COMPANY, slug);
    }
}
