//! The audit: what each act leaves in it, and who may read it how.

mod acts;
mod asked;
mod doors;

use crate::support::TestDatabase;
use holdfast_domain::kernel::TenantId;
use serde_json::Value;
use sqlx::Row as _;
use uuid::Uuid;

/// An entry as it is stored.
#[derive(Debug, Clone, PartialEq)]
struct Stored {
    action: String,
    kind: String,
    record: Uuid,
    title: String,
    site: Option<Uuid>,
    account: Option<Uuid>,
    roles: Vec<String>,
    device: Option<Uuid>,
    session: Option<Vec<u8>>,
    request: Option<Uuid>,
    traceparent: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    before: Option<Value>,
    after: Option<Value>,
    reason: Option<String>,
}

/// All of a company's, the oldest first.
async fn stored(test: &TestDatabase, tenant: TenantId) -> Vec<Stored> {
    let mut tx = test.tenant(tenant).await;
    let rows =
        sqlx::query("select * from audit_entries where tid = $1 order by at, ordinal").bind(tenant.0).fetch_all(tx.connection()).await.unwrap();
    tx.commit().await.unwrap();
    let entry = |row: &sqlx::postgres::PgRow| Stored {
        action: row.get("action"),
        kind: row.get("kind"),
        record: row.get("record"),
        title: row.get("title"),
        site: row.get("at_site"),
        account: row.get("account"),
        roles: row.get("roles"),
        device: row.get("device"),
        session: row.get("session"),
        request: row.get("request"),
        traceparent: row.get("traceparent"),
        address: row.get("address"),
        user_agent: row.get("user_agent"),
        before: row.get("before"),
        after: row.get("after"),
        reason: row.get("reason"),
    };
    rows.iter().map(entry).collect()
}

/// Those that came since there were so many.
async fn since(test: &TestDatabase, tenant: TenantId, before: usize) -> Vec<Stored> {
    stored(test, tenant).await.split_off(before)
}
