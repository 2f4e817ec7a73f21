//! Writes the books again from the documents, and says where they had been wrong.

use super::{ticket, till_session};
use crate::SETTLEMENTS;
use crate::failure::Fault;
use crate::sync::{self, Merged};
use crate::tenancy::{Database, Done, TenantScope, TenantTx};
use holdfast_domain::kernel::{Document, DocumentId, TenantId};
use holdfast_domain::sales::ticket::Ticket;
use holdfast_domain::sales::till_session::TillSession;

/// How many documents' ids are read at once.
const PAGE: u32 = 500;

/// What is done with what was written again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rewriting {
    /// It is compared and thrown away.
    Verify,
    /// It takes the place of what was there.
    Repair,
}

/// What a rebuild found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rebuilt {
    /// How many documents were written again.
    pub documents: u64,
    /// Those whose rows were not what their facts say.
    pub differed: Vec<DocumentId>,
}

/// Writes every ticket and till session of a tenant again, each in a transaction of its own that holds the document's lane, so that selling
/// goes on meanwhile. Nothing is published: the events are out.
pub async fn rebuild(database: &Database, tenant: TenantId, rewriting: Rewriting) -> Result<Rebuilt, Fault> {
    let scope = TenantScope::system(tenant);
    let mut rebuilt = Rebuilt::default();
    for kind in [TillSession::KIND, Ticket::KIND] {
        let mut after = None;
        loop {
            let mut tx = database.tenant(scope.clone()).await?;
            let page = sync::documents(&mut tx, kind, after, PAGE).await?;
            tx.commit().await?;
            for document in &page {
                rebuilt.documents += 1;
                let differed = match rewriting {
                    Rewriting::Repair => database.in_tenant(&scope, |tx| write_again(tx, kind, *document)).await?,
                    Rewriting::Verify => write_again(database.tenant(scope.clone()).await?, kind, *document).await?.undone(),
                };
                if differed {
                    rebuilt.differed.push(*document);
                }
            }
            match page.last() {
                Some(last) => after = Some(*last),
                None => break,
            }
        }
    }
    Ok(rebuilt)
}

/// Whether the rows differed.
async fn write_again(mut tx: TenantTx, kind: &'static str, document: DocumentId) -> Result<Done<bool>, Fault> {
    let Some(merged) = sync::read_document(&mut tx, document).await? else { return Ok(tx.done(false)) };
    let before = fingerprint(&mut tx, kind, document).await?;
    match kind {
        Ticket::KIND => ticket::delete_ticket(&mut tx, document).await?,
        _ => till_session::delete_till_session(&mut tx, document).await?,
    }
    project(&mut tx, kind, &merged).await?;
    let differed = fingerprint(&mut tx, kind, document).await? != before;
    Ok(tx.done(differed))
}

async fn fingerprint(tx: &mut TenantTx, kind: &str, document: DocumentId) -> Result<String, Fault> {
    match kind {
        Ticket::KIND => ticket::fingerprint(tx, document).await,
        _ => till_session::fingerprint(tx, document).await,
    }
}

async fn project(tx: &mut TenantTx, kind: &str, merged: &Merged) -> Result<(), Fault> {
    if let Some(settlement) = SETTLEMENTS.of(kind) {
        settlement.project(tx, std::slice::from_ref(merged)).await?;
    }
    Ok(())
}
