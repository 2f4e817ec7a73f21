//! Tickets in the books.
//!
//! Settling looks at the facts that came now and rules on what should not be; projecting writes the ticket, its lines, its payments and, once it
//! is completed, its order, and tells of them. Both read the document's facts alone, never what an intent claimed about them.

mod await_session;
mod events;
mod listed;
mod project;
mod queries;
mod read;
mod receipt;
mod settle;
mod taxes;
mod values;

use crate::failure::Fault;
use crate::sync::{Merged, Projected, Settlement};
use crate::tenancy::TenantTx;
use futures::FutureExt;
use futures::future::BoxFuture;
use holdfast_domain::kernel::Document;
use holdfast_domain::sales::ticket::Ticket;
use holdfast_sync::envelope::IntentCall;

pub use await_session::AwaitedSessions;
pub(super) use queries::{delete_ticket, fingerprint, status_name};
pub(super) use read::ReadTicket;

/// What the server does with `sales.ticket`.
pub struct TicketSettlement;

impl Settlement for TicketSettlement {
    fn kind(&self) -> &'static str {
        Ticket::KIND
    }

    fn lock_keys(&self, merged: &Merged) -> Vec<String> {
        settle::lock_keys(merged)
    }

    /// What one takes from the others is its receipt number alone, which settling keeps in mind.
    fn settles_together(&self) -> bool {
        true
    }

    fn settle<'a>(&'a self, tx: &'a mut TenantTx, merged: &'a [Merged]) -> BoxFuture<'a, Result<Vec<Vec<IntentCall>>, Fault>> {
        settle::settle(tx, merged).boxed()
    }

    fn project<'a>(&'a self, tx: &'a mut TenantTx, merged: &'a [Merged]) -> BoxFuture<'a, Result<Vec<Projected>, Fault>> {
        project::project(tx, merged).boxed()
    }
}
