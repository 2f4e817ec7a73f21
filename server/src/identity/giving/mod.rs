//! `/api/v1/identity/roles`: who holds which role, giving one, ending one.

mod queries;

use super::own_roles::OwnRoles;
use super::queries::Held;
use super::revocation::{publish, reason};
use super::rights::Rights;
use super::role::{AnyRole, Role};
use super::signed_in::SignedIn;
use crate::audit::{self, Actor};
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, JsonBody, PathOf, QueryOf};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use holdfast_domain::audit::Action;
use holdfast_domain::identity::{GIVE_ROLES, GiveRole, READ_ROLES, Revoke, RoleGiven, RoleHolder, RoleOffer, RoleWasEnded, RoleWasGiven, RolesPage};
use holdfast_domain::kernel::resource::Values;
use holdfast_domain::kernel::{AccountId, SiteId, Timestamp};
use queries::Stored;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The most people of one page.
const MOST: u32 = 200;
/// Where no limit is given.
const USUAL: u32 = 50;
/// What the audit calls what a role is given to.
const ACCOUNT: &str = "identity.account";

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RolesQuery {
    /// What `next` of the page before said.
    after: Option<AccountId>,
    /// The most of them on one page.
    #[schemars(range(min = 1, max = MOST))]
    limit: Option<u32>,
}

/// Whom a role is given to.
struct Holder {
    account: AccountId,
    name: String,
}

/// A page.
pub(super) async fn list(State(app): State<App>, signed_in: SignedIn, QueryOf(query): QueryOf<RolesQuery>) -> Result<Json<RolesPage>, Failure> {
    let sites = signed_in.rights.require_somewhere(&READ_ROLES)?;
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Refusal::new(400, "limit_out_of_range", "The limit is out of range", format!("Ask for 1 to {MOST} people at once.")).into());
    }
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    let own = Own::of(&mut tx, signed_in.account).await?;
    let mut accounts = queries::accounts(&mut tx, &sites, (query.after, i64::from(limit) + 1)).await?;
    let more = accounts.len() > limit as usize;
    accounts.truncate(limit as usize);
    let next = accounts.last().filter(|_| more).map(|last| last.account);
    let mut roles: BTreeMap<AccountId, Vec<RoleGiven>> = BTreeMap::new();
    for stored in queries::of_accounts(&mut tx, &sites, &accounts.iter().map(|holder| holder.account.0).collect::<Vec<_>>()).await? {
        roles.entry(stored.account).or_default().push(view(&own, stored));
    }
    let offers = offers(&mut tx, &own).await?;
    tx.commit().await?;
    let holders = accounts.into_iter().map(|holder| RoleHolder { roles: roles.remove(&holder.account).unwrap_or_default(), ..holder });
    Ok(Json(RolesPage { holders: holders.collect(), offers, names: own.known.names(), next }))
}

/// Gives a role; the same that stands already changes nothing.
pub(super) async fn give(State(app): State<App>, actor: Actor, JsonBody(new): JsonBody<GiveRole>) -> Result<(StatusCode, Json<RoleGiven>), Failure> {
    let signed_in = &actor.signed_in;
    let why = reason(Revoke { reason: new.reason.clone() })?;
    signed_in.require(&GIVE_ROLES, new.site)?;
    let given = app
        .database
        .in_tenant(&signed_in.scope(), async |mut tx| {
            let own = Own::locked(&mut tx, signed_in.account).await?;
            let role = own.known.standing(&new.role).ok_or_else(role_unknown)?;
            own.require(&role, new.site, None)?;
            let holder = holder(&mut tx, signed_in, new.account).await?;
            let (from, until) = period(&mut tx, &new).await?;
            own.require(&role, new.site, Some(until))?;
            let giving: Uuid = app.environment.new_id();
            let (stored, is_new) = queries::insert(&mut tx, giving, (&holder, role.code(), new.site), (from, until, &why)).await?;
            if is_new {
                let said = RoleWasGiven {
                    giving,
                    account: holder.account,
                    role: role.code().to_owned(),
                    site: new.site,
                    from,
                    until,
                    by: signed_in.account,
                    reason: why.clone(),
                };
                publish(&mut tx, (RoleWasGiven::KIND, giving), &said).await?;
                note(&mut tx, (&app, &actor), (Action::GiveRole, &holder, &why), (new.site, None, Some(&terms(&role, &stored)))).await?;
            }
            let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
            Ok::<_, Failure>(tx.done((status, Json(view(&own, stored)))))
        })
        .await?;
    app.movements.rights_changed(signed_in.tenant);
    app.movements.moved(signed_in.tenant);
    Ok(given)
}

/// Ends a role, now. One that ended already stays as it ended.
pub(super) async fn end(
    State(app): State<App>,
    actor: Actor,
    PathOf(giving): PathOf<Uuid>,
    JsonBody(revoke): JsonBody<Revoke>,
) -> Result<Json<RoleGiven>, Failure> {
    let signed_in = &actor.signed_in;
    let sites = signed_in.rights.require_somewhere(&GIVE_ROLES)?;
    let why = reason(revoke)?;
    let ended = app
        .database
        .in_tenant(&signed_in.scope(), async |mut tx| {
            let own = Own::locked(&mut tx, signed_in.account).await?;
            let seen = |stored: &Stored| stored.given.site.is_none_or(|site| sites.contains(site));
            let stored = queries::lock(&mut tx, giving).await?.filter(seen).ok_or_else(giving_unknown)?;
            let Stored { account, ref given } = stored;
            let site = given.site;
            if given.ended.is_some() {
                return Ok(tx.done(view(&own, stored)));
            }
            let role = own.known.any(&given.role).ok_or_else(|| Fault::stored("account_roles", "role", given.id))?;
            own.require(&role, site, Some(given.until))?;
            if (&role, site) == (&AnyRole::Known(Role::Owner), None) && !queries::has_other_owner(&mut tx, giving).await? {
                return Err(last_owner().into());
            }
            let holder = queries::name(&mut tx, account).await?.ok_or_else(|| Fault::because("a role's holder is gone"))?;
            queries::end(&mut tx, giving, (signed_in.account, &why)).await?;
            let said = RoleWasEnded { giving, account, role: role.code().to_owned(), site, by: signed_in.account, reason: why.clone() };
            publish(&mut tx, (RoleWasEnded::KIND, giving), &said).await?;
            note(&mut tx, (&app, &actor), (Action::EndRole, &holder, &why), (site, Some(&terms(&role, &stored)), None)).await?;
            let stored = queries::lock(&mut tx, giving).await?.ok_or_else(|| Fault::because("a locked role is gone"))?;
            Ok::<_, Failure>(tx.done(view(&own, stored)))
        })
        .await?;
    app.movements.rights_changed(signed_in.tenant);
    app.movements.moved(signed_in.tenant);
    Ok(Json(ended))
}

/// What whoever acts has, as it is in the transaction of the act.
pub(super) struct Own {
    held: Vec<Held>,
    /// The company's roles.
    known: OwnRoles,
}

impl Own {
    pub(super) async fn of(tx: &mut TenantTx, account: AccountId) -> Result<Self, Fault> {
        Ok(Self { held: super::queries::roles(tx, account).await?, known: OwnRoles::of(tx).await? })
    }

    pub(super) async fn locked(tx: &mut TenantTx, account: AccountId) -> Result<Self, Fault> {
        queries::lock_own(tx, account).await?;
        Self::of(tx, account).await
    }

    /// Nobody gives, and nobody ends, more than they have themselves at that place, nor for longer than they have it (`until`: before when, none of it for good).
    fn require(&self, role: &AnyRole, site: Option<SiteId>, until: Option<Option<Timestamp>>) -> Result<(), Refusal> {
        let outlasts = |held: &&Held| match until {
            None => true,
            Some(until) => held.until.is_none_or(|own| until.is_some_and(|until| until <= own)),
        };
        let rights = Rights::held(self.held.iter().filter(outlasts));
        Rights::held(&self.held).require(&GIVE_ROLES, site)?;
        if rights.may(&GIVE_ROLES, site) && rights.covers(&role.reach(), site) { Ok(()) } else { Err(beyond_yours()) }
    }
}

impl Own {
    /// What they may do for good.
    pub(super) fn for_good(&self) -> Rights {
        Rights::held(self.held.iter().filter(|held| held.until.is_none()))
    }
}

/// Someone whom whoever acts may see: all, where roles may be given everywhere; else who works at one of the sites where they may.
async fn holder(tx: &mut TenantTx, signed_in: &SignedIn, account: AccountId) -> Result<Holder, Failure> {
    let sites = signed_in.rights.sites_for(&READ_ROLES);
    match queries::seen(tx, &sites, account).await? {
        Some(name) => Ok(Holder { account, name }),
        None => Err(Refusal::new(404, "account_unknown", "There is no such account", "Look at the list of people.").into()),
    }
}

/// The days as instants.
async fn period(tx: &mut TenantTx, new: &GiveRole) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
    let invalid = |code, detail: &str| Err(Refusal::new(422, code, "The role cannot be given for that time", detail).into());
    if new.from.zip(new.until).is_some_and(|(from, until)| until < from) {
        return invalid("period_reversed", "The last day is before the first.");
    }
    let zone = queries::time_zone(tx, new.site)
        .await?
        .ok_or_else(|| Refusal::new(404, "site_unknown", "There is no such site", "Choose one of your sites."))?;
    // The last day that there is, is for good.
    let last = new.until.filter(|day| day.next().is_some());
    let (from, until) = queries::bounds(tx, &zone, (new.from, last)).await?;
    if until.is_some_and(|until| until <= tx.now()) {
        return invalid("period_over", "Its last day is over.");
    }
    Ok((from, until))
}

async fn offers(tx: &mut TenantTx, own: &Own) -> Result<Vec<RoleOffer>, Fault> {
    let places = std::iter::once(None).chain(super::queries::sites(tx).await?.into_iter().map(|site| Some(site.id)));
    let known = own.known.offered();
    let roles = |place| known.iter().filter(|role| own.require(role, place, None).is_ok()).map(|role| role.code().to_owned()).collect();
    Ok(places.map(|site| RoleOffer { site, roles: roles(site) }).filter(|offer| !offer.roles.is_empty()).collect())
}

fn view(own: &Own, Stored { account: _, given }: Stored) -> RoleGiven {
    let may_end = given.ended.is_none() && own.known.any(&given.role).is_some_and(|role| own.require(&role, given.site, Some(given.until)).is_ok());
    RoleGiven { may_end, ..given }
}

fn terms(role: &AnyRole, Stored { given, .. }: &Stored) -> Values {
    audit::fields([("role", json!(role.called())), ("site", json!(given.site)), ("from", json!(given.from)), ("until", json!(given.until))])
}

async fn note(
    tx: &mut TenantTx,
    (app, actor): (&App, &Actor),
    (action, holder, why): (Action, &Holder, &str),
    (site, before, after): (Option<SiteId>, Option<&Values>, Option<&Values>),
) -> Result<(), Fault> {
    let id = app.environment.new_id();
    let record = (ACCOUNT, holder.account.0, holder.name.as_str());
    let entry = audit::Entry { id, action, record, site, before, after, reason: Some(why) };
    audit::write(tx, actor, std::slice::from_ref(&entry)).await
}

fn role_unknown() -> Refusal {
    Refusal::new(422, "role_unknown", "There is no such role", "Choose one of the roles that the list offers.")
}

fn giving_unknown() -> Refusal {
    Refusal::new(404, "giving_unknown", "Nobody was given such a role", "Look at the list of people.")
}

pub(super) fn beyond_yours() -> Refusal {
    let detail = "It may do something that you may not do there yourself, or for longer than you may. Ask someone who may.";
    Refusal::new(403, "role_beyond_yours", "You cannot give or end this role", detail)
}

fn last_owner() -> Refusal {
    Refusal::new(409, "last_owner", "Somebody has to be the owner", "Make someone else an owner for good first.")
}
