//! That nothing grows with the catalogue beyond reason. The bounds are wide, because this is a debug build on a busy machine; `cargo xtask bench` measures.

use crate::support::{Till, enrolled, product, products, tap};
use holdfast_app::device::clock;
use holdfast_app::device::store::{Access, Records, StoreError};
use holdfast_app::engine::catalogue::Page;
use holdfast_app::engine::sync::pages;
use holdfast_app::engine::till::{self, Wanted};
use holdfast_sync::cbor;
use holdfast_sync::wire::ReferenceRow;
use rust_decimal::Decimal;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

const PRODUCTS: u128 = 10_000;
const PAGE: usize = 500;

fn now_ms() -> f64 {
    let performance = js_sys::Reflect::get(&js_sys::global(), &"performance".into()).unwrap();
    wasm_bindgen::JsCast::unchecked_into::<web_sys::Performance>(performance).now()
}

async fn store_pages(till: &Till) {
    let of = |n: u128| product((100 + n, &format!("Product {n} of the long shelf")), (&format!("95{n:010}"), 100));
    let rows: Vec<ReferenceRow> = products().into_iter().chain((0..PRODUCTS).flat_map(of)).collect();
    let pages: Vec<Vec<u8>> = rows.chunks(PAGE).map(|page| cbor::encode(&page)).collect();
    let started = now_ms();
    for (n, page) in pages.iter().enumerate() {
        till.store
            .transact(&[Records::Pages], Access::Relaxed, async |transaction| {
                transaction.put_bytes(Records::Pages, format!("/page/{n}").as_str(), page)?;
                Ok::<_, StoreError>(())
            })
            .await
            .unwrap();
    }
    console_log!("{} rows in {} pages stored in {:.0} ms", rows.len(), pages.len(), now_ms() - started);
}

#[wasm_bindgen_test]
async fn ten_thousand_products_are_loaded_searched_and_scanned_quickly() {
    let till = enrolled().await;
    store_pages(&till).await;
    let started = now_ms();
    pages::load(&mut *till.core.catalogue.lock().await, &till.store).await.unwrap();
    let loaded = now_ms() - started;
    assert_eq!(till.core.catalogue.lock().await.len(), 10_002);
    let started = now_ms();
    let page = Page { skip: 0, limit: 50, now: clock::now(), day: "2026-11-20".parse().unwrap() };
    let found = till.core.catalogue.lock().await.search("9999 shelf", None, page);
    let searched = now_ms() - started;
    assert_eq!((found.of, found.products.len()), (1, 1));
    console_log!("catalogue loaded in {loaded:.0} ms, searched in {searched:.1} ms");
    let mut scans = Vec::new();
    till::open_session(&till.core, (&till.store, tap()), 0).await.unwrap();
    for n in 0..40 {
        let started = now_ms();
        till::add(&till.core, (&till.store, tap()), (&Wanted::Code(format!("95{n:010}")), Decimal::ONE)).await.unwrap();
        let _ = till::state(&till.core, &till.store).await.unwrap();
        scans.push(now_ms() - started);
        if n % 10 == 9 {
            till::pay_cash(&till.core, (&till.store, tap()), 1_000).await.unwrap();
        }
    }
    scans.sort_by(f64::total_cmp);
    console_log!("scan to durable line: median {:.1} ms, p95 {:.1} ms", scans[20], scans[38]);
    assert!(searched < 2_000.0, "a search took {searched} ms");
    assert!(scans[38] < 2_000.0, "the p95 of a scan was {} ms", scans[38]);
}
