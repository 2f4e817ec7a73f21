//! The pools, which nobody else holds.

use super::migrations::MIGRATIONS;
use super::queries;
use super::transaction::{BeforeTenant, Done, TenantScope, TenantTx};
use crate::environment::Environment;
use crate::failure::{Fault, Transient};
use crate::field_keys::FieldKeys;
use futures::FutureExt as _;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use std::sync::Arc;
use std::time::Duration;

/// How often a unit of work is tried when others' transactions are in its way.
const ATTEMPTS: u32 = 6;
/// The wait before the second attempt; it doubles from there.
const FIRST_PAUSE: Duration = Duration::from_millis(4);

/// How long work usually waits for a connection: well below the time a request may take.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// A connection that was used so lately is taken as it is; one that lay idle for longer is asked first whether it still lives, which takes a round trip.
const SURELY_ALIVE: Duration = Duration::from_secs(1);

/// What one statement, one wait for a lock and one forgotten transaction may take: nobody's work holds up the others' for longer.
const BOUNDS: [(&str, &str); 3] = [("statement_timeout", "60s"), ("lock_timeout", "20s"), ("idle_in_transaction_session_timeout", "60s")];

/// How to reach the database, once as owner and once as app.
#[derive(Debug, Clone)]
pub struct Connections {
    /// As the role that owns the tables: for migrations and for the server's own keys.
    pub owner: PgConnectOptions,
    /// As the role that owns nothing.
    pub app: PgConnectOptions,
    /// The most connections as app.
    pub max_connections: u32,
    /// How long work waits for a connection before it is told to come again.
    pub patience: Duration,
}

/// The door to the tables.
#[derive(Clone)]
pub struct Database {
    pool: PgPool,
    owner: PgConnectOptions,
    field_keys: Arc<FieldKeys>,
    environment: Environment,
}

impl Database {
    /// Connects as the app role, and refuses a role that row-level security would not bind.
    pub async fn connect(connections: Connections, field_keys: FieldKeys, environment: Environment) -> Result<Self, Fault> {
        let pool = PgPoolOptions::new()
            .max_connections(connections.max_connections)
            .acquire_timeout(connections.patience)
            .test_before_acquire(false)
            .before_acquire(|connection, about| async move { Ok(about.idle_for < SURELY_ALIVE || connection.ping().await.is_ok()) }.boxed())
            .connect_with(connections.app.options(BOUNDS))
            .await
            .map_err(|error| Fault::new("connect to Postgres as the app role", error))?;
        let powers = queries::powers(&mut *pool.acquire().await?).await?;
        if powers.bypasses || powers.owned_tables > 0 {
            return Err(Fault::because(format!(
                "the app must not run as the database role {}: it could read across tenants; give it a role that owns no table and cannot bypass row-level security",
                powers.role
            )));
        }
        Ok(Self { pool, owner: connections.owner, field_keys: Arc::new(field_keys), environment })
    }

    /// Brings the schema up to date, as owner. Several servers may try at once; one does it.
    pub async fn migrate(owner: &PgConnectOptions) -> Result<(), Fault> {
        let mut connection = owner.connect().await.map_err(|error| Fault::new("connect to Postgres as the owner role", error))?;
        MIGRATIONS.run(&mut connection).await.map_err(|error| Fault::new("migrate the database", error))?;
        Ok(connection.close().await?)
    }

    /// Begins a transaction of one tenant.
    pub async fn tenant(&self, scope: TenantScope) -> Result<TenantTx, Fault> {
        TenantTx::bind(self.pool.begin().await?, scope, (self.environment.now(), Arc::clone(&self.field_keys))).await
    }

    /// Begins a transaction that belongs to no tenant and sees none.
    pub async fn before_tenant(&self) -> Result<BeforeTenant, Fault> {
        Ok(BeforeTenant::new(self.pool.begin().await?))
    }

    /// Does `work` in a transaction of one tenant and commits what it hands back with [`TenantTx::done`]. When it fails because of other
    /// transactions running beside it (deadlock, serialization failure), all of it is done again, a few times; so `work` must have no effect
    /// outside the transaction.
    ///
    /// The transaction is handed over by value rather than lent: a lent one gives a future that the compiler cannot prove `Send`.
    pub async fn in_tenant<T, E, Fut>(&self, scope: &TenantScope, work: impl Fn(TenantTx) -> Fut) -> Result<T, E>
    where
        E: From<Fault> + Transient,
        Fut: Future<Output = Result<Done<T>, E>>,
    {
        let mut pause = FIRST_PAUSE;
        for _ in 1..ATTEMPTS {
            match self.attempt(scope, &work).await {
                Err(error) if error.is_transient() => tokio::time::sleep(pause).await,
                outcome => return outcome,
            }
            pause *= 2;
        }
        self.attempt(scope, &work).await
    }

    async fn attempt<T, E, Fut>(&self, scope: &TenantScope, work: &impl Fn(TenantTx) -> Fut) -> Result<T, E>
    where
        E: From<Fault>,
        Fut: Future<Output = Result<Done<T>, E>>,
    {
        let tx = self.tenant(scope.clone()).await?;
        Ok(work(tx).await?.commit().await?)
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Fault> {
        Ok(queries::ping(&mut *self.pool.acquire().await?).await?)
    }

    /// Says words to whoever listens on the channel, of all servers on this database.
    pub(crate) async fn notify(&self, channel: &str, words: &[String]) -> Result<(), Fault> {
        Ok(queries::notify(&mut *self.pool.acquire().await?, channel, words).await?)
    }

    /// Listens on the channel; `None` from it says that the line broke, and words may have been missed.
    pub(crate) async fn listen(&self, channel: &str) -> Result<PgListener, Fault> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen(channel).await?;
        Ok(listener)
    }

    /// As owner, for the server's own keys, which the app role cannot see.
    pub(crate) async fn as_owner(&self) -> Result<PgConnection, Fault> {
        Ok(self.owner.connect().await?)
    }

    /// Waits for what is under way, then closes the connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}
