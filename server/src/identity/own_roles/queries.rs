//! Statements about roles of a company's own.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::identity::RoleTerms;
use holdfast_domain::kernel::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A role as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stored {
    pub id: Uuid,
    pub code: String,
    pub name: String,
    pub terms: RoleTerms,
    pub version: u64,
    pub archived_at: Option<Timestamp>,
}

/// A row of `roles`.
struct Row {
    id: Uuid,
    code: String,
    name: String,
    terms: Value,
    version: i64,
    archived_at: Option<time::OffsetDateTime>,
}

impl TryFrom<Row> for Stored {
    type Error = Fault;

    fn try_from(row: Row) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id,
            code: row.code,
            name: row.name,
            terms: serde_json::from_value(row.terms).map_err(|_| Fault::stored("roles", "terms", row.id))?,
            version: row.version.cast_unsigned(),
            archived_at: row.archived_at.map(from_stored),
        })
    }
}

/// All of the company's, by name.
pub(super) async fn all(tx: &mut TenantTx) -> Result<Vec<Stored>, Fault> {
    let rows = sqlx::query_as!(Row, "select id, code, name, terms, version, archived_at from roles where tid = $1 order by name", tx.tenant().0);
    rows.fetch_all(tx.connection()).await?.into_iter().map(Stored::try_from).collect()
}

/// One, locked.
pub(super) async fn lock(tx: &mut TenantTx, id: Uuid) -> Result<Option<Stored>, Fault> {
    let row = sqlx::query_as!(
        Row,
        "select id, code, name, terms, version, archived_at from roles where tid = $1 and id = $2 for update",
        tx.tenant().0,
        id
    );
    row.fetch_optional(tx.connection()).await?.map(Stored::try_from).transpose()
}

/// How many hold each role, or will.
pub(super) async fn holders(tx: &mut TenantTx) -> Result<BTreeMap<String, u32>, Fault> {
    let now = to_stored(tx.now());
    let rows = sqlx::query!(
        r#"select role, count(distinct account)::integer as "holders!" from account_roles
           where tid = $1 and ended_at is null and (valid_until is null or valid_until > $2) group by role"#,
        tx.tenant().0,
        now
    );
    Ok(rows.fetch_all(tx.connection()).await?.into_iter().map(|row| (row.role, row.holders.cast_unsigned())).collect())
}

pub(super) async fn insert(tx: &mut TenantTx, stored: &Stored) -> Result<(), sqlx::Error> {
    let terms = written(&stored.terms);
    let made = sqlx::query!(
        "insert into roles (tid, id, code, name, terms) values ($1, $2, $3, $4, $5)",
        tx.tenant().0,
        stored.id,
        stored.code,
        stored.name,
        terms
    );
    made.execute(tx.connection()).await.map(drop)
}

pub(super) async fn update(tx: &mut TenantTx, stored: &Stored) -> Result<(), sqlx::Error> {
    let (terms, archived_at, version) = (written(&stored.terms), stored.archived_at.map(to_stored), stored.version.cast_signed());
    let changed = sqlx::query!(
        "update roles set name = $3, terms = $4, version = $5, archived_at = $6 where tid = $1 and id = $2",
        tx.tenant().0,
        stored.id,
        stored.name,
        terms,
        version,
        archived_at
    );
    changed.execute(tx.connection()).await.map(drop)
}

fn written(terms: &RoleTerms) -> Value {
    serde_json::to_value(terms).expect("terms have no map whose keys are not text")
}
