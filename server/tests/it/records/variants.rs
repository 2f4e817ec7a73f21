//! Variants: products of their own that stand for another one. Tills sell the variants, and not what they are variants of.

use super::catalogue::{PRODUCTS, TAX_RATES, euros};
use super::importing::{counts, import, wrong};
use super::{at, company, errors, make, names, page, refused};
use crate::support::{Client, Company, Till};
use holdfast_domain::catalog::{Price, Product};
use holdfast_domain::kernel::Reference;
use holdfast_domain::kernel::resource::RecordView;
use holdfast_sync::wire::Entry;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

const CATEGORIES: &str = "/api/v1/catalog/categories";

/// A shirt that tills sell, for 20.00.
async fn shirt(owner: &Client) -> RecordView {
    let category = make(owner, CATEGORIES, json!({ "name": "Clothes", "hue": 35, "glyph": "👕" })).await;
    let tax_rate = make(owner, TAX_RATES, json!({ "name": "Normal", "rate": "19" })).await;
    make(owner, PRODUCTS, json!({ "name": "Shirt", "gtin": "4006381333931", "category": category.id, "tax_rate": tax_rate.id, "price": euros(2000) }))
        .await
}

fn options(size: &str, colour: &str) -> Value {
    json!([{ "option": "Size", "value": size }, { "option": "Colour", "value": colour }])
}

fn variant(of: &RecordView, size: &str, colour: &str) -> Value {
    json!({ "name": format!("Shirt {size} / {colour}"), "variant_of": of.id, "options": options(size, colour) })
}

async fn refusal(owner: &Client, values: Value) -> Vec<(String, String)> {
    let answer = owner.post_json(PRODUCTS, &json!({ "values": values })).await;
    assert_eq!(refused(&answer), (422, "fields_invalid".to_owned()), "{values}");
    errors(&answer)
}

async fn refused_change(owner: &Client, record: &RecordView, values: Value) -> Vec<(String, String)> {
    let answer = owner.if_match(record.version).patch_json(&at(PRODUCTS, record.id), &json!({ "values": values })).await;
    assert_eq!(refused(&answer), (422, "fields_invalid".to_owned()), "{values}");
    errors(&answer)
}

async fn change(owner: &Client, record: &RecordView, values: Value) -> RecordView {
    let changed = owner.if_match(record.version).patch_json(&at(PRODUCTS, record.id), &json!({ "values": values })).await;
    assert_eq!(changed.status.as_u16(), 200, "{}", String::from_utf8_lossy(&changed.body));
    changed.json()
}

async fn put(owner: &Client, record: &RecordView, act: &str) -> RecordView {
    let put = owner.if_match(record.version).post_json(&format!("{}/{act}", at(PRODUCTS, record.id)), &json!({})).await;
    assert_eq!(put.status.as_u16(), 200, "{}", String::from_utf8_lossy(&put.body));
    put.json()
}

/// What a till sells, by name and price in cents, as it heard.
struct Shelf {
    till: Till,
    products: BTreeMap<Uuid, Product>,
    prices: BTreeMap<Uuid, Price>,
}

impl Shelf {
    async fn of(company: &Company) -> Self {
        let mut till = company.enrol("cashier", company.tills[0], 1).await;
        till.pull_all().await;
        Self { till, products: BTreeMap::new(), prices: BTreeMap::new() }
    }

    async fn now(&mut self) -> Vec<(String, Option<i64>)> {
        for entry in self.till.pull_all().await {
            let Entry::Row { row, .. } = entry else { continue };
            if row.kind == Product::KIND {
                match Product::of(&row) {
                    Some(product) => drop(self.products.insert(row.id, product.unwrap())),
                    None => drop(self.products.remove(&row.id)),
                }
            } else if row.kind == Price::KIND {
                match Price::of(&row) {
                    Some(price) => drop(self.prices.insert(row.id, price.unwrap())),
                    None => drop(self.prices.remove(&row.id)),
                }
            }
        }
        let price = |id: Uuid| self.prices.values().find(|price| price.product.0 == id).map(|price| price.amount.minor);
        let mut sold: Vec<_> = self.products.iter().map(|(id, product)| (product.name.clone(), price(*id))).collect();
        sold.sort();
        sold
    }
}

fn sold(of: &[(&str, i64)]) -> Vec<(String, Option<i64>)> {
    of.iter().map(|(name, minor)| ((*name).to_owned(), Some(*minor))).collect()
}

#[tokio::test]
async fn tills_sell_the_variants_and_not_what_they_are_variants_of() {
    let (company, owner) = company().await;
    let mut shelf = Shelf::of(&company).await;
    let shirt = shirt(&owner).await;
    assert_eq!(shelf.now().await, sold(&[("Shirt", 2000)]));
    let small = make(&owner, PRODUCTS, variant(&shirt, "S", "Red")).await;
    let mut large = variant(&shirt, "L", "Red");
    large["price"] = euros(2200);
    large["gtin"] = json!("5901234123457");
    let large = make(&owner, PRODUCTS, large).await;
    assert_eq!(shelf.now().await, sold(&[("Shirt L / Red", 2200), ("Shirt S / Red", 2000)]), "its own price, or the product's");
    let asked: Value = owner.get(&format!("/api/v1/catalog/prices?product={}", small.id)).await.json();
    assert_eq!((&asked["price"], &asked["own_price"]), (&euros(2000), &euros(2000)), "who asks is told the same");
    let row = &shelf.products[&large.id];
    assert_eq!(
        (row.barcodes.as_slice(), row.picture.glyph.as_str()),
        (&["5901234123457".to_owned()][..], "👕"),
        "category and tax rate are the product's"
    );

    change(&owner, &shirt, json!({ "price": euros(1900) })).await;
    assert_eq!(shelf.now().await, sold(&[("Shirt L / Red", 2200), ("Shirt S / Red", 1900)]), "a price of the product's is its variants'");
    let small = put(&owner, &small, "archive").await;
    let large = put(&owner, &large, "archive").await;
    assert_eq!(shelf.now().await, sold(&[]), "a product whose variants are all put away is not sold instead of them");
    put(&owner, &small, "restore").await;
    let large = put(&owner, &large, "restore").await;
    let kept: RecordView = owner.get(&at(PRODUCTS, shirt.id)).await.json();
    let gone = put(&owner, &kept, "archive").await;
    assert_eq!(shelf.now().await, sold(&[]), "archived, it takes its variants off the tills");
    put(&owner, &gone, "restore").await;
    assert_eq!(shelf.now().await.len(), 2);

    let small: RecordView = owner.get(&at(PRODUCTS, small.id)).await.json();
    let alone = json!({ "variant_of": null, "options": [] });
    change(&owner, &small, alone.clone()).await;
    let mut whole = alone;
    for field in ["category", "tax_rate"] {
        whole[field] = shirt.values[field].clone();
    }
    change(&owner, &large, whole).await;
    assert_eq!(
        shelf.now().await,
        sold(&[("Shirt", 1900), ("Shirt L / Red", 2200)]),
        "what has no variants any more is sold again, and what was one by what it says itself: the small one has no category"
    );
}

#[tokio::test]
async fn a_variant_of_another_unit_does_not_cost_what_its_product_does() {
    let (company, owner) = company().await;
    let mut shelf = Shelf::of(&company).await;
    let shirt = shirt(&owner).await;
    let mut by_weight = variant(&shirt, "S", "Red");
    by_weight["unit"] = json!("kilogram");
    let by_weight = make(&owner, PRODUCTS, by_weight).await;
    let priced = |sold: Vec<(String, Option<i64>)>| sold.into_iter().map(|(_, minor)| minor).collect::<Vec<_>>();
    assert_eq!(priced(shelf.now().await), [None], "20.00 apiece are not 20.00 per kilogram");
    let asked: Value = owner.get(&format!("/api/v1/catalog/prices?product={}", by_weight.id)).await.json();
    assert_eq!(asked["own_price"], Value::Null, "who asks is told the same");
    change(&owner, &by_weight, json!({ "price": euros(900) })).await;
    assert_eq!(priced(shelf.now().await), [Some(900)]);
}

#[tokio::test]
async fn what_a_variant_lacks_is_its_categorys_too() {
    let (company, owner) = company().await;
    let mut shelf = Shelf::of(&company).await;
    let shirt = shirt(&owner).await;
    let small = make(&owner, PRODUCTS, variant(&shirt, "S", "Red")).await;
    shelf.now().await;
    let category: Uuid = shirt.values["category"].as_str().unwrap().parse().unwrap();
    let changed = owner.if_match(1).patch_json(&at(CATEGORIES, category), &json!({ "values": { "glyph": "🧥" } })).await;
    assert_eq!(changed.status.as_u16(), 200);
    shelf.now().await;
    assert_eq!(shelf.products[&small.id].picture.glyph, "🧥");
}

#[tokio::test]
async fn no_product_is_a_variant_of_itself_of_a_variant_or_of_its_own_variant() {
    let (_company, owner) = company().await;
    let shirt = shirt(&owner).await;
    let small = make(&owner, PRODUCTS, variant(&shirt, "S", "Red")).await;
    let coat = make(&owner, PRODUCTS, json!({ "name": "Coat" })).await;
    let problem = |field: &str, what: &str| vec![(field.to_owned(), what.to_owned())];
    let not_valid = problem("variant_of", "not_valid");
    assert_eq!(refusal(&owner, variant(&small, "S", "Blue")).await, not_valid, "a variant of a variant");
    let as_variant = |of: Uuid| json!({ "variant_of": of, "options": options("M", "Green") });
    assert_eq!(refused_change(&owner, &shirt, as_variant(shirt.id)).await, not_valid, "of itself");
    assert_eq!(refused_change(&owner, &shirt, as_variant(small.id)).await, not_valid, "of its own variant");
    assert_eq!(refused_change(&owner, &shirt, as_variant(coat.id)).await, not_valid, "what has variants is none");
    assert_eq!(
        refusal(&owner, json!({ "name": "X", "variant_of": Uuid::from_u128(7), "options": options("S", "Red") })).await,
        problem("variant_of", "unknown_record")
    );
    let other = Company::open().await;
    let stranger = other.sign_in("owner").await.0;
    assert_eq!(refusal(&stranger, variant(&shirt, "S", "Red")).await, problem("variant_of", "unknown_record"), "another company's product");
}

#[tokio::test]
async fn a_variant_has_options_that_no_other_of_its_product_has() {
    let (_company, owner) = company().await;
    let shirt = shirt(&owner).await;
    let small = make(&owner, PRODUCTS, variant(&shirt, "S", "Red")).await;
    let problem = |field: &str, what: &str| vec![(field.to_owned(), what.to_owned())];
    assert_eq!(refusal(&owner, json!({ "name": "X", "variant_of": shirt.id })).await, problem("options", "missing"));
    assert_eq!(refusal(&owner, json!({ "name": "X", "options": options("S", "Red") })).await, problem("variant_of", "missing"));
    let turned =
        json!({ "name": "X", "variant_of": shirt.id, "options": [{ "option": "colour", "value": "RED" }, { "option": "Size", "value": "s" }] });
    assert_eq!(refusal(&owner, turned).await, problem("options", "taken"), "in another order and case it is the same one");
    let twice = json!({ "name": "X", "variant_of": shirt.id, "options": [{ "option": "Size", "value": "S" }, { "option": "size", "value": "M" }] });
    assert_eq!(refusal(&owner, twice).await, problem("options[1].option", "twice"));
    put(&owner, &small, "archive").await;
    assert_eq!(refusal(&owner, variant(&shirt, "S", "Red")).await, problem("options", "taken"), "also while that one is put away");
    let coat = make(&owner, PRODUCTS, json!({ "name": "Coat" })).await;
    make(&owner, PRODUCTS, variant(&coat, "S", "Red")).await;
}

#[tokio::test]
async fn a_list_is_narrowed_to_the_variants_of_a_product_and_a_search_finds_them_by_their_options() {
    let (_company, owner) = company().await;
    let shirt = shirt(&owner).await;
    for size in ["S", "M"] {
        make(&owner, PRODUCTS, variant(&shirt, size, "Crimson")).await;
    }
    assert_eq!(names(&owner, &format!("{PRODUCTS}?variant_of={}&sort=name", shirt.id)).await, ["Shirt M / Crimson", "Shirt S / Crimson"]);
    assert_eq!(names(&owner, &format!("{PRODUCTS}?variant_of=&sort=name")).await, ["Shirt"], "what is no variant");
    assert_eq!(names(&owner, &format!("{PRODUCTS}?q=crimson&sort=name")).await.len(), 2);
    let found = page(&owner, &format!("{PRODUCTS}?q=crimson")).await.records;
    assert_eq!(found[0].names.get(&shirt.id).map(String::as_str), Some("Shirt"), "each says what it is a variant of");
}

#[tokio::test]
async fn a_file_names_what_its_lines_are_variants_of_by_article_number_or_name() {
    let (_company, owner) = company().await;
    let shirt = shirt(&owner).await;
    let path = format!("{PRODUCTS}/import");
    let file = "name,Variant of,options\nShirt S,4006381333931,Size;S\nShirt M,Shirt,\"Size;M\nColour;Red\"\nShirt L,Trousers,Size;L\nShirt XL,Shirt,\nShirt S again,Shirt,size;s\n";
    let report = import(&owner, &path, file).await;
    let problems = ["5 variant_of unknown_record", "6 options missing", "7 options twice"];
    assert_eq!((counts(&report), wrong(&report)), ((2, 0, 0, 3), problems.map(str::to_owned).to_vec()));
    assert_eq!(names(&owner, &format!("{PRODUCTS}?variant_of={}&sort=name", shirt.id)).await, ["Shirt M", "Shirt S"]);

    // A file that has the product and its variants, the product first; and one whose product is refused.
    let together = "name,gtin,variant of,options\nCoat,5901234123457,,\nCoat S,,Coat,Size;S\nCoat M,,5901234123457,Size;M\nHat,4006381333932,,\nHat S,,Hat,Size;S\n";
    let report = import(&owner, &path, together).await;
    let problems = ["5 gtin not_valid", "6 variant_of unknown_record"];
    assert_eq!((counts(&report), wrong(&report)), ((3, 0, 0, 2), problems.map(str::to_owned).to_vec()));
    let coat = page(&owner, &format!("{PRODUCTS}?q=coat&variant_of=")).await.records.remove(0);
    assert_eq!(names(&owner, &format!("{PRODUCTS}?variant_of={}&sort=name", coat.id)).await, ["Coat M", "Coat S"]);
    let file = owner.get(&format!("{PRODUCTS}/export")).await.body;
    let report = import(&owner, &path, &file).await;
    assert_eq!(report.refused + report.changed + report.created, 0, "what was taken out comes back in as it was");
}
