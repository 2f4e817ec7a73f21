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
/// A device that holds this many numbers the server has not seen used gets no more: enough for weeks without a network, and a program that asks in a
/// loop burns no more.
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
            let block = next_block(&app, &mut tx, &request, site).await?;
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

async fn next_block(app: &App, tx: &mut TenantTx, request: &BlockRequest, site: SiteId) -> Result<ReceiptBlock, Failure> {
    let epoch = identity::epoch(tx).await?;
    // Locks the tenant's counter, so that what is unused is counted once at a time.
    let last = queries::take_numbers(tx, epoch, BLOCK_SIZE, JUMP).await?;
    let unused = queries::unused(tx, request.device, request.chain).await?;
    if unused.saturating_add(BLOCK_SIZE) > MOST_UNUSED {
        let detail = format!("It holds {unused} receipt numbers that it has not sent a sale for. Send its sales first.");
        return Err(Refusal::new(409, "receipt_numbers_in_stock", "The device has receipt numbers enough", detail).into());
    }
    let block = ReceiptBlock { block: app.environment.new_id(), device: request.device, chain: request.chain, first: last - BLOCK_SIZE + 1, last };
    queries::insert_block(tx, &block, site, request.till).await?;
    Ok(block)
}
