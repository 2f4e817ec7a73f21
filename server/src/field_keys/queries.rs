//! Statements about the keys that are known, as owner.

use crate::failure::Fault;
use sqlx::PgConnection;

/// What the keys are known by that values may be sealed under. Nobody else adds one until the transaction ends.
pub(super) async fn lock_known(connection: &mut PgConnection) -> Result<Vec<String>, Fault> {
    sqlx::query!("lock table field_keys in exclusive mode").execute(&mut *connection).await?;
    Ok(sqlx::query_scalar!("select id from field_keys order by known_since, id").fetch_all(connection).await?)
}

pub(super) async fn insert_known(connection: &mut PgConnection, id: &str) -> Result<(), Fault> {
    sqlx::query!("insert into field_keys (id) values ($1)", id).execute(connection).await?;
    Ok(())
}

pub(super) async fn forget_known(connection: &mut PgConnection, ids: &[String]) -> Result<(), Fault> {
    sqlx::query!("delete from field_keys where id = any ($1)", ids).execute(connection).await?;
    Ok(())
}
