//! The frame of the office: modules at the left, the bar above, the screen within. Only for whoever is signed in with the server.

use super::messages::t;
use super::session::Session;
use super::{Screen, Shell, TopBar};
use crate::design::icon::{Icon, IconMark};
use crate::design::skeleton::Skeleton;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

/// A place in the navigation.
struct Entry {
    href: &'static str,
    icon: Icon,
    name: &'static str,
    exact: bool,
}

fn entries() -> [Entry; 2] {
    [
        Entry { href: "/office", icon: Icon::Chart, name: t().nav_today, exact: true },
        Entry { href: "/office/tickets", icon: Icon::Receipt, name: t().nav_tickets, exact: false },
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
    // Without a network the frame stands, and its screens say what they cannot show.
    let known = Memo::new(move |_| shell.session.with(|session| matches!(session, Session::SignedIn(_) | Session::Unreachable)));
    let link = |entry: Entry| {
        view! { <li><A href=entry.href exact=entry.exact><IconMark icon=entry.icon /><span class="nav-name">{entry.name}</span></A></li> }
    };
    view! {
        <Screen surface="office" class="office">
            <TopBar place=Signal::derive(place) />
            <nav class="office-nav no-print" aria-label=t().nav>
                <p class="nav-group">{t().nav_sales}</p>
                <ul>{entries().map(link).into_iter().collect_view()}</ul>
            </nav>
            <main>
                <Show when=move || known.get() fallback=|| view! { <Skeleton rows=6 /> }>{children()}</Show>
            </main>
        </Screen>
    }
}
