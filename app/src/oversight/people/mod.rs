//! `/office/people`: who may do what, where and until when; giving a role and ending one.

mod giving;
mod messages;

use super::acting::{Act, Acting, ActingDialog};
use super::messages::t as common;
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::button::{Button, ButtonSize};
use crate::design::card::Card;
use crate::design::icon::Icon;
use crate::identity::role_name;
use crate::language::{day_in_words, today};
use crate::shell::session::now;
use crate::shell::{Fetched, Live, OfficeFrame, Shell, title};
use giving::{Giving, GivingDialog};
use holdfast_domain::identity::{RoleGiven, RoleHolder, RolesPage, SiteView};
use holdfast_domain::kernel::{AccountId, SiteId, Timestamp};
use leptos::prelude::*;
use messages::t;
use std::collections::BTreeMap;

/// Where things are, and who is called what: what a row needs to speak in names.
#[derive(Clone)]
struct Names {
    sites: Vec<SiteView>,
    people: BTreeMap<AccountId, String>,
    /// Roles of the company's own.
    roles: BTreeMap<String, String>,
}

/// The screen.
#[component]
pub fn PeoplePage() -> impl IntoView {
    title(t().people);
    view! { <OfficeFrame><People /></OfficeFrame> }
}

#[component]
fn People() -> impl IntoView {
    let (acting, giving) = (Acting::new(), Giving::new());
    let page = Fetched::<RolesPage>::from(|| "/api/v1/identity/roles?limit=200".to_owned(), Live::listen());
    let sites = Shell::expect().session.with_untracked(|session| session.view().map(|view| view.sites.clone()).unwrap_or_default());
    view! {
        <header class="office-head"><h1>{t().people}</h1></header>
        <Card flush=true>
            {page.show(6, move |page| {
                let sites = sites.clone();
                move || {
                    let RolesPage { mut holders, offers, names: roles, next } = page.get();
                    holders.sort_by(|one, other| (one.disabled, &one.name, one.account).cmp(&(other.disabled, &other.name, other.account)));
                    let people = holders.iter().map(|holder| (holder.account, holder.name.clone())).collect();
                    let names = Names { sites: sites.clone(), people, roles };
                    let gives = !offers.is_empty();
                    giving.may_give(offers, &names);
                    let rows = holders.into_iter().map(|holder| row(holder, &names, (acting, gives.then_some(giving)))).collect_view();
                    let more = next.map(|_| view! { <p class="table-more soft small">{common().more_there}</p> });
                    view! { <ul class="oversight-list" aria-label=t().people>{rows}</ul>{more} }
                }
            })}
        </Card>
        <ActingDialog acting />
        <GivingDialog giving />
    }
}

fn row(holder: RoleHolder, names: &Names, (acting, giving): (Acting, Option<Giving>)) -> AnyView {
    let now = now();
    let (standing, over): (Vec<&RoleGiven>, Vec<&RoleGiven>) = holder.roles.iter().partition(|role| role.stands(now));
    let told = |roles: Vec<&RoleGiven>| roles.into_iter().map(|role| held(&holder.name, role, names, acting)).collect_view();
    let none = standing.is_empty().then(|| view! { <p class="soft small">{t().no_role}</p> });
    let earlier = (!over.is_empty()).then(|| {
        view! { <details class="oversight-said"><summary>{t().earlier_roles}</summary><ul class="people-roles">{told(over)}</ul></details> }
    });
    let (account, name) = (holder.account, holder.name.clone());
    let give = giving.filter(|_| !holder.disabled).map(|giving| {
        let label = t().give_role;
        view! { <Button label size=ButtonSize::Small on_press=move || giving.ask(account, &name) /> }
    });
    view! {
        <li class="oversight-row">
            <div class="oversight-text">
                <h2 class="people-name strong">{holder.name.clone()}</h2>
                <span class="soft small">{holder.email.clone()}</span>
                {holder.disabled.then(|| view! { <Badge tone=Tone::Plain label=t().disabled icon=Icon::Lock /> })}
                <ul class="people-roles">{told(standing)}</ul>
                {none}
                {earlier}
            </div>
            <div class="oversight-acts">{give}</div>
        </li>
    }
    .into_any()
}

fn held(name: &str, role: &RoleGiven, names: &Names, acting: Acting) -> AnyView {
    let now = now();
    let zone = names.zone(role.site);
    let badge = match (role.stands(now), role.is_ahead(now)) {
        (true, true) => view! { <Badge tone=Tone::Attention label=t().is_ahead icon=Icon::Clock /> },
        (true, false) => view! { <Badge tone=Tone::Good label=t().holds icon=Icon::Check /> },
        (false, _) => view! { <Badge tone=Tone::Plain label=t().is_over /> },
    };
    let day = |at: Timestamp| day_in_words(today(at, &zone));
    let days = [
        role.from.filter(|_| role.is_ahead(now)).map(|from| t().begins(day(from))),
        // The last day is the one that has just ended then.
        role.until.map(|until| t().ends(day(Timestamp(until.0 - 1)))),
        role.given_by.map(|by| t().given_by(names.person(by), day(role.given_at))),
        role.reason.clone(),
        role.ended.as_ref().map(|ended| ended.reason.clone()),
    ];
    let said = std::iter::once(names.place(role.site)).chain(days.into_iter().flatten()).collect::<Vec<_>>().join(" · ");
    let end = role.may_end.then(|| {
        let act = Act {
            title: t().end_role_question(names.role(&role.role), name),
            text: t().end_role_text.to_owned(),
            verb: t().end_role,
            danger: true,
            paths: vec![format!("/api/v1/identity/roles/{}/end", role.id)],
            waives: None,
        };
        view! { <Button label=t().end_role size=ButtonSize::Small on_press=move || acting.ask(act.clone()) /> }
    });
    view! {
        <li class="people-role">
            <span class="row"><span class="strong">{names.role(&role.role)}</span>{badge}</span>
            <span class="soft small">{said}</span>
            {role.stands(now).then_some(end)}
        </li>
    }
    .into_any()
}

impl Names {
    fn site(&self, site: SiteId) -> Option<&SiteView> {
        self.sites.iter().find(|known| known.id == site)
    }

    fn place(&self, site: Option<SiteId>) -> String {
        match site {
            None => t().everywhere.to_owned(),
            Some(site) => self.site(site).map_or_else(|| site.to_string(), |site| site.name.clone()),
        }
    }

    /// The calendar that a role's days are of.
    fn zone(&self, site: Option<SiteId>) -> String {
        let site = site.and_then(|site| self.site(site)).or_else(|| self.sites.first());
        site.map_or_else(|| "UTC".to_owned(), |site| site.time_zone.clone())
    }

    fn role(&self, role: &str) -> String {
        self.roles.get(role).cloned().unwrap_or_else(|| role_name(role))
    }

    fn person(&self, account: AccountId) -> String {
        self.people.get(&account).cloned().unwrap_or_else(|| account.to_string())
    }
}
