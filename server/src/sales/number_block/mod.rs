//! `POST /api/v1/sales/number-blocks`: reserves receipt numbers for one device and the present life of its database.

mod queries;

use crate::failure::{Failure, Refusal};
use crate::http::{App, JsonBody};
use crate::identity::{self, SignedIn};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use holdfast_domain::kernel::SiteId;
use holdfast_domain::sales::{BlockRequest, ReceiptBlock, SELL};

/// The numbers of a block: a busy till's sales of two days.
const BLOCK_SIZE: u64 = 1_000;
/// A device that holds this many numbers the server has not seen used gets its newest block once more: enough for weeks without a network, and a
/// program that asks in a loop burns no more. A device that knows the block keeps its place in it; one that never got the answer gets it now.
const MOST_UNUSED: u64 = 10_000;
/// How far the numbers jump when the feed's epoch changes: further than all that can have been reserved since the backup was taken.
const JUMP: u64 = 1_000_000;

/// Reserves a block.
pub(super) async fn reserve(
    State(app): State<App>,
    signed_in: SignedIn,
    JsonBody(request): JsonBody<BlockRequest>,
) -> Result<(StatusCode, Json<ReceiptBlock>), Failure> {
    app.database
        .in_tenant(&signed_in.scope_for(&SELL)?, async |mut tx| {
            let site = site_of(&mut tx, &request).await?;
            // Locks the tenant's counter, so that what is unused is counted once at a time.
            let life = identity::feed_life(&mut tx).await?;
            let head = queries::lock_head(&mut tx, life, JUMP).await?;
            if let Some(newest) = plenty(&mut tx, &request).await? {
                return Ok(tx.done((StatusCode::OK, Json(newest))));
            }
            let BlockRequest { device, chain, till } = request;
            let block = ReceiptBlock { block: app.environment.new_id(), device, chain, first: head + 1, last: head + BLOCK_SIZE };
            queries::insert_block(&mut tx, &block, site, till).await?;
            queries::move_head(&mut tx, block.last).await?;
            Ok(tx.done((StatusCode::CREATED, Json(block))))
        })
        .await
}

/// The site of the till, where the account may sell; the transaction sees no other.
async fn site_of(tx: &mut TenantTx, request: &BlockRequest) -> Result<SiteId, Failure> {
    let till = identity::site_of_till(tx, request.till).await?;
    let site = till.ok_or_else(|| Refusal::new(404, "till_unknown", "There is no such till", "Choose one of the tills of your sites."))?;
    if !identity::chain_is_live(tx, request.device, request.chain).await? {
        let detail = "Its present storage is not enrolled with your company. Enrol the device again.";
        return Err(Refusal::new(404, "device_unknown", "There is no such device", detail).into());
    }
    Ok(site)
}

/// The newest block, where the device holds numbers enough.
async fn plenty(tx: &mut TenantTx, request: &BlockRequest) -> Result<Option<ReceiptBlock>, Failure> {
    if queries::unused(tx, request.device, request.chain).await?.saturating_add(BLOCK_SIZE) <= MOST_UNUSED {
        return Ok(None);
    }
    Ok(queries::newest_block(tx, request.device, request.chain).await?)
}
