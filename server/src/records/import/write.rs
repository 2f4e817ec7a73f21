//! Writes what was judged good: the rows, and what is written beside them.

use super::batch::Overtaken;
use super::judge::{Deed, Judged};
use crate::records::beside::{self, Now};
use crate::records::write::{Act, were};
use crate::records::{Hand, queries};
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::resource::Values;
use std::collections::BTreeSet;
use uuid::Uuid;

/// Writes all of it. Answers the ids of those that could not be made, because records that the account does not see are in the way.
pub(super) async fn all(tx: &mut TenantTx, hand: &Hand<'_>, good: &[Judged]) -> Result<BTreeSet<Uuid>, Overtaken> {
    let before: Vec<Option<Values>> = good.iter().map(were_before).collect();
    let mut now: Vec<Now<'_>> = good.iter().zip(&before).map(|(judged, before)| now_of(judged, before.as_ref())).collect();
    let (made, changed): (Vec<&Now<'_>>, Vec<&Now<'_>>) = now.iter().partition(|now| now.before.is_none());
    let stored = queries::insert_records(tx, hand.resource, &rows(&made)).await?;
    let hidden: BTreeSet<Uuid> = made.iter().map(|now| now.id).filter(|id| !stored.contains(id)).collect();
    if queries::update_records(tx, hand.resource, &rows(&changed)).await? != changed.len() as u64 {
        return Err(Overtaken::ByAnother);
    }
    now.retain(|now| !hidden.contains(&now.id));
    beside::write(tx, hand, &now, None).await?;
    Ok(hidden)
}

fn were_before(judged: &Judged) -> Option<Values> {
    match &judged.deed {
        Deed::Create(_) => None,
        Deed::Change { current, after } => Some(were(current, after)),
    }
}

fn now_of<'a>(judged: &'a Judged, before: Option<&'a Values>) -> Now<'a> {
    let (version, act, after) = match &judged.deed {
        Deed::Create(after) => (1, Act::Create, after),
        Deed::Change { current, after } => (current.version + 1, Act::Update, after),
    };
    Now { id: judged.id, version, values: judged.deed.proposed(), archived: false, act, before, after: Some(after) }
}

fn rows<'a>(now: &[&'a Now<'_>]) -> Vec<(Uuid, &'a Values)> {
    now.iter().map(|now| (now.id, &now.values)).collect()
}
