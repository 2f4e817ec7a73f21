//! Variants: products that stand for another one, each told from the others by its options. A variant is sold as any product is; what has variants is not sold itself.

mod queries;

pub(super) use queries::with_relatives;

use crate::failure::{Failure, Fault};
use crate::records::Proposed;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::resource::{FieldProblem, Values, Wrong, row_path};
use queries::Family;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What tells a variant from others: each option with its value, whatever their order and case.
type Options = BTreeSet<(String, String)>;

/// The product that it is a variant of.
pub(super) fn parent_of(values: &Values) -> Option<Uuid> {
    values.get("variant_of")?.as_str()?.parse().ok()
}

fn rows(values: &Values) -> impl Iterator<Item = (String, String)> {
    let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().to_lowercase();
    values.get("options").and_then(Value::as_array).into_iter().flatten().map(move |row| (text(row, "option"), text(row, "value")))
}

/// What cannot be: a variant of a variant, of itself or in a circle; one without options, or with those of another one; options of what is no variant. `wrong` are those that
/// something else is against, so that nothing is a variant of them.
pub(super) async fn problems(tx: &mut TenantTx, proposed: &[Proposed<'_>], wrong: &BTreeSet<Uuid>) -> Result<Vec<(Uuid, FieldProblem)>, Failure> {
    let mut found: Vec<(Uuid, FieldProblem)> = proposed.iter().flat_map(|(id, values)| of_itself(values).map(|problem| (*id, problem))).collect();
    let variants: BTreeMap<Uuid, Uuid> = proposed.iter().filter_map(|(id, values)| Some((*id, parent_of(values)?))).collect();
    if variants.is_empty() {
        return Ok(found);
    }
    let near: BTreeSet<Uuid> = variants.iter().flat_map(|(id, parent)| [*id, *parent]).collect();
    let kept: BTreeMap<Uuid, Family> = queries::families(tx, &near).await?;
    let coming: BTreeMap<Uuid, &Values> = proposed.iter().map(|(id, values)| (*id, *values)).collect();
    let is_variant = |id: Uuid| {
        coming.get(&id).map_or_else(|| kept.get(&id).is_some_and(|family| family.variant_of.is_some()), |values| parent_of(values).is_some())
    };
    let has_variants = |id: Uuid| {
        let stays = |variant: &Uuid| coming.get(variant).is_none_or(|values| parent_of(values) == Some(id));
        variants.values().any(|parent| *parent == id) || kept.get(&id).is_some_and(|family| family.variants.iter().any(stays))
    };
    for (id, parent) in &variants {
        let is_there = kept.contains_key(parent) || (coming.contains_key(parent) && !wrong.contains(parent));
        if !is_there {
            found.push((*id, FieldProblem::new("variant_of", Wrong::UnknownRecord)));
        } else if parent == id || is_variant(*parent) || has_variants(*id) {
            found.push((*id, FieldProblem::new("variant_of", Wrong::NotValid)));
        }
    }
    found.extend(said_before(tx, proposed, &variants).await?);
    Ok(found)
}

/// What is wrong with the options of a product, whatever others there are.
fn of_itself(values: &Values) -> impl Iterator<Item = FieldProblem> {
    let (is_variant, mut said) = (parent_of(values).is_some(), BTreeSet::new());
    let lacking = match (is_variant, rows(values).next().is_some()) {
        (true, false) => Some(FieldProblem::new("options", Wrong::Missing)),
        (false, true) => Some(FieldProblem::new("variant_of", Wrong::Missing)),
        _ => None,
    };
    let twice = rows(values).enumerate().filter(move |(_, (option, _))| !said.insert(option.clone()));
    let twice: Vec<FieldProblem> = twice.map(|(at, _)| FieldProblem::new(&row_path("options", at, "option"), Wrong::Twice)).collect();
    lacking.into_iter().chain(twice)
}

/// Variants whose options are another one's of the same product, archived or not.
async fn said_before(tx: &mut TenantTx, proposed: &[Proposed<'_>], variants: &BTreeMap<Uuid, Uuid>) -> Result<Vec<(Uuid, FieldProblem)>, Fault> {
    let parents: BTreeSet<Uuid> = variants.values().copied().collect();
    let coming: BTreeSet<Uuid> = proposed.iter().map(|(id, _)| *id).collect();
    let mut known: BTreeSet<(Uuid, Options)> = BTreeSet::new();
    for (id, parent, options) in queries::options_of(tx, &parents).await? {
        // What one of these is from now on, the proposal says.
        if !coming.contains(&id) {
            let values = Values::from_iter([("options".to_owned(), options)]);
            known.insert((parent, rows(&values).collect()));
        }
    }
    let mut claimed: BTreeSet<(Uuid, Options)> = BTreeSet::new();
    let mut found = Vec::new();
    for (id, values) in proposed {
        let Some(parent) = variants.get(id) else { continue };
        let options: Options = rows(values).collect();
        let own = (*parent, options);
        if own.1.is_empty() {
            continue;
        }
        if known.contains(&own) {
            found.push((*id, FieldProblem::new("options", Wrong::Taken)));
        } else if !claimed.insert(own) {
            found.push((*id, FieldProblem::new("options", Wrong::Twice)));
        }
    }
    Ok(found)
}
