//! What was done to a record: who, when, and which fields from what to what.

use super::messages::t;
use super::place;
use super::saving::Editor;
use super::shown::{Names, text_or_dash};
use super::words;
use crate::design::button::{Button, ButtonSize};
use crate::design::card::Card;
use crate::design::icon::{Icon, IconMark};
use crate::language::day_and_time;
use crate::shell::{Fetched, Live, Shell, api};
use holdfast_domain::kernel::resource::{Change, Changes, Field, Resource, Timeline};
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

/// The timeline of a record, newest first.
#[component]
pub fn RecordTimeline(
    /// Who works on the record.
    editor: Editor,
    /// Which it is.
    id: Uuid,
    /// When to read again.
    live: Live,
) -> impl IntoView {
    let resource = editor.draft.resource;
    let address = format!("{}/{id}/timeline", resource.path);
    let first_page = address.clone();
    let newest = Fetched::<Timeline>::from(move || first_page.clone(), live).beside();
    // What one's own hand did is told at once.
    let version = Memo::new(move |_| editor.draft.kept.with(|kept| kept.as_ref().map(|kept| kept.version)));
    Effect::new(move |before: Option<Option<u64>>| {
        let now = version.get();
        if before.is_some_and(|before| before != now) {
            newest.ask_again();
        }
        now
    });
    let older = RwSignal::new(Vec::<Timeline>::new());
    // What slid off the newest page would stand between it and the older ones: those are read again on demand.
    Effect::new(move |before: Option<Option<Option<String>>>| {
        let now = newest.value.with(|page| page.as_ref().map(|page| page.next.clone()));
        if before.flatten().is_some_and(|before| now.as_ref().is_some_and(|now| *now != before)) {
            older.set(Vec::new());
        }
        now
    });
    let next = move || {
        older.with(|older| older.last().map(|page| page.next.clone())).unwrap_or_else(|| newest.value.with(|page| page.as_ref()?.next.clone()))
    };
    let address = StoredValue::new(address);
    let more = move || {
        let Some(after) = untrack(next) else { return };
        let path = format!("{}?after={}", address.read_value(), super::query::encoded(&after));
        spawn_local(async move {
            let Ok(page) = api::get::<Timeline>(&path).await else { return };
            if older.try_get_untracked().is_some() && untrack(next).is_some_and(|next| next == after) {
                older.update(|older| older.push(page));
            }
        });
    };
    let zone = Shell::expect()
        .session
        .with_untracked(|session| session.view().and_then(|view| view.sites.first()).map_or_else(String::new, |site| site.time_zone.clone()));
    let zone = StoredValue::new(zone);
    // What the records are called that it was merged with.
    let merged = StoredValue::new(Names::new());
    let show = move |page: Signal<Timeline>| {
        let acts = move || {
            let (page, older) = (page.read(), older.read());
            let told = std::iter::once(&*page).chain(older.iter()).flat_map(|page| page.names.clone());
            merged.update_value(|names| names.extend(told));
            let mut known = std::collections::BTreeSet::new();
            let all = page.changes.iter().chain(older.iter().flat_map(|page| &page.changes));
            all.filter(|change| known.insert(change.id)).cloned().collect::<Vec<_>>()
        };
        let act = move |change: Change| act(resource, change, &zone.read_value(), (&editor.draft.names.read_untracked(), &merged.read_value()));
        view! {
            <Show when=move || page.read().changes.is_empty()><p class="soft small">{t().nothing_done}</p></Show>
            <ol class="record-acts"><For each=acts key=|change| change.id children=act /></ol>
            <Show when=move || next().is_some()><Button label=t().show_more size=ButtonSize::Small on_press=more /></Show>
        }
    };
    view! { <Card title=t().timeline>{newest.show(4, show)}</Card> }
}

fn act(resource: &'static Resource, change: Change, zone: &str, (names, merged): (&Names, &Names)) -> AnyView {
    let (icon, what) = match change.action.as_str() {
        "create" => (Icon::Plus, t().act_create),
        "update" => (Icon::Refresh, t().act_update),
        "archive" => (Icon::Box, t().act_archive),
        "restore" => (Icon::Undo, t().act_restore),
        "merge" => (Icon::Person, t().merged_now),
        _ => (Icon::Info, t().act_update),
    };
    let what = merged_with(resource, &change, merged).unwrap_or_else(|| what.into_any());
    let who = change.name.unwrap_or_else(|| t().the_server.to_owned());
    // All of what a record began with stands on the form.
    let told = change.changes.into_iter().filter(|_| matches!(change.action.as_str(), "update" | "merge"));
    let changes = told.filter_map(|changes| one(resource, &changes, names)).collect_view();
    view! {
        <li class="record-act">
            <span class="record-act-icon"><IconMark icon /></span>
            <div class="record-act-text">
                <span class="record-act-what">{what}</span>
                <span class="record-act-note">{who}" · "<time>{day_and_time(change.at, zone)}</time></span>
                {change.reason.map(|reason| view! { <span class="record-act-note">{reason}</span> })}
                <dl class="record-changes">{changes}</dl>
            </div>
        </li>
    }
    .into_any()
}

/// Of a merge, with which record: it leads there.
fn merged_with(resource: &'static Resource, change: &Change, merged: &Names) -> Option<AnyView> {
    let said = |field: &str| change.changes.iter().find(|change| change.field == field)?.after.as_str()?.parse::<Uuid>().ok();
    let (from, into) = (said("merged_from"), said("merged_into"));
    let other = from.or(into)?;
    let name = merged.get(&other).cloned().unwrap_or_else(|| t().another_record.to_owned());
    let words = if from.is_some() { t().act_merge_from(name) } else { t().act_merge_into(name) };
    Some(view! { <a class="link" href=place::record_href(resource, other)>{words}</a> }.into_any())
}

/// The part of an address that was a field of its own, before there were addresses; the list of contacts, before there were several.
fn formerly(resource: &Resource, name: &str) -> Option<&'static Field> {
    let part = if name == "street" { "line1" } else { name };
    if name == "contact" {
        return resource.field("contacts");
    }
    resource.leaves().find(|leaf| leaf.part_of.is_some() && leaf.key() == part)
}

fn one(resource: &'static Resource, changes: &Changes, names: &Names) -> Option<AnyView> {
    let field = resource.named(&changes.field).or_else(|| formerly(resource, &changes.field))?;
    let (before, after) = (text_or_dash(resource, field, &changes.before, names), text_or_dash(resource, field, &changes.after, names));
    let aloud = t().became(&before, &after);
    Some(
        view! {
            <div>
                <dt>{words::field(resource, field)}</dt>
                <dd>
                    <span class="unseen">{aloud}</span>
                    <span aria-hidden="true"><del>{before}</del>" → "<ins>{after}</ins></span>
                </dd>
            </div>
        }
        .into_any(),
    )
}
