//! Price lists: what cannot be in them, and which price holds for whom, how much and when.

use super::catalogue::{PRODUCTS, euros};
use super::importing::{counts, import, wrong};
use super::{CUSTOMERS, at, company, errors, make, names, page, refused};
use crate::support::{Client, Company};
use holdfast_domain::catalog::{MOST_LISTED_PRICES, PriceAnswer, Standing};
use holdfast_domain::kernel::resource::RecordView;
use holdfast_server::identity::Role;
use serde_json::{Value, json};
use uuid::Uuid;

const GROUPS: &str = "/api/v1/sales/customer_groups";
const LISTS: &str = "/api/v1/catalog/price_lists";
const LINES: &str = "/api/v1/catalog/price_list_lines";
const PRICES: &str = "/api/v1/catalog/prices";

async fn baguette(owner: &Client) -> RecordView {
    make(owner, PRODUCTS, json!({ "name": "Baguette", "price": euros(120) })).await
}

async fn list(owner: &Client, name: &str, says: Value) -> RecordView {
    let mut values = json!({ "name": name });
    values.as_object_mut().unwrap().extend(says.as_object().unwrap().clone());
    make(owner, LISTS, values).await
}

async fn line(owner: &Client, (list, product): (&RecordView, &RecordView), from: &str, minor: i64) -> RecordView {
    make(owner, LINES, json!({ "price_list": list.id, "product": product.id, "from_quantity": from, "price": euros(minor) })).await
}

/// Asks for the baguette's price, with what else stands in the query.
async fn asked(client: &Client, product: &RecordView, rest: &str) -> PriceAnswer {
    let answer = client.get(&format!("{PRICES}?product={}{rest}", product.id)).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

async fn price(client: &Client, product: &RecordView, rest: &str) -> i64 {
    asked(client, product, rest).await.price.unwrap().minor
}

async fn archive(owner: &Client, path: &str, record: &RecordView) -> RecordView {
    let put = owner.if_match(record.version).post_json(&format!("{}/archive", at(path, record.id)), &json!({})).await;
    assert_eq!(put.status.as_u16(), 200, "{}", String::from_utf8_lossy(&put.body));
    put.json()
}

#[tokio::test]
async fn a_product_costs_what_it_says_itself_until_a_list_says_otherwise() {
    let (_company, owner) = company().await;
    let product = baguette(&owner).await;
    let own = asked(&owner, &product, "").await;
    assert_eq!((own.price.unwrap().minor, own.own_price == own.price, own.line, own.lines), (120, true, None, vec![]));
    let always = list(&owner, "Always", json!({})).await;
    let said = line(&owner, (&always, &product), "0", 110).await;
    assert_eq!((&said.values["name"], said.names.get(&always.id).map(String::as_str)), (&json!("Baguette"), Some("Always")), "called as its product");
    let answer = asked(&owner, &product, "").await;
    assert_eq!((answer.price.unwrap().minor, answer.own_price.unwrap().minor, answer.line.unwrap().0), (110, 120, said.id));
    assert_eq!((answer.lines[0].listed.list_name.as_str(), answer.lines[0].standing), ("Always", Standing::Holds));
}

#[tokio::test]
async fn breaks_days_and_groups_say_which_line_holds() {
    let (_company, owner) = company().await;
    let product = baguette(&owner).await;
    let trade = make(&owner, GROUPS, json!({ "name": "Trade" })).await;
    let cafe = make(&owner, CUSTOMERS, json!({ "name": "Café du Port", "customer_group": trade.id })).await;
    let passer = make(&owner, CUSTOMERS, json!({ "name": "Maria" })).await;
    let always = list(&owner, "Always", json!({})).await;
    line(&owner, (&always, &product), "0", 115).await;
    line(&owner, (&always, &product), "12", 100).await;
    let summer = list(&owner, "Summer", json!({ "valid_from": "2026-06-01", "valid_until": "2026-08-31" })).await;
    line(&owner, (&summer, &product), "2.5", 90).await;
    let trading = list(&owner, "Trade 2026", json!({ "customer_group": trade.id, "valid_from": "2026-01-01" })).await;
    line(&owner, (&trading, &product), "6", 95).await;
    let (cafe, passer) = (format!("&customer={}", cafe.id), format!("&customer={}", passer.id));
    for (rest, minor) in [
        ("&day=2026-05-31&quantity=11.999", 115),
        ("&day=2026-05-31&quantity=12", 100),
        ("&day=2026-06-01&quantity=2.4", 115),
        ("&day=2026-06-01&quantity=2.5", 90),
        ("&day=2026-08-31&quantity=12", 90),
        ("&day=2026-09-01&quantity=12", 100),
        (&format!("&day=2026-07-01&quantity=6{cafe}"), 95),
        (&format!("&day=2026-07-01&quantity=5{cafe}"), 90),
        (&format!("&day=2025-12-31&quantity=6{cafe}"), 115),
        (&format!("&day=2026-07-01&quantity=6{passer}"), 90),
    ] {
        assert_eq!(price(&owner, &product, rest).await, minor, "{rest}");
    }
    let answer = asked(&owner, &product, &format!("&day=2026-07-01&quantity=6{cafe}")).await;
    let told: Vec<_> = answer.lines.iter().map(|line| (line.listed.price.minor, line.standing)).collect();
    assert_eq!(told, [(95, Standing::Holds), (90, Standing::Yields), (115, Standing::Yields), (100, Standing::MoreNeeded)]);
    assert_eq!((answer.customer_group.map(|group| group.0), answer.lines[0].group_name.as_deref()), (Some(trade.id), Some("Trade")));
}

#[tokio::test]
async fn today_is_the_sites_and_without_one_utcs() {
    let company = Company::open().await;
    let owner = company.sign_in("owner").await.0;
    let product = baguette(&owner).await;
    let here = asked(&owner, &product, &format!("&site={}", company.site.0)).await;
    assert_eq!((here.day, asked(&owner, &product, "").await.day), ("2026-11-20".parse().unwrap(), "2026-11-20".parse().unwrap()));
    let nowhere = owner.get(&format!("{PRICES}?product={}&site={}", product.id, Uuid::from_u128(9))).await;
    assert_eq!(refused(&nowhere), (404, "site_unknown".to_owned()));
}

#[tokio::test]
async fn what_is_archived_prices_nothing_and_does_again_when_it_is_back() {
    let (_company, owner) = company().await;
    let product = baguette(&owner).await;
    let always = list(&owner, "Always", json!({})).await;
    let first = line(&owner, (&always, &product), "0", 110).await;
    line(&owner, (&always, &product), "2", 100).await;
    let away = archive(&owner, LINES, &first).await;
    assert_eq!((price(&owner, &product, "").await, price(&owner, &product, "&quantity=2").await), (120, 100));
    archive(&owner, LISTS, &always).await;
    assert_eq!((price(&owner, &product, "&quantity=2").await, asked(&owner, &product, "").await.lines.len()), (120, 0));
    let back = owner.if_match(2).post_json(&format!("{}/restore", at(LISTS, always.id)), &json!({})).await;
    assert_eq!(back.status.as_u16(), 200);
    assert_eq!(price(&owner, &product, "&quantity=2").await, 100);
    let back = owner.if_match(away.version).post_json(&format!("{}/restore", at(LINES, first.id)), &json!({})).await;
    assert_eq!((back.status.as_u16(), price(&owner, &product, "").await), (200, 110));
}

#[tokio::test]
async fn the_line_that_holds_is_told_however_many_there_are() {
    let (_company, owner) = company().await;
    let product = baguette(&owner).await;
    let always = list(&owner, "Always", json!({})).await;
    let file: String = (0..MOST_LISTED_PRICES + 40).map(|n| format!("Always,Baguette,{},{}.00 EUR\n", n + 1, 1_000 - n)).collect();
    let report = import(&owner, &format!("{LINES}/import"), format!("price_list,product,from_quantity,price\n{file}")).await;
    assert_eq!(counts(&report), (MOST_LISTED_PRICES as u64 + 40, 0, 0, 0));
    let answer = asked(&owner, &product, "&quantity=230").await;
    assert_eq!((answer.price.unwrap().minor, answer.lines.len(), answer.lines[0].standing), (77_100, MOST_LISTED_PRICES, Standing::Holds));
    assert_eq!(names(&owner, &format!("{LINES}?price_list={}&limit=1", always.id)).await, ["Baguette"]);
}

#[tokio::test]
async fn a_line_begins_where_no_other_does_and_is_in_the_companys_currency() {
    let (_company, owner) = company().await;
    let product = baguette(&owner).await;
    let always = list(&owner, "Always", json!({})).await;
    let first = line(&owner, (&always, &product), "12", 100).await;
    let values = |says: Value| {
        let mut values = json!({ "price_list": always.id, "product": product.id, "price": euros(90) });
        values.as_object_mut().unwrap().extend(says.as_object().unwrap().clone());
        json!({ "values": values })
    };
    for (says, expected) in [
        (json!({ "from_quantity": "12" }), ("from_quantity", "taken")),
        (json!({ "from_quantity": "-1" }), ("from_quantity", "out_of_range")),
        (json!({ "from_quantity": "12.50" }), ("from_quantity", "not_valid")),
        (json!({ "from_quantity": 12 }), ("from_quantity", "wrong_type")),
        (json!({ "price": { "minor": 90, "currency": "USD" } }), ("price", "not_valid")),
        (json!({ "price": { "minor": -1, "currency": "EUR" } }), ("price", "out_of_range")),
        (json!({ "price": null }), ("price", "missing")),
        (json!({ "product": Uuid::from_u128(9) }), ("product", "unknown_record")),
        (json!({ "price_list": Uuid::from_u128(9) }), ("price_list", "unknown_record")),
        (json!({ "price_list": null }), ("price_list", "missing")),
    ] {
        let answer = owner.post_json(LINES, &values(says.clone())).await;
        assert_eq!(errors(&answer), [(expected.0.to_owned(), expected.1.to_owned())], "{says}");
    }
    let second = line(&owner, (&always, &product), "0", 110).await;
    let moved = owner.if_match(second.version).patch_json(&at(LINES, second.id), &json!({ "values": { "from_quantity": "12" } })).await;
    assert_eq!(errors(&moved), [("from_quantity".to_owned(), "taken".to_owned())]);
    let other = list(&owner, "Other", json!({})).await;
    let moved = owner.if_match(second.version).patch_json(&at(LINES, second.id), &json!({ "values": { "price_list": other.id } })).await;
    assert_eq!(errors(&moved), [("price_list".to_owned(), "fixed".to_owned())]);
    // An archived one keeps its place: restored, it would be there twice.
    archive(&owner, LINES, &first).await;
    assert_eq!(errors(&owner.post_json(LINES, &values(json!({ "from_quantity": "12" }))).await)[0].1, "taken");
    let file = "price_list,product,from_quantity,price\nAlways,Baguette,0,1.00 EUR\nAlways,Baguette,5,1.00 EUR\nAlways,Baguette,\"5,0\",0.99 EUR\nAlways,Baguette,6,1.00 USD\nNone,Baguette,7,1.00 EUR\n";
    let report = import(&owner, &format!("{LINES}/import"), file).await;
    assert_eq!(counts(&report), (1, 0, 0, 4));
    assert_eq!(wrong(&report), ["2 from_quantity taken", "4 from_quantity twice", "5 price not_valid", "6 price_list unknown_record"]);
}

#[tokio::test]
async fn a_list_does_not_end_before_it_begins_and_is_called_as_no_other() {
    let (_company, owner) = company().await;
    let answer = owner.post_json(LISTS, &json!({ "values": { "name": "X", "valid_from": "2026-02-02", "valid_until": "2026-02-01" } })).await;
    assert_eq!(errors(&answer), [("valid_until".to_owned(), "out_of_range".to_owned())]);
    let day = list(&owner, "X", json!({ "valid_from": "2026-02-02", "valid_until": "2026-02-02" })).await;
    let earlier = owner.if_match(1).patch_json(&at(LISTS, day.id), &json!({ "values": { "valid_until": "2026-02-01" } })).await;
    assert_eq!(errors(&earlier), [("valid_until".to_owned(), "out_of_range".to_owned())]);
    assert_eq!(errors(&owner.post_json(LISTS, &json!({ "values": { "name": "X" } })).await), [("name".to_owned(), "taken".to_owned())]);
}

#[tokio::test]
async fn another_companys_lists_products_customers_and_groups_are_as_good_as_none() {
    let (company, owner) = company().await;
    let product = baguette(&owner).await;
    let always = list(&owner, "Always", json!({})).await;
    line(&owner, (&always, &product), "0", 110).await;
    let trade = make(&owner, GROUPS, json!({ "name": "Trade" })).await;
    let cafe = make(&owner, CUSTOMERS, json!({ "name": "Café du Port", "customer_group": trade.id })).await;
    let (tenant, site, till) = (Uuid::from_u128(0x51).into(), Uuid::from_u128(0x52).into(), Uuid::from_u128(0x53).into());
    company.found("rock", tenant, &[(site, &[till])]).await;
    let stranger = company.sign_in_at("rock", "owner").await.0;
    let theirs = baguette(&stranger).await;
    assert_eq!(refused(&stranger.get(&format!("{PRICES}?product={}", product.id)).await), (404, "record_unknown".to_owned()));
    let asked = stranger.get(&format!("{PRICES}?product={}&customer={}", theirs.id, cafe.id)).await;
    assert_eq!(refused(&asked), (404, "record_unknown".to_owned()));
    let asked = stranger.get(&format!("{PRICES}?product={}&site={}", theirs.id, company.site.0)).await;
    assert_eq!(refused(&asked), (404, "site_unknown".to_owned()));
    let named = json!({ "values": { "price_list": always.id, "product": theirs.id, "price": euros(1) } });
    assert_eq!(errors(&stranger.post_json(LINES, &named).await), [("price_list".to_owned(), "unknown_record".to_owned())]);
    let grouped = json!({ "values": { "name": "Theirs", "customer_group": trade.id } });
    for path in [LISTS, CUSTOMERS] {
        assert_eq!(errors(&stranger.post_json(path, &grouped).await), [("customer_group".to_owned(), "unknown_record".to_owned())], "{path}");
    }
    assert_eq!(page(&stranger, LINES).await.records.len(), 0);
}

#[tokio::test]
async fn whoever_may_not_look_at_lists_or_at_customers_is_told_no_price_by_them() {
    let (company, owner) = company().await;
    let product = baguette(&owner).await;
    let maria = make(&owner, CUSTOMERS, json!({ "name": "Maria" })).await;
    let asked = async |role: Role, rest: &str| {
        company.hire(role.name(), (role, company.site)).await;
        let client = company.sign_in(role.name()).await.0;
        refused_or_told(&client.get(&format!("{PRICES}?product={}{rest}", product.id)).await)
    };
    let customer = format!("&customer={}", maria.id);
    assert_eq!(asked(Role::Sales, &customer).await, (200, String::new()));
    assert_eq!(asked(Role::Buyer, "").await, (403, "permission_missing".to_owned()), "lists are not theirs to look at");
    assert_eq!(asked(Role::ProductViewer, "").await, (403, "permission_missing".to_owned()));
    let of_lists = ["catalog.product.read", "catalog.price_list.read", "catalog.price_list_line.read"];
    for (name, fields, rest, expected) in [
        ("Prices", json!({}), "", (200, "")),
        ("Prices alone", json!({}), customer.as_str(), (403, "permission_missing")),
        ("No prices", json!({ "catalog.product": { "price": "none" } }), "", (403, "field_forbidden")),
        ("No lines", json!({ "catalog.price_list_line": { "price": "masked" } }), "", (403, "field_forbidden")),
        ("No groups", json!({ "catalog.price_list": { "customer_group": "none" } }), "", (403, "field_forbidden")),
    ] {
        let terms = json!({ "name": name, "terms": { "permissions": of_lists, "fields": fields } });
        let made = owner.post_json("/api/v1/identity/role-terms", &terms).await;
        assert!(made.status.is_success(), "{}", String::from_utf8_lossy(&made.body));
        let role: Value = made.json();
        let email = name.to_lowercase().replace(' ', "-");
        company.hire(&email, (Role::CrewMember, company.site)).await;
        let (client, session) = company.sign_in(&email).await;
        let gift = json!({ "account": session.account, "role": role["role"], "site": null, "from": null, "until": null, "reason": "the fair" });
        assert_eq!(owner.post_json("/api/v1/identity/roles", &gift).await.status.as_u16(), 201);
        let told = refused_or_told(&client.get(&format!("{PRICES}?product={}{rest}", product.id)).await);
        assert_eq!(told, (expected.0, expected.1.to_owned()), "{name}");
    }
}

fn refused_or_told(response: &holdfast_server::rehearsal::Response) -> (u16, String) {
    if response.status.is_success() { (response.status.as_u16(), String::new()) } else { refused(response) }
}
