//! Till sessions in the books.
//!
//! What the drawer should hold is judged once as many tickets have arrived as the closing device knew of: a till that was offline sends its
//! closing before its last tickets. [`AwaitedTickets`] hears of each ticket and settles the session again when the last has come.

mod await_tickets;
mod project;
mod queries;
mod settle;

use crate::failure::Fault;
use crate::sync::{Merged, Projected, Settlement};
use crate::tenancy::TenantTx;
use futures::FutureExt;
use futures::future::BoxFuture;
use holdfast_domain::kernel::Document;
use holdfast_domain::sales::till_session::TillSession;
use holdfast_sync::envelope::IntentCall;

pub use await_tickets::AwaitedTickets;
pub(super) use queries::{delete_till_session, fingerprint};

/// What the server does with `sales.till_session`.
pub struct TillSessionSettlement;

impl Settlement for TillSessionSettlement {
    fn kind(&self) -> &'static str {
        TillSession::KIND
    }

    fn lock_keys(&self, merged: &Merged) -> Vec<String> {
        settle::lock_keys(merged)
    }

    /// Whether a till has another session open is read from the tables.
    fn settles_together(&self) -> bool {
        false
    }

    fn settle<'a>(&'a self, tx: &'a mut TenantTx, merged: &'a [Merged]) -> BoxFuture<'a, Result<Vec<Vec<IntentCall>>, Fault>> {
        async move {
            let mut calls = Vec::with_capacity(merged.len());
            for merged in merged {
                calls.push(settle::settle(tx, merged).await?);
            }
            Ok(calls)
        }
        .boxed()
    }

    fn project<'a>(&'a self, tx: &'a mut TenantTx, merged: &'a [Merged]) -> BoxFuture<'a, Result<Vec<Projected>, Fault>> {
        async move {
            let mut projected = Vec::with_capacity(merged.len());
            for merged in merged {
                projected.push(project::project(tx, merged).await?);
            }
            Ok(projected)
        }
        .boxed()
    }
}
