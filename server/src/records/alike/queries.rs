//! The statements about records that are probably the same one. Names come from declarations; values are parameters.

use crate::failure::Fault;
use crate::identity::Fields;
use crate::records::statement::{alike_column, quoted};
use crate::records::within::{Within, within};
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::kernel::resource::{Field, Resource};
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

/// What is looked for: by whom, and in which form.
pub(super) struct Wanted {
    /// The record that is not meant itself.
    pub own: Uuid,
    /// The value, as values are compared.
    pub key: String,
}

/// A record that was found for the `n`th that was wanted.
pub(super) struct Found {
    pub n: usize,
    pub id: Uuid,
    pub name: String,
}

/// Records in use within reach that say the same in a field, up to `most` for each that is wanted.
pub(super) async fn alike(tx: &mut TenantTx, (fields, field): (&Fields<'_>, &Field), wanted: &[Wanted], most: i64) -> Result<Vec<Found>, Fault> {
    let (resource, Within { said, bound }) = (fields.resource(), within(fields, "$5"));
    let sql = format!(
        "select w.n, t.id, t.title from unnest($2::uuid[], $3::text[]) with ordinality as w (own, value, n)
         cross join lateral (select t.id, t.{} as title from {} t
           where t.tid = $1 and t.{} = w.value and t.archived_at is null and t.id <> w.own{said} order by t.id limit $4) as t
         order by w.n, t.id",
        quoted(resource.title),
        quoted(resource.plural),
        quoted(&alike_column(field)),
    );
    let owners: Vec<Uuid> = wanted.iter().map(|wanted| wanted.own).collect();
    let keys: Vec<&str> = wanted.iter().map(|wanted| wanted.key.as_str()).collect();
    let rows = sqlx::query(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(owners).bind(keys).bind(most).bind(bound).fetch_all(tx.connection()).await?;
    let found = |row: &sqlx::postgres::PgRow| {
        let n: i64 = row.try_get("n")?;
        Ok(Found { n: usize::try_from(n - 1).unwrap_or_default(), id: row.try_get("id")?, name: row.try_get("title")? })
    };
    Ok(rows.iter().map(found).collect::<Result<_, sqlx::Error>>()?)
}

/// Archives a record for the one that it was merged into.
pub(super) async fn merge(tx: &mut TenantTx, resource: &Resource, (from, into): (Uuid, Uuid)) -> Result<(), Fault> {
    let at = to_stored(tx.now());
    let sql = format!("update {} set archived_at = $3, merged_into = $4 where tid = $1 and id = $2", quoted(resource.plural));
    sqlx::query(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(from).bind(at).bind(into).execute(tx.connection()).await?;
    Ok(())
}

/// The record that stands for a merged one now, which may have been merged itself. Whoever is merged into is in use, so there is no way round.
pub(super) async fn stands_for(tx: &mut TenantTx, resource: &Resource, merged: Uuid) -> Result<Option<Uuid>, Fault> {
    let table = quoted(resource.plural);
    let sql = format!(
        "with recursive step (id, n) as (
           select t.merged_into, 1 from {table} t where t.tid = $1 and t.id = $2 and t.merged_into is not null
           union all
           select t.merged_into, s.n + 1 from step s join {table} t on t.tid = $1 and t.id = s.id where t.merged_into is not null and s.n < 1000
         )
         select s.id from step s order by s.n desc limit 1"
    );
    Ok(sqlx::query_scalar(AssertSqlSafe(sql)).bind(tx.tenant().0).bind(merged).fetch_optional(tx.connection()).await?)
}
