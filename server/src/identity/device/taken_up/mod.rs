//! A device that this server forgot when it was put back from a backup, taken up again from a grant that it had issued on it.
//!
//! Others bring what the device made and, in the grant that its envelopes name, the server's own word on the device's key. So what it made is judged as what it was, though the device may
//! never come back. This is open only where the server was restored, for grants from before that, on devices that it knows nothing of otherwise; a device
//! that is known, and above all one that was taken back, stays what it is. A device that comes back itself enrols, and is one like any other from then on.

mod queries;

use super::queries as devices;
use crate::audit;
use crate::events::event_id;
use crate::failure::Fault;
use crate::identity::device_key::DeviceKey;
use crate::identity::feed_life;
use crate::tenancy::TenantTx;
use holdfast_domain::audit::Action;
use holdfast_domain::identity::GrantClaims;
use holdfast_domain::kernel::{ChainId, DeviceId, Timestamp};
use holdfast_sync::envelope::{Envelope, Header, Principal};
use queries::NewlyKnown;
use serde_json::{Map, json};

/// A device has few databases in the two weeks that others keep what it made. Of more, the office decides.
const MOST_CHAINS: i64 = 10;

/// An envelope of a device that is not enrolled, and the grant of ours that vouches for its key.
pub(crate) struct Returning<'a> {
    claims: &'a GrantClaims,
    key: DeviceKey,
    chain: ChainId,
}

impl<'a> Returning<'a> {
    /// What vouches for the envelope: the grant that its header names, issued to its author on its device, for the key that it is signed with. That the grant is this company's and signed
    /// by one of our keys has been seen.
    pub(crate) fn of((header, envelope): (&Header, &Envelope), claims: &'a GrantClaims) -> Option<Self> {
        let of_author = header.author.grant == Some(claims.jti) && header.author.account == Principal::Account(claims.sub);
        if !of_author || header.device != claims.device || header.device == DeviceId::SERVER || header.tenant != claims.tid {
            return None;
        }
        let confirmation = claims.cnf.as_ref()?;
        let named = confirmation.key.as_ref()?;
        let key = DeviceKey::read(named.algorithm, &named.public_key.0).ok()?;
        let right = confirmation.confirms(key.public_key()) && key.verify(&envelope.header.0, &envelope.signature.0);
        Some(Self { claims, key, chain: header.chain.filter(|_| right)? })
    }
}

/// Takes the device up, if nothing is known of it, and the chain of its envelope. Answers the key to check its signatures with; none where it is not to be taken up.
pub(crate) async fn take_up(tx: &mut TenantTx, returning: Returning<'_>) -> Result<Option<DeviceKey>, Fault> {
    let Returning { claims, key, chain } = returning;
    let restored_at = feed_life(tx).await?.restored_at;
    // In its present life the server knows every device that it granted anything on.
    if restored_at.is_none_or(|restored_at| Timestamp(claims.iat.saturating_mul(1_000)) > restored_at) {
        return Ok(None);
    }
    let name: String = claims.device.to_string().chars().take(8).collect();
    let new = NewlyKnown { device: claims.device, account: claims.sub, name: &name, algorithm: key.algorithm(), public_key: key.public_key() };
    if queries::insert_taken_up(tx, &new).await? {
        record(tx, claims, &name).await?;
        tracing::info!(device.id = %claims.device, grant.id = %claims.jti, "a device was taken up again from a grant");
    } else if devices::device(tx, claims.device).await?.is_none() {
        return Ok(None);
    }
    let known = devices::lock_device(tx, claims.device).await?;
    let same = known.algorithm == key.algorithm() && known.public_key == key.public_key();
    if !same || !known.taken_up || known.revoked_at.is_some() {
        return Ok(None);
    }
    if devices::count_chains(tx, claims.device).await? < MOST_CHAINS {
        devices::insert_chain(tx, claims.device, chain).await?;
    }
    Ok(Some(key))
}

/// That it was taken up, and from what, stands in the audit.
async fn record(tx: &mut TenantTx, claims: &GrantClaims, name: &str) -> Result<(), Fault> {
    let after = Map::from_iter([("grant".to_owned(), json!(claims.jti)), ("account".to_owned(), json!(claims.sub))]);
    let entry = audit::Entry {
        id: event_id("identity.device.taken_up", claims.jti.0),
        action: Action::TakeUp,
        record: ("identity.device", claims.device.0, name),
        site: None,
        before: None,
        after: Some(&after),
        reason: None,
    };
    audit::write_own(tx, &entry).await
}
