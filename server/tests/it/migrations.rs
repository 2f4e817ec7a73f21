//! Steps of the schema on a database that is in use.

use crate::support::TestDatabase;
use sqlx::migrate::Migration;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

/// Of the steps from here on some fill columns of records that are there.
const IN_USE: i64 = 20_261_126_000_000;

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

#[tokio::test]
async fn steps_are_taken_where_records_are_there_and_leave_their_versions() {
    let test = TestDatabase::create().await;
    let mut superuser = test.as_superuser().connect().await.unwrap();
    let emptied = "drop schema public cascade; create schema public; grant all on schema public to holdfast_owner; grant usage on schema public to holdfast_app";
    sqlx::raw_sql(emptied).execute(&mut superuser).await.unwrap();
    let mut owner = test.connections().owner.connect().await.unwrap();
    let steps = sqlx::migrate!("../migrations");
    take(&mut owner, steps.iter().filter(|step| step.version < IN_USE)).await;
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
