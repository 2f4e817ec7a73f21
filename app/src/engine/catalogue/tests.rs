//! What the catalogue promises a till.

use super::*;
use holdfast_domain::catalog::{Picture, Unit};
use holdfast_domain::kernel::Currency;
use holdfast_sync::bytes::Bytes;

const NOW: Timestamp = Timestamp(1_000);

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn row<R: Reference>(n: u128, version: u64, body: &R) -> ReferenceRow {
    ReferenceRow { kind: R::KIND.to_owned(), id: id(n), version, body: Some(Bytes(body.to_body())) }
}

fn gone(kind: &str, n: u128, version: u64) -> ReferenceRow {
    ReferenceRow { kind: kind.to_owned(), id: id(n), version, body: None }
}

fn picture() -> Picture {
    Picture { hue: 30, glyph: "🥖".to_owned() }
}

fn product(name: &str, barcodes: &[&str]) -> Product {
    Product {
        name: name.to_owned(),
        category: CategoryId(id(900)),
        unit: Unit::Piece,
        tax_rate: TaxRateId(id(800)),
        picture: picture(),
        barcodes: barcodes.iter().map(|code| (*code).to_owned()).collect(),
    }
}

fn price(product: u128, minor: i64, valid_from: i64) -> Price {
    Price { product: ProductId(id(product)), amount: Money::new(minor, Currency::EUR), valid_from: Timestamp(valid_from) }
}

fn bakery() -> Catalogue {
    let mut catalogue = Catalogue::default();
    catalogue.put(&row(800, 3, &TaxRate { name: "Reduced".to_owned(), rate: "5.5".parse().unwrap() }));
    catalogue.put(&row(900, 1, &Category { name: "Bakery".to_owned(), place: 1, picture: picture() }));
    for (n, name, code) in [(1, "Baguette", "9521234543213"), (2, "Pain au chocolat", "96385074"), (3, "Chocolat noir", "036000291452")] {
        catalogue.put(&row(n, 1, &product(name, &[code])));
        catalogue.put(&row(100 + n, 7, &price(n, 100 * i64::try_from(n).unwrap(), 0)));
    }
    catalogue
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn today() -> Day {
    day("2026-11-20")
}

fn page(skip: usize, limit: usize) -> Page {
    Page { skip, limit, now: NOW, day: today() }
}

fn names(catalogue: &Catalogue, text: &str) -> Vec<String> {
    catalogue.search(text, None, page(0, 10)).products.into_iter().map(|product| product.name).collect()
}

#[test]
fn a_scan_sells_at_the_price_in_force_and_names_the_rows_it_came_from() {
    let item = bakery().scanned(" 9521234543213 ", Quantity::ONE, NOW).unwrap().on(today).unwrap().item;
    assert_eq!((item.name.as_str(), item.unit_price.minor), ("Baguette", 100));
    assert_eq!(item.price, RowVersion { row: id(101), version: 7 });
    assert_eq!(item.tax, RowVersion { row: id(800), version: 3 });
    assert_eq!(item.barcode.as_deref(), Some("9521234543213"));
}

#[test]
fn a_upc_is_found_by_its_ean() {
    assert_eq!(bakery().scanned("0036000291452", Quantity::ONE, NOW).map(|offer| offer.on(today).unwrap().item.name), Ok("Chocolat noir".to_owned()));
}

/// A product that gets variants is gone, and they are products: whichever row comes first, the code that one of them took over sells that one.
#[test]
fn a_variant_is_scanned_by_the_code_that_its_product_had_and_sold_at_its_own_price() {
    let (red, blue) = (row(11, 1, &product("Baguette Red", &["9521234543213"])), row(12, 1, &product("Baguette Blue", &["40170725"])));
    let prices = [row(111, 1, &price(11, 140, 0)), row(112, 1, &price(12, 100, 0))];
    let product_gone = [gone(Product::KIND, 1, 2), gone(Price::KIND, 101, 8)];
    for variants_first in [true, false] {
        let mut catalogue = bakery();
        let mut rows: Vec<ReferenceRow> = [red.clone(), blue.clone()].into_iter().chain(prices.clone()).collect();
        rows.splice(if variants_first { 4..4 } else { 0..0 }, product_gone.clone());
        rows.iter().for_each(|row| catalogue.put(row));
        let scanned = |code: &str| catalogue.scanned(code, Quantity::ONE, NOW).unwrap().on(today).unwrap().item;
        assert_eq!((scanned("9521234543213").name.as_str(), scanned("9521234543213").unit_price.minor), ("Baguette Red", 140));
        assert_eq!((scanned("40170725").name.as_str(), scanned("40170725").price.row), ("Baguette Blue", id(112)));
        assert_eq!(names(&catalogue, "baguette"), ["Baguette Blue", "Baguette Red"], "the product itself is on no tile");
        assert_eq!(catalogue.sold(ProductId(id(1)), Quantity::ONE, NOW), Err(NotForSale::ProductUnknown));
    }
}

#[test]
fn what_cannot_be_sold_says_why() {
    let mut catalogue = bakery();
    assert_eq!(catalogue.scanned("4006381333931", Quantity::ONE, NOW), Err(NotForSale::BarcodeUnknown));
    assert_eq!(catalogue.sold(ProductId(id(77)), Quantity::ONE, NOW), Err(NotForSale::ProductUnknown));
    catalogue.put(&row(101, 8, &price(1, 100, NOW.0 + 1)));
    assert_eq!(catalogue.sold(ProductId(id(1)), Quantity::ONE, NOW), Err(NotForSale::PriceMissing));
    catalogue.put(&gone(TaxRate::KIND, 800, 4));
    assert_eq!(catalogue.sold(ProductId(id(2)), Quantity::ONE, NOW), Err(NotForSale::TaxRateMissing));
}

#[test]
fn of_two_prices_the_one_that_began_last_holds() {
    let mut catalogue = bakery();
    catalogue.put(&row(201, 1, &price(1, 90, 500)));
    catalogue.put(&row(202, 1, &price(1, 80, NOW.0 + 500)));
    assert_eq!(catalogue.sold(ProductId(id(1)), Quantity::ONE, NOW).map(|offer| offer.on(today).unwrap().item.unit_price.minor), Ok(90));
    assert_eq!(catalogue.sold(ProductId(id(1)), Quantity::ONE, NOW.plus_ms(500)).map(|offer| offer.on(today).unwrap().item.unit_price.minor), Ok(80));
}

#[test]
fn an_older_version_of_a_row_changes_nothing() {
    let mut catalogue = bakery();
    catalogue.put(&row(1, 5, &product("Baguette tradition", &["9521234543213"])));
    catalogue.put(&row(1, 4, &product("Old baguette", &[])));
    assert_eq!(names(&catalogue, "baguette"), ["Baguette tradition"]);
}

#[test]
fn a_row_that_is_gone_is_found_no_more() {
    let mut catalogue = bakery();
    catalogue.put(&gone(Product::KIND, 1, 2));
    assert_eq!(catalogue.scanned("9521234543213", Quantity::ONE, NOW), Err(NotForSale::BarcodeUnknown));
    assert!(names(&catalogue, "baguette").is_empty());
    catalogue.put(&row(1, 1, &product("Baguette", &["9521234543213"])));
    assert!(names(&catalogue, "baguette").is_empty(), "an old version does not bring it back");
}

#[test]
fn a_code_that_moved_to_another_product_stays_there() {
    let mut catalogue = bakery();
    catalogue.put(&row(2, 2, &product("Pain au chocolat", &["96385074", "9521234543213"])));
    catalogue.put(&row(1, 2, &product("Baguette", &[])));
    assert_eq!(
        catalogue.scanned("9521234543213", Quantity::ONE, NOW).map(|offer| offer.on(today).unwrap().item.name),
        Ok("Pain au chocolat".to_owned())
    );
}

#[test]
fn names_that_begin_so_come_before_names_that_contain_it() {
    assert_eq!(names(&bakery(), "choco"), ["Chocolat noir", "Pain au chocolat"]);
    assert_eq!(names(&bakery(), "AU CHÓC"), ["Pain au chocolat"]);
    assert_eq!(names(&bakery(), "guet"), ["Baguette"]);
    assert!(names(&bakery(), "choco salt").is_empty());
}

#[test]
fn a_typed_code_finds_its_product() {
    assert_eq!(names(&bakery(), "96385074"), ["Pain au chocolat"]);
}

#[test]
fn a_category_lists_its_products_by_name_and_counts_them() {
    let mut catalogue = bakery();
    catalogue.put(&row(901, 1, &Category { name: "Empty".to_owned(), place: 0, picture: picture() }));
    let categories: Vec<_> = catalogue.categories().into_iter().map(|category| (category.name, category.products)).collect();
    assert_eq!(categories, [("Bakery".to_owned(), 3)]);
    let listed: Vec<_> = catalogue.search("", Some("Bakery"), page(0, 2)).products.into_iter().map(|product| product.name).collect();
    assert_eq!(listed, ["Baguette", "Chocolat noir"]);
    assert_eq!(catalogue.search("", Some("Cheese"), page(0, 2)), ProductsPage::default());
}

#[test]
fn a_page_continues_the_one_before_and_says_how_many_there_are() {
    let catalogue = bakery();
    let first = catalogue.search("", None, page(0, 2));
    let second = catalogue.search("", None, page(2, 2));
    let names: Vec<_> = first.products.iter().chain(&second.products).map(|product| product.name.as_str()).collect();
    assert_eq!(names, ["Baguette", "Chocolat noir", "Pain au chocolat"]);
    assert_eq!((first.of, second.of), (3, 3));
}

#[test]
fn a_row_that_cannot_be_read_is_counted_and_in_nobodys_way() {
    let mut catalogue = bakery();
    catalogue.put(&ReferenceRow { kind: Product::KIND.to_owned(), id: id(5), version: 1, body: Some(Bytes(vec![0xff])) });
    catalogue.put(&ReferenceRow { kind: "wms.bin".to_owned(), id: id(6), version: 1, body: Some(Bytes(vec![0xff])) });
    assert_eq!((catalogue.unreadable(), catalogue.len()), (1, 3));
    // Of a newer office, such as a unit that this build does not know: what was known before is sold on.
    catalogue.put(&ReferenceRow { kind: Product::KIND.to_owned(), id: id(1), version: 9, body: Some(Bytes(vec![0xff])) });
    assert_eq!((catalogue.unreadable(), catalogue.len(), names(&catalogue, "baguette")), (2, 3, vec!["Baguette".to_owned()]));
}

#[test]
fn a_name_of_the_site_is_known_and_the_newer_one_counts() {
    let mut catalogue = bakery();
    let account = AccountId(id(7));
    let named = |name: &str| AccountName { account, name: name.to_owned() };
    catalogue.put(&row(8, 2, &named("Elif Demir")));
    catalogue.put(&row(8, 1, &named("Elif Yilmaz")));
    catalogue.put(&gone(AccountName::KIND, 8, 3));
    assert_eq!(catalogue.account_names().get(&account).map(String::as_str), Some("Elif Demir"), "and stays when its row is gone");
}

fn change(tax_rate: u128, valid_from: &str, rate: &str) -> TaxChange {
    TaxChange { tax_rate: TaxRateId(id(tax_rate)), valid_from: day(valid_from), rate: rate.parse().unwrap() }
}

#[test]
fn the_tax_of_a_ticket_is_the_one_of_its_day_also_where_the_till_has_heard_nothing_for_weeks() {
    let mut catalogue = bakery();
    catalogue.put(&row(701, 4, &change(800, "2025-08-01", "11")));
    catalogue.put(&row(702, 1, &change(800, "2027-01-01", "9")));
    catalogue.put(&row(703, 1, &change(801, "2020-01-01", "1")));
    let taxed = |text: &str| {
        let item = catalogue.sold(ProductId(id(1)), Quantity::ONE, NOW).unwrap().on(|| day(text)).unwrap().item;
        (item.tax_rate.to_string(), item.tax)
    };
    assert_eq!(taxed("2025-07-31"), ("5.5".to_owned(), RowVersion { row: id(800), version: 3 }));
    assert_eq!(taxed("2025-08-01"), ("11".to_owned(), RowVersion { row: id(701), version: 4 }));
    assert_eq!(taxed("2026-12-31"), ("11".to_owned(), RowVersion { row: id(701), version: 4 }));
    assert_eq!(taxed("2027-01-01"), ("9".to_owned(), RowVersion { row: id(702), version: 1 }));
}

#[test]
fn a_change_of_a_tax_rate_that_was_taken_back_or_moved_holds_as_it_is_now() {
    let mut catalogue = bakery();
    catalogue.put(&row(701, 1, &change(800, "2025-08-01", "11")));
    catalogue.put(&row(701, 2, &change(800, "2027-08-01", "12")));
    let taxed = |catalogue: &Catalogue, text: &str| {
        catalogue.sold(ProductId(id(1)), Quantity::ONE, NOW).unwrap().on(|| day(text)).unwrap().item.tax_rate.to_string()
    };
    assert_eq!((taxed(&catalogue, "2026-11-20"), taxed(&catalogue, "2027-08-01")), ("5.5".to_owned(), "12".to_owned()));
    catalogue.put(&gone(TaxChange::KIND, 701, 3));
    assert_eq!(taxed(&catalogue, "2027-08-01"), "5.5");
}

#[test]
fn nobody_asks_for_the_day_where_no_tax_changes() {
    let offer = bakery().sold(ProductId(id(1)), Quantity::ONE, NOW).unwrap();
    assert_eq!(offer.on(|| unreachable!("it makes no difference")).unwrap().item.tax_rate.to_string(), "5.5");
}

const LIST: u128 = 600;

fn list(name: &str, (valid_from, valid_until): (Option<&str>, Option<&str>)) -> PriceList {
    PriceList { name: name.to_owned(), valid_from: valid_from.map(day), valid_until: valid_until.map(day) }
}

fn listed(list: u128, product: u128, from: &str, minor: i64) -> PriceListLine {
    PriceListLine {
        price_list: PriceListId(id(list)),
        product: ProductId(id(product)),
        from_quantity: from.parse().unwrap(),
        price: Money::new(minor, Currency::EUR),
    }
}

/// What one costs in so many on that day, and the row that says so.
fn costs(catalogue: &Catalogue, quantity: u32, text: &str) -> (i64, RowVersion) {
    let RungUp { item, breaks } = catalogue.sold(ProductId(id(1)), Quantity::ONE, NOW).unwrap().on(|| day(text)).unwrap();
    let quantity = Quantity::whole(quantity).unwrap();
    let reached = breaks.iter().rev().find(|at| at.from <= quantity).map(|at| (at.unit_price.minor, at.price));
    reached.unwrap_or((item.unit_price.minor, item.price))
}

#[test]
fn a_till_sells_by_a_price_list_from_its_first_day_to_its_last_also_where_it_has_heard_nothing_since() {
    let mut catalogue = bakery();
    // A line may come before its list.
    catalogue.put(&row(601, 2, &listed(LIST, 1, "0", 80)));
    assert_eq!(costs(&catalogue, 1, "2026-12-01").0, 100);
    catalogue.put(&row(LIST, 1, &list("Winter", (Some("2026-12-01"), Some("2026-12-31")))));
    let own = (100, RowVersion { row: id(101), version: 7 });
    let listed = (80, RowVersion { row: id(601), version: 2 });
    for (text, expected) in [("2026-11-30", own), ("2026-12-01", listed), ("2026-12-31", listed), ("2027-01-01", own)] {
        assert_eq!(costs(&catalogue, 1, text), expected, "{text}");
    }
}

#[test]
fn a_break_holds_for_all_of_a_line_from_its_quantity_on() {
    let mut catalogue = bakery();
    catalogue.put(&row(LIST, 1, &list("Dozens", (None, None))));
    catalogue.put(&row(601, 1, &listed(LIST, 1, "12", 80)));
    catalogue.put(&row(602, 1, &listed(LIST, 1, "100", 70)));
    for (quantity, expected) in [(1, 100), (11, 100), (12, 80), (99, 80), (100, 70)] {
        assert_eq!(costs(&catalogue, quantity, "2026-11-20").0, expected, "{quantity}");
    }
}

#[test]
fn a_product_without_a_price_of_its_own_is_sold_where_a_list_prices_the_first_of_it() {
    let mut catalogue = bakery();
    catalogue.put(&gone(Price::KIND, 101, 8));
    catalogue.put(&row(LIST, 1, &list("Only", (None, None))));
    catalogue.put(&row(601, 1, &listed(LIST, 1, "12", 80)));
    let offered = |catalogue: &Catalogue| catalogue.sold(ProductId(id(1)), Quantity::ONE, NOW).and_then(|offer| offer.on(today));
    assert_eq!(offered(&catalogue).map(drop), Err(NotForSale::PriceMissing));
    catalogue.put(&row(602, 1, &listed(LIST, 1, "0", 90)));
    assert_eq!(costs(&catalogue, 1, "2026-11-20").0, 90);
}

#[test]
fn a_list_or_a_line_that_was_taken_back_prices_nothing_any_more() {
    let mut catalogue = bakery();
    catalogue.put(&row(LIST, 1, &list("Sale", (None, None))));
    catalogue.put(&row(601, 1, &listed(LIST, 1, "0", 80)));
    catalogue.put(&row(602, 1, &listed(LIST, 1, "2", 60)));
    assert_eq!((costs(&catalogue, 1, "2026-11-20").0, costs(&catalogue, 2, "2026-11-20").0), (80, 60));
    catalogue.put(&gone(PriceListLine::KIND, 602, 2));
    assert_eq!(costs(&catalogue, 2, "2026-11-20").0, 80);
    catalogue.put(&gone(PriceList::KIND, LIST, 2));
    assert_eq!(costs(&catalogue, 2, "2026-11-20").0, 100);
    catalogue.put(&row(LIST, 3, &list("Sale", (None, None))));
    assert_eq!(costs(&catalogue, 2, "2026-11-20").0, 80, "restored");
}

#[test]
fn a_tile_shows_what_one_costs_today() {
    let mut catalogue = bakery();
    catalogue.put(&row(LIST, 1, &list("Sale", (Some("2026-11-20"), None))));
    catalogue.put(&row(601, 1, &listed(LIST, 1, "0", 80)));
    let shown = |on: &str| catalogue.search("baguette", None, Page { day: day(on), ..page(0, 1) }).products[0].price_minor;
    assert_eq!((shown("2026-11-19"), shown("2026-11-20")), (Some(100), Some(80)));
}
