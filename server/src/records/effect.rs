//! What a module does when its records are written.

use crate::failure::Failure;
use crate::reference::RowWrite;
use crate::tenancy::TenantTx;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use holdfast_domain::kernel::resource::{FieldProblem, Resource, Values};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A record as it would be, with all its values, before it is stored.
pub type Proposed<'a> = (Uuid, &'a Values);

/// A record that was just stored, in the running transaction.
pub struct Written<'a> {
    /// What it is of.
    pub resource: &'static Resource,
    /// Which.
    pub id: Uuid,
    /// As it is now.
    pub values: &'a Values,
    /// The fields that changed, as they were; none where it was just made, put away or taken back.
    pub before: Option<&'a Values>,
    /// Whether it is put away.
    pub archived: bool,
}

/// Does what is particular to a kind, for one record or as many as a batch of a file has. It must not take the feed's counter: the rows it answers are written last.
pub trait Effect: Send + Sync {
    /// Such as `catalog.product`.
    fn kind(&self) -> &'static str;
    /// What of these cannot be, beside what their declaration says. Asked before they are stored.
    fn problems<'a>(&'a self, _tx: &'a mut TenantTx, _proposed: &'a [Proposed<'a>]) -> BoxFuture<'a, Result<Vec<(Uuid, FieldProblem)>, Failure>> {
        async { Ok(Vec::new()) }.boxed()
    }
    /// Stores what else there is to store, and answers the reference rows that devices get.
    fn written<'a>(&'a self, _tx: &'a mut TenantTx, _written: &'a [Written<'a>]) -> BoxFuture<'a, Result<Vec<RowWrite>, Failure>> {
        async { Ok(Vec::new()) }.boxed()
    }
}

/// The effects of a resource.
fn of(resource: &Resource) -> impl Iterator<Item = &'static dyn Effect> {
    crate::EFFECTS.iter().copied().filter(|effect| effect.kind() == resource.kind)
}

/// Whether a module has anything to do with such records.
pub(super) fn concerns(resource: &Resource) -> bool {
    of(resource).next().is_some()
}

/// What the modules find wrong with these.
pub(super) async fn problems(tx: &mut TenantTx, resource: &Resource, proposed: &[Proposed<'_>]) -> Result<Vec<(Uuid, FieldProblem)>, Failure> {
    let mut found = Vec::new();
    for effect in of(resource).filter(|_| !proposed.is_empty()) {
        found.extend(effect.problems(tx, proposed).await?);
    }
    Ok(found)
}

/// The same, record by record.
pub(super) async fn problems_of_each(
    tx: &mut TenantTx,
    resource: &Resource,
    proposed: Vec<(Uuid, Values)>,
) -> Result<BTreeMap<Uuid, Vec<FieldProblem>>, Failure> {
    let proposed: Vec<Proposed<'_>> = proposed.iter().map(|(id, values)| (*id, values)).collect();
    let mut of_each: BTreeMap<Uuid, Vec<FieldProblem>> = BTreeMap::new();
    for (id, problem) in problems(tx, resource, &proposed).await? {
        of_each.entry(id).or_default().push(problem);
    }
    Ok(of_each)
}

/// The rows that devices get of these.
pub(super) async fn written(tx: &mut TenantTx, resource: &Resource, written: &[Written<'_>]) -> Result<Vec<RowWrite>, Failure> {
    let mut rows = Vec::new();
    for effect in of(resource).filter(|_| !written.is_empty()) {
        rows.extend(effect.written(tx, written).await?);
    }
    Ok(rows)
}
