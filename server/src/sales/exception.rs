//! Exceptions: tasks of the office that rulings open. One is opened once per ruling, and stays as the office left it when the books are written again.

use super::queries;
use crate::failure::Fault;
use crate::metrics;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::{DocumentId, FactId, SiteId, TillId, Timestamp};

/// A task to be opened.
pub(super) struct NewException {
    /// The ruling's fact.
    pub id: FactId,
    /// The facts of the same finding: more than this one where a server that was restored ruled anew and its former word came back.
    pub found_in: Vec<FactId>,
    pub site: SiteId,
    pub till: TillId,
    /// The document's kind.
    pub kind: &'static str,
    pub document: DocumentId,
    pub code: &'static str,
    pub ruling: serde_json::Value,
    pub opened_at: Timestamp,
}

/// A ruling that another one settled.
pub(super) struct Settled {
    /// The settled ruling's fact.
    pub id: FactId,
    pub at: Timestamp,
    /// The settling ruling's code.
    pub by: &'static str,
}

/// Closes those that are open still: nobody needs to look any more.
pub(super) async fn settle(tx: &mut TenantTx, settled: &[Settled]) -> Result<(), Fault> {
    for settled in settled {
        queries::settle_exception(tx, settled).await?;
    }
    Ok(())
}

/// Opens those that are not open yet, and were not.
pub(super) async fn open(tx: &mut TenantTx, exceptions: &[NewException]) -> Result<(), Fault> {
    for exception in exceptions {
        if queries::insert_exception(tx, exception).await? {
            metrics::count_exception(exception.code);
        }
    }
    Ok(())
}
