//! One record: its form, what was done to it, and putting it away.

use super::beside;
use super::form::RecordForm;
use super::merging::MergeDialog;
use super::messages::t;
use super::place;
use super::presence::{OthersHere, Presence};
use super::same::{AlikeOnes, MergedInto, may_merge, merge_href};
use super::saving::Editor;
use super::timeline::RecordTimeline;
use super::{list, words};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonSize};
use crate::design::card::Card;
use crate::design::icon::{Icon, IconMark};
use crate::shell::{Fetched, Live, title};
use holdfast_domain::kernel::resource::{RecordView, Resource};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use uuid::Uuid;

/// A record that is there.
#[component]
pub fn Record(
    /// What it is one of.
    resource: &'static Resource,
    /// Which.
    id: Uuid,
) -> impl IntoView {
    let (presence, live) = Presence::at(resource, id);
    let address = format!("{}/{id}", resource.path);
    let fetched = Fetched::<RecordView>::from(move || address.clone(), live);
    fetched.show(8, move |record| view! { <Editing resource record around=(presence, live) /> })
}

#[component]
fn Editing(resource: &'static Resource, record: Signal<RecordView>, around: (Presence, Live)) -> impl IntoView {
    let (presence, live) = around;
    let editor = Editor::new(resource, Some(record.get_untracked()));
    presence.tell(editor.dirty);
    Effect::new(move || editor.heard(record.get()));
    let name = Memo::new(move |_| editor.draft.kept.with(|kept| kept.as_ref().map_or_else(String::new, |kept| called(resource, kept))));
    Effect::new(move || title(&name.read()));
    let archived = Memo::new(move |_| editor.draft.kept.with(|kept| kept.as_ref().is_some_and(|kept| kept.archived_at.is_some())));
    let may_update = editor.may(|view| view.may(&resource.rights.update));
    let may_delete = editor.may(|view| view.may(&resource.rights.delete));
    let then = Callback::new(|_: RecordView| {});
    let busy = editor.busy;
    let archive = move || {
        view! { <Button label=t().archive icon=Icon::Box disabled=Signal::derive(move || editor.dirty.get()) busy on_press=move || editor.archive() /> }
    };
    let restore =
        move || may_delete.get().then(|| view! { <Button label=t().restore size=ButtonSize::Small busy on_press=move || editor.restore() /> });
    let id = record.with_untracked(|record| record.id);
    let may_merge = editor.may(|view| may_merge(resource, view));
    // What the server tells of others moves without the record having a new version.
    let alike = RwSignal::new(Vec::new());
    Effect::new(move || alike.set(record.get().alike));
    Effect::new(move || alike.set(editor.draft.kept.get().map(|kept| kept.alike).unwrap_or_default()));
    let merged = Memo::new(move |_| editor.draft.kept.with(|kept| kept.as_ref().is_some_and(|kept| kept.merged_into.is_some())));
    let merge = move || view! { <a class="button quiet" href=merge_href(resource, id, None)><span class="button-label">{t().merge}</span></a> };
    view! {
        <header class="record-head">
            <div class="record-top"><Crumb resource /><OthersHere presence /></div>
            <div class="office-head">
                <h1>{name}</h1>
                <div class="row">
                    <Show when=move || may_merge.get() && !archived.get()>{merge()}</Show>
                    <Show when=move || may_delete.get() && !archived.get()>{archive()}</Show>
                </div>
            </div>
        </header>
        <MergedInto resource kept=editor.draft.kept restore />
        <Show when=move || archived.get() && !merged.get()>
            <Banner tone=Tone::Info title=t().is_archived text=t().is_archived_text.to_owned() action=restore />
        </Show>
        <Show when=move || !may_update.get() && !archived.get()><Banner tone=Tone::Plain title=t().read_only /></Show>
        <Show when=move || !archived.get()><AlikeOnes resource id others=alike may_merge /></Show>
        <Newer editor />
        {editor.trouble()}
        <div class="record-columns">
            <div class="record-column">
                <Card><RecordForm editor locked=Signal::derive(move || archived.get() || !may_update.get()) others=presence.editors() then /></Card>
                {beside::sections(resource, id, live)}
            </div>
            <RecordTimeline editor id live />
        </div>
        <MergeDialog editor then />
    }
}

/// Somebody else saved while something is typed here.
#[component]
fn Newer(editor: Editor) -> impl IntoView {
    let there = Memo::new(move |_| editor.newer.read().is_some());
    let compare = move || view! { <Button label=t().compare size=ButtonSize::Small on_press=move || editor.merging.set(true) /> };
    view! {
        <Show when=move || there.get()>
            <Banner tone=Tone::Attention title=t().newer_title text=t().newer_text.to_owned() action=compare />
        </Show>
    }
}

/// A form for a record that is not there yet.
#[component]
pub fn NewRecordView(
    /// What it will be one of.
    resource: &'static Resource,
) -> impl IntoView {
    title(words::one(resource));
    let editor = Editor::new(resource, None);
    let navigate = use_navigate();
    let then = Callback::new(move |made: RecordView| {
        navigate(&place::record_href(resource, made.id), NavigateOptions { replace: true, ..NavigateOptions::default() });
    });
    view! {
        <header class="record-head">
            <Crumb resource />
            <h1>{words::one(resource)}</h1>
        </header>
        {editor.trouble()}
        <div class="record-columns">
            <Card><RecordForm editor locked=false then /></Card>
        </div>
    }
}

/// The way back, to the list as it was left.
#[component]
fn Crumb(resource: &'static Resource) -> impl IntoView {
    view! { <a class="link record-crumb" href=list::as_left(resource)><IconMark icon=Icon::ArrowBack />{words::many(resource)}</a> }
}

/// What a record is called.
fn called(resource: &Resource, record: &RecordView) -> String {
    let name = record.values.get(resource.title).and_then(|name| name.as_str());
    name.filter(|name| !name.is_empty()).map_or_else(|| words::one(resource).to_owned(), str::to_owned)
}
