//! `/office/roles`: what each role lets do; those of the company's own are made by copying one, changed, put away and taken back.

mod editor;
mod messages;
mod within;

use super::acting::{Act, Acting, ActingDialog};
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::button::{Button, ButtonSize};
use crate::design::card::Card;
use crate::design::icon::Icon;
use crate::identity::role_name;
use crate::shell::{Fetched, Live, OfficeFrame, Unsaved, title};
use editor::{Draft, RoleEditor};
use holdfast_domain::identity::{RoleList, RoleView};
use leptos::prelude::*;
use messages::t;

/// The screen.
#[component]
pub fn RolesPage() -> impl IntoView {
    title(t().roles);
    view! { <OfficeFrame><Roles /></OfficeFrame> }
}

/// What a role is called here.
fn called(role: &RoleView) -> String {
    role.name.clone().unwrap_or_else(|| role_name(&role.role))
}

#[component]
fn Roles() -> impl IntoView {
    let acting = Acting::new();
    let open = RwSignal::new(None::<Draft>);
    // A draft is made at a press in the list, and outlives the list.
    let owner = StoredValue::new(Owner::current());
    let dirty = Memo::new(move |_| open.with(|draft| draft.as_ref().is_some_and(|draft| draft.is_dirty())));
    Unsaved::expect().watch(dirty.into());
    let fetched = Fetched::<RoleList>::from(|| "/api/v1/identity/role-terms".to_owned(), Live::listen());
    let list = move |page: Signal<RoleList>| {
        let rows = move || {
            let RoleList { roles, most } = page.get();
            let all = roles.iter().find(|role| role.role == "owner").map(|owner| owner.terms.clone()).unwrap_or_default();
            let draft = move |role: &RoleView, is_copy| Draft::of(role, is_copy, (all.clone(), most.clone()));
            let show = Callback::new(move |(role, is_copy): (RoleView, bool)| {
                open.set(owner.with_value(|owner| owner.as_ref().map(|owner| owner.with(|| draft(&role, is_copy)))));
            });
            let may_make = !page.with_untracked(|page| page.most.permissions.is_empty());
            roles.into_iter().map(|role| row(role, may_make, (acting, show))).collect_view()
        };
        view! { <Card flush=true><ul class="oversight-list" aria-label=t().roles>{rows}</ul></Card> }
    };
    let close = Callback::new(move |()| {
        open.set(None);
        fetched.ask_again();
    });
    view! {
        <Show when=move || open.read().is_none() fallback=move || open.get().map(|draft| view! { <RoleEditor draft close /> })>
            <header class="office-head"><div><h1>{t().roles}</h1><p class="soft small">{t().roles_text}</p></div></header>
            {fetched.show(6, list)}
        </Show>
        <ActingDialog acting />
    }
}

fn row(role: RoleView, may_make: bool, (acting, show): (Acting, Callback<(RoleView, bool)>)) -> AnyView {
    let name = called(&role);
    let archived = role.archived_at.is_some();
    let badge = match (archived, role.id) {
        (true, _) => view! { <Badge tone=Tone::Plain label=t().archived icon=Icon::Box /> },
        (false, Some(_)) => view! { <Badge tone=Tone::Info label=t().own icon=Icon::Crew /> },
        (false, None) => view! { <Badge tone=Tone::Plain label=t().every_company icon=Icon::Lock /> },
    };
    let some = (!role.terms.within.is_empty()).then(|| t().some_records.to_owned());
    let counted = [t().may(role.terms.permissions.len() as u64), t().holders(u64::from(role.holders))];
    let said = counted.into_iter().chain(some).collect::<Vec<_>>().join(" · ");
    let (looked_at, copied) = (role.clone(), role.clone());
    let label = if role.may_change && !archived { t().change } else { t().look };
    let put = role.id.filter(|_| role.may_change).map(|id| {
        let (title, text, verb, path) = match archived {
            false => (t().archive_question(&name), t().archive_text, t().archive, "archive"),
            true => (t().restore_question(&name), t().restore_text, t().restore, "restore"),
        };
        let paths = vec![format!("/api/v1/identity/role-terms/{id}/{path}")];
        let act = Act { title, text: text.to_owned(), verb, danger: !archived, paths, waives: None };
        view! { <Button label=verb size=ButtonSize::Small on_press=move || acting.ask(act.clone()) /> }
    });
    let copy = may_make.then(|| view! { <Button label=t().copy size=ButtonSize::Small on_press=move || show.run((copied.clone(), true)) /> });
    view! {
        <li class="oversight-row">
            <div class="oversight-text">
                <span class="row"><h2 class="people-name strong">{name}</h2>{badge}</span>
                <span class="soft small">{said}</span>
            </div>
            <div class="oversight-acts">
                <Button label size=ButtonSize::Small on_press=move || show.run((looked_at.clone(), false)) />
                {copy}
                {put}
            </div>
        </li>
    }
    .into_any()
}
