//! Views of lists that people keep: their own, and those that somebody shared with the company. They are asked for with their owner's rights each time: a view opens nothing that its reader
//! may not read. What is shared is in the audit; what is one's own is nobody else's business.

mod queries;

use super::list::{Asked, pairs};
use crate::audit::{self, Actor};
use crate::failure::{Failure, Refusal};
use crate::http::{App, JsonBody, PathOf, Routes};
use crate::identity::SignedIn;
use crate::openapi::About;
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use holdfast_domain::audit::Action;
use holdfast_domain::kernel::resource::{LONGEST_VIEW_NAME, NewView, Resource, SavedView, SavedViews, Values, ViewChange};
use holdfast_domain::resource_of;
use queries::Stored;
use serde_json::json;
use uuid::Uuid;

/// The most views that one account keeps, and the most that a company shares.
const MOST: i64 = 100;
/// What its entries in the audit are of.
const KIND: &str = "records.view";

/// Refusals of what no list would take.
const UNSOUND: &[(u16, &str)] = &[(422, "view_malformed"), (403, "field_forbidden")];

/// `/api/v1/views…`
pub(super) fn routes() -> Routes {
    let about = |act: &str, summary: &'static str| About::new(format!("records.view.{act}"), summary);
    let unknown = &[(404, "view_unknown")];
    Routes::new()
        .get("/api/v1/views", list)
        .told(about("list", "One's own views of lists, and those that are shared"))
        .post("/api/v1/views", create)
        .told(
            about("create", "Keeps a view of a list under a name")
                .detail("To share one takes the kind's right `bulk_edit`.")
                .statuses(&[201])
                .refuses(UNSOUND)
                .refuses(&[(409, "view_exists"), (409, "too_many_views")]),
        )
        .put("/api/v1/views/{view}", change)
        .told(
            about("change", "Changes one: it is what is sent from then on")
                .refuses(UNSOUND)
                .refuses(unknown)
                .refuses(&[(403, "view_of_another"), (409, "too_many_views")]),
        )
        .delete("/api/v1/views/{view}", remove)
        .told(about("remove", "Takes one away").answers_nothing(204).refuses(unknown))
        .put("/api/v1/views/{view}/default", begin_with)
        .told(about("begin_with", "Makes it what one's own list of that kind begins with").answers_nothing(204).refuses(unknown))
        .delete("/api/v1/views/{view}/default", begin_with_none)
        .told(about("begin_with_none", "One's own list begins with everything again").answers_nothing(204).refuses(unknown))
}

async fn list(State(app): State<App>, signed_in: SignedIn) -> Result<Json<SavedViews>, Failure> {
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    let stored = queries::of_account(&mut tx, signed_in.account).await?;
    tx.commit().await?;
    let views = stored.into_iter().filter(|view| opens(&signed_in, view)).map(|view| told(&signed_in, view)).collect();
    Ok(Json(SavedViews { views }))
}

async fn create(State(app): State<App>, actor: Actor, JsonBody(new): JsonBody<NewView>) -> Result<(StatusCode, Json<SavedView>), Failure> {
    let signed_in = &actor.signed_in;
    let NewView { id, kind, name, shared, query, columns } = new;
    let resource = readable(signed_in, &kind)?;
    let change = sound((signed_in, resource), ViewChange { name, shared, query, columns })?;
    if id.is_nil() {
        return Err(malformed("This is nobody's id.").into());
    }
    if shared {
        signed_in.rights.require_somewhere(&resource.rights.bulk_edit)?;
    }
    let view = app
        .database
        .in_tenant::<_, Failure, _>(&signed_in.scope(), async |mut tx| {
            if queries::count(&mut tx, (signed_in.account, shared)).await? >= MOST {
                return Err(
                    Refusal::new(409, "too_many_views", "There are too many views", format!("Take one away first: {MOST} is the most.")).into()
                );
            }
            if !queries::insert(&mut tx, (id, signed_in.account), (resource.kind, &change)).await? {
                return Err(Refusal::new(409, "view_exists", "There is a view of this id", "It was made before.").into());
            }
            note(&mut tx, (&app, &actor), (Action::Create, id, None), Some(&change)).await?;
            let stored = queries::find(&mut tx, (id, signed_in.account), false).await?.ok_or_else(unknown)?;
            Ok(tx.done(told(signed_in, stored)))
        })
        .await?;
    Ok((StatusCode::CREATED, Json(view)))
}

async fn change(
    State(app): State<App>,
    actor: Actor,
    PathOf(id): PathOf<Uuid>,
    JsonBody(change): JsonBody<ViewChange>,
) -> Result<Json<SavedView>, Failure> {
    let signed_in = &actor.signed_in;
    let view = app
        .database
        .in_tenant::<_, Failure, _>(&signed_in.scope(), async |mut tx| {
            let (resource, before) = held(&mut tx, signed_in, id).await?;
            let change = sound((signed_in, resource), change.clone())?;
            if before.shared && !change.shared && before.account != signed_in.account.0 {
                let detail = "Who made it may keep it for themselves. Delete it, or leave it to all.";
                return Err(Refusal::new(403, "view_of_another", "This view is not yours alone", detail).into());
            }
            if change.shared {
                signed_in.rights.require_somewhere(&resource.rights.bulk_edit)?;
                if !before.shared && queries::count(&mut tx, (signed_in.account, true)).await? >= MOST {
                    return Err(Refusal::new(409, "too_many_views", "There are too many views", format!("A company shares {MOST} at most.")).into());
                }
            }
            if before.change() != change {
                queries::update(&mut tx, id, &change).await?;
                note(&mut tx, (&app, &actor), (Action::Update, id, Some(&before.change())), Some(&change)).await?;
            }
            let ViewChange { name, shared, query, columns } = change;
            Ok(tx.done(told(signed_in, Stored { name, shared, query, columns, ..before })))
        })
        .await?;
    Ok(Json(view))
}

async fn remove(State(app): State<App>, actor: Actor, PathOf(id): PathOf<Uuid>) -> Result<Response, Failure> {
    let signed_in = &actor.signed_in;
    app.database
        .in_tenant::<_, Failure, _>(&signed_in.scope(), async |mut tx| {
            let (_, before) = held(&mut tx, signed_in, id).await?;
            queries::delete(&mut tx, id).await?;
            note(&mut tx, (&app, &actor), (Action::Archive, id, Some(&before.change())), None).await?;
            Ok(tx.done(()))
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn begin_with(State(app): State<App>, signed_in: SignedIn, PathOf(id): PathOf<Uuid>) -> Result<Response, Failure> {
    set_default(&app, &signed_in, (id, true)).await
}

async fn begin_with_none(State(app): State<App>, signed_in: SignedIn, PathOf(id): PathOf<Uuid>) -> Result<Response, Failure> {
    set_default(&app, &signed_in, (id, false)).await
}

async fn set_default(app: &App, signed_in: &SignedIn, (id, on): (Uuid, bool)) -> Result<Response, Failure> {
    app.database
        .in_tenant::<_, Failure, _>(&signed_in.scope(), async |mut tx| {
            let stored = queries::find(&mut tx, (id, signed_in.account), false).await?.ok_or_else(unknown)?;
            readable(signed_in, &stored.kind)?;
            queries::set_default(&mut tx, signed_in.account, (&stored.kind, id, on)).await?;
            Ok(tx.done(()))
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The kind, where its records may be read.
fn readable(signed_in: &SignedIn, kind: &str) -> Result<&'static Resource, Refusal> {
    let resource = resource_of(kind).ok_or_else(|| malformed("There is no list of that kind."))?;
    signed_in.rights.require_somewhere(&resource.rights.read)?;
    Ok(resource)
}

/// A view that may be changed, locked: one's own; of those that are shared, any, by whoever may share.
async fn held(tx: &mut TenantTx, signed_in: &SignedIn, id: Uuid) -> Result<(&'static Resource, Stored), Failure> {
    let stored = queries::find(tx, (id, signed_in.account), true).await?.ok_or_else(unknown)?;
    let resource = readable(signed_in, &stored.kind)?;
    if stored.shared {
        signed_in.rights.require_somewhere(&resource.rights.bulk_edit)?;
    }
    Ok((resource, stored))
}

/// Whether the list would take it from them: what it narrows by, one who does not read that field is not even told.
fn opens(signed_in: &SignedIn, view: &Stored) -> bool {
    readable(signed_in, &view.kind).is_ok_and(|resource| asked(resource, &view.query).and_then(|asked| reached(signed_in, resource, &asked)).is_ok())
}

fn asked(resource: &'static Resource, query: &str) -> Result<Asked, Failure> {
    Asked::of_records(resource, query)
}

fn reached(signed_in: &SignedIn, resource: &'static Resource, asked: &Asked) -> Result<(), Failure> {
    Ok(asked.refuse_hidden(resource, &signed_in.rights.fields(resource, &resource.rights.read))?)
}

/// The same, tidied; refused where the list would not take it.
fn sound((signed_in, resource): (&SignedIn, &'static Resource), change: ViewChange) -> Result<ViewChange, Failure> {
    let name = change.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_VIEW_NAME || name.chars().any(char::is_control) {
        return Err(malformed(format!("Name it in 1 to {LONGEST_VIEW_NAME} characters that can be printed.")).into());
    }
    let query = change.query.trim_start_matches('?').to_owned();
    let asked = asked(resource, &query).map_err(|_| malformed("The query is not one that the list takes."))?;
    reached(signed_in, resource, &asked)?;
    let known = |name: &String| resource.named(name).is_some();
    if change.columns.as_ref().is_some_and(|columns| columns.len() > resource.fields.len() + resource.leaves().count() || !columns.iter().all(known))
    {
        return Err(malformed("A column is no field of the kind.").into());
    }
    Ok(ViewChange { name, query, ..change })
}

fn told(signed_in: &SignedIn, stored: Stored) -> SavedView {
    let Stored { id, account, kind, name, shared, query, columns, is_default } = stored;
    SavedView { id, kind, name, shared, mine: account == signed_in.account.0, is_default, query, columns }
}

/// What is shared, and what was, is told in the audit.
async fn note(
    tx: &mut TenantTx,
    (app, actor): (&App, &Actor),
    (action, id, before): (Action, Uuid, Option<&ViewChange>),
    after: Option<&ViewChange>,
) -> Result<(), Failure> {
    let is_shared = |change: Option<&ViewChange>| change.is_some_and(|change| change.shared);
    if !is_shared(before) && !is_shared(after) {
        return Ok(());
    }
    let values = |change: &ViewChange| -> Values {
        audit::fields([("name", json!(change.name)), ("shared", json!(change.shared)), ("narrowed", json!(narrowed(&change.query)))])
    };
    let (before_values, after_values) = (before.map(values), after.map(values));
    let title = after.or(before).map_or("", |change| change.name.as_str());
    let entry = audit::Entry {
        id: app.environment.new_id(),
        action,
        record: (KIND, id, title),
        site: None,
        before: before_values.as_ref(),
        after: after_values.as_ref(),
        reason: None,
    };
    Ok(audit::write(tx, actor, std::slice::from_ref(&entry)).await?)
}

/// What it narrows to and how it sorts, part by part. Words that are searched for may be somebody's name.
fn narrowed(query: &str) -> Vec<String> {
    let said = |(name, value): (String, String)| if name == "q" { "q=•••".to_owned() } else { format!("{name}={value}") };
    pairs(query).into_iter().flatten().map(said).collect()
}

fn unknown() -> Refusal {
    Refusal::new(404, "view_unknown", "There is no such view", "It was taken away, or it is somebody else's own.")
}

fn malformed(detail: impl Into<String>) -> Refusal {
    Refusal::new(422, "view_malformed", "The view cannot be kept", detail)
}
