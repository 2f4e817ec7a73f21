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

/// On a database that someone else runs: creates the app role where it is missing and lets the owner act as it.
pub(crate) async fn allow_app_role(owner: &mut PgConnection) -> Result<(), Fault> {
    let exists = sqlx::query!("select 1 as one from pg_roles where rolname = 'holdfast_app'").fetch_optional(&mut *owner).await?;
    if exists.is_none() {
        let missing = |error| Fault::new("create the role holdfast_app (have a superuser run: create role holdfast_app login)", error);
        sqlx::raw_sql(CREATE_APP_ROLE).execute(&mut *owner).await.map_err(missing)?;
    }
    let member = sqlx::query_scalar!(r#"select pg_has_role(current_user, 'holdfast_app', 'member') as "member!""#).fetch_one(&mut *owner).await?;
    if !member {
        let forbidden = |error| Fault::new("act as holdfast_app (have a superuser run: grant holdfast_app to the owner)", error);
        sqlx::raw_sql("grant holdfast_app to current_user").execute(&mut *owner).await.map_err(forbidden)?;
    }
    Ok(())
}
