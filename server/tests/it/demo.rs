//! The demo companies and the generated products.

use crate::support::TestDatabase;
use holdfast_domain::catalog::{Price, Product};
use holdfast_domain::kernel::{Epoch, Reference, TenantId, gtin};
use holdfast_server::demo;
use holdfast_server::identity::{Identity, NewTenant, create_tenant};
use holdfast_server::reference;
use holdfast_sync::wire::ReferenceRow;
use std::collections::BTreeSet;

async fn planted() -> TestDatabase {
    let test = TestDatabase::create().await;
    assert_eq!(plant(&test).await, ["seahorse", "lighthouse"]);
    test
}

async fn plant(test: &TestDatabase) -> Vec<&'static str> {
    let environment = test.world.environment();
    let identity = Identity::start(&test.database, &environment).await.unwrap();
    demo::plant(&test.database, &environment, identity.passwords()).await.unwrap()
}

async fn tenant(test: &TestDatabase, slug: &str) -> TenantId {
    test.database.before_tenant().await.unwrap().tenant_by_slug(slug).await.unwrap().unwrap()
}

async fn rows(test: &TestDatabase, slug: &str) -> Vec<ReferenceRow> {
    let mut tx = test.tenant(tenant(test, slug).await).await;
    reference::rows_after(&mut tx, reference::RowsOf::Tenant, 0, 100_000).await.unwrap().into_iter().map(|(_, row)| row).collect()
}

async fn count(test: &TestDatabase, slug: &str, statement: &'static str) -> i64 {
    let mut tx = test.tenant(tenant(test, slug).await).await;
    sqlx::query_scalar(statement).fetch_one(tx.connection()).await.unwrap()
}

#[tokio::test]
async fn planting_makes_a_chain_once_and_a_company_that_does_not_see_it() {
    let test = planted().await;
    assert_eq!(plant(&test).await, Vec::<&str>::new(), "what is there stays");
    assert_eq!(count(&test, "seahorse", "select count(*) from sites").await, 4);
    assert_eq!(count(&test, "seahorse", "select count(*) from tills").await, 4);
    assert_eq!(count(&test, "seahorse", "select count(distinct role) from account_roles").await, 8, "people for every role");
    assert_eq!(count(&test, "lighthouse", "select count(*) from accounts").await, 2);
    let product_ids = |rows: Vec<ReferenceRow>| rows.into_iter().filter(|row| row.kind == Product::KIND).map(|row| row.id).collect::<BTreeSet<_>>();
    let (chain, other) = (product_ids(rows(&test, "seahorse").await), product_ids(rows(&test, "lighthouse").await));
    assert!(chain.len() >= 300 && other.len() == 10 && chain.is_disjoint(&other));
    assert_eq!(count(&test, "seahorse", "select count(*) from accounts").await + 2, demo::sign_ins().len() as i64);
}

#[tokio::test]
async fn generated_products_are_the_same_for_the_same_seed() {
    let test = planted().await;
    let own = rows(&test, "seahorse").await.len();
    let made = demo::generate(&test.database, "seahorse", (700, 1)).await.unwrap();
    assert_eq!(made.changed_rows, 700 * 2 + 25 + 3);
    assert_eq!(demo::generate(&test.database, "seahorse", (700, 1)).await.unwrap().changed_rows, 0);
    assert!(demo::generate(&test.database, "seahorse", (700, 2)).await.unwrap().changed_rows > 700, "another seed, other products");
    let rows = rows(&test, "seahorse").await;
    assert_eq!(rows.len(), own + 700 * 2 + 25 + 3);
    for product in rows.iter().filter_map(Product::of).map(Result::unwrap) {
        assert!(product.barcodes.iter().all(|code| gtin::is_valid(code)), "{}", product.name);
    }
    assert!(rows.iter().filter_map(Price::of).map(Result::unwrap).all(|price| price.amount.minor > 0));
}

#[tokio::test]
async fn generated_prices_are_in_the_companys_currency() {
    let test = planted().await;
    let lei = TenantId(uuid::Uuid::from_u128(0x1e1));
    let mut tx = test.tenant(lei).await;
    let epoch = Epoch(uuid::Uuid::from_u128(0xe0));
    create_tenant(&mut tx, &NewTenant { slug: "lei".to_owned(), name: "Lei".to_owned(), currency: "RON".to_owned(), epoch }).await.unwrap();
    tx.commit().await.unwrap();
    demo::generate(&test.database, "lei", (20, 1)).await.unwrap();
    let prices: Vec<_> =
        rows(&test, "lei").await.iter().filter_map(Price::of).map(|price| price.unwrap().amount.currency.code().to_owned()).collect();
    assert_eq!(prices, vec!["RON"; 20]);
}

#[tokio::test]
async fn generating_for_nobody_and_too_many_is_refused() {
    let test = TestDatabase::create().await;
    assert!(demo::generate(&test.database, "nobody", (1, 1)).await.is_err());
    assert!(demo::generate(&test.database, "nobody", (demo::MAX_PRODUCTS + 1, 1)).await.is_err());
}
