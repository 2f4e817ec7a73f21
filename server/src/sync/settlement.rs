//! What a module does with its documents once they are merged: settle what they mean, project them into tables, publish what happened.
//!
//! The hub knows no module; it walks [`Settlements`], one explicit list. All of it happens in the lane's transaction, before the feed's
//! counter is taken, so that neither a table nor an event exists without its change, nor a change without them. A module is asked about all documents of its
//! kind that one transaction brings, so that it asks and writes once for all of them.

use crate::events::NewEvent;
use crate::failure::Fault;
use crate::tenancy::TenantTx;
use futures::future::BoxFuture;
use holdfast_domain::kernel::{DeviceId, DocumentId, IntentId, Timestamp};
use holdfast_sync::envelope::{Header, IntentCall};
use holdfast_sync::kind::{Audience, Facts};

/// A document as its lane left it.
pub struct Merged {
    /// The document.
    pub document: DocumentId,
    /// Its facts now, rulings included where it is being projected.
    pub facts: Facts,
    /// Who gets it.
    pub audiences: Vec<Audience>,
    /// What was merged now, in order.
    pub changes: Vec<MergedChange>,
}

/// A change merged in this lane.
pub struct MergedChange {
    /// Its header.
    pub header: Header,
    /// Its device time, clamped to what can be.
    pub effective_at: Timestamp,
    /// The device's clock said something impossible.
    pub clock_clamped: bool,
    /// Done after the grant had expired.
    pub after_expiry: bool,
}

/// What a module's tables took from a document.
#[derive(Default)]
pub struct Projected {
    /// To be published with the transaction.
    pub events: Vec<NewEvent>,
}

/// A module's part in sync, one per document kind.
pub trait Settlement: Send + Sync {
    /// Such as `sales.ticket`.
    fn kind(&self) -> &'static str;
    /// What the document must wait for beside itself, such as a stock level; locked in sorted order before settling.
    fn lock_keys(&self, merged: &Merged) -> Vec<String>;
    /// Whether several documents may be settled before the first of them is projected: [`Settlement::settle`] then has those before one in its list count as if
    /// they were in the tables. Else its list is of one.
    fn settles_together(&self) -> bool;
    /// What the server rules on each of these documents: intents of `system:<module>`. It sees the documents and the tables, and changes neither. A ruling that
    /// stands is not given again.
    fn settle<'a>(&'a self, tx: &'a mut TenantTx, merged: &'a [Merged]) -> BoxFuture<'a, Result<Vec<Vec<IntentCall>>, Fault>>;
    /// Writes the module's rows of each of these documents. Projecting the same document again changes nothing.
    fn project<'a>(&'a self, tx: &'a mut TenantTx, merged: &'a [Merged]) -> BoxFuture<'a, Result<Vec<Projected>, Fault>>;
}

/// Every settlement there is: one line per kind, in `server/src/lib.rs`.
#[derive(Clone, Copy)]
pub struct Settlements(pub &'static [&'static dyn Settlement]);

impl Settlements {
    /// The settlement of a kind.
    pub fn of(&self, kind: &str) -> Option<&'static dyn Settlement> {
        self.0.iter().copied().find(|settlement| settlement.kind() == kind)
    }
}

impl MergedChange {
    /// The intent behind it.
    pub fn intent_id(&self) -> IntentId {
        self.header.intent_id
    }

    /// The device that made it.
    pub fn device(&self) -> DeviceId {
        self.header.device
    }
}
