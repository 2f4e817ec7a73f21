//! One Postgres per test binary, one database per test: cloned from a template that holds the schema, dropped when the test ends.

use super::environment::TestWorld;
use holdfast_domain::kernel::{TenantId, Timestamp};
use holdfast_server::blobs::{BlobFiles, Blobs, DEFAULT_QUOTA_BYTES};
use holdfast_server::environment::Environment;
use holdfast_server::field_keys::FieldKeys;
use holdfast_server::files::{Files, ObjectFiles};
use holdfast_server::postgres::{PrivatePostgres, StartError};
use holdfast_server::tenancy::{Connections, Database, PATIENCE, TenantScope, TenantTx};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, mpsc};
use tempfile::TempDir;

const TEMPLATE: &str = "template_holdfast";
/// Faster, and lost on a power failure, which is fine for a test.
const UNSAFE_BUT_FAST: &[(&str, &str)] = &[("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "off"), ("max_connections", "300")];

static CLUSTER: OnceLock<TestCluster> = OnceLock::new();

struct TestCluster {
    postgres: PrivatePostgres,
    last: AtomicU32,
    finished: mpsc::Sender<String>,
}

/// A database of a test's own.
pub struct TestDatabase {
    /// The door, as the server has it.
    pub database: Database,
    /// What its encrypted fields are kept under.
    pub field_keys: FieldKeys,
    /// The clock and randomness behind it.
    pub world: TestWorld,
    name: String,
    /// For files, where a test makes any.
    folder: TempDir,
}

impl TestDatabase {
    /// Fresh, with the schema and no row.
    pub async fn create() -> Self {
        let cluster = tokio::task::spawn_blocking(|| CLUSTER.get_or_init(TestCluster::start)).await.unwrap();
        let name = format!("test_{}", cluster.last.fetch_add(1, Ordering::SeqCst));
        run(&cluster.postgres.as_superuser("postgres"), format!("create database {name} template {TEMPLATE} owner holdfast_owner")).await;
        let world = TestWorld::new();
        // Of the system's randomness, so that what else a test draws does not depend on what is sealed.
        let field_keys = FieldKeys::passing(&Environment::system());
        let database = Database::connect(connections(cluster, &name), field_keys.clone(), world.environment()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self { database, field_keys, world, name, folder }
    }

    /// The server's folder of blobs.
    pub fn blobs(&self) -> Blobs {
        Blobs { files: BlobFiles::in_folder(self.blobs_folder()), quota_bytes: DEFAULT_QUOTA_BYTES }
    }

    /// The server's folder of records' files.
    pub fn files(&self) -> Files {
        Files { store: ObjectFiles::in_folder(&self.files_folder()).unwrap(), quota_bytes: DEFAULT_QUOTA_BYTES }
    }

    /// Where these lie.
    pub fn files_folder(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// Where they lie.
    pub fn blobs_folder(&self) -> PathBuf {
        self.folder.path().join("blobs")
    }

    /// How a server reaches it.
    pub fn connections(&self) -> Connections {
        connections(CLUSTER.get().unwrap(), &self.name)
    }

    /// As the superuser, to look at what no role of the server may.
    pub fn as_superuser(&self) -> PgConnectOptions {
        CLUSTER.get().unwrap().postgres.as_superuser(&self.name)
    }

    /// Copies the database as it stands, in place of an earlier copy.
    pub async fn back_up(&self) {
        let copy = copy_of(&self.name);
        run(&self.superuser(), format!("drop database if exists {copy} with (force)")).await;
        self.copy(&self.name, &copy).await;
        self.reconnect().await;
    }

    /// Puts the copy in the database's place.
    pub async fn restore(&self) {
        run(&self.superuser(), format!("drop database {} with (force)", self.name)).await;
        self.copy(&copy_of(&self.name), &self.name).await;
        self.reconnect().await;
    }

    /// The pool throws away a broken connection when it is used; they are handed out in turn.
    async fn reconnect(&self) {
        for _ in 0..32 {
            drop(self.database.before_tenant().await);
            drop(self.database.tenant(TenantScope::system(TenantId(uuid::Uuid::from_u128(1)))).await);
        }
    }

    /// Nobody may be connected to what is copied.
    async fn copy(&self, from: &str, to: &str) {
        let end = format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{from}'");
        run(&self.superuser(), end).await;
        run(&self.superuser(), format!("create database {to} template {from} owner holdfast_owner")).await;
    }

    fn superuser(&self) -> PgConnectOptions {
        CLUSTER.get().unwrap().postgres.as_superuser("postgres")
    }

    /// What the server's clock says.
    pub fn now(&self) -> Timestamp {
        self.world.environment().now()
    }

    /// A transaction of that tenant, as the server itself.
    pub async fn tenant(&self, tenant: TenantId) -> TenantTx {
        self.database.tenant(TenantScope::system(tenant)).await.unwrap()
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // When the reaper is gone the process is ending, and the next run sweeps.
        drop(CLUSTER.get().unwrap().finished.send(self.name.clone()));
    }
}

impl TestCluster {
    /// Called where blocking is allowed, and on a thread without a runtime.
    fn start() -> Self {
        let postgres = start_in_free_slot();
        let superuser = postgres.as_superuser("postgres");
        block_on(async {
            postgres.provision().await.unwrap();
            sweep(&superuser).await;
            run(&superuser, format!("create database {TEMPLATE} owner holdfast_owner")).await;
            run(&postgres.as_superuser(TEMPLATE), "grant all on schema public to holdfast_owner".to_owned()).await;
            Database::migrate(&postgres.connections().owner.database(TEMPLATE)).await.unwrap();
        });
        let (finished, names) = mpsc::channel::<String>();
        std::thread::spawn(move || {
            for name in names {
                for database in [copy_of(&name), name] {
                    block_on(run(&superuser, format!("drop database if exists {database} with (force)")));
                }
            }
        });
        Self { postgres, last: AtomicU32::new(0), finished }
    }
}

/// What a database's copy is called.
fn copy_of(name: &str) -> String {
    format!("{name}_copy")
}

fn connections(cluster: &TestCluster, name: &str) -> Connections {
    let private = cluster.postgres.connections();
    Connections { owner: private.owner.database(name), app: private.app.database(name), max_connections: 8, patience: PATIENCE }
}

/// A folder that an earlier run used is used again: its cluster is there already.
fn start_in_free_slot() -> PrivatePostgres {
    let root = std::env::temp_dir().join(format!("holdfast-tests-{}", rustix::process::geteuid().as_raw()));
    let slots = (0..64).map(|slot: u32| root.join(slot.to_string()));
    slots.into_iter().find_map(|slot| start_in(&slot)).expect("fewer than 64 test runs at once")
}

fn start_in(slot: &Path) -> Option<PrivatePostgres> {
    match PrivatePostgres::start(slot, UNSAFE_BUT_FAST) {
        Ok(postgres) => Some(postgres),
        Err(StartError::InUse(_)) => None,
        Err(error) => panic!("{}: {error}", PathBuf::from(slot).display()),
    }
}

/// Removes what an earlier run left.
async fn sweep(superuser: &PgConnectOptions) {
    let mut connection = superuser.connect().await.unwrap();
    let left: Vec<String> =
        sqlx::query_scalar("select datname::text from pg_database where datname like 'test\\_%' or datname = 'template_holdfast'")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    connection.close().await.unwrap();
    for name in left {
        run(superuser, format!("drop database {name} with (force)")).await;
    }
}

async fn run(options: &PgConnectOptions, statement: String) {
    let mut connection = options.connect().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}
