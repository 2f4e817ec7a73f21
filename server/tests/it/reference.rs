//! Reference rows: versions, what the feed is told, the pages of a first load, and the catalogue behind them.

use crate::support::{Client, Company, TestDatabase};
use flate2::read::GzDecoder;
use holdfast_domain::catalog::{Category, Picture, Price, Product, TaxRate, Unit};
use holdfast_domain::kernel::{
    CategoryId, Currency, Epoch, Money, PriceId, ProductId, Reference, RowVersion, SiteId, TaxRateId, TenantId, TillId, Timestamp,
};
use holdfast_domain::sales::Till;
use holdfast_server::catalog::{self, CatalogChange};
use holdfast_server::failure::Failure;
use holdfast_server::identity::{NewTenant, create_tenant};
use holdfast_server::reference::{self, RowWrite, RowsOf, pack};
use holdfast_server::sync::FeedBody;
use holdfast_server::tenancy::{Sites, TenantScope, TenantTx};
use holdfast_sync::cbor;
use holdfast_sync::kind::Audience;
use holdfast_sync::wire::{Entry, ReferenceRow};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::time::Duration;
use uuid::Uuid;

const HARBOUR: TenantId = TenantId(Uuid::from_u128(1));
const QUARRY: TenantId = TenantId(Uuid::from_u128(2));
const SHOP: SiteId = SiteId(Uuid::from_u128(11));
const DEPOT: SiteId = SiteId(Uuid::from_u128(12));
const BREAD: PriceId = PriceId(Uuid::from_u128(21));

async fn two_tenants() -> TestDatabase {
    let test = TestDatabase::create().await;
    for (tenant, slug) in [(HARBOUR, "harbour"), (QUARRY, "quarry")] {
        let mut tx = test.tenant(tenant).await;
        let new = NewTenant { slug: slug.to_owned(), name: slug.to_owned(), currency: "EUR".to_owned(), epoch: Epoch(Uuid::from_u128(9)) };
        create_tenant(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
    }
    test
}

fn price(minor: i64) -> Price {
    Price { product: ProductId(Uuid::from_u128(31)), amount: Money::new(minor, Currency::EUR), valid_from: Timestamp(0) }
}

fn prices(count: u128, minor: i64) -> Vec<RowWrite> {
    (0..count).map(|n| RowWrite::for_tenant(Uuid::from_u128(1_000 + n), &price(minor))).collect()
}

async fn write(test: &TestDatabase, tenant: TenantId, rows: Vec<RowWrite>) -> usize {
    let mut tx = test.tenant(tenant).await;
    let changed = reference::write(&mut tx, rows).await.unwrap();
    tx.commit().await.unwrap();
    changed
}

async fn fed(tx: &mut TenantTx) -> Vec<(i64, Vec<String>, ReferenceRow)> {
    let rows: Vec<(i64, Vec<String>, Vec<u8>)> =
        sqlx::query_as("select position, audiences, body from feed order by position").fetch_all(tx.connection()).await.unwrap();
    let row = |body: Vec<u8>| match cbor::decode::<FeedBody>(&body).unwrap() {
        FeedBody::Row(row) => row,
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(|(position, audiences, body)| (position, audiences, row(body))).collect()
}

async fn loaded(tx: &mut TenantTx, site: Option<SiteId>) -> (Vec<ReferenceRow>, u64) {
    let (manifest, as_of) = pack::manifest(tx, site).await.unwrap().unwrap();
    let mut rows = Vec::new();
    for address in &manifest.pages {
        let (brotli, gzip) = page(tx, address).await.unwrap();
        let (mut plain, mut same) = (Vec::new(), Vec::new());
        GzDecoder::new(gzip.as_slice()).read_to_end(&mut plain).unwrap();
        brotli::Decompressor::new(brotli.as_slice(), 4_096).read_to_end(&mut same).unwrap();
        assert_eq!(plain, same);
        let page: Vec<ReferenceRow> = cbor::decode(&plain).unwrap();
        assert!((1..=pack::PAGE_ROWS).contains(&page.len()));
        rows.extend(page);
    }
    assert_eq!(manifest.rows, rows.len() as u64);
    (rows, as_of)
}

async fn page(tx: &mut TenantTx, address: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let (pack, number) = address.strip_prefix(pack::PATH).unwrap()[1..].split_once('/').unwrap();
    sqlx::query_as("select brotli, gzip from reference_pages where pack = $1 and number = $2")
        .bind(Uuid::parse_str(pack).unwrap())
        .bind(number.parse::<i32>().unwrap())
        .fetch_optional(tx.connection())
        .await
        .unwrap()
}

#[tokio::test]
async fn each_change_of_a_row_is_a_version_and_one_entry_of_the_feed() {
    let test = two_tenants().await;
    assert_eq!(write(&test, HARBOUR, vec![RowWrite::for_tenant(BREAD.0, &price(120))]).await, 1);
    assert_eq!(write(&test, HARBOUR, vec![RowWrite::for_tenant(BREAD.0, &price(120))]).await, 0, "the same again is no change");
    assert_eq!(write(&test, HARBOUR, vec![RowWrite::for_tenant(BREAD.0, &price(125))]).await, 1);
    assert_eq!(write(&test, HARBOUR, vec![RowWrite::gone::<Price>(RowsOf::Tenant, BREAD.0)]).await, 1);
    let mut tx = test.tenant(HARBOUR).await;
    let fed = fed(&mut tx).await;
    let told: Vec<_> = fed.iter().map(|(position, to, row)| (*position, to.join(" "), row.version, Price::of(row).map(Result::unwrap))).collect();
    let tenant = || "tenant".to_owned();
    assert_eq!(told, [(1, tenant(), 1, Some(price(120))), (2, tenant(), 2, Some(price(125))), (3, tenant(), 3, None)]);
    assert_eq!(pack::manifest(&mut tx, None).await.unwrap(), None, "nothing stands");
}

#[tokio::test]
async fn a_version_tells_what_it_said_and_when_it_was_in_force() {
    let test = two_tenants().await;
    let began = test.now();
    write(&test, HARBOUR, vec![RowWrite::for_tenant(BREAD.0, &price(120))]).await;
    test.world.pass(Duration::from_secs(3_600));
    write(&test, HARBOUR, vec![RowWrite::for_tenant(BREAD.0, &price(125))]).await;
    let changed = began.plus_ms(3_600_000);
    let mut tx = test.tenant(HARBOUR).await;
    let version = |version| RowVersion { row: BREAD.0, version };
    let kept = reference::kept::<Price>(&mut tx, &[version(2), version(1), version(3), version(u64::MAX)]).await.unwrap();
    let [Some(second), Some(first), None, None] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((&first.row, first.from, first.until), (&Some(price(120)), began, Some(changed)));
    assert_eq!((&second.row, second.from, second.until), (&Some(price(125)), changed, None));
    for (at, expected) in [(began.plus_ms(-1), None), (began, Some(1)), (changed.plus_ms(-1), Some(1)), (changed, Some(2))] {
        let in_force = reference::in_force::<Price>(&mut tx, BREAD.0, at).await.unwrap();
        assert_eq!(in_force.map(|kept| kept.version), expected, "at {at:?}");
    }
    let elsewhere = reference::kept::<Price>(&mut test.tenant(QUARRY).await, &[version(1)]).await.unwrap();
    assert_eq!(elsewhere, [None], "another tenant has no such row");
}

#[tokio::test]
async fn a_first_load_holds_every_standing_row_once_and_the_feed_goes_on_after_it() {
    let test = two_tenants().await;
    write(&test, HARBOUR, prices(1_203, 100)).await;
    write(&test, HARBOUR, vec![RowWrite::gone::<Price>(RowsOf::Tenant, Uuid::from_u128(1_000))]).await;
    let mut tx = test.tenant(HARBOUR).await;
    let (rows, as_of) = loaded(&mut tx, None).await;
    tx.commit().await.unwrap();
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    assert_eq!(ids, (1_001..2_203).map(Uuid::from_u128).collect::<Vec<_>>());
    assert_eq!(as_of, 1_204);
    write(&test, HARBOUR, prices(1, 101)).await;
    let mut tx = test.tenant(HARBOUR).await;
    let (again, still) = loaded(&mut tx, None).await;
    assert_eq!((again.len(), still), (rows.len(), as_of), "a small change does not repack");
    let after = reference::rows_after(&mut tx, RowsOf::Tenant, as_of, 10).await.unwrap();
    assert_eq!(after.iter().map(|(position, row)| (*position, row.version)).collect::<Vec<_>>(), [(1_205, 3)]);
}

#[tokio::test]
async fn a_pack_too_far_behind_is_made_anew_and_the_one_before_can_still_be_loaded() {
    let test = two_tenants().await;
    write(&test, HARBOUR, prices(600, 100)).await;
    let mut tx = test.tenant(HARBOUR).await;
    let (first, _) = pack::manifest(&mut tx, None).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    write(&test, HARBOUR, prices(501, 101)).await;
    let mut tx = test.tenant(HARBOUR).await;
    let (second, as_of) = pack::manifest(&mut tx, None).await.unwrap().unwrap();
    assert_ne!(first, second);
    assert_eq!(as_of, 1_101);
    assert!(page(&mut tx, &first.pages[0]).await.is_some());
    let (rows, _) = loaded(&mut tx, None).await;
    assert_eq!(rows.iter().filter(|row| row.version == 2).count(), 501);
}

#[tokio::test]
async fn an_audience_whose_pages_are_up_to_date_is_entered_at_the_head_and_one_that_moved_on_brings_what_is_newer() {
    let company = Company::open().await;
    let site_row = RowWrite::for_site(company.site, Uuid::from_u128(71), &Till { site: company.site, name: "Till 1".to_owned() });
    write(&company.test, company.tenant, vec![site_row]).await;
    write(&company.test, company.tenant, prices(1_203, 100)).await;
    let entered = |entries: &[Entry]| -> BTreeMap<Audience, u64> {
        let enter = |entry: &Entry| match entry {
            Entry::Enter { audience, position, .. } => Some((audience.clone(), *position)),
            _ => None,
        };
        entries.iter().filter_map(enter).collect()
    };
    let first = company.enrol("cashier", company.tills[0], 1).await.pull_all().await;
    let positions: BTreeSet<u64> = entered(&first).into_values().collect();
    assert_eq!(positions.len(), 1, "the site's one row lies far behind the head: {positions:?}");
    assert!(first.iter().all(|entry| matches!(entry, Entry::Enter { .. })));

    write(&company.test, company.tenant, prices(1, 101)).await;
    let second = company.enrol("cashier", company.tills[1], 2).await.pull_all().await;
    let newer = |entry: &&Entry| matches!(entry, Entry::Row { row, .. } if row.version == 2);
    assert_eq!(second.iter().filter(newer).count(), 1);
    assert!(entered(&second)[&Audience::Tenant] < entered(&second)[&Audience::Site(company.site.0)]);
}

#[tokio::test]
async fn a_pages_rows_are_seen_by_their_tenant_and_site_alone() {
    let test = two_tenants().await;
    let till = |site| Till { site, name: "Till 1".to_owned() };
    let rows = vec![RowWrite::for_site(SHOP, Uuid::from_u128(71), &till(SHOP)), RowWrite::for_site(DEPOT, Uuid::from_u128(72), &till(DEPOT))];
    write(&test, HARBOUR, rows).await;
    let mut tx = test.tenant(HARBOUR).await;
    let (shop, _) = loaded(&mut tx, Some(SHOP)).await;
    assert_eq!(shop.iter().map(|row| row.id).collect::<Vec<_>>(), [Uuid::from_u128(71)]);
    let (manifest, _) = pack::manifest(&mut tx, Some(SHOP)).await.unwrap().unwrap();
    assert_eq!(pack::manifest(&mut tx, None).await.unwrap(), None);
    assert_eq!(fed(&mut tx).await[0].1, [format!("site:{SHOP}")]);
    tx.commit().await.unwrap();
    let elsewhere = TenantScope { sites: Sites::Only(vec![DEPOT]), ..TenantScope::system(HARBOUR) };
    let mut at_the_depot = test.database.tenant(elsewhere).await.unwrap();
    assert_eq!(page(&mut at_the_depot, &manifest.pages[0]).await, None, "whoever works elsewhere");
    assert_eq!(page(&mut test.tenant(QUARRY).await, &manifest.pages[0]).await, None, "another tenant");
}

#[tokio::test]
async fn a_row_never_changes_its_audience() {
    let test = two_tenants().await;
    write(&test, HARBOUR, vec![RowWrite::for_tenant(BREAD.0, &price(120))]).await;
    let mut tx = test.tenant(HARBOUR).await;
    let moved = reference::write(&mut tx, vec![RowWrite::for_site(SHOP, BREAD.0, &price(120))]).await;
    assert!(moved.is_err());
}

fn groceries() -> CatalogChange {
    let picture = Picture { hue: 35, glyph: "🥖".to_owned() };
    let (category, tax_rate, product) = (CategoryId(Uuid::from_u128(41)), TaxRateId(Uuid::from_u128(42)), ProductId(Uuid::from_u128(31)));
    let bread = Product {
        name: "Baguette".to_owned(),
        category,
        unit: Unit::Piece,
        tax_rate,
        picture: picture.clone(),
        barcodes: vec!["036000291452".to_owned()],
    };
    CatalogChange {
        categories: vec![(category, Category { name: "Bakery".to_owned(), place: 1, picture })],
        tax_rates: vec![(tax_rate, TaxRate { name: "Reduced".to_owned(), rate: "5.5".parse().unwrap() })],
        products: vec![(product, bread)],
        prices: vec![(BREAD, price(120))],
    }
}

async fn refused(test: &TestDatabase, change: CatalogChange) -> &'static str {
    let mut tx = test.tenant(HARBOUR).await;
    match catalog::write(&mut tx, &change).await {
        Err(Failure::Refusal(refusal)) => refusal.code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_catalogue_is_written_once_and_only_what_changes_is_told() {
    let test = two_tenants().await;
    let mut tx = test.tenant(HARBOUR).await;
    assert_eq!(catalog::write(&mut tx, &groceries()).await.unwrap(), 4);
    tx.commit().await.unwrap();
    let mut dearer = groceries();
    dearer.prices[0].1 = price(125);
    dearer.products[0].1.barcodes = vec!["9521234543213".to_owned()];
    let mut tx = test.tenant(HARBOUR).await;
    assert_eq!(catalog::write(&mut tx, &groceries()).await.unwrap(), 0);
    assert_eq!(catalog::write(&mut tx, &dearer).await.unwrap(), 2);
    let codes: Vec<String> = sqlx::query_scalar("select lookup_key from product_barcodes").fetch_all(tx.connection()).await.unwrap();
    assert_eq!(codes, ["09521234543213"], "a code taken off a product is free again");
}

#[tokio::test]
async fn a_code_names_one_product_and_a_product_has_one_price() {
    let test = two_tenants().await;
    let mut tx = test.tenant(HARBOUR).await;
    catalog::write(&mut tx, &groceries()).await.unwrap();
    tx.commit().await.unwrap();
    let mut same_code = groceries();
    same_code.products[0].0 = ProductId(Uuid::from_u128(32));
    same_code.products[0].1.barcodes = vec!["0036000291452".to_owned()];
    assert_eq!(refused(&test, same_code).await, "barcode_taken", "also where the code is written as EAN-13");
    let mut second_price = groceries();
    second_price.prices[0].0 = PriceId(Uuid::from_u128(22));
    assert_eq!(refused(&test, second_price).await, "price_taken");
    let of_nothing = Price { product: ProductId(Uuid::from_u128(99)), ..price(1) };
    assert_eq!(
        refused(&test, CatalogChange { prices: vec![(PriceId(Uuid::from_u128(23)), of_nothing)], ..CatalogChange::default() }).await,
        "product_unknown"
    );
    assert_eq!(fed(&mut test.tenant(HARBOUR).await).await.len(), 4, "what is refused changes nothing");
}

#[tokio::test]
async fn a_page_is_served_for_ever_the_same_and_to_members_of_its_company_alone() {
    let company = Company::open().await;
    write(&company.test, company.tenant, prices(501, 100)).await;
    let mut tx = company.test.tenant(company.tenant).await;
    let (manifest, _) = pack::manifest(&mut tx, None).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let (member, _) = company.sign_in("cashier").await;
    let page = member.get(&manifest.pages[1]).await;
    assert_eq!(page.cbor::<Vec<ReferenceRow>>().len(), 1);
    assert_eq!(page.headers["content-type"], "application/cbor");
    assert_eq!(page.headers["cache-control"], "private, max-age=31536000, immutable");
    assert_eq!(page.headers["vary"], "accept-encoding");
    assert_eq!(Client::of(company.router.clone()).get(&manifest.pages[0]).await.code(), "not_signed_in");
    let (site, till) = (SiteId(Uuid::from_u128(0x52)), TillId(Uuid::from_u128(0x53)));
    company.found("rock", TenantId(Uuid::from_u128(0x51)), &[(site, &[till])]).await;
    let (stranger, _) = company.sign_in_at("rock", "owner").await;
    for address in [&manifest.pages[0], &format!("{}/{}/0", pack::PATH, Uuid::nil()), &format!("{}9", manifest.pages[1])] {
        assert_eq!(stranger.get(address).await.code(), "page_unknown", "{address}");
    }
    assert_eq!(member.get(&format!("{}/x/y", pack::PATH)).await.code(), "unknown_id");
}
