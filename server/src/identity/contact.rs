//! When devices last spoke to the server: what the office shows as their last contact.
//!
//! Noted at most once a minute per device, so that a device that pulls at every turn costs one look-up and no write.

use super::device::queries;
use crate::failure::Fault;
use crate::tenancy::TenantTx;
use holdfast_domain::identity::DeviceReport;
use holdfast_domain::kernel::DeviceId;

/// The device spoke just now. One that never enrolled with this tenant leaves no trace.
pub(crate) async fn note_contact(tx: &mut TenantTx, device: Option<DeviceId>) -> Result<(), Fault> {
    note_report(tx, device, &DeviceReport::default()).await
}

/// The same, with what it said of itself; what it says anew is noted at once.
pub(crate) async fn note_report(tx: &mut TenantTx, device: Option<DeviceId>, report: &DeviceReport) -> Result<(), Fault> {
    match device {
        Some(device) => queries::note_contact(tx, device, report).await,
        None => Ok(()),
    }
}
