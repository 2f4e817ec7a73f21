//! Receipt numbers: nobody gets another's.

use super::scene::{Shop, coffee};
use crate::support::Till;
use axum::http::{Method, StatusCode};
use holdfast_domain::kernel::{ChainId, DeviceId, TillId};
use holdfast_domain::sales::{BlockRequest, ReceiptBlock};
use holdfast_server::rehearsal::Response;
use std::collections::BTreeSet;
use uuid::Uuid;

const BLOCKS: &str = "/api/v1/sales/number-blocks";

fn request_of(till: &Till) -> BlockRequest {
    BlockRequest { device: till.chain.device, chain: till.chain.chain, till: till.till }
}

async fn ask(till: &Till) -> Response {
    till.client.post_json(BLOCKS, &request_of(till)).await
}

fn block(response: &Response) -> ReceiptBlock {
    assert!(response.status.is_success(), "{}", String::from_utf8_lossy(&response.body));
    response.json()
}

#[tokio::test]
async fn blocks_never_overlap_also_when_asked_for_at_once() {
    let shop = Shop::open().await;
    let first = shop.company.enrol("cashier", shop.company.tills[0], 1).await;
    let second = shop.company.enrol("cashier", shop.company.tills[1], 2).await;
    let asked = (0..8).map(|n| ask(if n % 2 == 0 { &first } else { &second }));
    let mut numbers = BTreeSet::new();
    for response in futures::future::join_all(asked).await {
        let block = block(&response);
        assert_eq!(block.last - block.first, 999);
        assert!((block.first..=block.last).all(|number| numbers.insert(number)), "{block:?}");
    }
    assert_eq!(numbers.len(), 8_000);
}

#[tokio::test]
async fn a_device_that_has_plenty_gets_its_newest_block_again() {
    let shop = Shop::open().await;
    let device = shop.company.enrol("cashier", shop.company.tills[0], 1).await;
    let mut newest = block(&ask(&device).await);
    for _ in 1..10 {
        newest = block(&ask(&device).await);
    }
    let again = ask(&device).await;
    assert_eq!((again.status, block(&again)), (StatusCode::OK, newest));
    let neighbour = shop.company.enrol("cashier", shop.company.tills[1], 2).await;
    assert_eq!(ask(&neighbour).await.status, StatusCode::CREATED, "nobody else goes without");
}

#[tokio::test]
async fn numbers_that_sales_have_used_are_not_in_stock() {
    let shop = Shop::open().await;
    let mut seller = shop.seller(0, 1).await;
    for _ in 1..10 {
        block(&ask(&seller.till).await);
    }
    assert_eq!(ask(&seller.till).await.status, StatusCode::OK);
    for _ in 0..999 {
        seller.number();
    }
    // The last number of the first block: what lies before it was taken too.
    seller.sell(&[coffee()]);
    seller.push().await;
    assert_eq!(ask(&seller.till).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn numbers_jump_when_the_server_was_restored_from_a_backup() {
    let shop = Shop::open().await;
    let device = shop.company.enrol("cashier", shop.company.tills[0], 1).await;
    let before = block(&ask(&device).await);
    let mut tx = shop.company.test.tenant(shop.tenant()).await;
    sqlx::query("update tenants set epoch = gen_random_uuid()").execute(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    let after = block(&ask(&device).await);
    assert!(after.first > before.last + 900_000, "{before:?} {after:?}");
    assert_eq!(block(&ask(&device).await).first, after.last + 1, "it jumps once");
}

#[tokio::test]
async fn only_an_enrolled_device_with_its_present_database_gets_numbers_for_a_till_of_the_seller() {
    let shop = Shop::open().await;
    let device = shop.company.enrol("cashier", shop.company.tills[0], 1).await;
    let asked = request_of(&device);
    let nobody = Uuid::from_u128(404);
    for (request, status, code) in [
        (BlockRequest { device: DeviceId(nobody), ..asked.clone() }, 404, "device_unknown"),
        (BlockRequest { chain: ChainId(nobody), ..asked.clone() }, 404, "device_unknown"),
        (BlockRequest { till: TillId(nobody), ..asked.clone() }, 404, "till_unknown"),
        (BlockRequest { till: shop.company.other_till, ..asked.clone() }, 404, "till_unknown"),
    ] {
        let response = device.client.post_json(BLOCKS, &request).await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (status, code), "{request:?}");
    }
    let auditor = shop.auditor().await.post_json(BLOCKS, &asked).await;
    assert_eq!((auditor.status.as_u16(), auditor.code().as_str()), (403, "permission_missing"));
    let nobody = holdfast_server::rehearsal::Client::of(shop.company.router.clone()).post_json(BLOCKS, &asked).await;
    assert_eq!((nobody.status.as_u16(), nobody.code().as_str()), (401, "not_signed_in"));
}

#[tokio::test]
async fn a_request_that_is_none_is_refused_with_a_stable_code() {
    let shop = Shop::open().await;
    let device = shop.company.enrol("cashier", shop.company.tills[0], 1).await;
    let sound = serde_json::to_string(&request_of(&device)).unwrap();
    let json = Some("application/json");
    for (content_type, body, status, code) in [
        (json, sound[..sound.len() - 1].to_owned(), 400, "malformed_json"),
        (json, format!("{},\"more\":1}}", &sound[..sound.len() - 1]), 422, "invalid_body"),
        (json, "{\"device\":7}".to_owned(), 422, "invalid_body"),
        (json, format!("{{\"device\":\"{}\"}}", "x".repeat(100_000)), 413, "body_too_large"),
        (Some("text/plain"), sound.clone(), 415, "unsupported_content_type"),
    ] {
        let response = device.client.send(Method::POST, BLOCKS, (content_type, body.into_bytes())).await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (status, code));
    }
    let mut tx = shop.company.test.tenant(shop.tenant()).await;
    let blocks: i64 = sqlx::query_scalar("select count(*) from sales_receipt_blocks").fetch_one(tx.connection()).await.unwrap();
    assert_eq!(blocks, 0, "nothing was reserved");
}

#[tokio::test]
async fn another_companys_device_and_till_are_not_there() {
    let shop = Shop::open().await;
    let device = shop.company.enrol("cashier", shop.company.tills[0], 1).await;
    let tenant = holdfast_domain::kernel::TenantId(Uuid::from_u128(0xfa0_0000));
    let (site, till) = (holdfast_domain::kernel::SiteId(Uuid::from_u128(0xfa0_0001)), TillId(Uuid::from_u128(0xfa0_0002)));
    shop.company.found("wrack", tenant, &[(site, &[till])]).await;
    let (stranger, _) = shop.company.sign_in_at("wrack", "owner").await;
    for (request, code) in [(request_of(&device), "till_unknown"), (BlockRequest { till, ..request_of(&device) }, "device_unknown")] {
        let response = stranger.post_json(BLOCKS, &request).await;
        assert_eq!((response.status.as_u16(), response.code().as_str()), (404, code));
    }
}
