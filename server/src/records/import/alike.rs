//! Lines whose records are probably there already: taken, and told.

use super::batch::Outcome;
use super::judge::{Deed, Judged};
use super::plan::Plan;
use crate::failure::Failure;
use crate::records::{Hand, alike};
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::resource::{AlikeLine, Field, Likeness, Values};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Tells, before they are written, which records and which lines before say the same as one of these.
pub(super) async fn tell(tx: &mut TenantTx, hand: &Hand<'_>, plan: &Plan, (outcome, good): (&mut Outcome, &[Judged])) -> Result<(), Failure> {
    if !plan.resource.merges() {
        return Ok(());
    }
    let said: Vec<(Uuid, &Values)> = good.iter().map(|judged| (judged.id, new_values(judged))).collect();
    let fields = hand.actor.signed_in.rights.fields(plan.resource, &plan.resource.rights.read);
    let mut records = alike::of(tx, &fields, &said, |field| fields.of_all(field.name).reads()).await?;
    let mut told: BTreeMap<(&'static str, String), u64> = BTreeMap::new();
    for judged in good {
        let mut lines: Vec<u64> = Vec::new();
        for (field, likeness) in telling(plan) {
            let Some(key) = likeness.key_of(new_values(judged), field.name) else { continue };
            let what = (field.name, key);
            lines.extend(plan.told_by(&what).or_else(|| told.get(&what).copied()));
            told.entry(what).or_insert(judged.number);
        }
        lines.sort_unstable();
        lines.dedup();
        let records = records.remove(&judged.id).unwrap_or_default();
        if !records.is_empty() || !lines.is_empty() {
            outcome.alike.push(AlikeLine { line: judged.number, records, lines });
        }
    }
    outcome.told = told;
    Ok(())
}

fn telling(plan: &Plan) -> impl Iterator<Item = (&'static Field, Likeness)> + use<> {
    plan.resource.fields.iter().filter_map(|field| Some((field, field.alike?)))
}

/// What was there before is no news.
fn new_values(judged: &Judged) -> &Values {
    match &judged.deed {
        Deed::Create(values) | Deed::Change { after: values, .. } => values,
    }
}
