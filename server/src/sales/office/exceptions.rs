//! `/api/v1/sales/exceptions`: what rulings left for someone to look at, who sees to it, and what came of it.

use super::exception_queries::{self as queries, ListedException, Wanted};
use super::names::Places;
use crate::audit::{self, Actor};
use crate::failure::{Failure, Fault, Refusal};
use crate::http::Cursor;
use crate::http::{App, JsonBody, PathOf, QueryOf};
use crate::identity::{self, SignedIn};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use holdfast_domain::audit::Action;
use holdfast_domain::kernel::resource::Values;
use holdfast_domain::kernel::{AccountId, FactId};
use holdfast_domain::sales::exceptions::{Assign, ExceptionInList, ExceptionSort, ExceptionState, ExceptionsPage, Owner, Resolution, Resolve};
use holdfast_domain::sales::{READ, RESOLVE};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// The most exceptions of one page.
const MOST: u32 = 200;
/// Where no limit is given.
const USUAL: u32 = 50;
const LONGEST_REASON: usize = 500;

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::sales) struct ExceptionsQuery {
    /// Open ones, where it is left out.
    #[serde(default)]
    state: ExceptionState,
    /// The newest first, where it is left out.
    #[serde(default)]
    sort: ExceptionSort,
    /// What `next` of the page before said.
    after: Option<String>,
    /// The most of them on one page.
    #[schemars(range(min = 1, max = MOST))]
    limit: Option<u32>,
}

/// A page.
pub(in crate::sales) async fn exceptions(
    State(app): State<App>,
    signed_in: SignedIn,
    QueryOf(query): QueryOf<ExceptionsQuery>,
) -> Result<Json<ExceptionsPage>, Failure> {
    let scope = signed_in.scope_for(&READ)?;
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let detail = format!("Ask for 1 to {MOST} exceptions at once.");
        return Err(Refusal::new(400, "limit_out_of_range", "The limit is out of range", detail).into());
    }
    let after = query.after.as_deref().map(Cursor::read).transpose()?;
    let mut tx = app.database.tenant(scope).await?;
    // One more than asked for tells whether there are more.
    let mut listed = queries::exceptions(&mut tx, Wanted { state: query.state, sort: query.sort, after, limit: limit + 1 }).await?;
    let more = listed.len() > limit as usize;
    listed.truncate(limit as usize);
    let at = |last: &ListedException| match query.sort {
        ExceptionSort::Newest => last.opened_at,
        ExceptionSort::Due => last.due_at,
    };
    let next = listed.last().filter(|_| more).map(|last| Cursor { at: at(last), id: last.exception.0 }.write());
    let exceptions = named(&mut tx, listed).await?;
    tx.commit().await?;
    Ok(Json(ExceptionsPage { exceptions, next }))
}

/// Gives it an owner, or none.
pub(in crate::sales) async fn assign(
    State(app): State<App>,
    actor: Actor,
    PathOf(exception): PathOf<FactId>,
    JsonBody(assign): JsonBody<Assign>,
) -> Result<Json<ExceptionInList>, Failure> {
    change(&app, &actor.signed_in, exception, async |tx, listed| {
        if let Some(owner) = assign.owner
            && !identity::rights_of(tx, owner).await?.may(&RESOLVE, Some(listed.site))
        {
            let detail = "Choose an account that may resolve exceptions at the exception's site.";
            return Err(Refusal::new(422, "owner_may_not", "They may not see to it", detail).into());
        }
        let done = queries::assign(tx, exception, assign.owner).await?;
        if done && listed.owner != assign.owner {
            let (before, after) = (audit::fields([("owner", json!(listed.owner))]), audit::fields([("owner", json!(assign.owner))]));
            note(&app, tx, &actor, (listed, Action::Assign, (&before, &after), None)).await?;
        }
        Ok(done)
    })
    .await
}

/// Says what was found and done.
pub(in crate::sales) async fn resolve(
    State(app): State<App>,
    actor: Actor,
    PathOf(exception): PathOf<FactId>,
    JsonBody(resolve): JsonBody<Resolve>,
) -> Result<Json<ExceptionInList>, Failure> {
    let reason = resolve.reason.trim();
    let is_sound = !reason.is_empty() && reason.chars().count() <= LONGEST_REASON && !reason.chars().any(|c| c.is_control() && c != '\n');
    change(&app, &actor.signed_in, exception, async |tx, listed| {
        if !is_sound {
            let detail = "Say in 1 to 500 characters what was found and done: someone will look at it later.";
            return Err(Refusal::new(422, "reason_missing", "It takes a reason", detail).into());
        }
        let done = queries::resolve(tx, exception, (actor.signed_in.account, reason)).await?;
        if done {
            let (before, after) = (audit::fields([("resolved", json!(false))]), audit::fields([("resolved", json!(true))]));
            note(&app, tx, &actor, (listed, Action::Resolve, (&before, &after), Some(reason))).await?;
        }
        Ok(done)
    })
    .await
}

/// What was done about an exception, by what it is called until somebody looks: its code.
async fn note(
    app: &App,
    tx: &mut TenantTx,
    actor: &Actor,
    (listed, action, (before, after), reason): (&ListedException, Action, (&Values, &Values), Option<&str>),
) -> Result<(), Fault> {
    let entry = audit::Entry {
        id: app.environment.new_id(),
        action,
        record: ("sales.exception", listed.exception.0, &listed.code),
        site: Some(listed.site),
        before: Some(before),
        after: Some(after),
        reason,
    };
    audit::write(tx, actor, std::slice::from_ref(&entry)).await
}

/// Changes an open exception of a site where the account may; `false` from `work` says that another request was quicker.
async fn change(
    app: &App,
    signed_in: &SignedIn,
    exception: FactId,
    work: impl AsyncFnOnce(&mut TenantTx, &ListedException) -> Result<bool, Failure>,
) -> Result<Json<ExceptionInList>, Failure> {
    let mut tx = app.database.tenant(signed_in.scope_for(&RESOLVE)?).await?;
    let listed = queries::exception(&mut tx, exception).await?.ok_or_else(unknown)?;
    if listed.resolved_at.is_some() || !work(&mut tx, &listed).await? {
        let detail = "Somebody resolved it before, or it settled itself. Look at what they said.";
        return Err(Refusal::new(409, "exception_resolved", "It is resolved already", detail).into());
    }
    let changed = queries::exception(&mut tx, exception).await?.ok_or_else(unknown)?;
    let changed = named(&mut tx, vec![changed]).await?.pop().ok_or_else(|| Fault::because("an exception lost its name"))?;
    tx.commit().await?;
    app.movements.moved(signed_in.tenant);
    Ok(Json(changed))
}

fn unknown() -> Refusal {
    Refusal::new(404, "exception_unknown", "There is no such exception", "It may be at a site where you do not work.")
}

async fn named(tx: &mut TenantTx, listed: Vec<ListedException>) -> Result<Vec<ExceptionInList>, Fault> {
    let places = Places::read(tx).await?;
    let accounts: Vec<_> = listed.iter().flat_map(|row| [row.owner, row.resolved_by]).flatten().map(|account| account.0).collect();
    let names = identity::account_names(tx, &accounts).await?;
    Ok(listed.into_iter().map(|row| one_named(row, &places, &names)).collect())
}

fn one_named(row: ListedException, places: &Places, names: &BTreeMap<AccountId, String>) -> ExceptionInList {
    let site = places.site(row.site);
    let owner = |account: AccountId| Owner { account, name: names.get(&account).cloned().unwrap_or_else(|| account.to_string()) };
    ExceptionInList {
        exception: row.exception,
        site: row.site,
        site_name: site.map(|site| site.name.clone()).unwrap_or_default(),
        time_zone: site.map_or_else(|| "UTC".to_owned(), |site| site.time_zone.clone()),
        till: row.till,
        till_name: places.till(row.till).map(|till| till.name.clone()).unwrap_or_default(),
        kind: row.kind,
        document: row.document,
        code: row.code,
        opened_at: row.opened_at,
        due_at: row.due_at,
        owner: row.owner.map(owner),
        resolved: row.resolved_at.map(|at| Resolution { at, by: row.resolved_by.map(owner), reason: row.resolution.unwrap_or_default() }),
    }
}
