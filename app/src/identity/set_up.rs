//! `/set-up`: a field device's first run. Each step is one sentence, can be skipped, and can be repaired in the settings.

use super::messages::t;
use super::pin::PinSetting;
use super::till_choice::TillChoice;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::icon::{Icon, IconMark};
use crate::shell::{Install, Screen, Shell, TopBar, keep_storage, title};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Till,
    Pin,
    Storage,
    Install,
}

impl Step {
    const ALL: [Self; 4] = [Self::Till, Self::Pin, Self::Storage, Self::Install];

    fn next(self) -> Option<Self> {
        let at = Self::ALL.iter().position(|step| *step == self)?;
        Self::ALL.get(at + 1).copied()
    }

    fn words(self) -> (&'static str, &'static str, Icon) {
        match self {
            Self::Till => (t().step_till, t().step_till_text, Icon::Till),
            Self::Pin => (t().step_pin, t().step_pin_text, Icon::Lock),
            Self::Storage => (t().step_storage, t().step_storage_text, Icon::Storage),
            Self::Install => (t().step_install, t().step_install_text, Icon::Install),
        }
    }
}

/// The screen.
#[component]
pub fn SetUpPage() -> impl IntoView {
    title(t().set_up);
    let step = RwSignal::new(Step::Till);
    let navigate = use_navigate();
    let on = Callback::new(move |()| match step.get_untracked().next() {
        Some(next) => step.set(next),
        None => navigate("/", NavigateOptions { replace: true, ..NavigateOptions::default() }),
    });
    view! {
        <Screen surface="till" class="set-up">
            <TopBar place=t().set_up />
            <main>
                {move || {
                    let now = step.get();
                    let (heading, text, icon) = now.words();
                    view! {
                        <div class="set-up-box stack">
                            <Steps now />
                            <span class="set-up-icon" aria-hidden="true"><IconMark icon /></span>
                            <h1>{heading}</h1>
                            <p class="soft">{text}</p>
                            {body(now, on)}
                            <Button label=t().skip kind=ButtonKind::Quiet wide=true on_press=on />
                        </div>
                    }
                }}
            </main>
        </Screen>
    }
}

#[component]
fn Steps(now: Step) -> impl IntoView {
    let at = Step::ALL.iter().position(|step| *step == now).unwrap_or(0);
    let mark = |place: usize| view! { <span class="step" class:done=place < at class:now=place == at></span> };
    view! { <p class="steps"><span class="unseen">{t().step_of(at + 1, Step::ALL.len())}</span>{(0..Step::ALL.len()).map(mark).collect_view()}</p> }
}

fn body(step: Step, on: Callback<()>) -> AnyView {
    match step {
        Step::Till => view! { <TillChoice on_done=on /> }.into_any(),
        Step::Pin => view! { <PinSetting on_done=on /> }.into_any(),
        Step::Storage => view! { <StorageStep on /> }.into_any(),
        Step::Install => view! { <InstallStep on /> }.into_any(),
    }
}

#[component]
fn StorageStep(on: Callback<()>) -> impl IntoView {
    let shell = Shell::expect();
    let kept = move || shell.device.with(|device| device.as_ref().is_some_and(|device| device.storage.persisted));
    view! {
        <Show
            when=kept
            fallback=move || view! { <Button label=t().keep_data kind=ButtonKind::Primary size=ButtonSize::Large wide=true on_press=move || keep_storage(shell) /> }
        >
            <Banner tone=Tone::Good title=t().data_kept />
            <Button label=t().go_on kind=ButtonKind::Primary size=ButtonSize::Large wide=true on_press=on />
        </Show>
    }
}

#[component]
fn InstallStep(on: Callback<()>) -> impl IntoView {
    let install = Install::expect();
    let ask = move || {
        install.ask();
        on.run(());
    };
    view! {
        <Show
            when=move || install.is_offered()
            fallback=move || view! {
                <Banner tone=Tone::Info title=if Install::is_installed() { t().installed } else { t().install_by_hand } />
                <Button label=t().finish kind=ButtonKind::Primary size=ButtonSize::Large wide=true on_press=on />
            }
        >
            <Button label=t().install icon=Icon::Install kind=ButtonKind::Primary size=ButtonSize::Large wide=true on_press=ask />
        </Show>
    }
}
