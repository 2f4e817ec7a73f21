//! The frame of the office: modules at the left, the bar above, the screen within. Only for whoever is signed in with the server.

use super::messages::t;
use super::session::Session;
use super::{Screen, Shell, TopBar};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonSize};
use crate::design::icon::{Icon, IconMark};
use crate::design::skeleton::Skeleton;
use holdfast_domain::identity::{Permission, READ_DEVICES};
use holdfast_domain::sales::READ;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

/// A place in the navigation.
struct Entry {
    href: &'static str,
    icon: Icon,
    name: &'static str,
    exact: bool,
    /// Whoever lacks it does not see the place.
    needs: &'static Permission,
}

fn entries() -> [Entry; 4] {
    [
        Entry { href: "/office", icon: Icon::Chart, name: t().nav_today, exact: true, needs: &READ },
        Entry { href: "/office/tickets", icon: Icon::Receipt, name: t().nav_tickets, exact: false, needs: &READ },
        Entry { href: "/office/attention", icon: Icon::Warning, name: t().nav_attention, exact: false, needs: &READ },
        Entry { href: "/office/devices", icon: Icon::Device, name: t().nav_devices, exact: false, needs: &READ_DEVICES },
    ]
}

/// The frame.
#[component]
pub fn OfficeFrame(
    /// The screen; drawn once someone is signed in.
    children: ChildrenFn,
) -> impl IntoView {
    let shell = Shell::expect();
    let navigate = use_navigate();
    Effect::new(move || {
        if shell.session.with(|session| *session == Session::SignedOut) {
            navigate("/sign-in", NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let place = move || shell.session.with(|session| session.view().map_or_else(String::new, |view| view.tenant_name.clone()));
    let known = Memo::new(move |_| shell.session.with(|session| session.view().is_some()));
    // Nobody's figures are shown before the server has said who is here.
    let unreachable = move || shell.session.with(|session| *session == Session::Unreachable);
    let again = move || spawn_local(shell.ask_session());
    let try_again = move || view! { <Button label=t().try_again size=ButtonSize::Small on_press=again /> };
    let seen = move |entry: &Entry| entry.needs == &READ || shell.session.with(|session| session.view().is_some_and(|view| view.may(entry.needs)));
    let link = |entry: Entry| {
        view! { <li><A href=entry.href exact=entry.exact><IconMark icon=entry.icon /><span class="nav-name">{entry.name}</span></A></li> }
    };
    view! {
        <Screen surface="office" class="office">
            <TopBar place=Signal::derive(place) />
            <nav class="office-nav no-print" aria-label=t().nav>
                <p class="nav-group">{t().nav_sales}</p>
                <ul>{move || entries().into_iter().filter(seen).map(link).collect_view()}</ul>
            </nav>
            <main>
                <Show when=unreachable>
                    <Banner tone=Tone::Plain title=t().office_offline_title text=t().office_offline_text action=try_again />
                </Show>
                <Show when=move || known.get() fallback=|| view! { <Skeleton rows=6 /> }>{children()}</Show>
            </main>
        </Screen>
    }
}
