//! The frame of the office: modules at the left, the bar above, the screen within. Only for whoever is signed in with the server.

use super::messages::t;
use super::palette::{Palette, PaletteButton};
use super::session::Session;
use super::{Screen, Shell, TopBar, Unsaved};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonSize};
use crate::design::icon::{Icon, IconMark};
use crate::design::skeleton::Skeleton;
use crate::records;
use holdfast_domain::audit;
use holdfast_domain::events;
use holdfast_domain::identity::{Permission, READ_DEVICES, READ_ROLES};
use holdfast_domain::sales::READ;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::components::A;
use leptos_router::hooks::use_navigate;

/// Where the places of sales stand, which come first.
const SALES: &str = "sales";

/// Where what is the whole company's stands.
const COMPANY: &str = "identity";

/// Places under one heading.
pub(super) struct Group {
    module: &'static str,
    /// Its heading.
    pub(super) name: &'static str,
    /// The places.
    pub(super) entries: Vec<Entry>,
}

/// A place in the navigation.
pub(super) struct Entry {
    /// Where it leads.
    pub(super) href: String,
    /// Before its name.
    pub(super) icon: Icon,
    /// What it is called.
    pub(super) name: &'static str,
    exact: bool,
}

/// What whoever is here may look at, by module.
pub(super) fn groups(session: &Session) -> Vec<Group> {
    let may = |needs: &Permission| needs == &READ || session.view().is_some_and(|view| view.may(needs));
    let own = [
        ("/office", Icon::Chart, t().nav_today, &READ),
        ("/office/tickets", Icon::Receipt, t().nav_tickets, &READ),
        ("/office/attention", Icon::Warning, t().nav_attention, &READ),
        ("/office/devices", Icon::Device, t().nav_devices, &READ_DEVICES),
        ("/office/events", Icon::Send, t().nav_events, &events::READ),
        ("/office/people", Icon::Crew, t().nav_people, &READ_ROLES),
        ("/office/roles", Icon::Lock, t().nav_roles, &READ_ROLES),
    ];
    let entry = |(href, icon, name, _): (&str, Icon, &'static str, _)| Entry { href: href.to_owned(), icon, name, exact: href == "/office" };
    let entries = own.into_iter().filter(|(_, _, _, needs)| may(needs)).map(entry).collect();
    let mut groups = vec![Group { module: SALES, name: t().nav_sales, entries }];
    let mut add = |module, name, entry| match groups.iter_mut().find(|group| group.module == module) {
        Some(group) => group.entries.push(entry),
        None => groups.push(Group { module, name, entries: vec![entry] }),
    };
    for place in session.view().map(|view| records::places(view)).unwrap_or_default() {
        add(place.module, place.module_name, Entry { href: place.href, icon: place.icon, name: place.name, exact: false });
    }
    if may(&audit::READ) {
        add(COMPANY, records::module_name(COMPANY), Entry { href: "/office/audit".to_owned(), icon: Icon::Eye, name: t().nav_audit, exact: false });
    }
    groups
}

/// The frame.
#[component]
pub fn OfficeFrame(
    /// The screen; drawn once someone is signed in.
    children: ChildrenFn,
) -> impl IntoView {
    let shell = Shell::expect();
    let navigate = use_navigate();
    // Whose session ended over what they typed keeps it on the screen, and signs in elsewhere.
    let unsaved = Unsaved::expect();
    Effect::new(move || {
        if shell.session.with(|session| *session == Session::SignedOut) && !unsaved.is_there() {
            navigate("/sign-in", NavigateOptions { replace: true, ..NavigateOptions::default() });
        }
    });
    let place = move || shell.session.with(|session| session.view().map_or_else(String::new, |view| view.tenant_name.clone()));
    let known = Memo::new(move |before| shell.session.with(|session| session.view().is_some()) || (before == Some(&true) && unsaved.is_there()));
    // Nobody's figures are shown before the server has said who is here.
    let unreachable = move || shell.session.with(|session| *session == Session::Unreachable);
    let again = move || spawn_local(shell.ask_session());
    let try_again = move || view! { <Button label=t().try_again size=ButtonSize::Small on_press=again /> };
    let link = |entry: Entry| {
        view! { <li><A href=entry.href exact=entry.exact><IconMark icon=entry.icon /><span class="nav-name">{entry.name}</span></A></li> }
    };
    let group = move |group: Group| {
        let heading = crate::design::field::fresh_id();
        view! {
            <p class="nav-group" id=heading.clone()>{group.name}</p>
            <ul aria-labelledby=heading>{group.entries.into_iter().map(link).collect_view()}</ul>
        }
    };
    let palette = RwSignal::new(false);
    let tools = move || view! { <Show when=move || known.get()><PaletteButton open=palette /></Show> };
    // On a phone the places lie in a row that may be longer than the screen.
    Effect::new(move || {
        if known.get() {
            request_animation_frame(show_where_we_are);
        }
    });
    view! {
        <Screen surface="office" class="office">
            <TopBar place=Signal::derive(place) tools />
            <Show when=move || known.get()><Palette open=palette /></Show>
            <nav class="office-nav no-print" aria-label=t().nav>
                {move || shell.session.with(groups).into_iter().map(group).collect_view()}
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

fn show_where_we_are() {
    if let Ok(Some(here)) = document().query_selector(".office-nav [aria-current]") {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        options.set_inline(web_sys::ScrollLogicalPosition::Center);
        here.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
