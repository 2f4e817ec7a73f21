//! What one role lets do: what may be done with records and how far that reaches their fields, and what else there is.

use super::called;
use super::messages::{action, not_kept, permission, t};
use super::within::{Choosing, which_records};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind};
use crate::design::card::Card;
use crate::design::field::{Choice, SelectField, TextField, fresh_id};
use crate::design::icon::{Icon, IconMark};
use crate::design::toast::{ToastKind, Toasts};
use crate::device::ids;
use crate::records::{field_name, record_names};
use crate::shell::api::{self, Versioned};
use crate::shell::{Shell, title};
use holdfast_domain::RESOURCES;
use holdfast_domain::identity::{Access, FieldRules, NewRole, Permission, RoleChange, RoleTerms, RoleView, Scope, Within};
use holdfast_domain::kernel::resource::{Field, Resource};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A role as it is being made, changed or looked at.
#[derive(Clone, Copy)]
pub struct Draft {
    name: RwSignal<String>,
    permissions: RwSignal<BTreeSet<Permission>>,
    fields: RwSignal<BTreeMap<String, FieldRules>>,
    /// Of each kind, which records.
    within: StoredValue<BTreeMap<&'static str, Choosing>>,
    /// As it is kept; none for one that is not there yet.
    kept: StoredValue<Option<RoleView>>,
    /// What a new one is known by: sent again, it is made once.
    new_id: Uuid,
    /// Nothing of it can be changed.
    locked: bool,
    /// All that there is to let do, and how much of it whoever is here may.
    bounds: StoredValue<(RoleTerms, RoleTerms)>,
}

impl Draft {
    /// Of a role, or of a copy that whoever is here may let do no more than they may.
    pub fn of(role: &RoleView, is_copy: bool, bounds: (RoleTerms, RoleTerms)) -> Self {
        let terms = if is_copy { no_more(&role.terms, &bounds.1) } else { role.terms.clone() };
        let name = if is_copy { t().copy_of(called(role)) } else { called(role) };
        let choosing = |resource: &'static Resource| Choosing::of(resource, terms.within.get(resource.kind).unwrap_or(&Within::default()));
        Self {
            name: RwSignal::new(name),
            permissions: RwSignal::new(terms.permissions),
            fields: RwSignal::new(terms.fields),
            within: StoredValue::new(RESOURCES.iter().map(|resource| (resource.kind, choosing(resource))).collect()),
            kept: StoredValue::new((!is_copy).then(|| role.clone())),
            new_id: ids::fresh(),
            locked: !is_copy && (!role.may_change || role.archived_at.is_some()),
            bounds: StoredValue::new(bounds),
        }
    }

    fn terms(self) -> RoleTerms {
        let fields = self.fields.get().into_iter().filter(|(_, rules)| !rules.is_empty()).collect();
        let within = self.within.get_value().into_iter().map(|(kind, choosing)| (kind.to_owned(), choosing.within()));
        RoleTerms { permissions: self.permissions.get(), fields, within: within.filter(|(_, within)| !within.is_all()).collect() }
    }

    /// Whether every condition is one; shows where one is not.
    fn judge(self) -> bool {
        let judged: Vec<bool> = self.within.get_value().into_values().map(Choosing::judge).collect();
        judged.into_iter().all(|sound| sound)
    }

    /// Whether something would be lost by leaving.
    pub fn is_dirty(self) -> bool {
        let (name, terms) = (self.name.get(), self.terms());
        !self.locked && self.kept.with_value(|kept| kept.as_ref().is_none_or(|kept| kept.terms != terms || called(kept) != name.trim()))
    }

    fn lets(self, permission: &Permission) -> bool {
        self.permissions.with(|permissions| permissions.contains(permission))
    }

    /// Who does something with records reads them.
    fn turn(self, resource: Option<&'static Resource>, permission: &Permission, on: bool) {
        self.permissions.update(|permissions| match (on, resource) {
            (true, resource) => {
                permissions.insert(permission.clone());
                permissions.extend(resource.map(|resource| resource.rights.read.clone()));
            }
            (false, Some(resource)) if *permission == resource.rights.read => permissions.retain(|held| !resource.rights.all().contains(&held)),
            (false, _) => drop(permissions.remove(permission)),
        });
    }

    async fn save(self, csrf: Option<String>) -> Result<RoleView, api::ApiFailure> {
        let (name, terms) = untrack(|| (self.name.get(), self.terms()));
        match self.kept.get_value() {
            None => api::post("/api/v1/identity/role-terms", &NewRole { id: Some(self.new_id), name, terms }, csrf.as_deref()).await,
            Some(kept) => {
                let path = format!("/api/v1/identity/role-terms/{}", kept.id.unwrap_or_default());
                api::change(&path, &RoleChange { name, terms }, Versioned { version: kept.version, post: false, csrf: csrf.as_deref() }).await
            }
        }
    }
}

/// The same, as far as `most` goes.
fn no_more(terms: &RoleTerms, most: &RoleTerms) -> RoleTerms {
    let mut fields = terms.fields.clone();
    for (kind, rules) in &most.fields {
        let own = fields.entry(kind.clone()).or_default();
        *own = own.and(rules);
    }
    let mut within = terms.within.clone();
    for (kind, most) in &most.within {
        let own = within.entry(kind.clone()).or_default();
        *own = own.and(most);
    }
    RoleTerms { permissions: terms.permissions.intersection(&most.permissions).cloned().collect(), fields, within }
}

/// What the banner says where a condition is none yet; the server would say the same.
const INCOMPLETE: &str = "role_terms_unknown";

/// The page of one role.
#[component]
pub fn RoleEditor(
    /// What it is about.
    draft: Draft,
    /// Called to go back to the list.
    close: Callback<()>,
) -> impl IntoView {
    title(&untrack(|| draft.name.get()));
    let (shell, toasts) = (Shell::expect(), Toasts::expect());
    let (busy, failed) = (RwSignal::new(false), RwSignal::new(None::<String>));
    let save = move || {
        if !draft.judge() {
            failed.set(Some(INCOMPLETE.to_owned()));
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let csrf = shell.session.with_untracked(|session| session.view().map(|view| view.csrf.clone()));
            let saved = draft.save(csrf).await;
            busy.try_set(false);
            match saved {
                Ok(_) => {
                    toasts.say(ToastKind::Good, t().saved);
                    close.run(());
                }
                Err(failure) => drop(failed.try_set(Some(failure.code().to_owned()))),
            }
        });
    };
    let failure = move || {
        failed.get().map(|code| {
            let (title, text) = not_kept(&code);
            view! { <Banner tone=Tone::Bad title text=text.to_owned() code /> }
        })
    };
    let heading = move || draft.name.get();
    let all = draft.bounds.with_value(|(all, _)| all.permissions.clone());
    let of_records: BTreeSet<&Permission> = RESOURCES.iter().flat_map(|resource| resource.rights.all()).collect();
    let beside: Vec<Permission> = all.iter().filter(|permission| !of_records.contains(permission)).cloned().collect();
    let nothing_to_save = Signal::derive(move || !draft.is_dirty());
    let foot = move || {
        view! {
            <footer class="record-foot role-foot">
                <Button label=t().cancel kind=ButtonKind::Quiet on_press=move || close.run(()) />
                <Button label=t().save kind=ButtonKind::Primary submit=true busy disabled=nothing_to_save />
            </footer>
        }
    };
    view! {
        <header class="record-head">
            <button type="button" class="link record-crumb" on:click=move |_| close.run(())><IconMark icon=Icon::ArrowBack />{t().roles}</button>
            <div class="office-head"><h1>{heading}</h1></div>
        </header>
        {draft.locked.then(|| view! { <Banner tone=Tone::Plain title=t().read_only /> })}
        {failure}
        <form class="stack" novalidate=true on:submit=move |event| { event.prevent_default(); save(); }>
            <Card><TextField label=t().name value=draft.name hint=t().name_hint.to_owned() disabled=Signal::derive(move || draft.locked) required=true /></Card>
            {RESOURCES.iter().map(|resource| of_resource(draft, resource)).collect_view()}
            <Card title=t().beside>
                <div class="role-checks">{beside.into_iter().map(|held| check(draft, (None, held.clone()), permission(&held))).collect_view()}</div>
            </Card>
            {(!draft.locked).then(foot)}
        </form>
    }
}

fn of_resource(draft: Draft, resource: &'static Resource) -> AnyView {
    let checks = resource
        .rights
        .all()
        .into_iter()
        .map(|permission| check(draft, (Some(resource), permission.clone()), action(permission).to_owned()))
        .collect_view();
    let reads = move || draft.lets(&resource.rights.read);
    let fields = move || resource.fields.iter().map(|field| reach(draft, resource, field)).collect_view();
    let most = draft.bounds.with_value(|(_, most)| most.within.get(resource.kind).map_or(Scope::All, |within| within.scope));
    let which = move || {
        let choosing = draft.within.with_value(|all| all.get(resource.kind).copied());
        choosing.map(|choosing| which_records(choosing, most, Signal::derive(move || draft.locked)))
    };
    view! {
        <Card title=record_names(resource)>
            <fieldset class="role-resource">
                <legend class="unseen">{record_names(resource)}</legend>
                <div class="role-checks">{checks}</div>
                <Show when=reads>
                    {which}
                    <details class="oversight-said"><summary>{t().fields}</summary><div class="role-fields">{fields}</div></details>
                </Show>
            </fieldset>
        </Card>
    }
    .into_any()
}

/// Something to let do.
fn check(draft: Draft, (resource, held): (Option<&'static Resource>, Permission), label: String) -> AnyView {
    let id = fresh_id();
    let beyond = draft.bounds.with_value(|(_, most)| !most.permissions.contains(&held));
    let (shown, turned) = (held.clone(), held);
    view! {
        <span class="role-check">
            <input
                id=id.clone()
                type="checkbox"
                disabled=draft.locked || beyond
                prop:checked=move || draft.lets(&shown)
                on:change=move |event| draft.turn(resource, &turned, event_target_checked(&event))
            />
            <label for=id>{label}</label>
        </span>
    }
    .into_any()
}

/// How far it reaches a field: no further than whoever is here does, and what a record is called is read at least.
fn reach(draft: Draft, resource: &'static Resource, field: &'static Field) -> AnyView {
    let of = move || draft.fields.with(|fields| fields.get(resource.kind).map_or(Access::Write, |rules| rules.of(field.name)));
    let most = draft.bounds.with_value(|(_, most)| most.fields.get(resource.kind).map_or(Access::Write, |rules| rules.of(field.name)));
    let value = RwSignal::new(untrack(of).name().to_owned());
    Effect::new(move |before: Option<String>| {
        let now = value.get();
        if let Some(access) = Access::ALL.into_iter().find(|access| access.name() == now).filter(|_| before.is_some_and(|before| before != now)) {
            draft.fields.update(|fields| {
                let rules = fields.entry(resource.kind.to_owned()).or_default();
                *rules = rules.with(field.name, access);
            });
        }
        now
    });
    let least = if field.name == resource.title { Access::Read } else { Access::None };
    let possible = Access::ALL.into_iter().rev().filter(move |access| *access >= least && (*access <= most || *access == untrack(of)));
    let choices: Vec<Choice> = possible.map(|access| Choice { value: access.name().to_owned(), label: word(access).to_owned() }).collect();
    view! { <SelectField label=field_name(resource, field) choices value disabled=Signal::derive(move || draft.locked) /> }.into_any()
}

fn word(access: Access) -> &'static str {
    match access {
        Access::None => t().access_none,
        Access::Masked => t().access_masked,
        Access::Read => t().access_read,
        Access::Write => t().access_write,
    }
}
