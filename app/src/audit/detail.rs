//! All that is known of an entry: who, from where, and each field from what to what.

use super::entries::{Entries, Names};
use super::messages::t;
use super::page::tone;
use super::query::{By, Query};
use super::words;
use crate::design::badge::Badge;
use crate::design::button::{Button, ButtonSize};
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::design::sheet::Sheet;
use crate::identity::role_name;
use crate::language::full_time;
use crate::records;
use holdfast_domain::audit::{Action, EntryView};
use holdfast_domain::resource_of;
use leptos::prelude::*;

/// The chosen entry, beside the list.
#[component]
pub fn Detail(
    /// Which; none while it is closed.
    chosen: RwSignal<Option<EntryView>>,
    /// Where the names are.
    entries: Entries,
    /// What is asked for now.
    query: Memo<Query>,
    /// Asks for something else.
    ask: Callback<Query>,
    /// Whose clock times are told by.
    zone: StoredValue<String>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(chosen.read().is_some()));
    Effect::new(move || {
        if !open.get() {
            chosen.maybe_update(|chosen| chosen.take().is_some());
        }
    });
    // While it slides away it still says what it said.
    let shown = Memo::new(move |before: Option<&Option<EntryView>>| chosen.get().or_else(|| before.cloned().flatten()));
    let title = Signal::derive(move || shown.read().as_ref().map(|entry| words::action(&entry.action)).unwrap_or_default());
    let names = entries.names();
    let narrow = Callback::new(move |wanted: Query| {
        open.set(false);
        ask.run(wanted);
    });
    let content = move || {
        shown.get().map(|entry| {
            let zone = zone.read_value();
            view! {
                <div class="stack">
                    {facts(&entry, &names.read(), &zone)}
                    {changes(&entry, &names.read(), &zone)}
                    {onward(&entry, query, narrow)}
                </div>
            }
        })
    };
    view! { <Sheet open title>{content()}</Sheet> }
}

/// Who, where, when, from where.
fn facts(entry: &EntryView, names: &Names, zone: &str) -> AnyView {
    let name_of = |id: Option<uuid::Uuid>| id.map(|id| names.get(&id).cloned().unwrap_or_else(|| id.to_string()));
    let roles = entry.roles.iter().map(|role| role_name(role)).collect::<Vec<_>>().join(", ");
    let told = [
        (t().when, Some(full_time(entry.at, zone))),
        (t().done_there, entry.done_at.map(|at| full_time(at, zone))),
        (t().who, Some(words::who(entry))),
        (t().roles, Some(roles).filter(|roles| !roles.is_empty())),
        (t().record, Some(words::record(entry))),
        (t().reason, entry.reason.clone()),
        (t().site, name_of(entry.site.map(|site| site.0))),
        (t().device, name_of(entry.device.map(|device| device.0))),
        (t().address, entry.address.clone()),
        (t().program, entry.user_agent.clone()),
    ];
    let codes = [
        (t().code, entry.code.clone()),
        (t().session, entry.session.clone()),
        (t().request, entry.request.map(|request| request.to_string())),
        (t().trace, entry.trace.clone()),
    ];
    let row = |class: &'static str| {
        move |(name, value): (&'static str, Option<String>)| value.map(|value| view! { <div><dt>{name}</dt><dd class=class>{value}</dd></div> })
    };
    let badge = tone(entry.result).map(|tone| view! { <p><Badge tone label=words::result(entry.result) /></p> });
    view! {
        {badge}
        <dl class="audit-facts">{told.into_iter().map(row("")).collect_view()}{codes.into_iter().map(row("code small")).collect_view()}</dl>
    }
    .into_any()
}

/// Each field from what to what; of an intent what was meant.
fn changes(entry: &EntryView, names: &Names, zone: &str) -> Option<AnyView> {
    if entry.changes.is_empty() {
        return None;
    }
    let is_meant = Action::from_name(&entry.action).is_none();
    let head = if is_meant {
        view! { <tr><th scope="col">{t().field}</th><th scope="col">{t().meant}</th></tr> }.into_any()
    } else {
        view! { <tr><th scope="col">{t().field}</th><th scope="col">{t().before}</th><th scope="col">{t().after}</th></tr> }.into_any()
    };
    let rows = entry.changes.iter().map(|change| {
        let (name, bare) = words::field(entry, &change.field);
        let value = |value| words::value(entry, &change.field, value, (names, zone));
        let before = (!is_meant).then(|| view! { <td>{value(&change.before)}</td> });
        view! { <tr><th scope="row" class:code=bare>{name}</th>{before}<td>{value(&change.after)}</td></tr> }
    });
    let rows = rows.collect_view();
    let label = if is_meant { t().meant } else { t().changed };
    Some(view! { <table class="audit-changes" aria-label=label><thead>{head}</thead><tbody>{rows}</tbody></table> }.into_any())
}

/// What else there is of the same person, record and device.
fn onward(entry: &EntryView, query: Memo<Query>, narrow: Callback<Query>) -> AnyView {
    let only = move |label: String, by: Vec<(By, String)>| {
        let wanted = move || by.iter().fold(query.get_untracked(), |query, (by, value)| query.with(*by, Some(value.clone())));
        view! { <Button label size=ButtonSize::Small on_press=move || narrow.run(wanted()) /> }
    };
    let them = entry.account.map(|account| only(t().only_of(words::who(entry)), vec![(By::Actor, account.to_string())]));
    let record = entry.record.map(|record| only(t().only_record.to_owned(), vec![(By::Kind, entry.kind.clone()), (By::Record, record.to_string())]));
    let device = entry.device.map(|device| only(t().only_device.to_owned(), vec![(By::Device, device.to_string())]));
    let href = entry.record.and_then(|record| match (resource_of(&entry.kind), entry.kind.as_str()) {
        (Some(resource), _) => Some(records::record_href(resource, record)),
        (None, "sales.ticket") => Some(format!("/office/tickets/{record}")),
        (None, _) => None,
    });
    let link = href.map(|href| view! { <p><Link href label=t().open_record icon=Icon::ChevronForward /></p> });
    view! { {link}<div class="audit-onward">{them}{record}{device}</div> }.into_any()
}
