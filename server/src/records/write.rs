//! Writing records: made, changed, archived, restored. Each is one transaction: the row, the audit's entry, the change event, and last the feed.

use super::beside::{self, Now};
use super::read::{show_one, told};
use super::{effect, queries, refusal};
use crate::audit::Actor;
use crate::events::{NewEvent, event_id};
use crate::failure::{Failure, Refusal, violated_constraint};
use crate::files;
use crate::http::{App, IfMatch};
use crate::identity::{Fields, Subject};
use crate::tenancy::{Done, TenantTx};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use holdfast_domain::audit::Action;
use holdfast_domain::identity::Permission;
use holdfast_domain::kernel::Timestamp;
use holdfast_domain::kernel::resource::{
    FieldProblem, NewRecord, Reason, RecordChange, RecordView, Resource, RowChanges, Shape, Values, Wrong, check, complete, make_whole, name_rows,
    tidy,
};
use serde_json::{Value, json};
use uuid::Uuid;

const LONGEST_REASON: usize = 500;

/// Who does something to records of what, and where.
pub(super) struct Hand<'a> {
    pub resource: &'static Resource,
    pub app: &'a App,
    pub actor: &'a Actor,
}

/// The record that is meant, at the version that was read.
pub(super) type Meant = (Uuid, IfMatch);

/// Which of a resource's events an act is.
#[derive(Clone, Copy)]
pub(super) enum Act {
    Create,
    Update,
    Archive,
    Restore,
}

impl Act {
    pub(super) const fn action(self) -> Action {
        match self {
            Self::Create => Action::Create,
            Self::Update => Action::Update,
            Self::Archive => Action::Archive,
            Self::Restore => Action::Restore,
        }
    }

    const fn event(self, resource: &Resource) -> &'static str {
        resource.events[match self {
            Self::Create => 0,
            Self::Update => 1,
            Self::Archive => 2,
            Self::Restore => 3,
        }]
    }
}

/// What an act changed, for the audit and the event.
struct Changed<'a> {
    before: Option<&'a Values>,
    after: Option<&'a Values>,
    reason: Option<&'a str>,
}

/// Makes a record.
pub(super) async fn create(hand: &Hand<'_>, new: NewRecord) -> Result<Response, Failure> {
    let Hand { resource, app, actor } = *hand;
    let signed_in = &actor.signed_in;
    let scope = signed_in.scope_for(&resource.rights.create)?;
    if new.id.is_some_and(|id| id.is_nil()) {
        return Err(Refusal::new(422, "id_malformed", "This is nobody's id", "Choose a random one (UUID version 4 or 7), or leave it out.").into());
    }
    let id = new.id.unwrap_or_else(|| app.environment.new_id());
    let mut values = new.values;
    let named: Vec<String> = values.keys().cloned().collect();
    tidy(resource, &mut values);
    complete(resource, &mut values);
    name_rows(resource, &mut values, || app.environment.new_id());
    refuse_invalid(check(resource, &values))?;
    // Nobody works yet at a site that is being made.
    let site = resource.site_of(id, &values).filter(|_| resource.site != Some("id"));
    let subject = Subject { site, maker: Some(signed_in.account), values: &values };
    require_reach(hand, &[&resource.rights.create], &subject)?;
    signed_in.rights.fields(resource, &resource.rights.create).require_write(named.iter().map(String::as_str), &subject)?;
    check_places(app, resource, &values).await?;
    let record = app
        .database
        .in_tenant::<_, Failure, _>(&scope, async |mut tx| {
            refuse_unknown_files(&mut tx, hand, (id, &values)).await?;
            refuse_proposed(&mut tx, resource, (id, &values)).await?;
            queries::insert_record(&mut tx, resource, id, &values).await.map_err(|error| refuse(resource, &values, error))?;
            let written = queries::record(&mut tx, resource, id, false).await?.ok_or_else(|| refusal::unknown(resource))?;
            finish(tx, hand, written, (Act::Create, &Changed { before: None, after: Some(&values), reason: None })).await
        })
        .await?;
    app.movements.moved(signed_in.tenant);
    Ok((StatusCode::CREATED, told(record)).into_response())
}

/// Changes fields.
pub(super) async fn update(hand: &Hand<'_>, (id, version): Meant, change: RecordChange) -> Result<Response, Failure> {
    let Hand { resource, app, actor } = *hand;
    let scope = actor.signed_in.scope_for(&resource.rights.update)?;
    let mut values = change.values;
    tidy(resource, &mut values);
    refuse_invalid(check(resource, &values))?;
    check_places(app, resource, &values).await?;
    let reason = read_reason(change.reason.as_deref())?;
    let (record, moved) = app
        .database
        .in_tenant::<_, Failure, _>(&scope, async |mut tx| {
            let mut current = held(&mut tx, hand, &resource.rights.update, (id, version)).await?;
            let fields = actor.signed_in.rights.fields(resource, &resource.rights.update);
            let after = changes(hand, &fields, &current, &values)?;
            if after.is_empty() {
                show_one(&mut tx, resource, &actor.signed_in.rights, &mut current).await?;
                return Ok(tx.done((current, false)));
            }
            refuse_unknown_files(&mut tx, hand, (id, &after)).await?;
            refuse_proposed(&mut tx, resource, (id, &proposed(&current, &after))).await?;
            queries::update_record(&mut tx, resource, id, &after).await.map_err(|error| refuse(resource, &after, error))?;
            let before = were(&current, &after);
            let written = queries::record(&mut tx, resource, id, false).await?.ok_or_else(|| refusal::unknown(resource))?;
            let changed = Changed { before: Some(&before), after: Some(&after), reason };
            let done = finish(tx, hand, written, (Act::Update, &changed)).await?;
            Ok(done.map(|record| (record, true)))
        })
        .await?;
    if moved {
        app.movements.moved(actor.signed_in.tenant);
    }
    Ok(told(record))
}

/// Puts a record away. What names it still does.
pub(super) async fn archive(hand: &Hand<'_>, meant: Meant, reason: Reason) -> Result<Response, Failure> {
    put(hand, meant, reason, Act::Archive).await
}

/// Takes it out again.
pub(super) async fn restore(hand: &Hand<'_>, meant: Meant, reason: Reason) -> Result<Response, Failure> {
    put(hand, meant, reason, Act::Restore).await
}

async fn put(hand: &Hand<'_>, (id, version): Meant, reason: Reason, act: Act) -> Result<Response, Failure> {
    let Hand { resource, app, actor } = *hand;
    let reason = read_reason(reason.reason.as_deref())?;
    let archived = matches!(act, Act::Archive);
    let scope = actor.signed_in.scope_for(&resource.rights.delete)?;
    let (record, moved) = app
        .database
        .in_tenant::<_, Failure, _>(&scope, async |mut tx| {
            let mut current = held(&mut tx, hand, &resource.rights.delete, (id, version)).await?;
            if current.archived_at.is_some() == archived {
                show_one(&mut tx, resource, &actor.signed_in.rights, &mut current).await?;
                return Ok(tx.done((current, false)));
            }
            queries::archive_records(&mut tx, resource, &[id], archived).await?;
            let written = queries::record(&mut tx, resource, id, false).await?.ok_or_else(|| refusal::unknown(resource))?;
            let done = finish(tx, hand, written, (act, &Changed { before: None, after: None, reason })).await?;
            Ok(done.map(|record| (record, true)))
        })
        .await?;
    if moved {
        app.movements.moved(actor.signed_in.tenant);
    }
    Ok(told(record))
}

/// The record, locked, where the actor may do that to it and knows its newest version.
async fn held(tx: &mut TenantTx, hand: &Hand<'_>, permission: &'static Permission, (id, IfMatch(version)): Meant) -> Result<RecordView, Failure> {
    let current = queries::record(tx, hand.resource, id, true).await?.ok_or_else(|| refusal::unknown(hand.resource))?;
    require_known(hand, &[permission], &current, version)?;
    Ok(current)
}

/// Refuses who may not do all of that to the record, or knows an older version of it.
pub(super) fn require_known(hand: &Hand<'_>, takes: &[&'static Permission], current: &RecordView, version: u64) -> Result<(), Refusal> {
    let (resource, rights) = (hand.resource, &hand.actor.signed_in.rights);
    let subject = Subject::of(resource, current);
    let reached = require_reach(hand, takes, &subject);
    // Of one that they may not even look at they are not told that it is there.
    let hidden = || !rights.may_see(resource, current);
    reached.map_err(|refusal| if hidden() { refusal::unknown(resource) } else { refusal })?;
    if current.version == version { Ok(()) } else { Err(refusal::stale(current.version)) }
}

/// Refuses who may not do all of that where the record is, or not to that one of those that are there.
pub(super) fn require_reach(hand: &Hand<'_>, takes: &[&'static Permission], subject: &Subject<'_>) -> Result<(), Refusal> {
    let Hand { resource, actor, .. } = *hand;
    takes.iter().try_for_each(|permission| {
        actor.signed_in.require_for(permission, subject.site, resource.site.is_some())?;
        if actor.signed_in.rights.reaches(resource, permission, subject) { Ok(()) } else { Err(refusal::out_of_reach(resource)) }
    })
}

/// What of the values is not so already; refused where the actor may not write them, or the record does not take them.
pub(super) fn changes(hand: &Hand<'_>, fields: &Fields<'_>, current: &RecordView, values: &Values) -> Result<Values, Refusal> {
    let resource = hand.resource;
    // Also where it says what is there already: whether it does is not for everybody to know.
    fields.require_write(values.keys().map(String::as_str), &Subject::of(resource, current))?;
    if current.archived_at.is_some() {
        return Err(refusal::archived());
    }
    let mut wanted = values.clone();
    make_whole(resource, Some(&current.values), &mut wanted);
    name_rows(resource, &mut wanted, || hand.app.environment.new_id());
    let after: Values =
        wanted.iter().filter(|(name, value)| current.values.get(*name) != Some(*value)).map(|(name, value)| (name.clone(), value.clone())).collect();
    let is_fixed = |name: &&String| resource.field(name).is_some_and(|field| field.fixed);
    refuse_invalid(after.keys().filter(is_fixed).map(|name| FieldProblem::new(name, Wrong::Fixed)).collect())?;
    refuse_invalid(check(resource, &after))?;
    require_stays(hand, fields.takes(), (current, &after))?;
    Ok(after)
}

/// Nobody moves a record to where they may not change it.
pub(super) fn require_stays(hand: &Hand<'_>, takes: &[&'static Permission], (current, after): (&RecordView, &Values)) -> Result<(), Refusal> {
    let values = proposed(current, after);
    let subject = Subject { site: hand.resource.site_of(current.id, &values), maker: current.created_by, values: &values };
    require_reach(hand, takes, &subject)
}

/// All values of a record as they would be.
pub(super) fn proposed(current: &RecordView, after: &Values) -> Values {
    let mut proposed = current.values.clone();
    proposed.extend(after.clone());
    proposed
}

/// The fields that change, as they are before.
pub(super) fn were(current: &RecordView, after: &Values) -> Values {
    after.keys().map(|name| (name.clone(), current.values.get(name).cloned().unwrap_or(Value::Null))).collect()
}

/// What is written beside the record's row, and the record as whoever did it may see it.
async fn finish(mut tx: TenantTx, hand: &Hand<'_>, mut record: RecordView, (act, changed): (Act, &Changed<'_>)) -> Result<Done<RecordView>, Failure> {
    let (values, archived) = (record.values.clone(), record.archived_at.is_some());
    let now = Now { id: record.id, version: record.version, values, archived, act, before: changed.before, after: changed.after };
    show_one(&mut tx, hand.resource, &hand.actor.signed_in.rights, &mut record).await?;
    beside::write(&mut tx, hand, &[now], changed.reason).await?;
    Ok(tx.done(record))
}

/// Says what changed, and of people nothing: whoever may know reads it.
pub(super) fn event(
    resource: &Resource,
    (id, version, values): (Uuid, u64, &Values),
    (act, before, after): (Act, Option<&Values>, Option<&Values>),
    now: Timestamp,
) -> NewEvent {
    let kind = act.event(resource);
    let told = after.map_or_else(Values::new, |after| publishable(resource, after));
    let changed: Vec<&String> = after.into_iter().flatten().map(|(name, _)| name).collect();
    // The same record never has two changes of one version.
    let cause = event_id(&format!("{}:{version}", resource.kind), id);
    NewEvent {
        id: event_id(kind, cause),
        kind,
        subject: id.to_string(),
        site: resource.site_of(id, values),
        occurred_at: now,
        data: with_rows(json!({ "id": id, "version": version, "changed": changed, "values": told }), resource, (before, after)),
    }
}

/// Which rows of the lists that changed became other ones: their ids, which say nothing of anybody.
pub(super) fn with_rows(mut data: Value, resource: &Resource, (before, after): (Option<&Values>, Option<&Values>)) -> Value {
    let lists = resource.fields.iter().filter(|field| field.rows().is_some());
    let changes =
        |name: &str| Some(json!(RowChanges::between(before.and_then(|before| before.get(name)).unwrap_or(&Value::Null), after?.get(name)?)));
    let rows: Values = lists.filter_map(|field| Some((field.name.to_owned(), changes(field.name)?))).collect();
    if !rows.is_empty() {
        data["rows"] = Value::Object(rows);
    }
    data
}

/// What of these values is said of nobody.
pub(super) fn publishable(resource: &Resource, values: &Values) -> Values {
    let said_of_nobody = |(name, _): &(&String, &Value)| resource.field(name).is_some_and(|field| field.is_published());
    values.iter().filter(said_of_nobody).map(|(name, value)| (name.clone(), value.clone())).collect()
}

pub(super) fn title<'a>(resource: &Resource, values: &'a Values) -> &'a str {
    values.get(resource.title).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn refuse_invalid(errors: Vec<FieldProblem>) -> Result<(), Refusal> {
    if errors.is_empty() { Ok(()) } else { Err(refusal::fields_invalid(errors)) }
}

/// What a module says against a record as it would be.
pub(super) async fn refuse_proposed(tx: &mut TenantTx, resource: &Resource, proposed: effect::Proposed<'_>) -> Result<(), Failure> {
    let found = effect::problems(tx, resource, &[proposed]).await?;
    Ok(refuse_invalid(found.into_iter().map(|(_, problem)| problem).collect())?)
}

/// Files that a record gets are those that its writer has uploaded.
async fn refuse_unknown_files(tx: &mut TenantTx, hand: &Hand<'_>, written: effect::Proposed<'_>) -> Result<(), Failure> {
    let found = files::unknown(tx, hand.resource, hand.actor.signed_in.account, &[written]).await?;
    Ok(refuse_invalid(found.into_iter().map(|(_, problem)| problem).collect())?)
}

/// Time zones are those that the database knows, which reckons with them, and that browsers know as well: named by their place.
pub(super) async fn check_places(app: &App, resource: &Resource, values: &Values) -> Result<(), Failure> {
    for field in resource.fields.iter().filter(|field| field.shape == Shape::TimeZone) {
        let Some(zone) = values.get(field.name).and_then(Value::as_str) else { continue };
        if !zone_is_known(app, zone).await? {
            refuse_invalid(vec![FieldProblem::new(field.name, Wrong::NotValid)])?;
        }
    }
    Ok(())
}

pub(super) async fn zone_is_known(app: &App, zone: &str) -> Result<bool, Failure> {
    let is_place = zone == "UTC" || (zone.contains('/') && !zone.starts_with("posix/") && !zone.starts_with("right/"));
    Ok(is_place && queries::zone_is_known(&mut app.database.before_tenant().await?, zone).await?)
}

pub(super) fn read_reason(reason: Option<&str>) -> Result<Option<&str>, Refusal> {
    let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
    if reason.is_some_and(|reason| reason.chars().count() > LONGEST_REASON || reason.chars().any(|c| c.is_control() && c != '\n')) {
        return Err(Refusal::new(422, "reason_malformed", "The reason cannot be kept", "Say it in at most 500 characters that can be printed."));
    }
    Ok(reason)
}

/// What a constraint says of the field it is named after: `<table>_<field>_unique`, `<table>_<field>_known`, and `<table>_<field>_once` where it is so with others.
pub(super) fn refuse(resource: &Resource, values: &Values, error: sqlx::Error) -> Failure {
    let Some(constraint) = violated_constraint(&error) else { return error.into() };
    if constraint == format!("{}_pkey", resource.plural) {
        return refusal::exists().into();
    }
    let named = |name: &&String| {
        [("unique", Wrong::Taken), ("once", Wrong::Taken), ("known", Wrong::UnknownRecord)]
            .into_iter()
            .find(|(end, _)| constraint == format!("{}_{name}_{end}", resource.plural))
    };
    let found = values.keys().find_map(|name| named(&name).map(|(_, wrong)| FieldProblem::new(name, wrong)));
    found.map_or_else(|| error.into(), |problem| refusal::fields_invalid(vec![problem]).into())
}
