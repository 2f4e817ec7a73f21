//! The catalogue as the office keeps it, and what tills get of it.

use super::importing::{counts, import, wrong};
use super::{at, company, errors, make, names, page};
use crate::support::{Client, Company, Till};
use holdfast_domain::catalog::{Category, Picture, Price, Product, TaxRate, Unit};
use holdfast_domain::kernel::resource::RecordView;
use holdfast_domain::kernel::{Currency, Money, ProductId, Reference};
use holdfast_server::identity::Role;
use holdfast_server::reference::{RowsOf, rows_after};
use holdfast_sync::wire::Entry;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

pub(super) const PRODUCTS: &str = "/api/v1/catalog/products";
const CATEGORIES: &str = "/api/v1/catalog/categories";
pub(super) const TAX_RATES: &str = "/api/v1/catalog/tax_rates";

/// The rows of a kind that a till got, each with its id; none where the row is gone.
fn rows<R: Reference>(entries: &[Entry]) -> Vec<(Uuid, Option<R>)> {
    let of = |entry: &Entry| match entry {
        Entry::Row { row, .. } if row.kind == R::KIND => Some((row.id, row.body.as_ref().map(|_| R::of(row).unwrap().unwrap()))),
        _ => None,
    };
    entries.iter().filter_map(of).collect()
}

pub(super) fn euros(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

/// A till that has heard of everything so far.
async fn till(company: &Company) -> Till {
    let mut till = company.enrol("cashier", company.tills[0], 1).await;
    till.pull_all().await;
    till
}

async fn bakery(owner: &Client) -> (RecordView, RecordView) {
    let category = make(owner, CATEGORIES, json!({ "name": "Bakery", "hue": 35, "glyph": "🥐" })).await;
    let tax_rate = make(owner, TAX_RATES, json!({ "name": "Reduced", "rate": "5.5" })).await;
    (category, tax_rate)
}

async fn change(owner: &Client, path: &str, record: &RecordView, values: Value) -> RecordView {
    let changed = owner.if_match(record.version).patch_json(&at(path, record.id), &json!({ "values": values })).await;
    assert_eq!(changed.status.as_u16(), 200, "{}", String::from_utf8_lossy(&changed.body));
    changed.json()
}

async fn put(owner: &Client, record: &RecordView, act: &str) -> RecordView {
    let put = owner.if_match(record.version).post_json(&format!("{}/{act}", at(PRODUCTS, record.id)), &json!({})).await;
    assert_eq!(put.status.as_u16(), 200, "{}", String::from_utf8_lossy(&put.body));
    put.json()
}

#[tokio::test]
async fn a_product_made_in_the_office_reaches_tills_once_they_can_sell_it() {
    let (company, owner) = company().await;
    let mut till = till(&company).await;
    let (category, tax_rate) = bakery(&owner).await;
    let made = make(
        &owner,
        PRODUCTS,
        json!({ "name": "Baguette", "gtin": "0 36000 29145 2", "barcodes": ["OURS-7"], "category": category.id, "price": euros(120) }),
    )
    .await;
    assert_eq!((&made.values["gtin"], &made.values["unit"]), (&json!("0036000291452"), &json!("piece")));
    assert_eq!(made.names.get(&category.id).map(String::as_str), Some("Bakery"));
    let entries = till.pull_all().await;
    let shown = Category { name: "Bakery".to_owned(), place: u16::MAX, picture: Picture { hue: 35, glyph: "🥐".to_owned() } };
    assert_eq!(rows::<Category>(&entries), [(category.id, Some(shown.clone()))]);
    assert_eq!(rows::<TaxRate>(&entries), [(tax_rate.id, Some(TaxRate { name: "Reduced".to_owned(), rate: "5.5".parse().unwrap() }))]);
    assert_eq!((rows::<Product>(&entries), rows::<Price>(&entries)), (vec![], vec![]), "nobody can sell what has no tax rate");
    change(&owner, PRODUCTS, &made, json!({ "tax_rate": tax_rate.id })).await;
    let entries = till.pull_all().await;
    let expected = Product {
        name: "Baguette".to_owned(),
        category: category.id.into(),
        unit: Unit::Piece,
        tax_rate: tax_rate.id.into(),
        picture: shown.picture,
        barcodes: vec!["0036000291452".to_owned(), "OURS-7".to_owned()],
    };
    assert_eq!(rows::<Product>(&entries), [(made.id, Some(expected))]);
    let prices = rows::<Price>(&entries);
    let price = prices[0].1.as_ref().unwrap();
    assert_eq!((prices.len(), price.product, price.amount), (1, ProductId(made.id), Money::new(120, Currency::EUR)));
}

#[tokio::test]
async fn a_product_is_sold_in_any_unit_of_the_list_and_in_no_other() {
    let (company, owner) = company().await;
    let mut till = till(&company).await;
    let (category, tax_rate) = bakery(&owner).await;
    for unit in Unit::ALL {
        let product = json!({ "name": unit.name(), "unit": unit.name(), "category": category.id, "tax_rate": tax_rate.id });
        assert_eq!(make(&owner, PRODUCTS, product).await.values["unit"], unit.name());
    }
    let told: BTreeSet<&str> = rows::<Product>(&till.pull_all().await).into_iter().map(|(_, product)| product.unwrap().unit.name()).collect();
    assert_eq!(told, Unit::NAMES.into());
    let dozen = owner.post_json(PRODUCTS, &json!({ "values": { "name": "Eggs", "unit": "dozen" } })).await;
    assert_eq!(errors(&dozen), [("unit".to_owned(), "not_valid".to_owned())]);
}

#[tokio::test]
async fn another_company_hears_nothing_of_it() {
    let (company, owner) = company().await;
    let tenant = Uuid::from_u128(0x51).into();
    company.found("rock", tenant, &[(Uuid::from_u128(0x52).into(), &[Uuid::from_u128(0x53).into()])]).await;
    let (category, tax_rate) = bakery(&owner).await;
    let made = make(&owner, PRODUCTS, json!({ "name": "Baguette", "gtin": "4006381333931", "category": category.id, "tax_rate": tax_rate.id })).await;
    let stranger = company.sign_in_at("rock", "owner").await.0;
    assert_eq!(names(&stranger, PRODUCTS).await, [""; 0]);
    assert_eq!(stranger.get(&at(PRODUCTS, made.id)).await.status.as_u16(), 404);
    let mut tx = company.test.tenant(tenant).await;
    assert_eq!(rows_after(&mut tx, RowsOf::Tenant, 0, 100).await.unwrap(), []);
    tx.commit().await.unwrap();
    // Its own product may bear the same number, and not stand in a category of ours.
    let theirs = json!({ "values": { "name": "Bread", "gtin": "4006381333931", "category": category.id } });
    assert_eq!(errors(&stranger.post_json(PRODUCTS, &theirs).await), [("category".to_owned(), "unknown_record".to_owned())]);
    make(&stranger, PRODUCTS, json!({ "name": "Bread", "gtin": "4006381333931" })).await;
}

#[tokio::test]
async fn what_changes_is_told_and_nothing_else() {
    let (company, owner) = company().await;
    let (category, tax_rate) = bakery(&owner).await;
    let made = make(&owner, PRODUCTS, json!({ "name": "Baguette", "category": category.id, "tax_rate": tax_rate.id, "price": euros(120) })).await;
    let mut till = till(&company).await;
    let made = change(&owner, PRODUCTS, &made, json!({ "price": euros(130) })).await;
    let entries = till.pull_all().await;
    assert_eq!(rows::<Product>(&entries), []);
    assert_eq!(rows::<Price>(&entries).into_iter().map(|(_, price)| price.unwrap().amount.minor).collect::<Vec<_>>(), [130]);
    // Words of the office are not the till's.
    let made = change(&owner, PRODUCTS, &made, json!({ "notes": "ask for the dark one", "tags": ["bread"] })).await;
    assert_eq!(till.pull_all().await, []);
    // Without a picture of its own, it has its category's.
    change(&owner, CATEGORIES, &category, json!({ "hue": 40 })).await;
    let entries = till.pull_all().await;
    let hues: Vec<u16> = rows::<Product>(&entries).into_iter().map(|(_, product)| product.unwrap().picture.hue).collect();
    assert_eq!((rows::<Category>(&entries).len(), hues), (1, vec![40]));
    // Without a price it is shown and not sold; archived it is gone, restored it is back.
    let made = change(&owner, PRODUCTS, &made, json!({ "price": null })).await;
    let entries = till.pull_all().await;
    assert_eq!((rows::<Product>(&entries), rows::<Price>(&entries)), (vec![], vec![(made.id, None)]));
    let made = put(&owner, &made, "archive").await;
    assert_eq!(rows::<Product>(&till.pull_all().await), [(made.id, None)]);
    put(&owner, &made, "restore").await;
    assert!(matches!(rows::<Product>(&till.pull_all().await)[..], [(id, Some(_))] if id == made.id));
}

#[tokio::test]
async fn a_code_is_one_products_and_an_amount_in_the_companys_currency() {
    let (_company, owner) = company().await;
    make(&owner, PRODUCTS, json!({ "name": "Baguette", "gtin": "0036000291452", "barcodes": ["OURS-7"] })).await;
    for (values, field, wrong) in [
        (json!({ "gtin": "036000291452" }), "gtin", "taken"),
        (json!({ "gtin": "4006381333932" }), "gtin", "not_valid"),
        (json!({ "gtin": "LOT-7" }), "gtin", "not_valid"),
        (json!({ "barcodes": ["00036000291452"] }), "barcodes", "taken"),
        (json!({ "barcodes": ["OURS-8", "OURS-7"] }), "barcodes", "taken"),
        (json!({ "unit": "dozen" }), "unit", "not_valid"),
        (json!({ "unit": null }), "unit", "missing"),
        (json!({ "price": { "minor": 100, "currency": "RON" } }), "price", "not_valid"),
        (json!({ "price": euros(-1) }), "price", "out_of_range"),
        (json!({ "price": 1.2 }), "price", "wrong_type"),
    ] {
        let mut values = values;
        values["name"] = json!("Bread");
        let refused = owner.post_json(PRODUCTS, &json!({ "values": values })).await;
        assert_eq!((refused.status.as_u16(), errors(&refused)), (422, vec![(field.to_owned(), wrong.to_owned())]), "{values}");
    }
    // A product may say its own code in two ways, and a code that is given up is free.
    let bread = make(&owner, PRODUCTS, json!({ "name": "Bread", "gtin": "96385074", "barcodes": ["00000096385074"] })).await;
    change(&owner, PRODUCTS, &bread, json!({ "gtin": null, "barcodes": [] })).await;
    make(&owner, PRODUCTS, json!({ "name": "Roll", "barcodes": ["96385074"] })).await;
    for (path, values, field) in
        [(CATEGORIES, json!({ "name": "A", "hue": 360 }), "hue"), (CATEGORIES, json!({ "name": "A", "place": 65_536 }), "place")]
    {
        let refused = owner.post_json(path, &json!({ "values": values })).await;
        assert_eq!(errors(&refused), [(field.to_owned(), "out_of_range".to_owned())]);
    }
}

#[tokio::test]
async fn products_of_a_file_reach_tills_and_each_line_is_judged_alone() {
    let (company, owner) = company().await;
    bakery(&owner).await;
    make(&owner, PRODUCTS, json!({ "name": "Old", "gtin": "4006381333931", "barcodes": ["OURS-1"] })).await;
    let mut till = till(&company).await;
    let file = "gtin;name;category;tax_rate;price;barcodes\n\
        96385074;Baguette;Bakery;Reduced;1,20 EUR;\n\
        4006381333931;Renamed;Bakery;Reduced;2,50;OURS-1\n\
        6291041500213;Taken;Bakery;Reduced;1,00;OURS-1\n\
        6291041500214;No number;Bakery;Reduced;1,00;\n\
        ;Nowhere;Butcher;Reduced;1,00;\n\
        ;Roll;Bakery;Reduced;0,80;OURS-2\n\
        ;Twin;Bakery;Reduced;0,80;OURS-2\n\
        ;Foreign;Bakery;Reduced;1,00 RON;\n";
    let tried = import(&owner, &format!("{PRODUCTS}/import?dry_run=true&currency=EUR"), file).await;
    let expected = ["4 barcodes taken", "5 gtin not_valid", "6 category unknown_record", "8 barcodes twice", "9 price not_valid"];
    assert_eq!((counts(&tried), wrong(&tried)), ((2, 1, 0, 5), expected.map(str::to_owned).to_vec()));
    assert_eq!(till.pull_all().await, []);
    assert_eq!(import(&owner, &format!("{PRODUCTS}/import?currency=EUR"), file).await, tried);
    let entries = till.pull_all().await;
    let sold: BTreeSet<String> = rows::<Product>(&entries).into_iter().map(|(_, product)| product.unwrap().name).collect();
    assert_eq!(sold, BTreeSet::from(["Baguette", "Renamed", "Roll"].map(str::to_owned)));
    let prices: BTreeSet<i64> = rows::<Price>(&entries).into_iter().map(|(_, price)| price.unwrap().amount.minor).collect();
    assert_eq!(prices, BTreeSet::from([80, 120, 250]));
}

/// The file, where it is.
fn real_products() -> Option<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/products-openfoodfacts.csv");
    match std::fs::read_to_string(path) {
        Ok(csv) => Some(csv),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: no ../shared");
            None
        }
        Err(error) => panic!("{path}: {error}"),
    }
}

/// What the site manager does with the products of a real catalogue: tries the file, makes its categories, corrects it, brings it in, prices ten.
#[tokio::test]
async fn a_real_file_of_products_is_tried_corrected_and_brought_in() {
    let Some(file) = real_products() else { return };
    let (company, owner) = company().await;
    let (_, tax_rate) = bakery(&owner).await;
    company.hire("manager", (Role::SiteManager, company.site)).await;
    let manager = company.sign_in("manager").await.0;
    let mut till = till(&company).await;
    let lines = file.lines().count() as u64 - 1;
    let into_products = |more: &str| format!("{PRODUCTS}/import?columns=gtin,name,brand,content,category,{more}");
    // Its categories are unknown, and each line that names one says so.
    let tried = import(&manager, &into_products("&dry_run=true"), &file).await;
    assert!(tried.refused > 0 && tried.created + tried.refused == lines, "{tried:?}");
    assert!(wrong(&tried).iter().all(|wrong| wrong.ends_with(" category unknown_record")));
    let made = import(&manager, &format!("{CATEGORIES}/import?columns=,,,,name,"), &file).await;
    assert_eq!(made.created + made.refused, lines);
    assert!(made.created > 20 && wrong(&made).iter().all(|wrong| wrong.ends_with(" name twice") || wrong.ends_with(" name missing")));
    // Somebody mistyped a number, and another line is there twice.
    let (second, third) = (file.lines().nth(1).unwrap(), file.lines().nth(2).unwrap());
    let number = second.split(',').next().unwrap();
    let off_by_one = format!("{}{}", &number[..12], (number[12..].parse::<u8>().unwrap() + 1) % 10);
    let slipped = format!("{}{third}\n", file.replacen(number, &off_by_one, 1));
    let tried = import(&manager, &into_products("&dry_run=true"), &slipped).await;
    assert_eq!((counts(&tried), wrong(&tried)), ((lines - 1, 0, 0, 2), vec!["2 gtin not_valid".to_owned(), format!("{} gtin twice", lines + 2)]));
    let done = import(&manager, &into_products(""), &file).await;
    assert_eq!(counts(&done), (lines, 0, 0, 0));
    assert_eq!(counts(&import(&manager, &into_products(""), &file).await), (0, 0, lines, 0), "sent again, it changes nothing");
    assert_eq!(page(&manager, &format!("{PRODUCTS}?count=true&limit=1")).await.total, Some(lines));
    assert_eq!(rows::<Product>(&till.pull_all().await), [], "none has a tax rate yet");
    let listed = page(&manager, &format!("{PRODUCTS}?limit=200")).await.records;
    let priced: Vec<&RecordView> = listed.iter().filter(|product| !product.values["category"].is_null()).take(10).collect();
    for product in &priced {
        change(&manager, PRODUCTS, product, json!({ "tax_rate": tax_rate.id, "price": euros(199) })).await;
    }
    let entries = till.pull_all().await;
    let sold: BTreeSet<Uuid> = rows::<Product>(&entries).into_iter().map(|(id, product)| product.map(|_| id).unwrap()).collect();
    assert_eq!((sold, rows::<Price>(&entries).len()), (priced.iter().map(|product| product.id).collect(), 10));
}
