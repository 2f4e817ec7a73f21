//! The chips above the entries: one for each thing that they are narrowed by.

use super::entries::Entries;
use super::messages::t;
use super::query::{By, Query};
use super::words::{self, INTENTS, OTHER_KINDS};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::field::{FieldFrame, fresh_id};
use crate::design::icon::{Icon, IconMark};
use crate::design::popover::Popover;
use crate::language::day_in_words;
use crate::shell::Shell;
use holdfast_domain::RESOURCES;
use holdfast_domain::audit::{Action, Outcome};
use holdfast_domain::kernel::Day;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Something to narrow to.
type Choice = (String, String);

/// The chips.
#[component]
pub fn Filters(
    /// What is asked for.
    query: Memo<Query>,
    /// Asks for something else.
    ask: Callback<Query>,
    /// What was read: people and devices are chosen among these.
    entries: Entries,
) -> impl IntoView {
    // Whoever was read once can be chosen, also when a narrower list has nobody else.
    let people = seen(entries, |entry| Some((entry.account?.to_string(), entry.name.clone()?)));
    let names = entries.names();
    let devices = seen(entries, move |entry| Some((entry.device?.to_string(), names.read().get(&entry.device?.0)?.clone())));
    let sites = Shell::expect().session.with_untracked(|session| session.view().map(|view| view.sites.clone())).unwrap_or_default();
    let sites: Vec<Choice> = sites.into_iter().map(|site| (site.id.to_string(), site.name)).collect();
    let some_sites = !sites.is_empty();
    let fixed = |choices: Vec<Choice>| Signal::stored(choices);
    view! {
        <div class="audit-filters filter-chips" role="group" aria-label=t().filters>
            <Chip name=t().who by=By::Actor choices=people empty=t().nobody_read query ask />
            <Chip name=t().what by=By::Action choices=fixed(actions()) empty="" query ask />
            <Chip name=t().record by=By::Kind choices=fixed(kinds()) empty="" query ask />
            {some_sites.then(|| view! { <Chip name=t().site by=By::Site choices=fixed(sites) empty="" query ask /> })}
            <Days query ask />
            <Chip name=t().device by=By::Device choices=devices empty=t().no_device_read query ask />
            <Chip name=t().result by=By::Result choices=fixed(results()) empty="" query ask />
            <OneRecord query ask />
        </div>
    }
}

/// What entries named so far, by name.
fn seen(entries: Entries, of: impl Fn(&holdfast_domain::audit::EntryView) -> Option<Choice> + Send + Sync + 'static) -> Signal<Vec<Choice>> {
    let all = entries.all();
    let known = Memo::new(move |before: Option<&BTreeMap<String, String>>| {
        let mut known = before.cloned().unwrap_or_default();
        known.extend(all.read().iter().filter_map(&of));
        known
    });
    Signal::derive(move || {
        let mut choices: Vec<Choice> = known.get().into_iter().collect();
        choices.sort_by(|(_, one), (_, other)| one.cmp(other));
        choices
    })
}

/// What people did in the office, then what they do on documents.
fn actions() -> Vec<Choice> {
    let all = Action::ALL.into_iter().map(Action::name).chain(INTENTS);
    all.map(|name| (name.to_owned(), words::action(name))).collect()
}

fn kinds() -> Vec<Choice> {
    let all = RESOURCES.iter().map(|resource| resource.kind).chain(OTHER_KINDS);
    all.map(|kind| (kind.to_owned(), words::kind(kind))).collect()
}

fn results() -> Vec<Choice> {
    Outcome::ALL.into_iter().map(|outcome| (outcome.name().to_owned(), words::result(outcome).to_owned())).collect()
}

#[component]
fn Chip(
    name: &'static str,
    by: By,
    #[prop(into)] choices: Signal<Vec<Choice>>,
    /// Said where there is nothing to choose.
    empty: &'static str,
    query: Memo<Query>,
    ask: Callback<Query>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let now = Memo::new(move |_| query.read().get(by).map(str::to_owned));
    let called = move |value: String| choices.read().iter().find(|(known, _)| *known == value).map_or(value, |(_, label)| label.clone());
    let label = Signal::derive(move || now.get().map_or_else(|| name.to_owned(), |value| format!("{name}: {}", called(value))));
    let press = move |value: &str| {
        open.set(false);
        let chosen = now.get_untracked().as_deref() == Some(value);
        ask.run(query.get_untracked().with(by, (!chosen).then(|| value.to_owned())));
    };
    let choice = move |(value, label): Choice| {
        let of = value.clone();
        let chosen = Signal::derive(move || now.read().as_deref() == Some(of.as_str()));
        view! {
            <button type="button" class="filter-choice" aria-pressed=move || if chosen.get() { "true" } else { "false" } on:click=move |_| press(&value)>
                <span>{label}</span>
                <Show when=move || chosen.get()><IconMark icon=Icon::Check /></Show>
            </button>
        }
    };
    let panel = move || match choices.get() {
        none if none.is_empty() => view! { <p class="soft small">{empty}</p> }.into_any(),
        some => view! { <div class="filter-choices audit-choices">{some.into_iter().map(choice).collect_view()}</div> }.into_any(),
    };
    view! { <Popover label chosen=Signal::derive(move || now.read().is_some()) open>{panel()}</Popover> }
}

/// From which day to which.
#[component]
fn Days(query: Memo<Query>, ask: Callback<Query>) -> impl IntoView {
    let open = RwSignal::new(false);
    let now = Memo::new(move |_| {
        let day = |by| query.read().get(by).map(str::to_owned);
        (day(By::From), day(By::To))
    });
    let label = Signal::derive(move || {
        let said = |day: Option<String>| day.and_then(|day| day.parse::<Day>().ok()).map(day_in_words);
        match now.get() {
            (None, None) => t().days.to_owned(),
            (from, to) => format!("{}: {} – {}", t().days, said(from).unwrap_or_default(), said(to).unwrap_or_default()),
        }
    });
    let narrow = Callback::new(move |(from, to): (Option<String>, Option<String>)| {
        open.set(false);
        ask.run(query.get_untracked().with(By::From, from).with(By::To, to));
    });
    let panel = move || view! { <DaysPanel now=now.get_untracked() narrow /> };
    view! { <Popover label chosen=Signal::derive(move || now.get() != (None, None)) open>{panel()}</Popover> }
}

#[component]
fn DaysPanel(now: (Option<String>, Option<String>), narrow: Callback<(Option<String>, Option<String>)>) -> impl IntoView {
    let some = now != (None, None);
    let (from, to) = (RwSignal::new(now.0.unwrap_or_default()), RwSignal::new(now.1.unwrap_or_default()));
    let said = |day: RwSignal<String>| Some(day.get_untracked()).filter(|day| !day.is_empty());
    let apply = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        narrow.run((said(from), said(to)));
    };
    let day = |label: &'static str, value: RwSignal<String>| {
        let id = fresh_id();
        view! {
            <FieldFrame id=id.clone() label>
                <input id=id.clone() class="control" type="date" aria-describedby=format!("{id}-note") prop:value=value on:input=move |event| value.set(event_target_value(&event)) />
            </FieldFrame>
        }
    };
    view! {
        <form class="stack tight" on:submit=apply>
            {day(t().first_day, from)}
            {day(t().last_day, to)}
            <div class="row end">
                {some.then(|| view! { <Button label=t().clear kind=ButtonKind::Quiet size=ButtonSize::Small on_press=move || narrow.run((None, None)) /> })}
                <Button label=t().apply size=ButtonSize::Small submit=true />
            </div>
        </form>
    }
}

/// That the list is of one record alone; pressed, it is of its kind again.
#[component]
fn OneRecord(query: Memo<Query>, ask: Callback<Query>) -> impl IntoView {
    let is_one = move || query.read().get(By::Record).is_some();
    let widen = move |_| ask.run(query.get_untracked().with(By::Record, None));
    view! {
        <Show when=is_one>
            <button type="button" class="popover-button chosen" aria-pressed="true" on:click=widen>
                <span>{t().one_record}</span>
                <IconMark icon=Icon::Close />
            </button>
        </Show>
    }
}
