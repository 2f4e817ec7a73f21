//! The SQL of `replaced_envelopes`.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::kernel::{DocumentId, IntentId};
use holdfast_sync::envelope::{Envelope, Header};

/// What is filed under the intent is kept aside.
pub(super) async fn keep_filed(tx: &mut TenantTx, intent: IntentId) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!(
        "insert into replaced_envelopes (tid, document, change_hash, intent_id, device, chain, device_seq, header, change, signature, code, arrived_at)
         select tid, document, change_hash, intent_id, device, chain, device_seq, header, change, signature, code, arrived_at from envelopes
         where tid = $1 and intent_id = $2 on conflict (tid, document, change_hash) do nothing",
        tid,
        intent.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What came while another was filed under its intent is kept.
pub(super) async fn keep_offered(tx: &mut TenantTx, document: DocumentId, header: &Header, envelope: &Envelope) -> Result<(), Fault> {
    let (tid, arrived) = (tx.tenant().0, to_stored(tx.now()));
    sqlx::query!(
        "insert into replaced_envelopes (tid, document, change_hash, intent_id, device, chain, device_seq, header, change, signature, arrived_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (tid, document, change_hash) do nothing",
        tid,
        document.0,
        header.change_hash.0.as_slice(),
        header.intent_id.0,
        header.device.0,
        header.chain.map(|chain| chain.0),
        header.device_seq as i64,
        envelope.header.0,
        envelope.change.0,
        envelope.signature.0,
        arrived
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
