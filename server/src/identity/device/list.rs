//! `GET /api/v1/identity/devices`: which devices the company has, and who may act on them.

use super::queries::{self, ListedDevice, ListedGrant};
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, QueryOf};
use crate::identity::SignedIn;
use crate::sync;
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use holdfast_domain::identity::{DeviceStanding, DevicesPage, GrantHolder, READ_DEVICES};
use holdfast_domain::kernel::DeviceId;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The most devices of one page.
const MOST: u32 = 200;
/// Where no limit is given.
const USUAL: u32 = 50;

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::identity) struct DevicesQuery {
    /// What `next` of the page before said.
    after: Option<DeviceId>,
    /// The most of them on one page.
    #[schemars(range(min = 1, max = MOST))]
    limit: Option<u32>,
}

/// A page.
pub(in crate::identity) async fn devices(
    State(app): State<App>,
    signed_in: SignedIn,
    QueryOf(query): QueryOf<DevicesQuery>,
) -> Result<Json<DevicesPage>, Failure> {
    signed_in.require(&READ_DEVICES, None)?;
    let limit = query.limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        return Err(Refusal::new(400, "limit_out_of_range", "The limit is out of range", format!("Ask for 1 to {MOST} devices at once.")).into());
    }
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    // One more than asked for tells whether there are more.
    let mut listed = queries::devices_after(&mut tx, query.after, i64::from(limit) + 1).await?;
    let more = listed.len() > limit as usize;
    listed.truncate(limit as usize);
    let next = listed.last().filter(|_| more).map(|last| last.device);
    let devices = with_holders(&mut tx, listed).await?;
    tx.commit().await?;
    Ok(Json(DevicesPage { devices, next }))
}

/// One device, if the company has it.
pub(in crate::identity) async fn one(tx: &mut TenantTx, device: DeviceId) -> Result<Option<DeviceStanding>, Fault> {
    let listed = queries::listed_device(tx, device).await?;
    Ok(with_holders(tx, listed.into_iter().collect()).await?.pop())
}

async fn with_holders(tx: &mut TenantTx, listed: Vec<ListedDevice>) -> Result<Vec<DeviceStanding>, Fault> {
    let mut holders: BTreeMap<DeviceId, Vec<GrantHolder>> = BTreeMap::new();
    for ListedGrant { device, holder } in queries::newest_grants(tx, &listed.iter().map(|row| row.device.0).collect::<Vec<_>>()).await? {
        holders.entry(device).or_default().push(holder);
    }
    let arrived = sync::arrived(tx, &listed.iter().map(|row| row.device.0).collect::<Vec<_>>()).await?;
    let standing = |row: ListedDevice| DeviceStanding {
        arrived: arrived.get(&row.device).copied().unwrap_or_default(),
        app: row.app,
        waiting: row.waiting,
        holders: holders.remove(&row.device).unwrap_or_default(),
        device: row.device,
        name: row.name,
        till: row.till,
        enrolled_at: row.enrolled_at,
        taken_up_at: row.taken_up_at,
        last_contact: row.last_contact,
        revoked: row.revoked,
    };
    Ok(listed.into_iter().map(standing).collect())
}
