//! `/settings`: this person and this device.

use super::messages::{self, t};
use super::pin::PinSetting;
use super::refusal::explain;
use super::till_choice::TillChoice;
use crate::design::button::{Button, ButtonKind};
use crate::design::card::Card;
use crate::design::dialog::Dialog;
use crate::design::field::{Choice, SelectField};
use crate::design::icon::Icon;
use crate::design::list_row::{List, ListRow};
use crate::design::sheet::Sheet;
use crate::design::tabs::Segmented;
use crate::design::toast::{ToastKind, Toasts};
use crate::engine::protocol::{OwnView, Request};
use crate::language::{Language, language, whole};
use crate::shell::session::{Session, leave};
use crate::shell::{Install, Screen, Shell, Theme, TopBar, chosen_theme, keep_storage, title, wish_language, wish_theme};
use holdfast_domain::identity::HeldRole;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// The screen.
#[component]
pub fn SettingsPage() -> impl IntoView {
    title(t().settings);
    view! {
        <Screen surface="office" class="settings">
            <TopBar place=t().settings />
            <main>
                <div class="settings-box stack loose">
                    <h1>{t().settings}</h1>
                    <PersonCard />
                    <DeviceCard />
                    <AppearanceCard />
                </div>
            </main>
        </Screen>
    }
}

#[component]
fn PersonCard() -> impl IntoView {
    let shell = Shell::expect();
    let toasts = Toasts::expect();
    let open = RwSignal::new(false);
    let person = Memo::new(move |_| shell.device.with(|device| device.as_ref().and_then(|device| device.person.clone())));
    let done = Callback::new(move |()| {
        open.set(false);
        toasts.say(ToastKind::Good, t().pin_is_set);
    });
    let leaving = RwSignal::new(false);
    let own = Memo::new(move |_| shell.device.with(|device| device.as_ref().and_then(|device| device.own.clone())).unwrap_or_default());
    let row = move || {
        person.get().map(|person| {
            let OwnView { email, roles } = own.get();
            let email = Some(email).filter(|email| !email.is_empty());
            let verb = if person.has_pin { t().change_pin } else { t().set_pin };
            view! {
                <Card title=t().you flush=true>
                    <List label=t().you>
                        <ListRow title=person.name text=email />
                        {roles.into_iter().map(role_row).collect_view()}
                        <ListRow title=t().pin text=t().step_pin_text aside=move || view! { <Button label=verb on_press=move || open.set(true) /> } />
                        <ListRow
                            title=t().take_off
                            text=t().take_off_row_text
                            aside=move || view! { <Button label=t().take_off_open on_press=move || leaving.set(true) /> }
                        />
                    </List>
                </Card>
            }
        })
    };
    view! {
        {row}
        <Sheet open title=t().pin><PinSetting on_done=done /></Sheet>
        <TakeOff open=leaving />
    }
}

fn role_row(held: HeldRole) -> impl IntoView {
    let place = if held.site.is_some() { held.site_name } else { t().everywhere.to_owned() };
    view! { <ListRow title=messages::role_name(&held.role) text=Some(place) /> }
}

/// Asks whoever is signed in whether to be forgotten here.
#[component]
fn TakeOff(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let shell = Shell::expect();
    let navigate = use_navigate();
    let toasts = Toasts::expect();
    let leave_device = Callback::new(move |()| {
        open.set(false);
        let navigate = navigate.clone();
        spawn_local(async move {
            leave(shell.session.get_untracked()).await;
            match shell.ask_device(Request::TakeOff).await {
                None => {
                    shell.session.set(Session::SignedOut);
                    navigate("/", NavigateOptions::default());
                }
                Some(refusal) => toasts.say(ToastKind::Bad, explain(&refusal)),
            }
        });
    });
    let actions = move || {
        view! {
            <Button label=t().stay kind=ButtonKind::Quiet on_press=move || open.set(false) />
            <Button label=t().take_off kind=ButtonKind::Danger on_press=move || leave_device.run(()) />
        }
    };
    view! { <Dialog open title=t().take_off_question actions><p>{t().take_off_text}</p></Dialog> }
}

#[component]
fn DeviceCard() -> impl IntoView {
    let shell = Shell::expect();
    let install = Install::expect();
    let toasts = Toasts::expect();
    let choosing = RwSignal::new(false);
    let navigate = use_navigate();
    let erase = Callback::new(move |()| navigate("/settings/erase", NavigateOptions::default()));
    let done = Callback::new(move |()| {
        choosing.set(false);
        toasts.say(ToastKind::Good, t().is_till_now);
    });
    let till = move || {
        shell.device.with(|device| {
            // Nothing is said of it before the engine has.
            device.as_ref().map_or_else(String::new, |device| {
                device.till.as_ref().map_or_else(|| t().no_till.to_owned(), |till| format!("{} · {}", till.till_name, till.site_name))
            })
        })
    };
    let kept = Memo::new(move |_| shell.device.with(|device| device.as_ref().is_some_and(|device| device.storage.persisted)));
    let storage = move || shell.device.with(|device| device.as_ref().map(|device| storage_used(kept.get(), device.storage.used >> 20)));
    let installed = move || if Install::is_installed() { t().installed } else { t().install_by_hand };
    view! {
        <Card title=t().this_device flush=true>
            <List label=t().this_device>
                <ListRow title=t().till text=Signal::derive(move || Some(till())) aside=move || view! { <Button label=t().choose_till on_press=move || choosing.set(true) /> } />
                <ListRow
                    title=t().step_storage
                    text=Signal::derive(storage)
                    aside=move || view! { <Show when=move || !kept.get()><Button label=t().keep_data on_press=move || keep_storage(shell) /></Show> }
                />
                <ListRow
                    title=t().step_install
                    text=installed()
                    aside=move || view! { <Show when=move || install.is_offered()><Button label=t().install icon=Icon::Install on_press=move || install.ask() /></Show> }
                />
                <ListRow title=t().erase text=t().erase_row_text aside=move || view! { <Button label=t().erase_open kind=ButtonKind::Secondary on_press=erase /> } />
            </List>
        </Card>
        <Sheet open=choosing title=t().step_till>
            <p class="soft">{t().step_till_text}</p>
            <TillChoice on_done=done />
        </Sheet>
    }
}

fn storage_used(kept: bool, megabytes: u64) -> String {
    let megabytes = whole(megabytes);
    if kept { t().storage_used_kept(megabytes) } else { t().storage_used_at_risk(megabytes) }
}

#[component]
fn AppearanceCard() -> impl IntoView {
    let theme = RwSignal::new(chosen_theme().name().to_owned());
    let chosen = RwSignal::new(language().tag().to_owned());
    Effect::watch(
        move || theme.get(),
        |name, _, _| {
            if let Some(theme) = Theme::of_name(name) {
                wish_theme(theme);
            }
        },
        false,
    );
    Effect::watch(
        move || chosen.get(),
        |tag, _, _| {
            if let Some(language) = Language::of_tag(tag) {
                wish_language(language);
            }
        },
        false,
    );
    let themes = Theme::ALL.map(|theme| Choice { value: theme.name().to_owned(), label: messages::theme_name(theme).to_owned() }).to_vec();
    let languages = Language::ALL.map(|language| Choice { value: language.tag().to_owned(), label: language.own_name().to_owned() }).to_vec();
    view! {
        <Card title=t().appearance>
            <div class="field"><span class="field-label">{t().theme}</span><Segmented label=t().theme choices=themes value=theme /></div>
            <SelectField label=t().language choices=languages value=chosen hint=t().language_hint />
        </Card>
    }
}
