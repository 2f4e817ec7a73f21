//! `/sign-in`: the form; offline, the people this device knows.

use super::messages::t;
use super::refusal::explain;
use super::sign_in_form::{SignInForm, SigningIn};
use crate::design::banner::{Banner, Tone};
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::shell::session::{Session, sign_in};
use crate::shell::{EvictionNotice, Screen, Shell, title};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use std::sync::Arc;

/// The screen.
#[component]
pub fn SignInPage() -> impl IntoView {
    title(t().sign_in);
    let shell = Shell::expect();
    let navigate = use_navigate();
    let signing_in = SigningIn::new(move |body| {
        let navigate = navigate.clone();
        async move {
            let view = sign_in(&body).await?;
            let company = view.tenant_slug.clone();
            shell.signed_in(Arc::new(view)).await;
            navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() });
            Ok(company)
        }
    });
    // Whoever was signed in all along, and not known here only because the server was out of reach.
    let home = use_navigate();
    Effect::new(move |was_unreachable: Option<bool>| {
        let (unreachable, signed_in) = shell.session.with(|session| (*session == Session::Unreachable, session.view().is_some()));
        if was_unreachable == Some(true) && signed_in {
            home("/", NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
        unreachable
    });
    let unreachable = Memo::new(move |_| shell.session.with(|session| *session == Session::Unreachable));
    let people_here = move || {
        view! {
            <Show when=move || shell.device.with(|device| device.as_ref().is_some_and(|device| !device.people.is_empty()))>
                <p class="sign-in-other"><Link href="/people" label=t().people_here icon=Icon::Crew /></p>
            </Show>
        }
    };
    view! {
        <Screen surface="office" class="sign-in">
            <EvictionNotice />
            {move || {
                shell.not_let_in.get().map(|refusal| {
                    let text = format!("{}. {}", explain(&refusal), t().send_by_signing_in);
                    view! { <div class="shell-banner"><Banner tone=Tone::Bad title=t().not_signed_in text /></div> }
                })
            }}
            <SignInForm sign_in=signing_in unreachable below=people_here />
        </Screen>
    }
}
