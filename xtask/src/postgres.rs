//! A throw-away private Postgres: a unix socket in a temporary folder, no durability, gone when dropped.

use crate::fault::Fault;
use crate::places::{Places, is_root, on_path};
use crate::steps;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The folder of PostgreSQL's server programs, newest version first.
pub fn programs(places: &Places) -> Option<PathBuf> {
    let asked = places.command("pg_config").arg("--bindir").stderr(Stdio::null()).output().ok();
    let asked = asked.map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    let mut found: Vec<PathBuf> =
        std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|version| version.path().join("bin")).collect();
    found.sort_by_key(|folder| std::cmp::Reverse(version(folder)));
    let beside_path = on_path(places, "initdb").and_then(|initdb| initdb.parent().map(Path::to_owned));
    asked.into_iter().chain(found).chain(beside_path).find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// A running throw-away database server.
#[derive(Debug)]
pub struct ThrowAway {
    places: Places,
    programs: PathBuf,
    folder: PathBuf,
    owner: Option<(u32, u32)>,
}

impl ThrowAway {
    /// Starts one with the project's two roles and an empty database, `holdfast`.
    pub fn start(places: &Places) -> Result<Self, Fault> {
        let programs = programs(places).ok_or_else(|| Fault::Unexpected("PostgreSQL's programs are not found".to_owned()))?;
        // Postgres refuses to run as root, and whoever it runs as must reach the folder: not below a private home.
        let owner = if is_root() { Some(unprivileged()?) } else { None };
        let folder = PathBuf::from("/var/tmp").join(format!("holdfast-xtask-{}", std::process::id()));
        std::fs::create_dir(&folder).map_err(Fault::io("creating", &folder))?;
        if let Some((uid, gid)) = owner {
            chown(&folder, Some(uid), Some(gid)).map_err(Fault::io("giving away", &folder))?;
        }
        let server = Self { places: places.clone(), programs, folder, owner };
        let mut initdb = server.program("initdb");
        initdb.arg("--pgdata").arg(server.data()).args([
            "--auth",
            "trust",
            "--username",
            "postgres",
            "--no-sync",
            "--encoding",
            "UTF8",
            "--locale",
            "C.UTF-8",
        ]);
        steps::must(places, "create a throw-away Postgres", initdb)?;
        let mut start = server.control("start");
        let socket = server.folder.display();
        start.args(["--wait", "--options"]).arg(format!("-c listen_addresses='' -c unix_socket_directories='{socket}' -c fsync=off"));
        start.arg("--log").arg(server.folder.join("log"));
        steps::must(places, "start it", start)?;
        server.run_sql("postgres", "postgres", &Sql::Text("create role holdfast_owner login; create role holdfast_app login".to_owned()))?;
        server.run_sql("postgres", "postgres", &Sql::Text("create database holdfast owner holdfast_owner".to_owned()))?;
        server.run_sql(
            "postgres",
            "holdfast",
            &Sql::Text("grant all on schema public to holdfast_owner; grant usage on schema public to holdfast_app".to_owned()),
        )?;
        Ok(server)
    }

    /// Its address for the owner of the tables.
    pub fn owner_url(&self) -> String {
        format!("postgres://holdfast_owner@localhost/holdfast?host={}", self.folder.display())
    }

    /// Applies the migrations in the order of their names.
    pub fn migrate(&self, migrations: &Path) -> Result<(), Fault> {
        let entries = std::fs::read_dir(migrations).map_err(Fault::io("reading", migrations))?;
        let mut files: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "sql")).collect();
        files.sort();
        files.into_iter().try_for_each(|file| self.run_sql("holdfast_owner", "holdfast", &Sql::File(file)))
    }

    fn run_sql(&self, role: &str, database: &str, sql: &Sql) -> Result<(), Fault> {
        let mut psql = self.places.command("psql");
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--username", role, "--dbname", database, "--host"]).arg(&self.folder);
        let name = match sql {
            Sql::Text(text) => {
                // One `--command` each: `create database` refuses to run beside others in one implicit transaction.
                text.split(';').for_each(|statement| {
                    psql.args(["--command", statement]);
                });
                format!("sql on {database}")
            }
            Sql::File(file) => {
                psql.arg("--single-transaction").arg("--file").arg(file);
                format!("apply {}", file.file_name().unwrap_or_default().display())
            }
        };
        steps::must(&self.places, &name, psql).map(|_| ())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn control(&self, action: &str) -> Command {
        let mut control = self.program("pg_ctl");
        control.arg(action).arg("--pgdata").arg(self.data());
        control
    }

    fn program(&self, name: &str) -> Command {
        let mut command = self.places.command(self.programs.join(name));
        command.current_dir(&self.folder);
        if let Some((uid, gid)) = self.owner {
            command.uid(uid).gid(gid);
        }
        command
    }
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        let stopped = self.control("stop").args(["--mode", "immediate", "--silent"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let removed = std::fs::remove_dir_all(&self.folder);
        if stopped.is_err() || removed.is_err() {
            steps::say(&format!("the throw-away Postgres in {} could not be removed", self.folder.display()));
        }
    }
}

enum Sql {
    Text(String),
    File(PathBuf),
}

fn version(folder: &Path) -> u32 {
    folder.parent().and_then(Path::file_name).and_then(|name| name.to_str()).and_then(|name| name.parse().ok()).unwrap_or(0)
}

/// The user `postgres`, or else `nobody`: its user and group id.
fn unprivileged() -> Result<(u32, u32), Fault> {
    let file = Path::new("/etc/passwd");
    let users = std::fs::read_to_string(file).map_err(Fault::io("reading", file))?;
    let find = |name: &str| {
        users
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields.first() == Some(&name))
            .and_then(|fields| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)))
    };
    find("postgres").or_else(|| find("nobody")).ok_or_else(|| Fault::Unexpected("there is no user postgres or nobody to run Postgres as".to_owned()))
}
