//! `/office/audit`: who did what, newest first.

use super::detail::Detail;
use super::entries::Entries;
use super::filters::Filters;
use super::messages::t;
use super::query::Query;
use super::words;
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::button::Button;
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::design::table::{Column, Table};
use crate::language::day_and_time;
use crate::shell::{OfficeFrame, Shell, title};
use holdfast_domain::audit::{EXPORT, EntryView, Outcome};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

const HERE: &str = "/office/audit";

/// The screen.
#[component]
pub fn AuditPage() -> impl IntoView {
    title(t().audit);
    view! { <OfficeFrame><Audit /></OfficeFrame> }
}

#[component]
fn Audit() -> impl IntoView {
    let (may_export, zone) = Shell::expect().session.with_untracked(|session| {
        let view = session.view();
        (
            view.is_some_and(|view| view.may(&EXPORT)),
            view.and_then(|view| view.sites.first()).map_or_else(|| "UTC".to_owned(), |site| site.time_zone.clone()),
        )
    });
    let zone = StoredValue::new(zone);
    let query = asked();
    let navigate = use_navigate();
    let ask = Callback::new(move |wanted: Query| {
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&format!("{HERE}{}", wanted.of_page()), options);
    });
    let entries = Entries::of(query, zone);
    let chosen = RwSignal::new(None::<EntryView>);
    let file = move || query.read().file(&zone.read_value());
    view! {
        <header class="office-head">
            <h1>{t().audit}</h1>
            {may_export.then(|| view! { <a class="button quiet" href=file download="" rel="external"><span class="button-label">{t().file}</span></a> })}
        </header>
        <Filters query ask entries />
        <Card flush=true>{entries.first.show(8, move |_| view! { <Listed query ask entries zone chosen /> })}</Card>
        <Detail chosen entries query ask zone />
    }
}

/// What the address asks for, as long as it is this page's.
fn asked() -> Memo<Query> {
    let location = use_location();
    Memo::new(move |before: Option<&Query>| {
        let query = location.query.get();
        match before {
            Some(before) if *location.pathname.read() != HERE => before.clone(),
            _ => Query::read(|name| query.get(name)),
        }
    })
}

#[component]
fn Listed(
    query: Memo<Query>,
    ask: Callback<Query>,
    entries: Entries,
    zone: StoredValue<String>,
    chosen: RwSignal<Option<EntryView>>,
) -> impl IntoView {
    let (all, names, more) = (entries.all(), entries.names(), entries.more());
    let name_of = move |id: Option<uuid::Uuid>| id.and_then(|id| names.read().get(&id).cloned()).unwrap_or_default();
    let when = move |entry: &EntryView| {
        let (shown, at) = (entry.clone(), day_and_time(entry.at, &zone.read_value()));
        view! { <button type="button" class="row-link audit-open" aria-haspopup="dialog" on:click=move |_| chosen.set(Some(shown.clone()))>{at}</button> }
    };
    let columns = StoredValue::new(vec![
        Column::words(t().when, when),
        Column::words(t().what, what),
        Column::words(t().who, words::who),
        Column::words(t().record, words::record).minor(),
        Column::words(t().site, move |entry: &EntryView| name_of(entry.site.map(|site| site.0))).minor(),
        Column::words(t().device, move |entry: &EntryView| name_of(entry.device.map(|device| device.0))).minor(),
    ]);
    let table = move || view! { <Table label=t().audit columns=columns.get_value() rows=all key /> };
    let label = Signal::derive(move || if all.read().is_empty() { t().look_on } else { t().show_more }.to_owned());
    view! {
        <div class="audit-rows" class:outdated=move || entries.first.outdated.get() aria-busy=move || if entries.first.outdated.get() { "true" } else { "false" }>
            <Show when=move || !all.read().is_empty() fallback=move || view! { <Nothing query ask more /> }>{table}</Show>
            <Show when=move || more.get()>
                <div class="table-more"><Button label busy=entries.busy on_press=move || entries.read_more() /></div>
            </Show>
        </div>
    }
}

/// What was done, and on a narrow screen to what.
fn what(entry: &EntryView) -> AnyView {
    let badge = tone(entry.result).map(|tone| view! { " "<Badge tone label=words::result(entry.result) /> });
    view! { <span>{words::action(&entry.action)}</span>{badge}<span class="audit-narrow soft small">{words::record(entry)}</span> }.into_any()
}

/// None for what went as it should.
pub const fn tone(result: Outcome) -> Option<Tone> {
    match result {
        Outcome::Done => None,
        Outcome::Failed | Outcome::Held => Some(Tone::Attention),
        Outcome::Refused => Some(Tone::Bad),
    }
}

/// Nothing is here, and what to do about it.
#[component]
fn Nothing(query: Memo<Query>, ask: Callback<Query>, more: Memo<bool>) -> impl IntoView {
    move || {
        if more.get() {
            return view! { <EmptyState icon=Icon::Clock title=t().nothing_yet text=t().nothing_yet_text.to_owned() /> }.into_any();
        }
        if query.read().narrows() {
            let action = move || view! { <Button label=t().clear_all on_press=move || ask.run(Query::default()) /> };
            return view! { <EmptyState icon=Icon::Search title=t().nothing_found text=t().nothing_found_text.to_owned() action /> }.into_any();
        }
        view! { <EmptyState icon=Icon::Clock title=t().nothing_here text=t().nothing_here_text.to_owned() /> }.into_any()
    }
}

/// Names come with the page that the entry came with.
fn key(entry: &EntryView) -> String {
    entry.id.to_string()
}
