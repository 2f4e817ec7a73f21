//! The list of a resource: searched, narrowed, sorted, and read again when something changed.

use super::bulk::{Bulk, BulkBar};
use super::filters::{ColumnChoice, Filters};
use super::messages::t;
use super::query::Query;
use super::rows::Rows;
use super::views::{ViewMenu, Views};
use super::{columns, file, place, reach, shown, words};
use crate::design::button::{Button, ButtonKind};
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::field::fresh_id;
use crate::design::icon::{Icon, IconMark};
use crate::design::table::{Column, Scrolling, Sorting, Table};
use crate::shell::{Live, Shell};
use holdfast_domain::kernel::resource::{Field, MOST_COUNTED, RecordView, Resource, of_leaf};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

/// Between the last key and the question.
const PAUSE: Duration = Duration::from_millis(250);
/// Columns beside these go where the screen is narrow.
const ON_A_PHONE: usize = 2;

thread_local! {
    /// How each list was left, for the way back from a record.
    static LEFT: RefCell<BTreeMap<&'static str, String>> = const { RefCell::new(BTreeMap::new()) };
}

/// The address of the list as it was left.
pub fn as_left(resource: &'static Resource) -> String {
    let query = LEFT.with_borrow(|left| left.get(resource.kind).cloned()).unwrap_or_default();
    format!("{}{query}", place::list_href(resource))
}

/// The list.
#[component]
pub fn RecordList(
    /// Of what.
    resource: &'static Resource,
) -> impl IntoView {
    let query = asked(resource);
    let navigate = use_navigate();
    let ask = Callback::new(move |wanted: Query| {
        let options = NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&format!("{}{}", place::list_href(resource), wanted.of_page()), options);
    });
    let rows = Rows::of(resource, query, Live::listen());
    let all = rows.all();
    let bulk = Bulk::of(resource, query, rows, all);
    let kept = RwSignal::new(columns::kept(resource));
    let views = Views::of(resource, (query, ask), kept);
    let may = |permission| Shell::expect().session.with_untracked(|session| session.view().is_some_and(|view| view.may(permission)));
    let rights = &resource.rights;
    let may_create = may(&rights.create);
    let may_import = Shell::expect().session.with_untracked(|session| session.view().is_some_and(|view| place::may_import(resource, view)));
    let may_export = may(&rights.export);
    let file = move |kind: &'static str, label: &'static str| {
        view! { <a class="button quiet" href=move || query.read().file(resource, kind) download="" rel="external"><span class="button-label">{label}</span></a> }
    };
    let to_new = use_navigate();
    let add = Callback::new(move |()| to_new(&place::new_href(resource), NavigateOptions::default()));
    let add_button = move || view! { <Button label=t().add icon=Icon::Plus kind=ButtonKind::Primary on_press=add /> };
    let total = move || rows.first.value.with(|page| page.as_ref().and_then(|page| page.total)).map(counted);
    view! {
        <header class="office-head">
            <div class="records-title"><h1>{words::many(resource)}</h1><span class="soft small" role="status">{total}</span></div>
            <div class="row">
                {may_export.then(|| view! { {file("csv", t().export)} {file("xlsx", t().export_workbook)} })}
                {may_import.then(|| view! { <a class="button quiet" href=place::import_href(resource)><span class="button-label">{t().import}</span></a> })}
                {may_create.then(add_button)}
            </div>
        </header>
        <div class="records-tools">
            <ViewMenu views />
            <SearchBox query ask />
            <Filters resource query ask />
            <ColumnChoice resource kept />
        </div>
        <Card flush=true>
            {rows.first.show(8, move |_| view! { <Listed resource query ask rows all kept bulk add=may_create.then_some(add) /> })}
        </Card>
        {bulk.map(|bulk| view! { <BulkBar bulk /> })}
    }
}

/// How many there are; more than the server counts are told as such.
fn counted(total: u64) -> String {
    if total > MOST_COUNTED { t().more_than(crate::language::whole(MOST_COUNTED)) } else { t().count(total) }
}

/// What the address asks for, as long as it is this list's.
fn asked(resource: &'static Resource) -> Memo<Query> {
    let location = use_location();
    let here = place::list_href(resource);
    Memo::new(move |before: Option<&Query>| {
        let query = location.query.get();
        match before {
            Some(before) if *location.pathname.read() != here => before.clone(),
            _ => {
                let read = |name: &str| resource.leaf(name).is_none_or(|field| reach::reads(resource, field));
                let query = Query::read(resource, |name| query.get(name)).within(read);
                LEFT.with_borrow_mut(|left| left.insert(resource.kind, query.of_page()));
                query
            }
        }
    })
}

#[component]
fn SearchBox(query: Memo<Query>, ask: Callback<Query>) -> impl IntoView {
    let id = fresh_id();
    let text = RwSignal::new(query.with_untracked(|query| query.search.clone()));
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    // Another address brings another search; one's own words are already there.
    let searched = Memo::new(move |_| query.read().search.clone());
    Effect::new(move || {
        let searched = searched.get();
        if text.read_untracked().trim() != searched {
            text.set(searched);
        }
    });
    let search = move || {
        let (Some(text), Some(now)) = (text.try_get_untracked(), query.try_get_untracked()) else { return };
        if now.search != text.trim() {
            ask.run(Query { search: text.trim().to_owned(), ..now });
        }
    };
    let typed = move |event| {
        text.set(event_target_value(&event));
        if let Some(waiting) = waiting.get_value() {
            waiting.clear();
        }
        waiting.set_value(set_timeout_with_handle(search, PAUSE).ok());
    };
    view! {
        <div class="records-search" role="search">
            <label class="unseen" for=id.clone()>{t().search}</label>
            <IconMark icon=Icon::Search />
            <input id=id class="control" type="search" placeholder=t().search autocomplete="off" spellcheck="false" prop:value=text on:input=typed />
        </div>
    }
}

#[component]
fn Listed(
    resource: &'static Resource,
    query: Memo<Query>,
    ask: Callback<Query>,
    rows: Rows,
    all: Memo<Vec<RecordView>>,
    kept: RwSignal<Option<String>>,
    bulk: Option<Bulk>,
    add: Option<Callback<()>>,
) -> impl IntoView {
    let more = rows.more();
    let fields = Memo::new(move |_| {
        let mut fields = columns::shown(resource, kept.read().as_deref());
        fields.retain(|field| reach::shows(resource, field));
        fields
    });
    let sorting = Sorting {
        by: Signal::derive(move || query.read().order(resource)),
        press: Callback::new(move |field| ask.run(query.get_untracked().pressed(resource, field))),
    };
    let scrolling = Scrolling { drawn: rows.drawn, near_end: Callback::new(move |()| rows.read_more()) };
    // Another list begins at its top.
    Effect::new(move |before: Option<()>| {
        query.track();
        if let Some(frame) = document().query_selector(".records-rows .table-frame").ok().flatten().filter(|_| before.is_some()) {
            frame.set_scroll_top(0);
        }
    });
    let table = move || {
        let columns = fields.get().into_iter().enumerate().map(|(at, field)| column(resource, field, at)).collect();
        let href = std::sync::Arc::new(move |record: &RecordView| place::record_href(resource, record.id));
        let href: crate::design::table::RowHref<RecordView> = href;
        let choosing = bulk.map(Bulk::choosing);
        view! { <Table label=words::many(resource) columns rows=all key href sorting scrolling choosing=choosing /> }
    };
    let empty = move || view! { <Nothing resource query ask add /> };
    view! {
        <div class="records-rows" class:outdated=move || rows.first.outdated.get() aria-busy=move || if rows.first.outdated.get() { "true" } else { "false" }>
            <Show when=move || !all.read().is_empty() fallback=empty>
                {table}
                <Show when=move || more.get()>
                    <div class="table-more"><Button label=t().show_more busy=rows.busy on_press=move || rows.read_more() /></div>
                </Show>
            </Show>
        </div>
    }
}

/// Nothing is here, and what to do about it.
#[component]
fn Nothing(resource: &'static Resource, query: Memo<Query>, ask: Callback<Query>, add: Option<Callback<()>>) -> impl IntoView {
    move || {
        let now = query.get();
        let icon = place::icon(resource);
        if now.narrows() {
            let clear = move || ask.run(query.get_untracked().widened());
            let action = move || view! { <Button label=t().clear_all on_press=clear /> };
            view! { <EmptyState icon=Icon::Search title=t().nothing_found text=t().nothing_found_text.to_owned() action /> }.into_any()
        } else if now.archived {
            view! { <EmptyState icon title=t().nothing_archived /> }.into_any()
        } else {
            let text = add.map(|_| t().nothing_here_text.to_owned());
            view! { <EmptyState icon title=t().nothing_here text /> }.into_any()
        }
    }
}

fn column(resource: &'static Resource, field: &'static Field, at: usize) -> Column<RecordView> {
    let cell = move |record: &RecordView| {
        let text = || shown::cell(resource, field, of_leaf(&record.values, field).unwrap_or(&Value::Null), &record.names);
        file::cell(resource, field, record).unwrap_or_else(text)
    };
    let title = words::field(resource, field);
    let column = if shown::is_figure(field.shape) { Column::figures(title, cell) } else { Column::words(title, cell) };
    // An address is sorted by its city.
    let key = if field.parts.is_empty() { Some(field) } else { field.parts.iter().find(|part| part.sorted) };
    let key = key.filter(|key| key.sorted && reach::reads(resource, field));
    let column = if let Some(key) = key { column.sorted_by(key.name) } else { column };
    if at < ON_A_PHONE { column } else { column.minor() }
}

/// A row is drawn anew when what it shows changes.
fn key(record: &RecordView) -> String {
    let names = record.names.values().map(String::as_str).collect::<Vec<_>>().join(",");
    format!("{}:{}:{names}", record.id, record.version)
}
