//! The bar at the top of every screen: where I am, who I am, how sync stands.

use super::messages::t;
use super::session::Session;
use super::sync_sheet::SyncSheet;
use super::{Shell, Unsaved, UpdateBanner, session};
use crate::design::avatar::Avatar;
use crate::design::banner::{Banner, Tone};
use crate::design::brand::BrandMark;
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::design::menu::{Menu, MenuItem};
use crate::design::sync_indicator::{SyncIndicator, SyncMark};
use crate::engine::protocol::{DeviceView, Request, SyncView};
use crate::language::{Clock, clock_time};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;

/// The bar.
#[component]
pub fn TopBar(
    /// Where I am, such as the till's name.
    #[prop(into)]
    place: Signal<String>,
    /// Between the place and the person: a screen's own buttons.
    #[prop(optional, into)]
    tools: ViewFnOnce,
) -> impl IntoView {
    let shell = Shell::expect();
    let open = RwSignal::new(false);
    let mark = Signal::derive(move || shell.sync.with(|sync| sync.as_ref().map_or(SyncMark::Settled, |sync| mark_of(sync, &shell.time_zone()))));
    view! {
        <header class="top-bar no-print">
            <a class="top-bar-home" href="/" aria-label="Holdfast"><BrandMark /></a>
            <span class="top-bar-place">{place}</span>
            <div class="top-bar-tools">{tools.run()}</div>
            <PersonMenu />
            <SyncIndicator mark on_press=move || open.set(true) />
        </header>
        <SyncSheet open />
        <UpdateBanner />
        <Notices />
    }
}

/// What lasts and the person should know, wherever they are.
#[component]
fn Notices() -> impl IntoView {
    let shell = Shell::expect();
    let told = move |look: fn(&DeviceView) -> bool| shell.device.with(|device| device.as_ref().is_some_and(look));
    // Only field devices have work to send; the office says by itself that the session is over.
    let lost = Memo::new(move |_| told(|device| device.session_lost && device.online && device.till.is_some()));
    view! {
        <Show when=move || lost.get()>
            <div class="shell-banner">
                <Banner tone=Tone::Attention title=t().paused_title text=t().paused_text action=|| view! { <Link href="/sign-in" label=t().sign_in /> } />
            </div>
        </Show>
        <EvictionNotice />
    }
}

/// The browser threw this device's data away; said until someone signs in, which begins anew.
#[component]
pub fn EvictionNotice() -> impl IntoView {
    let shell = Shell::expect();
    let evicted = Memo::new(move |_| shell.device.with(|device| device.as_ref().is_some_and(|device| device.evicted)));
    view! {
        <Show when=move || evicted.get()>
            <div class="shell-banner"><Banner tone=Tone::Bad title=t().evicted_title text=t().evicted_text /></div>
        </Show>
    }
}

/// The most pressing first.
fn mark_of(sync: &SyncView, time_zone: &str) -> SyncMark {
    let tasks = u32::try_from(sync.tasks.len()).unwrap_or(u32::MAX);
    if tasks > 0 {
        SyncMark::NeedsYou(tasks)
    } else if !sync.online {
        SyncMark::Offline { since: sync.offline_since.map(|since| clock_time(since, time_zone, Clock::Minutes)), waiting: sync.waiting }
    } else if sync.waiting > 0 {
        SyncMark::Waiting(sync.waiting)
    } else {
        SyncMark::Settled
    }
}

#[component]
fn PersonMenu() -> impl IntoView {
    let shell = Shell::expect();
    let navigate = use_navigate();
    let name = Memo::new(move |_| {
        let on_device = shell.device.with(|device| device.as_ref().and_then(|device| device.person.as_ref().map(|person| person.name.clone())));
        on_device.or_else(|| shell.session.with(|session| session.view().map(|view| view.name.clone())))
    });
    let unsaved = Unsaved::expect();
    let go = move |path: &'static str| {
        let navigate = navigate.clone();
        let go = Callback::new(move |()| navigate(path, leptos_router::NavigateOptions::default()));
        Callback::new(move |()| unsaved.leave(go))
    };
    let to_people = go("/people");
    let to_settings = go("/settings");
    let home = go("/");
    let signed_out = Callback::new(move |()| {
        spawn_local(async move {
            sign_out(shell).await;
            home.run(());
        })
    });
    let leave = Callback::new(move |()| unsaved.leave(signed_out));
    let items = move || {
        vec![
            MenuItem { label: t().switch_person.to_owned(), icon: Icon::Crew, on_press: to_people },
            MenuItem { label: t().settings.to_owned(), icon: Icon::Settings, on_press: to_settings },
            MenuItem { label: t().sign_out.to_owned(), icon: Icon::SignOut, on_press: leave },
        ]
    };
    move || {
        name.get().map(|name| {
            let label = name.clone();
            view! { <Menu label face=move || view! { <Avatar name=name.clone() /><span class="top-bar-name">{name}</span> } items=Signal::derive(items) /> }
        })
    }
}

/// Ends the session with the server, where it stands, and on this device. What waits stays and is sent when someone signs in.
async fn sign_out(shell: Shell) {
    session::leave(shell.session.get_untracked()).await;
    shell.ask_device(Request::SignOut).await;
    shell.session.set(Session::SignedOut);
}
