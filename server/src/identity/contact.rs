//! When devices last spoke to the server: what the office shows as their last contact.
//!
//! Noted at most once a minute per device, so that a device that pulls at every turn costs one look-up and no write.

use super::device::queries;
use crate::failure::Fault;
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::DeviceId;

/// The device spoke just now. One that never enrolled with this tenant leaves no trace.
pub(crate) async fn note_contact(tx: &mut TenantTx, device: Option<DeviceId>) -> Result<(), Fault> {
    match device {
        Some(device) => queries::note_contact(tx, device).await,
        None => Ok(()),
    }
}
