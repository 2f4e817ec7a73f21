//! Steps of the schema on a database that is in use.

use crate::support::TestDatabase;
use serde_json::json;
use sqlx::migrate::Migration;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

/// Of the steps from here on some fill columns of records that are there.
const IN_USE: i64 = 20_261_126_000_000;

/// The step by which four texts become an address.
const ADDRESSES: i64 = 20_261_127_300_000;

/// The step by which a supplier's one contact becomes the first of several.
const CONTACTS: i64 = 20_261_128_100_000;

/// One company with a record of each kind that was kept by then.
const RECORDS: &str = "
    insert into tenants (tid, slug, name, currency, epoch) values ('00000000-0000-4000-8000-000000000001', 'kelp', 'Kelp', 'EUR', gen_random_uuid());
    insert into sites (tid, id, name, kind, time_zone) select tid, gen_random_uuid(), 'Harbour Street', 'shop', 'Europe/Paris' from tenants;
    insert into tills (tid, id, site, name) select tid, gen_random_uuid(), id, 'Till 1' from sites;
    insert into people (tid, id, name) select tid, gen_random_uuid(), 'Denise Laurent' from tenants;
    insert into categories (tid, id, name) select tid, gen_random_uuid(), 'Bakery' from tenants;
    insert into tax_rates (tid, id, name, rate_millionths) select tid, gen_random_uuid(), 'Reduced', 55000 from tenants;
    insert into products (tid, id, name, unit, barcodes, tags) select tid, gen_random_uuid(), 'Baguette', 'piece', '{}', '{}' from tenants;
    insert into suppliers (tid, id, name, tags) select tid, gen_random_uuid(), 'Exotic Liquids', '{}' from tenants;
    insert into customers (tid, id, name, price_group, email, phone, tax_number, tags)
        select tid, gen_random_uuid(), 'Maria Anders', 'retail', 'maria@alfreds.example', '+49 30 0074321', 'DE 136.695.976', '{}' from tenants;
";

async fn take(owner: &mut PgConnection, steps: impl Iterator<Item = &Migration>) {
    for step in steps {
        let mut transaction = owner.begin().await.unwrap();
        let taken = sqlx::raw_sql(step.sql.clone()).execute(&mut *transaction).await;
        assert!(taken.is_ok(), "{} {}: {taken:?}", step.version, step.description);
        transaction.commit().await.unwrap();
    }
}

/// Customers and suppliers as they were before there were addresses, and what people keep that names their texts.
const WITH_TEXTS: &str = r#"
    insert into suppliers (tid, id, name, street, postal_code, city, country, tags)
        select tid, gen_random_uuid(), v.name, v.street, v.code, v.city, v.country, '{}' from tenants,
            (values ('A', '49 Gilbert St.', 'EC1 4SD', 'London', ' uk '), ('B', null, null, 'Iași', 'România'), ('C', 'Rue 1', '1000', 'Ville', 'Narnia'), ('D', null, null, null, 'DEU'))
            as v (name, street, code, city, country);
    insert into accounts (tid, id, name, email, password_hash) select tid, '00000000-0000-4000-8000-0000000000a1', 'Ana', 'ana@kelp.example', 'x' from tenants;
    insert into saved_views (tid, id, account, kind, name, shared, query, columns)
        select tid, gen_random_uuid(), '00000000-0000-4000-8000-0000000000a1', 'procurement.supplier', v.name, false, v.query, v.columns from tenants,
            (values ('V1', 'q=city&city=London&sort=-city', array['name', 'country', 'city', 'phone']), ('V2', 'country=UK&tags=drinks', null), ('V3', 'country=Narnia&sort=name', null))
            as v (name, query, columns);
    insert into roles (tid, id, code, name, terms)
        select tid, gen_random_uuid(), 'own_abcdefghijklmnopabcdefghijklmnop', 'Fair',
               '{"permissions": ["sales.customer.read"], "fields": {"sales.customer": {"city": "read", "street": "masked", "email": "none"}}, "within": {"procurement.supplier": {"scope": "all"}, "sales.customer": {"scope": "own", "when": [
                    {"field": "city", "operator": "is", "value": "Brest"}, {"field": "country", "operator": "is_not", "value": "U.K."},
                    {"field": "country", "operator": "is_not", "value": "Narnia"}, {"field": "tags", "operator": "is", "value": "vip"}]}}}' from tenants;
    insert into roles (tid, id, code, name, terms)
        select tid, gen_random_uuid(), 'own_bbcdefghijklmnopabcdefghijklmnop', 'Purchases', '{"permissions": ["procurement.supplier.read"], "fields": {}}' from tenants;
"#;

#[tokio::test]
async fn four_texts_become_an_address_and_nothing_of_them_is_lost() {
    let test = TestDatabase::create().await;
    let (mut superuser, mut owner) = before(&test, IN_USE).await;
    sqlx::raw_sql(RECORDS).execute(&mut superuser).await.unwrap();
    let steps = sqlx::migrate!("../migrations");
    take(&mut owner, steps.iter().filter(|step| (IN_USE..ADDRESSES).contains(&step.version))).await;
    sqlx::raw_sql(WITH_TEXTS).execute(&mut superuser).await.unwrap();
    take(&mut owner, steps.iter().filter(|step| step.version >= ADDRESSES)).await;

    let kept: Vec<(String, i64, Option<serde_json::Value>)> =
        sqlx::query_as("select name, version, address from suppliers order by name").fetch_all(&mut superuser).await.unwrap();
    let address = |line1: Option<&str>, code: Option<&str>, city: Option<&str>, (region, country): (Option<&str>, Option<&str>)| {
        Some(json!({ "line1": line1, "line2": null, "postal_code": code, "city": city, "region": region, "country": country }))
    };
    let expected = [
        ("A", address(Some("49 Gilbert St."), Some("EC1 4SD"), Some("London"), (None, Some("GB")))),
        ("B", address(None, None, Some("Iași"), (None, Some("RO")))),
        ("C", address(Some("Rue 1"), Some("1000"), Some("Ville"), (Some("Narnia"), None))),
        ("D", address(None, None, None, (None, Some("DE")))),
        ("Exotic Liquids", None),
    ];
    assert_eq!(kept, expected.map(|(name, address)| (name.to_owned(), 1, address)), "nobody changed them");
    let found: Vec<String> =
        sqlx::query_scalar("select title from search_entries where words like '%gilbert%'").fetch_all(&mut superuser).await.unwrap();
    assert_eq!(found, ["A"]);
    let views: Vec<(String, Option<Vec<String>>)> =
        sqlx::query_as("select query, columns from saved_views order by name").fetch_all(&mut superuser).await.unwrap();
    let columns = ["name", "address.country", "address.city", "phone"].map(str::to_owned).to_vec();
    let expected = [("q=city&address.city=London&sort=-address.city", Some(columns)), ("address.country=GB&tags=drinks", None), ("sort=name", None)];
    assert_eq!(views, expected.map(|(query, columns)| (query.to_owned(), columns)));
    let terms: serde_json::Value = sqlx::query_scalar("select terms from roles where name = 'Fair'").fetch_one(&mut superuser).await.unwrap();
    assert_eq!(terms["fields"], json!({ "sales.customer": { "address": "masked", "contacts": "none", "contract": "none", "email": "none" } }));
    let bought: serde_json::Value =
        sqlx::query_scalar("select terms -> 'fields' from roles where name = 'Purchases'").fetch_one(&mut superuser).await.unwrap();
    assert_eq!(
        bought,
        json!({ "procurement.supplier": { "contract": "none", "iban": "none" } }),
        "nobody reads account numbers or contracts by a role that was agreed before there were any"
    );
    let when = json!([
        { "field": "address.city", "operator": "is", "value": "Brest" },
        { "field": "address.country", "operator": "is_not", "value": "GB" },
        { "field": "address.region", "operator": "is_not", "value": "Narnia" },
        { "field": "tags", "operator": "is", "value": "vip" },
    ]);
    assert_eq!(terms["within"], json!({ "procurement.supplier": { "scope": "all" }, "sales.customer": { "scope": "own", "when": when } }));
}

#[tokio::test]
async fn one_contact_becomes_the_first_of_several_and_no_name_is_lost() {
    let test = TestDatabase::create().await;
    let (mut superuser, mut owner) = before(&test, CONTACTS).await;
    let kept = r#"
        insert into tenants (tid, slug, name, currency, epoch) values ('00000000-0000-4000-8000-000000000001', 'kelp', 'Kelp', 'EUR', gen_random_uuid());
        insert into suppliers (tid, id, name, contact, notes, tags) select tid, gen_random_uuid(), v.name, v.contact, v.notes, '{}' from tenants,
            (values ('A', 'Charlotte Cooper', null), ('B', null, null), ('C', repeat('x', 130), 'Pays late.')) as v (name, contact, notes);
        insert into accounts (tid, id, name, email, password_hash) select tid, '00000000-0000-4000-8000-0000000000a1', 'Ana', 'ana@kelp.example', 'x' from tenants;
        insert into saved_views (tid, id, account, kind, name, shared, query, columns)
            select tid, gen_random_uuid(), '00000000-0000-4000-8000-0000000000a1', 'procurement.supplier', 'V', false, 'sort=name', array['name', 'contact', 'phone'] from tenants;
        insert into roles (tid, id, code, name, terms) select tid, gen_random_uuid(), v.code, v.code, v.terms::jsonb from tenants, (values
            ('own_abcdefghijklmnopabcdefghijklmnop', '{"permissions": ["procurement.supplier.read"], "fields": {"procurement.supplier": {"contact": "read", "phone": "masked"}}}'),
            ('own_bbcdefghijklmnopabcdefghijklmnop', '{"permissions": ["procurement.supplier.read"], "fields": {}}')) as v (code, terms);
    "#;
    sqlx::raw_sql(kept).execute(&mut superuser).await.unwrap();
    take(&mut owner, sqlx::migrate!("../migrations").iter().filter(|step| step.version == CONTACTS)).await;

    type Row = (i64, serde_json::Value, Option<String>);
    let kept: Vec<Row> =
        sqlx::query_as("select version, contacts::jsonb #- '{0,id}', notes from suppliers order by name").fetch_all(&mut superuser).await.unwrap();
    let contact = |name: &str| json!([{ "name": name, "role": null, "email": null, "phone": null }]);
    let long = "x".repeat(130);
    assert_eq!(kept, [(1, contact("Charlotte Cooper"), None), (1, json!([]), None), (1, contact(&long[..120]), Some(format!("Pays late.\n{long}")))]);
    let found: Vec<String> =
        sqlx::query_scalar("select title from search_entries where words like '%charlotte%'").fetch_all(&mut superuser).await.unwrap();
    assert_eq!(found, ["A"]);
    let columns: Vec<String> = sqlx::query_scalar("select columns from saved_views").fetch_one(&mut superuser).await.unwrap();
    assert_eq!(columns, ["name", "contacts", "phone"]);
    let fields: Vec<serde_json::Value> =
        sqlx::query_scalar("select terms -> 'fields' from roles order by code").fetch_all(&mut superuser).await.unwrap();
    assert_eq!(fields, [json!({ "procurement.supplier": { "contacts": "masked", "phone": "masked" } }), json!({})]);
}

/// An empty schema with all steps before one.
async fn before(test: &TestDatabase, step: i64) -> (PgConnection, PgConnection) {
    let mut superuser = test.as_superuser().connect().await.unwrap();
    let emptied = "drop schema public cascade; create schema public; grant all on schema public to holdfast_owner; grant usage on schema public to holdfast_app";
    sqlx::raw_sql(emptied).execute(&mut superuser).await.unwrap();
    let mut owner = test.connections().owner.connect().await.unwrap();
    take(&mut owner, sqlx::migrate!("../migrations").iter().filter(|known| known.version < step)).await;
    (superuser, owner)
}

#[tokio::test]
async fn steps_are_taken_where_records_are_there_and_leave_their_versions() {
    let test = TestDatabase::create().await;
    let (mut superuser, mut owner) = before(&test, IN_USE).await;
    let steps = sqlx::migrate!("../migrations");
    sqlx::raw_sql(RECORDS).execute(&mut superuser).await.unwrap();
    take(&mut owner, steps.iter().filter(|step| step.version >= IN_USE)).await;

    let compared = "select version, email_alike, phone_alike, tax_number_alike from customers";
    let compared: (i64, String, String, String) = sqlx::query_as(compared).fetch_one(&mut superuser).await.unwrap();
    assert_eq!(compared, (1, "maria@alfreds.example".to_owned(), "300074321".to_owned(), "136695976".to_owned()));
    let found: Vec<String> = sqlx::query_scalar("select title from search_entries order by title").fetch_all(&mut superuser).await.unwrap();
    assert_eq!(found, ["Baguette", "Bakery", "Denise Laurent", "Exotic Liquids", "Harbour Street", "Maria Anders", "Reduced", "Retail", "Till 1"]);
    // A fixed price group became a group of the company's.
    let group: String = sqlx::query_scalar("select g.name from customers c join customer_groups g on g.tid = c.tid and g.id = c.customer_group")
        .fetch_one(&mut superuser)
        .await
        .unwrap();
    assert_eq!(group, "Retail");
}
