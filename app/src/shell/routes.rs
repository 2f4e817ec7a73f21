//! The one list of addresses. Each module mounts its screens here with a line.

use super::messages::t;
use super::session::Session;
use super::waiting::WaitingPage;
use super::{Screen, Shell, TopBar, title};
use crate::design::button::{Button, ButtonKind};
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::design::skeleton::Skeleton;
use crate::identity::{ErasePage, PeoplePage, SetUpPage, SettingsPage, SignInPage};
use crate::{audit, oversight, records, sales};
use holdfast_domain::sales::{READ, SELL};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::hooks::use_navigate;
use leptos_router::path;

/// Every screen.
#[component]
pub fn Screens() -> impl IntoView {
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/") view=Home />
                <Route path=path!("/sign-in") view=SignInPage />
                <Route path=path!("/people") view=PeoplePage />
                <Route path=path!("/set-up") view=SetUpPage />
                <Route path=path!("/settings") view=SettingsPage />
                <Route path=path!("/settings/erase") view=ErasePage />
                <Route path=path!("/waiting") view=WaitingPage />
                <Route path=path!("/office") view=sales::office::TodayPage />
                <Route path=path!("/office/tickets") view=sales::office::TicketsPage />
                <Route path=path!("/office/tickets/:document") view=sales::office::TicketPage />
                <Route path=path!("/office/attention") view=oversight::AttentionPage />
                <Route path=path!("/office/devices") view=oversight::DevicesPage />
                <Route path=path!("/office/events") view=oversight::EventsPage />
                <Route path=path!("/office/people") view=oversight::PeoplePage />
                <Route path=path!("/office/roles") view=oversight::RolesPage />
                <Route path=path!("/office/hand-in") view=oversight::HandInPage />
                <Route path=path!("/office/audit") view=audit::AuditPage />
                <Route path=path!("/office/:module/:plural") view=records::ListPage />
                <Route path=path!("/office/:module/:plural/new") view=records::NewPage />
                <Route path=path!("/office/:module/:plural/import") view=records::ImportPage />
                <Route path=path!("/office/:module/:plural/:id") view=records::RecordPage />
                <Route path=path!("/office/:module/:plural/:id/merge") view=records::MergePage />
                <ParentRoute path=path!("/till") view=sales::till::TillFrame>
                    <Route path=path!("") view=sales::till::SaleScreen />
                    <Route path=path!("tickets") view=sales::till::TicketsScreen />
                    <Route path=path!("tickets/:document") view=sales::till::TicketScreen />
                    <Route path=path!("close") view=sales::till::CloseScreen />
                </ParentRoute>
                <Route path=path!("/design") view=gallery />
            </Routes>
        </Router>
    }
}

fn gallery() -> AnyView {
    #[cfg(any(debug_assertions, feature = "gallery"))]
    return view! { <crate::design::gallery::Gallery /> }.into_any();
    #[cfg(not(any(debug_assertions, feature = "gallery")))]
    view! { <NotFound /> }.into_any()
}

/// Goes where whoever is here belongs.
#[component]
fn Home() -> impl IntoView {
    let shell = Shell::expect();
    let navigate = use_navigate();
    let lost = RwSignal::new(false);
    Effect::new(move || match belongs(shell) {
        Place::Unknown => {}
        Place::Nowhere => lost.set(true),
        Place::At(path) => navigate(path, NavigateOptions { replace: true, ..NavigateOptions::default() }),
    });
    view! { <Show when=move || lost.get() fallback=|| view! { <Skeleton /> }><NoPermission /></Show> }
}

enum Place {
    Unknown,
    Nowhere,
    At(&'static str),
}

fn belongs(shell: Shell) -> Place {
    let Some(device) = shell.device.get() else {
        return if shell.engine_failed.get().is_some() { Place::At("/sign-in") } else { Place::Unknown };
    };
    let here = device.person.as_ref();
    match shell.session.get() {
        _ if device.till.is_some() && here.is_some() => Place::At("/till"),
        Session::SignedIn(view) if view.may(&READ) => Place::At("/office"),
        Session::SignedIn(view) if view.may(&SELL) => Place::At("/set-up"),
        Session::SignedIn(_) => Place::Nowhere,
        Session::Asking => Place::Unknown,
        Session::SignedOut | Session::Unreachable if device.till.is_some() && !device.people.is_empty() => Place::At("/people"),
        Session::SignedOut | Session::Unreachable => Place::At("/sign-in"),
    }
}

#[component]
fn NoPermission() -> impl IntoView {
    title(t().no_permission_title);
    view! {
        <Screen surface="office">
            <TopBar place="" />
            <main><EmptyState icon=Icon::Lock title=t().no_permission_title text=t().no_permission_text /></main>
        </Screen>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    let navigate = use_navigate();
    let home = Callback::new(move |()| navigate("/", NavigateOptions::default()));
    title(t().not_found_title);
    view! {
        <Screen surface="office">
            <main>
                <EmptyState
                    icon=Icon::Search
                    title=t().not_found_title
                    text=t().not_found_text
                    action=move || view! { <Button label=t().go_home kind=ButtonKind::Primary on_press=home /> }
                />
            </main>
        </Screen>
    }
}
