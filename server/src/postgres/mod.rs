//! The private Postgres: a server that is given no database runs its own.
//!
//! One folder holds one cluster. It listens on a unix socket that only its own user (and root) can open, and it lives no longer than the
//! server: a supervisor thread starts it, starts it again when it dies, and the kernel tells it to shut down when the server is killed. The
//! next start finds what is left, waits for a predecessor that is still shutting down, and lets Postgres recover. A second server on the
//! same folder is refused. Run by root, Postgres runs as an unprivileged user; run by anyone else, as themselves.
//!
//! Deliberately absent: tuning, replication, backups. Who needs them gives the server a database of their own.

mod binaries;
mod cluster;
mod lock;
mod process;
mod queries;
mod supervisor;
mod user;

use crate::failure::Fault;
use crate::tenancy::{Connections, PATIENCE};
use cluster::Cluster;
use lock::FolderLock;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::path::{Path, PathBuf};
use supervisor::Supervisor;

pub(crate) use queries::allow_app_role;

/// The role that owns the tables.
pub const OWNER_ROLE: &str = "holdfast_owner";
/// The role that the server works as.
pub const APP_ROLE: &str = "holdfast_app";
/// The database's name.
const DATABASE: &str = "holdfast";
/// The cluster's own superuser, used to create the roles and the database only.
const SUPERUSER: &str = "postgres";
/// Connections the server opens as app.
const MAX_CONNECTIONS: u32 = 32;

/// A Postgres that runs as long as this value lives.
pub struct PrivatePostgres {
    supervisor: Supervisor,
    socket_folder: PathBuf,
    _lock: FolderLock,
}

/// Why the private Postgres did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another server has the folder.
    #[error("another Holdfast server is running on the folder {}; stop it, or give this one a folder of its own with --data", .0.display())]
    InUse(PathBuf),
    /// There is no Postgres to run.
    #[error(
        "PostgreSQL 15 or later is not installed (looked in /usr/lib/postgresql and PATH); on Debian: apt-get install postgresql. Or name a database with --database-url"
    )]
    NoPostgres,
    /// The unprivileged user cannot get at the folder.
    #[error("{} is closed to the user {user} that Postgres runs as; give --data a folder outside it, such as /var/lib/holdfast", .closed.display())]
    Unreachable {
        /// The ancestor that is closed.
        closed: PathBuf,
        /// The user.
        user: String,
    },
    /// Root has no unprivileged user to run Postgres as.
    #[error("Postgres does not run as root, and this machine has neither a user postgres nor a user nobody")]
    NoUser,
    /// A command of Postgres failed.
    #[error("{command} failed: {output}")]
    Command {
        /// Such as `initdb`.
        command: &'static str,
        /// What it said.
        output: String,
    },
    /// It was started and did not become ready.
    #[error("Postgres does not start in {}: {output}", .folder.display())]
    NotReady {
        /// The cluster.
        folder: PathBuf,
        /// The end of what it said.
        output: String,
    },
    /// A file could not be read or written.
    #[error("{doing} {}", .path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
}

impl PrivatePostgres {
    /// Starts the Postgres of `data`, creating it the first time. Blocks until it accepts connections. `settings` are given to Postgres on top
    /// of its defaults.
    pub fn start(data: &Path, settings: &[(&str, &str)]) -> Result<Self, StartError> {
        std::fs::create_dir_all(data).map_err(StartError::io("create", data))?;
        let data = data.canonicalize().map_err(StartError::io("find", data))?;
        let lock = FolderLock::take(&data)?;
        let cluster = Cluster::prepare(&data)?;
        let supervisor = Supervisor::start(cluster.command(settings), &cluster)?;
        Ok(Self { supervisor, socket_folder: cluster.socket_folder, _lock: lock })
    }

    /// Creates the roles and the database where they are missing.
    pub async fn provision(&self) -> Result<(), Fault> {
        queries::provision(&self.as_superuser("postgres")).await
    }

    /// How the server connects.
    pub fn connections(&self) -> Connections {
        Connections {
            owner: self.options(OWNER_ROLE, DATABASE),
            app: self.options(APP_ROLE, DATABASE),
            max_connections: MAX_CONNECTIONS,
            patience: PATIENCE,
        }
    }

    /// As the cluster's superuser.
    pub fn as_superuser(&self, database: &str) -> PgConnectOptions {
        self.options(SUPERUSER, database)
    }

    /// The process id of the running Postgres; none while it is being started again.
    pub fn pid(&self) -> Option<u32> {
        self.supervisor.pid()
    }

    /// Shuts it down and waits until it is gone. Dropping does the same.
    pub fn stop(self) {
        drop(self);
    }

    fn options(&self, role: &str, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.socket_folder)
            .port(cluster::PORT)
            .username(role)
            .database(database)
            .ssl_mode(PgSslMode::Disable)
            .application_name("holdfast")
    }
}

impl StartError {
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |cause| Self::Io { doing, path, cause }
    }
}
