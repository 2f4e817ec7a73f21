//! Around every screen of the till: its head, the scanner, and what stands instead of a screen while nothing can be sold.

use super::closed::ClosedScreen;
use super::messages::{self, t};
use super::open::OpenScreen;
use super::print::PrintArea;
use super::store::{Notice, Till};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, IconButton};
use crate::design::empty_state::EmptyState;
use crate::design::icon::{Icon, IconMark};
use crate::design::skeleton::Skeleton;
use crate::device::scanner::{self, Hearing, Scanner, TakeBack};
use crate::device::{keyboard, sound};
use crate::language::whole;
use crate::shell::{Loading, Screen, TopBar, title};
use leptos::prelude::*;
use leptos_router::components::{A, Outlet};
use leptos_router::hooks::{use_location, use_navigate};

/// What can stand on the till's screen.
#[derive(Debug, Clone, PartialEq)]
enum Scene {
    Unknown,
    NoTill,
    Nobody,
    Loading(Loading),
    NotOpen,
    Closed(crate::engine::protocol::ClosingView),
    Open,
}

/// The screens of the till; the router draws the one that is asked for.
#[component]
pub fn TillFrame() -> impl IntoView {
    let till = Till::provide();
    title(t().till);
    hear_scans(till);
    let scene = Memo::new(move |_| scene(till));
    let place = Signal::derive(move || {
        let place = till.device.with(|device| device.as_ref().and_then(|device| device.till.clone()));
        place.map(|till| format!("{} · {}", till.till_name, till.site_name)).unwrap_or_default()
    });
    view! {
        <Screen surface="till" class="till">
            <TopBar place tools=move || view! { <TillNav scene /> } />
            <main>
                {move || match scene.get() {
                    Scene::Unknown => view! { <div class="till-page"><Skeleton rows=6 /></div> }.into_any(),
                    Scene::NoTill => stands_in(t().no_till_title, t().no_till_text, (t().set_up, "/set-up")),
                    Scene::Nobody => stands_in(t().nobody_title, t().nobody_text, (t().choose_person, "/people")),
                    Scene::Loading(loading) => view! { <FirstLoad loading /> }.into_any(),
                    Scene::NotOpen => view! { <OpenScreen /> }.into_any(),
                    Scene::Closed(closing) => view! { <ClosedScreen closing /> }.into_any(),
                    Scene::Open => view! { <Outlet /> }.into_any(),
                }}
            </main>
            <NoticeBar />
            <p class="unseen" role="status" aria-live="polite">{till.spoken}</p>
            <PrintArea />
        </Screen>
    }
}

fn scene(till: Till) -> Scene {
    let known = till.device.with(|device| device.as_ref().map(|device| (device.till.is_some(), device.person.is_some())));
    let closed = till.state.with(|state| state.as_ref().map(|state| (state.session.is_some(), state.closed.clone())));
    match (known, closed, till.first_load.get()) {
        (None, _, _) => Scene::Unknown,
        (Some((false, _)), _, _) => Scene::NoTill,
        (Some((true, false)), _, _) => Scene::Nobody,
        (_, _, Some(loading)) => Scene::Loading(loading),
        (_, None, _) => Scene::Unknown,
        (_, Some((true, _)), _) => Scene::Open,
        (_, Some((false, Some(closing))), _) => Scene::Closed(closing),
        (_, Some((false, None)), _) => Scene::NotOpen,
    }
}

fn stands_in(title: &'static str, text: &'static str, (label, path): (&'static str, &'static str)) -> AnyView {
    let navigate = StoredValue::new_local(use_navigate());
    let go = move || navigate.with_value(|navigate| navigate(path, Default::default()));
    view! { <EmptyState icon=Icon::Till title text=text action=move || view! { <Button label kind=ButtonKind::Primary on_press=go /> } /> }.into_any()
}

/// The first load of the catalogue.
#[component]
fn FirstLoad(loading: Loading) -> impl IntoView {
    let rows = format!("{} / {}", whole(loading.rows), whole(loading.of));
    view! {
        <div class="till-page narrow first-load" role="status">
            <h1>{t().loading_title}</h1>
            <p class="soft">{t().loading_text}</p>
            <progress max=loading.of.to_string() value=loading.rows.to_string() aria-label=t().loading_title></progress>
            <p class="soft small figure">{rows}</p>
        </div>
    }
}

/// Where one can go while the till is open.
#[component]
fn TillNav(scene: Memo<Scene>) -> impl IntoView {
    // The way to selling begins every other way: it is where one is only when nothing follows.
    let entry = move |href: &'static str, label: &'static str, icon: Icon| {
        view! {
            <A href=href exact=href == "/till" attr:class="till-link" attr:title=label>
                <IconMark icon />
                <span class="till-link-words">{label}</span>
            </A>
        }
    };
    view! {
        <Show when=move || scene.get() == Scene::Open>
            <nav class="till-nav" aria-label=t().till>
                {entry("/till", t().sell, Icon::Till)}
                {entry("/till/tickets", t().tickets, Icon::Receipt)}
                {entry("/till/close", t().close_till, Icon::Drawer)}
            </nav>
        </Show>
    }
}

/// What went wrong last; it lies over the screen, so that nothing moves.
#[component]
fn NoticeBar() -> impl IntoView {
    let till = Till::expect();
    let shown = move |notice: Notice| {
        let close = move || view! { <IconButton icon=Icon::Close label=t().understood on_press=move || till.notice.set(None) /> };
        view! { <Banner tone=Tone::Bad title=notice.saying.title text=Some(notice.saying.text) code=notice.code action=close /> }
    };
    view! { <div class="till-notice no-print">{move || till.notice.get().map(shown)}</div> }
}

/// A scan works wherever the focus is; while cash is counted it is only told that it does not count.
fn hear_scans(till: Till) {
    let navigate = StoredValue::new_local(use_navigate());
    let path = use_location().pathname;
    let scanned = move |code: String| {
        let path = path.get_untracked();
        if path.starts_with("/till/close") {
            sound::sound(sound::Tone::Bad);
            till.notice.set(Some(Notice { saying: messages::scan_while_closing(&code), code: None }));
            return;
        }
        if path.trim_end_matches('/') != "/till" {
            navigate.with_value(|navigate| navigate("/till", Default::default()));
        }
        till.scan(code);
    };
    let remember = move || -> TakeBack {
        let (quantity, search, amount) = (till.quantity.get_untracked(), till.search.get_untracked(), till.amount.get_untracked());
        let field = keyboard::remember_focused_field();
        Box::new(move || {
            field();
            till.quantity.set(quantity);
            till.search.set(search);
            till.amount.set(amount);
        })
    };
    let hearing = Hearing { scanned: Box::new(scanned), remember: Box::new(remember) };
    let scanner: StoredValue<Option<Scanner>, LocalStorage> = StoredValue::new_local(Some(scanner::listen(window(), hearing)));
    on_cleanup(move || scanner.set_value(None));
}
