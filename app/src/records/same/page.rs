//! `/office/:module/:plural/:id/merge?with=<id>`: the record that stays, the one that is archived for it, and for each field which value is kept.

use super::choice::{Choice, Side, choices};
use super::{merge_href, same_fields};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind};
use crate::design::card::Card;
use crate::design::field::{FieldFrame, fresh_id};
use crate::design::icon::{Icon, IconMark};
use crate::design::toast::{ToastKind, Toasts};
use crate::records::control::Control;
use crate::records::draft::{Draft, Entry};
use crate::records::messages::{not_saved, t};
use crate::records::reference::ReferenceInput;
use crate::records::shown::{Names, text_or_dash};
use crate::records::{place, reach, words};
use crate::shell::api::{self, ApiFailure, Versioned};
use crate::shell::{Fetched, Live, Shell, title};
use holdfast_domain::identity::Access;
use holdfast_domain::kernel::resource::{Field, MergeRecords as Asked, RecordView, Resource};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What the other record is chosen in.
static OTHER: Field = Field::of::<String>("with");

/// The page.
#[component]
pub fn MergeRecords(
    /// What both are.
    resource: &'static Resource,
    /// The one that stays.
    id: Uuid,
) -> impl IntoView {
    title(t().merge_page_title);
    let query = use_query_map();
    let with = Memo::new(move |_| query.read().get("with").and_then(|with| with.parse::<Uuid>().ok()).filter(|with| *with != id));
    let live = Live::listen();
    let address = format!("{}/{id}", resource.path);
    let stays = Fetched::<RecordView>::from(move || address.clone(), live);
    let shown = move |record: Signal<RecordView>| {
        move || match with.get() {
            Some(with) => view! { <Pair resource stays=record again=stays with live /> }.into_any(),
            None => view! { <ChooseOther resource record /> }.into_any(),
        }
    };
    view! {
        <header class="record-head">
            <a class="link record-crumb" href=place::record_href(resource, id)><IconMark icon=Icon::ArrowBack />{words::one(resource)}</a>
            <div class="office-head"><h1>{t().merge_page_title}</h1></div>
            <p class="soft">{t().merge_page_text}</p>
        </header>
        {stays.show(6, shown)}
    }
}

/// The other one is not said yet.
#[component]
fn ChooseOther(resource: &'static Resource, record: Signal<RecordView>) -> impl IntoView {
    let id = record.with_untracked(|record| record.id);
    let draft = Draft::new(resource, None, |_| Access::Write);
    let entry = Entry {
        field: &OTHER,
        access: Access::Write,
        value: RwSignal::new(Value::Null),
        typing: RwSignal::new(String::new()),
        wrong: RwSignal::new(None),
    };
    let navigate = use_navigate();
    let itself = RwSignal::new(false);
    Effect::new(move || {
        let Some(with) = entry.value.with(|value| value.as_str().and_then(|with| with.parse::<Uuid>().ok())) else { return };
        itself.set(with == id);
        if with != id {
            navigate(&merge_href(resource, id, Some(with)), NavigateOptions::default());
        }
    });
    let error = Signal::derive(move || itself.get().then(|| t().merge_itself.to_owned()));
    let control = Control { draft, entry, locked: Signal::stored(false) };
    let line = fresh_id();
    let likely = move |other: holdfast_domain::kernel::resource::Alike| {
        let (href, same) = (merge_href(resource, id, Some(other.id)), t().alike_text(same_fields(resource, &other)));
        view! { <li><a class="link" href=href>{other.name}</a><span class="soft small">{same}</span></li> }
    };
    view! {
        <div class="merge-page">
        <Card>
            <div class="merge-choose">
                <ul class="merge-likely">{move || record.read().alike.clone().into_iter().map(likely).collect_view()}</ul>
                <FieldFrame id=line.clone() label=t().merge_with hint=Some(t().merge_with_hint.to_owned()) error required=true>
                    <ReferenceInput control id=line.clone() kind=resource.kind />
                </FieldFrame>
            </div>
        </Card>
        </div>
    }
}

/// Both are there: which value of each field?
#[component]
fn Pair(resource: &'static Resource, stays: Signal<RecordView>, again: Fetched<RecordView>, with: Uuid, live: Live) -> impl IntoView {
    let address = format!("{}/{with}", resource.path);
    let goes = Fetched::<RecordView>::from(move || address.clone(), live);
    let work = Work::on(resource, (again, goes));
    goes.show(6, move |goes| view! { <Comparison work stays goes /> })
}

/// Somebody merges two records.
#[derive(Clone, Copy)]
struct Work {
    resource: &'static Resource,
    both: (Fetched<RecordView>, Fetched<RecordView>),
    /// What was chosen otherwise than usual, by field: it stays when one of them is read anew.
    sides: RwSignal<BTreeMap<&'static str, Side>>,
    busy: RwSignal<bool>,
    failure: RwSignal<Option<String>>,
    shell: Shell,
    toasts: Toasts,
}

impl Work {
    fn on(resource: &'static Resource, both: (Fetched<RecordView>, Fetched<RecordView>)) -> Self {
        Self {
            resource,
            both,
            sides: RwSignal::default(),
            busy: RwSignal::new(false),
            failure: RwSignal::new(None),
            shell: Shell::expect(),
            toasts: Toasts::expect(),
        }
    }

    /// The side that is kept of a field.
    fn side(self, choice: &Choice) -> Side {
        self.sides.with(|sides| sides.get(choice.field.name).copied()).unwrap_or_else(|| choice.usual())
    }

    fn choose(self, choice: &Choice, side: Side) {
        self.sides.update(|sides| {
            sides.insert(choice.field.name, side);
        });
    }

    /// Merges them as it is shown; what somebody changed meanwhile is looked at first.
    fn merge(self, (stays, goes): (&RecordView, &RecordView), take: Vec<String>, then: impl FnOnce(RecordView) + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failure.set(None);
        let (path, version) = (format!("{}/{}/merge", self.resource.path, stays.id), stays.version);
        let asked = Asked { from: goes.id, from_version: goes.version, take, reason: None };
        let csrf = self.shell.session.with_untracked(|session| session.view().map(|view| view.csrf.clone()));
        spawn_local(async move {
            let answer = api::change::<_, RecordView>(&path, &asked, Versioned { version, post: true, csrf: csrf.as_deref() }).await;
            if self.busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(one) => {
                    self.toasts.say(ToastKind::Good, t().merged_now);
                    then(one);
                }
                Err(failure) => self.refused(&failure),
            }
        });
    }

    fn refused(self, failure: &ApiFailure) {
        if matches!(failure, ApiFailure::Problem(problem) if matches!(problem.status, 409 | 412)) {
            self.both.0.ask_again();
            self.both.1.ask_again();
        }
        self.failure.set(Some(if failure.is_signed_out() { "signed_out".to_owned() } else { failure.code().to_owned() }));
    }

    fn trouble(self) -> impl IntoView {
        move || {
            self.failure.get().map(|code| {
                let (title, text) = not_saved(&code);
                view! { <Banner tone=Tone::Bad title text=text.to_owned() code /> }
            })
        }
    }
}

#[component]
fn Comparison(work: Work, stays: Signal<RecordView>, goes: Signal<RecordView>) -> impl IntoView {
    let resource = work.resource;
    let navigate = use_navigate();
    let then = Callback::new(move |one: RecordView| {
        navigate(&place::record_href(resource, one.id), NavigateOptions { replace: true, ..NavigateOptions::default() });
    });
    let shown = move || {
        let (stays, goes) = (stays.get(), goes.get());
        if let Some(gone) = [&stays, &goes].into_iter().find(|record| record.archived_at.is_some()) {
            let name = called(resource, gone);
            return view! { <Banner tone=Tone::Info title=t().merge_archived(name) text=t().merge_archived_text.to_owned() /> }.into_any();
        }
        let write = |field: &Field| reach::on_form(resource, false, field).writes();
        let found = choices(resource, (&stays.values, &goes.values), write);
        let names: Names = stays.names.clone().into_iter().chain(goes.names.clone()).collect();
        let none = found.is_empty().then(|| view! { <p class="soft">{t().merge_all_same}</p> });
        let rows = found.iter().map(|choice| row(work, choice, &names)).collect_view();
        let (to_turn, heads) = (merge_href(resource, goes.id, Some(stays.id)), heads(resource, &stays, &goes));
        let merge = move || {
            let taken = |choice: &&Choice| untrack(|| work.side(choice)) == Side::Goes;
            let take = found.iter().filter(taken).map(|choice| choice.field.name.to_owned()).collect();
            work.merge((&stays, &goes), take, move |one| then.run(one));
        };
        view! {
            <Card>
                {heads}
                {none}
                <div class="merge-rows">{rows}</div>
                <div class="dialog-actions">
                    <a class="button quiet" href=to_turn><span class="button-label">{t().merge_turn}</span></a>
                    <Button label=t().merge_now kind=ButtonKind::Primary busy=work.busy on_press=merge />
                </div>
            </Card>
        }
        .into_any()
    };
    view! { <div class="merge-page stack">{work.trouble()}{shown}</div> }
}

/// Which of the two stays.
fn heads(resource: &'static Resource, stays: &RecordView, goes: &RecordView) -> AnyView {
    let head = |word: &'static str, record: &RecordView| {
        let (href, name) = (place::record_href(resource, record.id), called(resource, record));
        view! { <div class="merge-head"><span class="merge-whose">{word}</span><a class="link" href=href>{name}</a></div> }
    };
    view! { <div class="merge-heads">{head(t().merge_stays, stays)}{head(t().merge_goes, goes)}</div> }.into_any()
}

fn row(work: Work, choice: &Choice, names: &Names) -> AnyView {
    let (resource, group) = (work.resource, fresh_id());
    let kept = StoredValue::new(choice.clone());
    let side = |side: Side| {
        let word = if side == Side::Stays { t().merge_stays } else { t().merge_goes };
        let (value, group) = (text_or_dash(resource, choice.field, choice.of(side), names), group.clone());
        view! {
            <label class="merge-side">
                <input type="radio" name=group prop:checked=move || kept.with_value(|choice| work.side(choice)) == side on:change=move |_| kept.with_value(|choice| work.choose(choice, side)) />
                <span class="merge-whose">{word}</span>
                <span class="merge-value">{value}</span>
            </label>
        }
    };
    view! { <fieldset class="merge-row"><legend>{words::field(resource, choice.field)}</legend>{side(Side::Stays)}{side(Side::Goes)}</fieldset> }
        .into_any()
}

fn called(resource: &Resource, record: &RecordView) -> String {
    record.values.get(resource.title).and_then(Value::as_str).unwrap_or_default().to_owned()
}
