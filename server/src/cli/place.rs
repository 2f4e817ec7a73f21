//! Where a server keeps what it is given.

use crate::environment::Environment;
use crate::failure::Fault;
use crate::field_keys::FieldKeys;
use crate::postgres::{PrivatePostgres, allow_app_role};
use crate::tenancy::{Connections, Database, PATIENCE};
use clap::Args;
use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use std::path::{Path, PathBuf};

const MAX_CONNECTIONS: u32 = 32;

/// The folder, and the database.
#[derive(Args, Clone)]
pub struct Place {
    /// Folder for everything the server keeps: its private Postgres, its certificates, the keys of encrypted fields.
    #[arg(long, value_name = "DIR")]
    pub data: PathBuf,
    /// A database to use instead of a private one, as the role that owns its tables.
    #[arg(long, value_name = "URL", env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<PgConnectOptions>,
    /// The same database as the role that serves; without it, the server takes on the role `holdfast_app` after connecting as owner.
    #[arg(long, value_name = "URL", env = "DATABASE_APP_URL", hide_env_values = true, requires = "database_url")]
    database_app_url: Option<PgConnectOptions>,
}

/// A place whose database is up to date.
pub struct OpenPlace {
    /// The door to the tables.
    pub database: Database,
    /// The private Postgres, which ends when this is dropped.
    pub postgres: Option<PrivatePostgres>,
}

impl Place {
    /// Starts the private Postgres where no database is named, and brings the schema up to date.
    pub async fn open(&self, environment: Environment) -> Result<OpenPlace, Fault> {
        let (connections, postgres) = self.database().await?;
        let field_keys = FieldKeys::of_place(&self.data, &connections.owner, &environment).await?;
        Ok(OpenPlace { database: Database::connect(connections, field_keys, environment).await?, postgres })
    }

    /// How to reach the database, once its schema is up to date, and the private Postgres that it is in.
    pub async fn database(&self) -> Result<(Connections, Option<PrivatePostgres>), Fault> {
        let (connections, postgres) = match &self.database_url {
            Some(owner) => (self.given(owner).await?, None),
            None => {
                let postgres = start_private(self.data.clone()).await?;
                (postgres.connections(), Some(postgres))
            }
        };
        Database::migrate(&connections.owner).await?;
        Ok((connections, postgres))
    }

    /// The folder, made where it is missing.
    pub fn folder(&self) -> Result<&Path, Fault> {
        std::fs::create_dir_all(&self.data).map_err(|error| Fault::new(format!("create {}", self.data.display()), error))?;
        Ok(&self.data)
    }

    async fn given(&self, owner: &PgConnectOptions) -> Result<Connections, Fault> {
        let mut connection = owner.connect().await.map_err(|error| Fault::new("connect to the database as owner", error))?;
        allow_app_role(&mut connection).await?;
        let app = self.database_app_url.clone().unwrap_or_else(|| owner.clone().options([("role", crate::postgres::APP_ROLE)]));
        Ok(Connections { owner: owner.clone(), app, max_connections: MAX_CONNECTIONS, patience: PATIENCE })
    }
}

async fn start_private(data: PathBuf) -> Result<PrivatePostgres, Fault> {
    let start = move || PrivatePostgres::start(&data, &[]);
    let started = tokio::task::spawn_blocking(start).await.map_err(|error| Fault::new("start the private Postgres", error))?;
    let postgres = started.map_err(|error| Fault::new("the private Postgres does not start", error))?;
    postgres.provision().await?;
    Ok(postgres)
}
