//! Envelopes that another one of their intent stands for: a device that dropped what was refused sends anew what rested on it.

mod queries;

use crate::failure::Fault;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::DocumentId;
use holdfast_sync::hub::Buried;

/// Keeps them aside, before the envelopes that stand for them are filed under their intents.
pub(super) async fn keep(tx: &mut TenantTx, document: DocumentId, buried: &[Buried]) -> Result<(), Fault> {
    for buried in buried {
        match buried {
            Buried::Filed(intent) => queries::keep_filed(tx, *intent).await?,
            Buried::Offered(envelope) => queries::keep_offered(tx, document, &envelope.0, &envelope.1).await?,
        }
    }
    Ok(())
}
