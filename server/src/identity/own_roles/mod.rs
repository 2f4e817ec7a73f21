//! `/api/v1/identity/role-terms`: what roles let do; making roles of the company's own, changing them, putting them away.

mod queries;

use super::giving::Own;
use super::revocation::reason;
use super::role::{AnyRole, OwnRole, Reach, Role, are_sound, reach_of, terms_of, tidied};
use super::signed_in::SignedIn;
use crate::audit::{self, Actor};
use crate::events::{NewEvent, event_id};
use crate::failure::{Failure, Fault, Refusal, violated_constraint};
use crate::http::{App, IfMatch, JsonBody, PathOf, Routes};
use crate::openapi::About;
use crate::sync;
use crate::tenancy::{Done, TenantTx};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use holdfast_domain::audit::Action;
use holdfast_domain::identity::{
    EDIT_ROLES, LONGEST_ROLE_NAME, MOST_ROLES, NewRole, READ_ROLES, Revoke, RoleChange, RoleList, RoleTerms, RoleView, RoleWasDefined, Scope, Within,
    own_role_code,
};
use holdfast_domain::kernel::resource::Values;
use queries::Stored;
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What the audit calls it.
const ROLE: &str = "identity.role";

/// The roles of a company's own, by how they are given.
#[derive(Default)]
pub(super) struct OwnRoles(BTreeMap<String, (OwnRole, bool)>);

impl OwnRoles {
    pub(super) async fn of(tx: &mut TenantTx) -> Result<Self, Fault> {
        let own = |stored: Stored| {
            let role = OwnRole { reach: reach_of(&stored.terms), code: stored.code.clone(), name: stored.name };
            (stored.code, (role, stored.archived_at.is_some()))
        };
        Ok(Self(queries::all(tx).await?.into_iter().map(own).collect()))
    }

    /// The role that is given like that, also one that is archived.
    pub(super) fn any(&self, code: &str) -> Option<AnyRole> {
        Role::from_name(code).map(AnyRole::Known).or_else(|| self.0.get(code).map(|(own, _)| AnyRole::Own(own.clone())))
    }

    /// The same where it lets somebody do something.
    pub(super) fn standing(&self, code: &str) -> Option<AnyRole> {
        self.any(code).filter(|_| self.0.get(code).is_none_or(|(_, archived)| !archived))
    }

    /// All that can be given.
    pub(super) fn offered(&self) -> Vec<AnyRole> {
        let own = self.0.values().filter(|(_, archived)| !archived).map(|(own, _)| AnyRole::Own(own.clone()));
        Role::ALL.into_iter().map(AnyRole::Known).chain(own).collect()
    }

    /// What they are called.
    pub(super) fn names(&self) -> BTreeMap<String, String> {
        self.0.iter().map(|(code, (own, _))| (code.clone(), own.name.clone())).collect()
    }
}

/// `/api/v1/identity/role-terms…`
pub(super) fn routes() -> Routes {
    let beyond = &[(403, "role_beyond_yours"), (422, "role_name_malformed"), (422, "role_name_taken"), (422, "role_terms_unknown")];
    let put = |id: &'static str, summary: &'static str| {
        About::new(id, summary).refuses(&[(403, "role_beyond_yours"), (404, "role_unknown"), (422, "reason_missing")])
    };
    Routes::new()
        .get("/api/v1/identity/role-terms", list)
        .told(About::new("identity.role_terms.list", "What each role lets do"))
        .post("/api/v1/identity/role-terms", create)
        .told(
            About::new("identity.role_terms.create", "Makes a role of the company's own")
                .detail("Nobody makes a role that may more than they may themselves, everywhere and for good.")
                .statuses(&[201])
                .refuses(beyond)
                .refuses(&[(409, "role_exists"), (409, "too_many_roles")]),
        )
        .patch("/api/v1/identity/role-terms/{role}", change)
        .told(
            About::new("identity.role_terms.change", "Changes one; it bites at once on whoever holds it")
                .refuses(beyond)
                .refuses(&[(404, "role_unknown"), (409, "role_archived")]),
        )
        .post("/api/v1/identity/role-terms/{role}/archive", archive)
        .told(put("identity.role_terms.archive", "Archives one: it lets nobody do anything any more"))
        .post("/api/v1/identity/role-terms/{role}/restore", restore)
        .told(put("identity.role_terms.restore", "Restores one"))
}

/// All roles.
async fn list(State(app): State<App>, signed_in: SignedIn) -> Result<Json<RoleList>, Failure> {
    signed_in.rights.require_somewhere(&READ_ROLES)?;
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    let own = Own::of(&mut tx, signed_in.account).await?;
    let holders = queries::holders(&mut tx).await?;
    let stored = queries::all(&mut tx).await?;
    tx.commit().await?;
    let known = |role: Role| RoleView {
        role: role.name().to_owned(),
        id: None,
        name: None,
        version: 1,
        archived_at: None,
        terms: terms_of(&role.reach()),
        holders: holders.get(role.name()).copied().unwrap_or_default(),
        may_change: false,
    };
    let owns = stored.into_iter().map(|stored| RoleView { holders: holders.get(&stored.code).copied().unwrap_or_default(), ..view(&own, stored) });
    let roles = Role::ALL.into_iter().map(known).chain(owns).collect();
    Ok(Json(RoleList { roles, most: terms_of(&own.may_let()) }))
}

/// Makes one.
async fn create(State(app): State<App>, actor: Actor, JsonBody(new): JsonBody<NewRole>) -> Result<(StatusCode, Json<RoleView>), Failure> {
    let id = new.id.filter(|id| !id.is_nil()).unwrap_or_else(|| app.environment.new_id());
    let stored = Stored { id, code: own_role_code(id), name: named(&new.name)?, terms: sound(new.terms)?, version: 1, archived_at: None };
    actor.signed_in.require(&EDIT_ROLES, None)?;
    let made = app
        .database
        .in_tenant(&actor.signed_in.scope(), async |mut tx| {
            let own = Own::locked(&mut tx, actor.signed_in.account).await?;
            own.require_to_let(&reach_of(&stored.terms))?;
            if queries::all(&mut tx).await?.len() >= MOST_ROLES {
                let detail = format!("A company has at most {MOST_ROLES} roles of its own. Change one that nobody holds.");
                return Err(Refusal::new(409, "too_many_roles", "There are too many roles", detail).into());
            }
            queries::insert(&mut tx, &stored).await.map_err(refuse)?;
            finish(tx, (&app, &actor, &own), (Action::Create, None, &stored, None)).await
        })
        .await?;
    tell(&app, &actor);
    Ok((StatusCode::CREATED, Json(made)))
}

/// Changes one.
#[expect(clippy::too_many_arguments, reason = "each says one thing of the request")]
async fn change(
    State(app): State<App>,
    actor: Actor,
    PathOf(id): PathOf<Uuid>,
    IfMatch(version): IfMatch,
    JsonBody(change): JsonBody<RoleChange>,
) -> Result<Json<RoleView>, Failure> {
    let (name, terms) = (named(&change.name)?, sound(change.terms)?);
    actor.signed_in.require(&EDIT_ROLES, None)?;
    let changed = app
        .database
        .in_tenant(&actor.signed_in.scope(), async |mut tx| {
            let (own, before) = held(&mut tx, &actor, id).await?;
            own.require_to_let(&reach_of(&terms))?;
            if before.version != version {
                return Err(stale(before.version).into());
            }
            if before.archived_at.is_some() {
                return Err(Refusal::new(409, "role_archived", "The role is archived", "Restore it before you change it.").into());
            }
            let after = Stored { name: name.clone(), terms: terms.clone(), version: version + 1, ..before.clone() };
            if (&after.name, &after.terms) == (&before.name, &before.terms) {
                return answer(tx, &own, before).await;
            }
            queries::update(&mut tx, &after).await.map_err(refuse)?;
            finish(tx, (&app, &actor, &own), (Action::Update, Some(&before), &after, None)).await
        })
        .await?;
    tell(&app, &actor);
    Ok(Json(changed))
}

/// Puts one away: it lets nobody do anything any more.
async fn archive(State(app): State<App>, actor: Actor, PathOf(id): PathOf<Uuid>, JsonBody(why): JsonBody<Revoke>) -> Result<Json<RoleView>, Failure> {
    put(&app, &actor, (id, why), Action::Archive).await
}

/// Takes it out again.
async fn restore(State(app): State<App>, actor: Actor, PathOf(id): PathOf<Uuid>, JsonBody(why): JsonBody<Revoke>) -> Result<Json<RoleView>, Failure> {
    put(&app, &actor, (id, why), Action::Restore).await
}

async fn put(app: &App, actor: &Actor, (id, why): (Uuid, Revoke), action: Action) -> Result<Json<RoleView>, Failure> {
    let why = reason(why)?;
    actor.signed_in.require(&EDIT_ROLES, None)?;
    let archived = action == Action::Archive;
    let now = app
        .database
        .in_tenant(&actor.signed_in.scope(), async |mut tx| {
            let (own, before) = held(&mut tx, actor, id).await?;
            if before.archived_at.is_some() == archived {
                return answer(tx, &own, before).await;
            }
            let after = Stored { archived_at: archived.then(|| tx.now()), version: before.version + 1, ..before.clone() };
            queries::update(&mut tx, &after).await.map_err(refuse)?;
            finish(tx, (app, actor, &own), (action, Some(&before), &after, Some(&why))).await
        })
        .await?;
    tell(app, actor);
    Ok(Json(now))
}

/// The role, locked, with what whoever acts has, which is all that the role lets do.
async fn held(tx: &mut TenantTx, actor: &Actor, id: Uuid) -> Result<(Own, Stored), Failure> {
    let own = Own::locked(tx, actor.signed_in.account).await?;
    let unknown = || Refusal::new(404, "role_unknown", "There is no such role", "Look at the list of roles.");
    let stored = queries::lock(tx, id).await?.ok_or_else(unknown)?;
    own.require_to_let(&reach_of(&stored.terms))?;
    Ok((own, stored))
}

/// The audit's entry, the event, and the answer.
async fn finish(
    mut tx: TenantTx,
    (app, actor, own): (&App, &Actor, &Own),
    (action, before, after, why): (Action, Option<&Stored>, &Stored, Option<&str>),
) -> Result<Done<RoleView>, Failure> {
    let of_terms = matches!(action, Action::Create | Action::Update);
    let (was, is) = (before.filter(|_| of_terms).map(told), Some(told(after)).filter(|_| of_terms));
    let record = (ROLE, after.id, after.name.as_str());
    let entry = audit::Entry { id: app.environment.new_id(), action, record, site: None, before: was.as_ref(), after: is.as_ref(), reason: why };
    audit::write(&mut tx, actor, std::slice::from_ref(&entry)).await?;
    let said = RoleWasDefined {
        role: after.code.clone(),
        name: after.name.clone(),
        version: after.version,
        archived: after.archived_at.is_some(),
        terms: after.terms.clone(),
        by: actor.signed_in.account,
    };
    let event = NewEvent {
        // The same role never has two changes of one version.
        id: event_id(RoleWasDefined::KIND, event_id(&format!("{ROLE}:{}", after.version), after.id)),
        kind: RoleWasDefined::KIND,
        subject: after.id.to_string(),
        site: None,
        occurred_at: tx.now(),
        data: json!(said),
    };
    sync::append(&mut tx, &[], vec![event]).await?;
    answer(tx, own, after.clone()).await
}

async fn answer(mut tx: TenantTx, own: &Own, stored: Stored) -> Result<Done<RoleView>, Failure> {
    let holders = queries::holders(&mut tx).await?.get(&stored.code).copied().unwrap_or_default();
    Ok(tx.done(RoleView { holders, ..view(own, stored) }))
}

/// What the audit says of it, in words.
fn told(stored: &Stored) -> Values {
    let permissions: Vec<&str> = stored.terms.permissions.iter().map(holdfast_domain::identity::Permission::as_str).collect();
    let rules = |(kind, rules): (&String, &holdfast_domain::identity::FieldRules)| {
        rules.iter().map(|(field, access)| format!("{kind}.{field}={}", access.name())).collect::<Vec<_>>()
    };
    let fields: Vec<String> = stored.terms.fields.iter().flat_map(rules).collect();
    let within: Vec<String> = stored.terms.within.iter().flat_map(|(kind, within)| said_of(kind, within)).collect();
    let mut told = audit::fields([("name", json!(stored.name)), ("permissions", json!(permissions)), ("fields", json!(fields))]);
    if !within.is_empty() {
        told.insert("within".to_owned(), json!(within));
    }
    told
}

/// Which records of a kind, part by part.
fn said_of(kind: &str, within: &Within) -> Vec<String> {
    let scope = (within.scope != Scope::All).then(|| format!("{kind}={}", within.scope.name()));
    let when = within.when.iter().map(|condition| format!("{kind}.{} {} {}", condition.field, condition.operator.name(), condition.value));
    scope.into_iter().chain(when).collect()
}

fn view(own: &Own, stored: Stored) -> RoleView {
    let may_change = own.require_to_let(&reach_of(&stored.terms)).is_ok();
    let Stored { id, code, name, terms, version, archived_at } = stored;
    RoleView { role: code, id: Some(id), name: Some(name), version, archived_at, terms, holders: 0, may_change }
}

/// Whoever is here looks again what they may; what is done under a grant, its next one says.
fn tell(app: &App, actor: &Actor) {
    app.movements.rights_changed(actor.signed_in.tenant);
    app.movements.moved(actor.signed_in.tenant);
}

fn named(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    let folded = name.to_lowercase().replace([' ', '-'], "_");
    // In the audit it would be taken for the other.
    let is_known = Role::from_name(&folded).is_some();
    if name.is_empty() || name.chars().count() > LONGEST_ROLE_NAME || name.chars().any(char::is_control) || is_known {
        let detail = format!("Call it something of 1 to {LONGEST_ROLE_NAME} characters that is no other role's name.");
        return Err(Refusal::new(422, "role_name_malformed", "A role cannot be called that", detail));
    }
    Ok(name.to_owned())
}

fn sound(terms: RoleTerms) -> Result<RoleTerms, Refusal> {
    let terms = tidied(terms);
    if are_sound(&terms) {
        return Ok(terms);
    }
    let detail =
        "It names a permission, a kind of record, a field or a value that there is not, has too many conditions, or hides what records are called.";
    Err(Refusal::new(422, "role_terms_unknown", "No role can be like that", detail))
}

fn refuse(error: sqlx::Error) -> Failure {
    match violated_constraint(&error) {
        Some("roles_pkey" | "roles_code_unique") => {
            Refusal::new(409, "role_exists", "There is a role of this id", "It was made before: read the list.").into()
        }
        Some("roles_name_unique") => {
            Refusal::new(422, "role_name_taken", "Another role is called that", "Choose another name; the other may be archived.").into()
        }
        _ => error.into(),
    }
}

fn stale(current: u64) -> Refusal {
    Refusal::new(
        412,
        "version_stale",
        "Somebody changed it meanwhile",
        format!("It is at version {current} now. Read it again, and decide what shall stand."),
    )
}

impl Own {
    /// Nobody lets others do more than they may themselves, everywhere and for good: a role outlasts whoever made it.
    fn require_to_let(&self, reach: &Reach) -> Result<(), Refusal> {
        let rights = self.for_good();
        rights.require(&EDIT_ROLES, None)?;
        if rights.covers(reach, None) { Ok(()) } else { Err(super::giving::beyond_yours()) }
    }

    /// The most that they may let a role do.
    fn may_let(&self) -> Reach {
        let rights = self.for_good();
        if rights.may(&EDIT_ROLES, None) { rights.as_reach() } else { Reach::new() }
    }
}
