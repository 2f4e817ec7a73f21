//! The cluster's folder.

use super::process::{Postmaster, shut_down};
use super::user::RunAs;
use super::{SUPERUSER, StartError, binaries};
use holdfast_sync::bytes::Digest32;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Part of the socket's file name; nothing listens on the network.
pub(super) const PORT: u16 = 5432;
/// The longest path of a unix socket, less the socket's own name and the terminating zero.
const LONGEST_SOCKET_FOLDER: usize = 107 - "/.s.PGSQL.5432".len();
/// How long a predecessor may take to shut down.
const PATIENCE_WITH_PREDECESSOR: Duration = Duration::from_secs(60);

/// A cluster that is ready to be started.
pub(super) struct Cluster {
    /// Where it lies.
    pub folder: PathBuf,
    /// Where its socket lies.
    pub socket_folder: PathBuf,
    /// What it said before its own log was open.
    pub start_log: PathBuf,
    binaries: PathBuf,
    run_as: RunAs,
}

impl Cluster {
    /// Finds the cluster in `data`, or creates it.
    pub(super) fn prepare(data: &Path) -> Result<Self, StartError> {
        let binaries = binaries::find()?;
        let run_as = RunAs::choose()?;
        run_as.check_reach(data)?;
        let folder = data.join("postgres");
        let start_log = data.join("postgres-start.log");
        let socket_folder = socket_folder(&folder, &run_as)?;
        let cluster = Self { folder, socket_folder, start_log, binaries, run_as };
        if !cluster.folder.exists() {
            cluster.create(&data.join("postgres.new"))?;
        }
        cluster.see_off_predecessor()?;
        Ok(cluster)
    }

    /// The command that runs it in the foreground.
    pub(super) fn command(&self, settings: &[(&str, &str)]) -> Command {
        let mut command = Command::new(self.binaries.join("postgres"));
        command.arg("-D").arg(&self.folder).arg("-k").arg(&self.socket_folder).arg("-p").arg(PORT.to_string());
        let ours = [
            ("listen_addresses", ""),
            ("unix_socket_permissions", "0700"),
            // A push locks its documents, and every server pushes on many connections.
            ("max_locks_per_transaction", "256"),
            // One file per weekday, each begun anew a week later: a log that cannot fill the disk.
            ("logging_collector", "on"),
            ("log_directory", "log"),
            ("log_filename", "postgres-%a.log"),
            ("log_truncate_on_rotation", "on"),
            ("log_rotation_age", "1d"),
            ("log_rotation_size", "0"),
        ];
        for (name, value) in ours.iter().chain(settings) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        // In a process group of its own: ctrl-c at the terminal is for the server, which ends Postgres when it no longer needs it.
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
        self.run_as.apply(&mut command);
        command
    }

    /// Creates the cluster under another name and renames it when it is whole, so that a half-made one is never taken for one.
    fn create(&self, unfinished: &Path) -> Result<(), StartError> {
        if unfinished.exists() {
            std::fs::remove_dir_all(unfinished).map_err(StartError::io("remove the unfinished", unfinished))?;
        }
        std::fs::DirBuilder::new().mode(0o700).create(unfinished).map_err(StartError::io("create", unfinished))?;
        self.run_as.give(unfinished)?;
        let mut initdb = Command::new(self.binaries.join("initdb"));
        initdb.arg("-D").arg(unfinished).args(["-U", SUPERUSER, "-A", "trust", "--data-checksums", "-E", "UTF8", "--locale=C.UTF-8"]);
        initdb.current_dir(unfinished).stdin(Stdio::null());
        self.run_as.apply(&mut initdb);
        let output = initdb.output().map_err(StartError::io("run", &self.binaries.join("initdb")))?;
        if !output.status.success() {
            return Err(StartError::Command { command: "initdb", output: String::from_utf8_lossy(&output.stderr).trim().to_owned() });
        }
        std::fs::rename(unfinished, &self.folder).map_err(StartError::io("name", &self.folder))
    }

    /// Waits for the Postgres of a server that was killed: it is shutting down, or is told to.
    fn see_off_predecessor(&self) -> Result<(), StartError> {
        const PAUSE: Duration = Duration::from_millis(20);
        let mut waited = Duration::ZERO;
        while let Some(predecessor) = Postmaster::read(&self.folder).filter(|found| found.is_running(&self.folder)) {
            if waited.is_zero() {
                shut_down(predecessor.pid);
            }
            if waited > PATIENCE_WITH_PREDECESSOR {
                let output = format!("the Postgres that a former server started (process {}) does not end", predecessor.pid);
                return Err(StartError::NotReady { folder: self.folder.clone(), output });
            }
            std::thread::sleep(PAUSE);
            waited += PAUSE;
        }
        if Postmaster::read(&self.folder).is_some_and(|found| found.is_a_strangers(&self.folder)) {
            Postmaster::forget(&self.folder).map_err(StartError::io("forget the former Postgres of", &self.folder))?;
        }
        Ok(())
    }
}

/// In the cluster's own folder, which is closed to others; where its path is too long for a socket, in a folder of the same user under /tmp.
fn socket_folder(cluster: &Path, run_as: &RunAs) -> Result<PathBuf, StartError> {
    if cluster.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
        return Ok(cluster.to_owned());
    }
    let digest = Digest32::of(cluster.as_os_str().as_bytes()).to_string();
    let folder = PathBuf::from(format!("/tmp/holdfast-{}", &digest[..16]));
    match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
        Ok(()) => run_as.give(&folder)?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(cause) => return Err(StartError::io("create", &folder)(cause)),
    }
    let about = std::fs::symlink_metadata(&folder).map_err(StartError::io("look at", &folder))?;
    let private = about.is_dir() && about.uid() == run_as.uid() && about.permissions().mode() & 0o077 == 0;
    if private {
        Ok(folder)
    } else {
        Err(StartError::io("use, because it belongs to someone else,", &folder)(std::io::ErrorKind::PermissionDenied.into()))
    }
}
