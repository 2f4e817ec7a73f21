//! What a module does when one of its records is written.

use crate::failure::Failure;
use crate::reference::RowWrite;
use crate::tenancy::TenantTx;
use futures::future::BoxFuture;
use holdfast_domain::kernel::resource::{Resource, Values};
use uuid::Uuid;

/// A record that was just stored, in the running transaction.
pub struct Written<'a> {
    /// What it is of.
    pub resource: &'static Resource,
    /// Which.
    pub id: Uuid,
    /// As it is now.
    pub values: &'a Values,
    /// Whether it is put away.
    pub archived: bool,
}

/// Does what is particular to a kind. It must not take the feed's counter: the rows it answers are written last.
pub trait Effect: Send + Sync {
    /// Such as `catalog.product`.
    fn kind(&self) -> &'static str;
    /// Stores what else there is to store, and answers the reference rows that devices get.
    fn written<'a>(&'a self, tx: &'a mut TenantTx, written: &'a Written<'a>) -> BoxFuture<'a, Result<Vec<RowWrite>, Failure>>;
}
