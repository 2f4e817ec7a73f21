//! The door to tenant tables, and what lies behind it.

use crate::support::TestDatabase;
use holdfast_domain::kernel::{AccountId, SiteId, TenantId};
use holdfast_server::failure::{Failure, Fault};
use holdfast_server::field_keys::FieldKeys;
use holdfast_server::tenancy::{Connections, Database, Sites, TenantScope, TenantTx};
use sqlx::{ConnectOptions as _, Connection as _};
use std::sync::atomic::{AtomicU32, Ordering};

const HARBOUR: TenantId = TenantId(uuid::Uuid::from_u128(1));
const QUARRY: TenantId = TenantId(uuid::Uuid::from_u128(2));
const SHOP: SiteId = SiteId(uuid::Uuid::from_u128(11));
const DEPOT: SiteId = SiteId(uuid::Uuid::from_u128(12));

/// Tables that belong to no tenant. This list may only shrink.
const WITHOUT_TENANT: &[&str] = &["_sqlx_migrations", "field_keys", "sealing_keys", "server_keys", "sign_in_attempts", "tenant_directory"];

async fn insert_tenant(tx: &mut TenantTx, tenant: TenantId, slug: &str) -> Result<(), sqlx::Error> {
    let statement = "insert into tenants (tid, slug, name, currency, epoch) values ($1, $2, $2, 'EUR', gen_random_uuid())";
    sqlx::query(statement).bind(tenant.0).bind(slug).execute(tx.connection()).await.map(drop)
}

async fn insert_site(tx: &mut TenantTx, site: SiteId, name: &str) -> Result<(), sqlx::Error> {
    let statement = "insert into sites (tid, id, name, kind, time_zone) values ($1, $2, $3, 'shop', 'Europe/Paris')";
    sqlx::query(statement).bind(tx.tenant().0).bind(site.0).bind(name).execute(tx.connection()).await.map(drop)
}

async fn site_names(tx: &mut TenantTx) -> Vec<String> {
    sqlx::query_scalar("select name from sites order by name").fetch_all(tx.connection()).await.unwrap()
}

async fn two_tenants() -> TestDatabase {
    let test = TestDatabase::create().await;
    for (tenant, slug) in [(HARBOUR, "harbour"), (QUARRY, "quarry")] {
        let mut tx = test.tenant(tenant).await;
        insert_tenant(&mut tx, tenant, slug).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = test.tenant(HARBOUR).await;
    insert_site(&mut tx, SHOP, "Shop").await.unwrap();
    insert_site(&mut tx, DEPOT, "Depot").await.unwrap();
    tx.commit().await.unwrap();
    test
}

#[tokio::test]
async fn every_tenant_table_is_behind_row_level_security() {
    let test = TestDatabase::create().await;
    let mut catalogue = test.as_superuser().connect().await.unwrap();
    let statement = "
        select c.relname::text,
               c.relrowsecurity and c.relforcerowsecurity,
               exists (select from pg_policy p where p.polrelid = c.oid and p.polpermissive and p.polcmd = '*'
                       and pg_get_expr(p.polqual, c.oid) like '(tid = (NULLIF(current_setting(''app.tid''%'
                       and pg_get_expr(p.polwithcheck, c.oid) = pg_get_expr(p.polqual, c.oid)),
               (select count(*) = 1 from pg_policy p where p.polrelid = c.oid and p.polpermissive
                -- `search_records` alone reads as the owner, and names the tenant itself.
                and not (c.relname = 'search_entries' and p.polname = 'search' and p.polcmd = 'r' and p.polroles = array['holdfast_owner'::regrole::oid])),
               not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'site' and not a.attisdropped)
               or exists (select from pg_policy p where p.polrelid = c.oid and not p.polpermissive and p.polcmd = '*'
                          and pg_get_expr(p.polqual, c.oid) like '%app.sites%'
                          and pg_get_expr(p.polwithcheck, c.oid) = pg_get_expr(p.polqual, c.oid)),
               coalesce((select a.attname = 'tid' from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                         where i.indrelid = c.oid and i.indisprimary), false),
               (select count(*) = 4 from pg_attribute a where a.attrelid = c.oid
                and a.attname in ('created_at', 'created_by', 'modified_at', 'modified_by')),
               c.relowner = 'holdfast_owner'::regrole
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'm', 'f', 'v') order by 1";
    type Row = (String, bool, bool, bool, bool, bool, bool, bool);
    let tables: Vec<Row> = sqlx::query_as(statement).fetch_all(&mut catalogue).await.unwrap();
    assert!(tables.iter().any(|table| table.0 == "tenants"), "the catalogue was read");
    for (name, forced, tenant_policy, only_one, site_policy, keyed, audited, owned) in tables {
        if WITHOUT_TENANT.contains(&name.as_str()) {
            continue;
        }
        assert!(forced, "{name}: row-level security is enabled and forced");
        assert!(tenant_policy, "{name}: has the policy on tid, for reading and writing");
        assert!(only_one, "{name}: has no second permissive policy, which would widen the first");
        assert!(site_policy, "{name}: has a site, so it has the policy on sites");
        assert!(keyed, "{name}: tid leads the primary key");
        assert!(audited, "{name}: says when and by whom it was created and modified");
        assert!(owned, "{name}: belongs to the owner role");
    }
}

/// A statement may be planned while a table is empty and kept: then any index that begins with `tid` looks as good as the one that is meant.
#[tokio::test]
async fn only_the_keys_of_what_lanes_read_begin_with_the_tenant() {
    let test = TestDatabase::create().await;
    let mut connection = test.as_superuser().connect().await.unwrap();
    let doubtful: Vec<String> = sqlx::query_scalar(
        "select i.indexrelid::regclass::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
         where not i.indisprimary and a.attname = 'tid' and i.indrelid = any (array['envelopes', 'replaced_envelopes', 'documents', 'feed', 'sync_actors',
           'grants', 'devices', 'device_chains', 'sales_receipt_blocks', 'sales_receipt_numbers', 'sales_till_sessions', 'reference_versions']::regclass[])
         and pg_get_indexdef(i.indexrelid) not like '% WHERE %' and not i.indisunique",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    assert_eq!(doubtful, Vec::<String>::new());
}

#[tokio::test]
async fn the_app_role_cannot_read_what_belongs_to_the_server() {
    let test = TestDatabase::create().await;
    for table in ["field_keys", "sealing_keys", "server_keys", "tenant_directory", "_sqlx_migrations"] {
        let mut before = test.database.before_tenant().await.unwrap();
        let statement = sqlx::AssertSqlSafe(format!("select 1 from {table}"));
        let error = sqlx::query(statement).fetch_all(before.connection()).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().unwrap(), "42501", "{table}: insufficient privilege");
    }
}

#[tokio::test]
async fn a_tenant_sees_only_its_own_rows() {
    let test = two_tenants().await;
    assert_eq!(site_names(&mut test.tenant(HARBOUR).await).await, ["Depot", "Shop"]);
    assert_eq!(site_names(&mut test.tenant(QUARRY).await).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_row_cannot_be_written_into_another_tenant() {
    let test = two_tenants().await;
    let mut tx = test.tenant(QUARRY).await;
    let statement = "insert into sites (tid, id, name, kind, time_zone) values ($1, $2, 'Trap', 'shop', 'Europe/Paris')";
    let error = sqlx::query(statement).bind(HARBOUR.0).bind(uuid::Uuid::from_u128(99)).execute(tx.connection()).await.unwrap_err();
    assert!(error.to_string().contains("row-level security"), "{error}");
}

#[tokio::test]
async fn a_row_cannot_be_moved_into_another_tenant() {
    let test = two_tenants().await;
    let mut tx = test.tenant(HARBOUR).await;
    let error = sqlx::query("update sites set tid = $1").bind(QUARRY.0).execute(tx.connection()).await.unwrap_err();
    assert!(error.to_string().contains("row-level security"), "{error}");
}

#[tokio::test]
async fn without_a_tenant_no_row_is_seen_also_after_one_was_bound_on_the_same_connection() {
    let test = two_tenants().await;
    let one_connection = Connections { max_connections: 1, ..test.connections() };
    let database = Database::connect(one_connection, FieldKeys::passing(&test.world.environment()), test.world.environment()).await.unwrap();
    let mut tx = database.tenant(TenantScope::system(HARBOUR)).await.unwrap();
    assert_eq!(site_names(&mut tx).await.len(), 2);
    tx.commit().await.unwrap();
    let mut before = database.before_tenant().await.unwrap();
    let seen: Vec<String> = sqlx::query_scalar("select name from sites").fetch_all(before.connection()).await.unwrap();
    assert_eq!(seen, Vec::<String>::new());
}

#[tokio::test]
async fn who_is_limited_to_a_site_sees_and_writes_only_there() {
    let test = two_tenants().await;
    let scope = TenantScope { sites: Sites::Only(vec![SHOP]), ..TenantScope::system(HARBOUR) };
    let mut tx = test.database.tenant(scope.clone()).await.unwrap();
    assert_eq!(site_names(&mut tx).await, ["Shop"]);
    let statement = "insert into tills (tid, id, site, name) values ($1, $2, $3, 'Till')";
    let here = sqlx::query(statement).bind(HARBOUR.0).bind(uuid::Uuid::from_u128(21)).bind(SHOP.0).execute(tx.connection()).await;
    assert!(here.is_ok(), "{here:?}");
    let there = sqlx::query(statement).bind(HARBOUR.0).bind(uuid::Uuid::from_u128(22)).bind(DEPOT.0).execute(tx.connection()).await.unwrap_err();
    assert!(there.to_string().contains("row-level security"), "{there}");

    let nowhere = TenantScope { sites: Sites::Only(Vec::new()), ..scope };
    assert_eq!(site_names(&mut test.database.tenant(nowhere).await.unwrap()).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_row_says_who_made_it_and_when_and_who_changed_it_and_when() {
    let test = two_tenants().await;
    let ana = AccountId(uuid::Uuid::from_u128(31));
    let ben = AccountId(uuid::Uuid::from_u128(32));
    let as_account = |account| TenantScope { account: Some(account), ..TenantScope::system(QUARRY) };
    let mut tx = test.database.tenant(as_account(ana)).await.unwrap();
    insert_site(&mut tx, SHOP, "Shop").await.unwrap();
    let created_at = tx.now();
    tx.commit().await.unwrap();
    test.world.pass(std::time::Duration::from_mins(5));
    let mut tx = test.database.tenant(as_account(ben)).await.unwrap();
    sqlx::query("update sites set name = 'Store'").execute(tx.connection()).await.unwrap();
    let statement = "select (extract(epoch from created_at) * 1000)::bigint, created_by, (extract(epoch from modified_at) * 1000)::bigint, modified_by from sites";
    let row: (i64, uuid::Uuid, i64, uuid::Uuid) = sqlx::query_as(statement).fetch_one(tx.connection()).await.unwrap();
    assert_eq!(row, (created_at.0, ana.0, created_at.0 + 300_000, ben.0));
}

#[tokio::test]
async fn work_that_fails_leaves_nothing_behind() {
    let test = two_tenants().await;
    let outcome: Result<(), Failure> = test
        .database
        .in_tenant(&TenantScope::system(QUARRY), async |mut tx| {
            insert_site(&mut tx, SHOP, "Shop").await?;
            Err(Failure::Fault(Fault::because("the work fails")))
        })
        .await;
    assert!(outcome.is_err());
    assert_eq!(site_names(&mut test.tenant(QUARRY).await).await, Vec::<String>::new());
}

#[tokio::test]
async fn work_in_the_way_of_others_is_done_again_and_takes_effect_once() {
    let test = two_tenants().await;
    let attempts = AtomicU32::new(0);
    let outcome: Result<(), Fault> = test
        .database
        .in_tenant(&TenantScope::system(QUARRY), async |mut tx| {
            insert_site(&mut tx, SHOP, "Shop").await?;
            if attempts.fetch_add(1, Ordering::SeqCst) < 2 {
                sqlx::raw_sql("do $$ begin raise serialization_failure; end $$").execute(tx.connection()).await?;
            }
            Ok(tx.done(()))
        })
        .await;
    outcome.unwrap();
    assert_eq!(attempts.load(Ordering::SeqCst), 3);
    assert_eq!(site_names(&mut test.tenant(QUARRY).await).await, ["Shop"]);
}

#[tokio::test]
async fn work_that_never_gets_through_ends_with_the_fault() {
    let test = two_tenants().await;
    let attempts = AtomicU32::new(0);
    let outcome: Result<(), Fault> = test
        .database
        .in_tenant(&TenantScope::system(QUARRY), async |mut tx| {
            attempts.fetch_add(1, Ordering::SeqCst);
            sqlx::raw_sql("do $$ begin raise deadlock_detected; end $$").execute(tx.connection()).await?;
            Ok(tx.done(()))
        })
        .await;
    assert!(outcome.unwrap_err().to_string().contains("deadlock_detected"));
    assert_eq!(attempts.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn the_server_refuses_to_work_as_a_role_that_row_level_security_does_not_bind() {
    let test = TestDatabase::create().await;
    let owner = test.connections().owner;
    for powerful in [owner, test.as_superuser()] {
        let connections = Connections { app: powerful, ..test.connections() };
        let refused = Database::connect(connections, FieldKeys::passing(&test.world.environment()), test.world.environment()).await.err().unwrap();
        assert!(refused.to_string().contains("could read across tenants"), "{refused}");
    }
}

#[tokio::test]
async fn a_tenant_is_found_by_its_short_name_before_it_is_known() {
    let test = two_tenants().await;
    let mut before = test.database.before_tenant().await.unwrap();
    assert_eq!(before.tenant_by_slug("quarry").await.unwrap(), Some(QUARRY));
    assert_eq!(before.tenant_by_slug("nobody").await.unwrap(), None);
    assert_eq!(before.tenants().await.unwrap(), [HARBOUR, QUARRY]);
}

/// Compiles only when the work of a tenant may be handed from thread to thread, as a request's is.
#[tokio::test]
async fn tenant_work_can_run_inside_a_request() {
    let test = two_tenants().await;
    let database = test.database.clone();
    let name = "Kiosk".to_owned();
    let request = tokio::spawn(async move {
        database
            .in_tenant(&TenantScope::system(QUARRY), async |mut tx| -> Result<_, Failure> {
                insert_site(&mut tx, SHOP, &name).await?;
                let names = site_names(&mut tx).await;
                Ok(tx.done(names))
            })
            .await
    });
    assert_eq!(request.await.unwrap().unwrap(), ["Kiosk"]);
}
