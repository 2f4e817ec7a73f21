//! Roles and the database: what must be there before there is a schema. Statements of definition cannot be prepared, so they are not checked
//! at compile time; they hold no value from outside.

use crate::failure::Fault;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};

const CREATE_OWNER_ROLE: &str = "do $$ begin
    if not exists (select from pg_roles where rolname = 'holdfast_owner') then create role holdfast_owner login; end if;
end $$";

const CREATE_APP_ROLE: &str = "do $$ begin
    if not exists (select from pg_roles where rolname = 'holdfast_app') then create role holdfast_app login; end if;
exception when duplicate_object or unique_violation then null;
end $$";

/// Creates the roles and the database where they are missing.
pub(super) async fn provision(superuser: &PgConnectOptions) -> Result<(), Fault> {
    let mut connection = superuser.connect().await.map_err(|error| Fault::new("connect to the private Postgres", error))?;
    sqlx::raw_sql(CREATE_OWNER_ROLE).execute(&mut connection).await?;
    sqlx::raw_sql(CREATE_APP_ROLE).execute(&mut connection).await?;
    let exists = sqlx::query!("select 1 as one from pg_database where datname = 'holdfast'").fetch_optional(&mut connection).await?;
    if exists.is_none() {
        sqlx::raw_sql("create database holdfast owner holdfast_owner").execute(&mut connection).await?;
    }
    let mut inside = superuser.clone().database("holdfast").connect().await?;
    sqlx::raw_sql("grant all on schema public to holdfast_owner").execute(&mut inside).await?;
    inside.close().await?;
    Ok(connection.close().await?)
}

/// Creates the app role where it is missing, on a database that someone else runs, and lets the owner act as it.
pub(crate) async fn ensure_app_role(owner: &mut PgConnection) -> Result<(), Fault> {
    let exists = sqlx::query!("select 1 as one from pg_roles where rolname = 'holdfast_app'").fetch_optional(&mut *owner).await?;
    if exists.is_none() {
        sqlx::raw_sql(CREATE_APP_ROLE)
            .execute(&mut *owner)
            .await
            .map_err(|error| Fault::new("create the role holdfast_app (have a superuser run: create role holdfast_app login)", error))?;
    }
    Ok(())
}
