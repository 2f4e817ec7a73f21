//! The form that asks for company, e-mail and password. It stands on two pages: the first one a browser ever opens (`shell::entry`), and `/sign-in`.

use super::messages::t;
use super::refusal::explain_sign_in;
use crate::design::banner::{Banner, Tone};
use crate::design::brand::BrandMark;
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::field::{PasswordField, TextField, TextKind};
use crate::shell::api::ApiFailure;
use futures::future::LocalBoxFuture;
use holdfast_domain::identity::SignIn;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

const LAST_COMPANY: &str = "holdfast.company";

type Attempt = LocalBoxFuture<'static, Result<String, ApiFailure>>;

/// Signs in, and does what follows; the answer is the company's short name.
#[derive(Clone, Copy)]
pub struct SigningIn(StoredValue<Box<dyn Fn(SignIn) -> Attempt>, LocalStorage>);

impl SigningIn {
    /// Done so.
    pub fn new<F: Future<Output = Result<String, ApiFailure>> + 'static>(sign_in: impl Fn(SignIn) -> F + 'static) -> Self {
        Self(StoredValue::new_local(Box::new(move |body| Box::pin(sign_in(body)))))
    }

    fn attempt(self, body: SignIn) -> Attempt {
        self.0.with_value(|sign_in| sign_in(body))
    }
}

/// The form in its box, which fills the page.
#[component]
pub fn SignInForm(
    /// Done when the form is sent.
    sign_in: SigningIn,
    /// Whether the server cannot be reached.
    #[prop(into)]
    unreachable: Signal<bool>,
    /// Below the form.
    #[prop(optional, into)]
    below: ViewFnOnce,
) -> impl IntoView {
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
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let body = SignIn { tenant: company.get_untracked(), email: email.get_untracked(), password: password.get_untracked() };
        let signed_in = sign_in.attempt(body);
        spawn_local(async move {
            match signed_in.await {
                Ok(company) => remember_company(&company),
                Err(failure) => {
                    password.set(String::new());
                    failed.set(Some(failure));
                    busy.set(false);
                }
            }
        });
    };
    view! {
        <main>
            <div class="sign-in-box">
                <p class="brand"><BrandMark />"Holdfast"</p>
                <form class="stack" on:submit=submit>
                    <h1>{t().sign_in}</h1>
                    <Show when=move || unreachable.get() && failed.read().is_none()>
                        <Banner tone=Tone::Plain title=t().offline_title text=t().offline_sign_in />
                    </Show>
                    {move || failed.get().map(|failure| view! { <Banner tone=Tone::Bad title=t().not_signed_in text=explain_sign_in(&failure) /> })}
                    <TextField label=t().company value=company kind=TextKind::Code autocomplete="organization" required=true node=first />
                    <TextField label=t().email value=email kind=TextKind::Email autocomplete="username" required=true node=second />
                    <PasswordField label=t().password value=password />
                    <Button label=t().sign_in kind=ButtonKind::Primary size=ButtonSize::Large wide=true submit=true busy />
                </form>
                {below.run()}
            </div>
        </main>
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
