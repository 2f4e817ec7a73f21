//! Some lines of a file, in one transaction: read, looked up together, judged one by one, written together.

use super::file::{Column, Line};
use super::judge::{Deed, Judge, Judged};
use super::plan::{Called, Match, Plan};
use super::{alike, write};
use crate::failure::{Failure, Fault, violated_constraint};
use crate::records::{Hand, cell, effect, queries};
use crate::tenancy::{Done, TenantTx};
use holdfast_domain::kernel::resource::{
    AlikeLine, Field, FieldProblem, RecordView, RefusedLine, Resource, Shape, Values, Wrong, gather, is_masked, tidy,
};
use holdfast_domain::resource_of;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Somebody else may take a value between the look and the write; then all is looked at anew.
const ATTEMPTS: usize = 3;

/// What became of the lines.
#[derive(Default)]
pub(super) struct Outcome {
    pub created: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub refused: Vec<RefusedLine>,
    /// What they said that no other line may say.
    pub said: BTreeSet<(&'static str, String)>,
    /// Lines that were taken and are probably there already.
    pub alike: Vec<AlikeLine>,
    /// What the lines said of fields that tell records from others, each with its first line.
    pub told: BTreeMap<(&'static str, String), u64>,
}

/// A line as values.
pub(super) struct Read {
    pub number: u64,
    pub id: Option<Uuid>,
    /// The id that it gets where it names none and nothing else tells its record: the same one whenever the file is sent.
    pub mark: Uuid,
    pub values: Values,
    pub problems: Vec<FieldProblem>,
}

/// Takes lines in, all or none of those that are good.
pub(super) async fn take_in(hand: &Hand<'_>, plan: &Plan, columns: &[Column], lines: &[Line]) -> Result<Outcome, Failure> {
    let scope = hand.actor.signed_in.scope_for(&plan.resource.rights.bulk_edit)?;
    for _ in 1..ATTEMPTS {
        match hand.app.database.in_tenant::<_, Overtaken, _>(&scope, async |tx| run(tx, hand, plan, (columns, lines)).await).await {
            Err(Overtaken::ByAnother) => {}
            Err(Overtaken::Failed(failure)) => return Err(failure),
            Ok(outcome) => return Ok(outcome),
        }
    }
    Err(Fault::because("values of a file were taken by others again and again").into())
}

/// Why a batch was not written.
pub(super) enum Overtaken {
    /// Somebody took a value, or changed a record, between the look and the write.
    ByAnother,
    Failed(Failure),
}

impl crate::failure::Transient for Overtaken {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Failed(failure) if failure.is_transient())
    }
}

impl From<Fault> for Overtaken {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault.into())
    }
}

impl From<Failure> for Overtaken {
    fn from(failure: Failure) -> Self {
        match failure {
            // Somebody took a code between the look and the write; the next look finds whose it is.
            Failure::Refusal(refusal) if refusal.code == "barcode_taken" => Self::ByAnother,
            failure => Self::Failed(failure),
        }
    }
}

impl From<sqlx::Error> for Overtaken {
    fn from(error: sqlx::Error) -> Self {
        if violated_constraint(&error).is_some_and(|name| ["_unique", "_once", "_pkey", "_known"].iter().any(|end| name.ends_with(end))) {
            Self::ByAnother
        } else {
            Self::Failed(error.into())
        }
    }
}

async fn run(mut tx: TenantTx, hand: &Hand<'_>, plan: &Plan, (columns, lines): (&[Column], &[Line])) -> Result<Done<Outcome>, Overtaken> {
    let mut read: Vec<Read> = lines.iter().map(|line| read_line(plan, columns, line)).collect();
    look_up_references(&mut tx, hand, plan, &mut read).await?;
    let current = current(&mut tx, hand, plan, &read).await?;
    let owners = owners(&mut tx, plan, (&read, &current)).await?;
    let made = made_before(&mut tx, plan, &read).await?;
    let (mut outcome, good) = Judge::of((hand, plan), current, owners, made).all(read);
    let good = without_problems(&mut tx, plan, (&mut outcome, good)).await?;
    alike::tell(&mut tx, hand, plan, (&mut outcome, &good)).await?;
    let hidden = if plan.dry_run { BTreeSet::new() } else { write::all(&mut tx, hand, &good).await? };
    for judged in good.iter().filter(|judged| hidden.contains(&judged.id)) {
        // A record that is not for this account to see has the id, or a value that no two may have.
        outcome.created -= 1;
        outcome.refused.push(RefusedLine { line: judged.number, problems: vec![FieldProblem::new(plan.by.field(), Wrong::Taken)] });
    }
    outcome.refused.sort_by_key(|refused| refused.line);
    Ok(tx.done(outcome))
}

/// Refuses the lines that a module has something against.
async fn without_problems(tx: &mut TenantTx, plan: &Plan, (outcome, good): (&mut Outcome, Vec<Judged>)) -> Result<Vec<Judged>, Failure> {
    if !effect::concerns(plan.resource) {
        return Ok(good);
    }
    let proposed = good.iter().map(|judged| (judged.id, judged.deed.proposed())).collect();
    let mut problems = effect::problems_of_each(tx, plan.resource, proposed).await?;
    let (bad, good): (Vec<Judged>, Vec<Judged>) = good.into_iter().partition(|judged| problems.contains_key(&judged.id));
    for judged in bad {
        match judged.deed {
            Deed::Create(_) => outcome.created -= 1,
            Deed::Change { .. } => outcome.changed -= 1,
        }
        outcome.refused.push(RefusedLine { line: judged.number, problems: problems.remove(&judged.id).unwrap_or_default() });
    }
    Ok(good)
}

fn read_line(plan: &Plan, columns: &[Column], line: &Line) -> Read {
    let mut read = Read { number: line.number, id: None, mark: line.mark(plan.resource, columns), values: Values::new(), problems: Vec::new() };
    let Some(cells) = &line.cells else {
        read.problems.push(FieldProblem::new("", Wrong::Unreadable));
        return read;
    };
    // A line that ends early says nothing in the cells that it lacks.
    let cells = cells.iter().map(String::as_str).chain(std::iter::repeat(""));
    for (column, cell) in columns.iter().zip(cells) {
        match column {
            Column::LeftOut => {}
            Column::Id if cell.trim().is_empty() => {}
            Column::Id => match cell.trim().parse::<Uuid>() {
                Ok(id) if !id.is_nil() => read.id = Some(id),
                _ => read.problems.push(FieldProblem::new("id", Wrong::NotValid)),
            },
            // A file that was taken out has no more of it than that; what is kept stays.
            Column::Of(field) if field.is_sealed() && is_masked(&json!(cell.trim())) => {}
            Column::Of(field) => match cell::read(field, cell, plan.currency) {
                Ok(value) => drop(read.values.insert(field.name.to_owned(), value)),
                Err(wrong) => read.problems.push(FieldProblem::new(field.name, wrong)),
            },
        }
    }
    gather(plan.resource, &mut read.values);
    tidy(plan.resource, &mut read.values);
    let zones = plan.resource.fields.iter().filter(|field| field.shape == Shape::TimeZone);
    for field in zones {
        if read.values.get(field.name).and_then(Value::as_str).is_some_and(|zone| !plan.zones.contains(zone)) {
            read.problems.push(FieldProblem::new(field.name, Wrong::NotValid));
        }
    }
    read
}

/// Cells that name a record by its title or its id come to mean its id.
async fn look_up_references(tx: &mut TenantTx, hand: &Hand<'_>, plan: &Plan, lines: &mut [Read]) -> Result<(), Failure> {
    for field in plan.resource.fields {
        let Shape::Reference(kind) = field.shape else { continue };
        let texts: BTreeSet<String> = lines.iter().filter_map(|line| line.values.get(field.name)?.as_str()).map(str::to_owned).collect();
        let rights = &hand.actor.signed_in.rights;
        let Some(named) = resource_of(kind).filter(|named| rights.require_somewhere(&named.rights.read).is_ok()) else {
            for line in lines.iter_mut().filter(|line| line.values.get(field.name).is_some_and(Value::is_string)) {
                line.problems.push(FieldProblem::new(field.name, Wrong::Forbidden));
            }
            continue;
        };
        let mut called = Called::new();
        for (id, title) in queries::called(tx, &rights.fields(named, &named.rights.read), &texts.into_iter().collect::<Vec<_>>()).await? {
            for text in [title, id.to_string()] {
                let known = called.entry((field.name, text)).or_default();
                if !known.contains(&id) {
                    known.push(id);
                }
            }
        }
        // A line may name what another one makes; whether that is taken is judged before it is stored.
        if kind == plan.resource.kind {
            for (text, id) in coming(plan.resource, lines) {
                called.entry((field.name, text)).or_insert_with(|| vec![id]);
            }
        }
        for line in lines.iter_mut() {
            let Some(text) = line.values.get(field.name).and_then(Value::as_str) else { continue };
            match called.get(&(field.name, text.to_owned())).map(Vec::as_slice) {
                Some([id]) => drop(line.values.insert(field.name.to_owned(), json!(id))),
                Some(_) => line.problems.push(FieldProblem::new(field.name, Wrong::SeveralRecords)),
                None => line.problems.push(FieldProblem::new(field.name, Wrong::UnknownRecord)),
            }
        }
    }
    Ok(())
}

/// What the records of these lines are called, and known by alone, each with the id that it gets where it is new; what several say is nobody's.
fn coming(resource: &Resource, lines: &[Read]) -> BTreeMap<String, Uuid> {
    let names = |field: &&Field| field.name == resource.title || (field.is_unique() && matches!(field.shape, Shape::Text | Shape::Gtin));
    let mut said: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for line in lines {
        for text in resource.fields.iter().filter(names).filter_map(|field| line.values.get(field.name)?.as_str()) {
            said.entry(text.to_owned()).or_default().push(line.id.unwrap_or(line.mark));
        }
    }
    said.into_iter().filter_map(|(text, ids)| Some((text, *<[Uuid; 1]>::try_from(ids).ok()?.first()?))).collect()
}

/// What a line says in a field that no two records share; where that holds within another field only, with what that field says, as `queries::owners` looks for it.
pub(super) fn alone(field: &Field, line: &Read, found: Option<&RecordView>) -> Option<String> {
    let value = line.values.get(field.name).filter(|value| !value.is_null()).map(said)?;
    let Some(within) = field.within else { return Some(value) };
    let place = line.values.get(within).or_else(|| found?.values.get(within))?;
    Some(format!("{}/{value}", place.as_str()?.parse::<Uuid>().ok()?))
}

/// What tells a line's record from others.
pub(super) fn key(plan: &Plan, line: &Read) -> Option<String> {
    match plan.by {
        Match::Id => line.id.map(|id| id.to_string()),
        Match::Field(field) => match field.alike {
            Some(likeness) => likeness.key_of(&line.values, field.name),
            None => line.values.get(field.name).filter(|value| !value.is_null()).map(said),
        },
        Match::Nothing => None,
    }
}

pub(super) fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The records that the lines are about, locked, by what they are found by. Of those that are only probably the same one, each that is in use; where none is, those that are archived.
async fn current(tx: &mut TenantTx, hand: &Hand<'_>, plan: &Plan, lines: &[Read]) -> Result<BTreeMap<String, Vec<RecordView>>, Failure> {
    let keys: Vec<String> = lines.iter().filter_map(|line| key(plan, line)).collect();
    let by = match plan.by {
        Match::Nothing => return Ok(BTreeMap::new()),
        Match::Id => None,
        Match::Field(field) => Some(field),
    };
    // One that is not for them to see is as if it were not there.
    let seen = |record: &RecordView| hand.actor.signed_in.rights.may_see(plan.resource, record);
    let found = queries::records_by(tx, plan.resource, by, &keys).await?;
    let key = |record: &RecordView| match by.map(|field| (field, field.alike)) {
        None => record.id.to_string(),
        Some((field, Some(likeness))) => likeness.key_of(&record.values, field.name).unwrap_or_default(),
        Some((field, None)) => record.values.get(field.name).map(said).unwrap_or_default(),
    };
    let mut current: BTreeMap<String, Vec<RecordView>> = BTreeMap::new();
    for record in found.into_iter().filter(seen) {
        current.entry(key(&record)).or_default().push(record);
    }
    for records in current.values_mut().filter(|records| records.iter().any(|record| record.archived_at.is_none())) {
        records.retain(|record| record.archived_at.is_none());
    }
    Ok(current)
}

/// Which of the lines without a key have made their records before.
async fn made_before(tx: &mut TenantTx, plan: &Plan, lines: &[Read]) -> Result<BTreeSet<Uuid>, Failure> {
    let marks: Vec<String> = lines.iter().filter(|line| line.id.is_none() && key(plan, line).is_none()).map(|line| line.mark.to_string()).collect();
    if marks.is_empty() {
        return Ok(BTreeSet::new());
    }
    Ok(queries::records_by(tx, plan.resource, None, &marks).await?.into_iter().map(|record| record.id).collect())
}

/// Whose the values are already that no two records may share.
async fn owners(
    tx: &mut TenantTx,
    plan: &Plan,
    (lines, current): (&[Read], &BTreeMap<String, Vec<RecordView>>),
) -> Result<BTreeMap<(&'static str, String), Uuid>, Failure> {
    let found = |line: &Read| key(plan, line).and_then(|key| current.get(&key)).and_then(|records| records.first());
    let mut owners = BTreeMap::new();
    for field in plan.resource.fields.iter().filter(|field| field.unique) {
        let values: Vec<String> = lines.iter().filter_map(|line| alone(field, line, found(line))).collect();
        if !values.is_empty() {
            owners.extend(queries::owners(tx, plan.resource, field, &values).await?.into_iter().map(|(value, id)| ((field.name, value), id)));
        }
    }
    Ok(owners)
}
