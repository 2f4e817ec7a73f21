//! Where things lie: the checkout, and the one cache folder outside it.

use crate::fault::Fault;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where things lie.
#[derive(Debug, Clone)]
pub struct Places {
    /// The checkout.
    pub root: PathBuf,
    /// `$HOLDFAST_CACHE`, else `holdfast` in the user's cache folder: tools, built apps, logs.
    pub cache: PathBuf,
    /// Cargo's intermediate files, shared by the checkouts of this machine: `$CARGO_BUILD_BUILD_DIR`, else `build` in the cache.
    builds: PathBuf,
}

impl Places {
    /// Finds both, and creates the cache.
    pub fn find() -> Result<Self, Fault> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().expect("the manifest of xtask lies one folder below the root").to_owned();
        let cache = cache_folder()?;
        for folder in ["tools/bin", "logs", "app"] {
            let folder = cache.join(folder);
            std::fs::create_dir_all(&folder).map_err(Fault::io("creating", &folder))?;
        }
        forget_old_logs(&cache.join("logs"));
        let builds = std::env::var_os("CARGO_BUILD_BUILD_DIR").map_or_else(|| cache.join("build"), PathBuf::from);
        claim_builds(&builds, &root)?;
        Ok(Self { root, cache, builds })
    }

    /// Where the tools are installed, in the layout of `cargo install --root`.
    pub fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// A tool that this crate installed.
    pub fn tool(&self, name: &str) -> PathBuf {
        self.tools().join("bin").join(name)
    }

    /// A program to be run in the checkout: finds the installed tools before the system's, and inherits nothing of the cargo that runs xtask.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [self.tools().join("bin"), self.tools().join("node/bin")].into_iter().chain(std::env::split_paths(&path));
        let path = std::env::join_paths(folders).expect("no folder of PATH holds the separator, since PATH was split at it");
        command.current_dir(&self.root).env("PATH", path).env("CARGO_BUILD_BUILD_DIR", &self.builds);
        for (name, _) in std::env::vars_os() {
            let cargos = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_NAME", "CARGO_CRATE_NAME"];
            if name.to_str().is_some_and(|name| cargos.iter().any(|prefix| name.starts_with(prefix))) {
                command.env_remove(name);
            }
        }
        command
    }

    /// Cargo, compiling SQL against the committed description of the database instead of a running one.
    pub fn cargo(&self) -> Command {
        let mut cargo = self.command("cargo");
        cargo.env("SQLX_OFFLINE", "true");
        cargo
    }
}

/// Makes the shared intermediate files safe to use from this checkout. Cargo tells by time whether a crate is to be compiled again, so what another
/// checkout compiled later than our files were written would pass for ours: where another one was the last, our sources become new.
fn claim_builds(builds: &Path, root: &Path) -> Result<(), Fault> {
    std::fs::create_dir_all(builds).map_err(Fault::io("creating", builds))?;
    let stamp = builds.join("checkout");
    let ours = root.to_string_lossy();
    if std::fs::read_to_string(&stamp).is_ok_and(|last| last == ours) {
        return Ok(());
    }
    for folder in ["app", "server", "shared", "xtask", "migrations"] {
        renew(&root.join(folder))?;
    }
    std::fs::write(&stamp, ours.as_bytes()).map_err(Fault::io("writing", &stamp))
}

fn renew(folder: &Path) -> Result<(), Fault> {
    for entry in std::fs::read_dir(folder).map_err(Fault::io("reading", folder))?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            renew(&path)?;
        } else {
            let file = std::fs::File::options().append(true).open(&path).map_err(Fault::io("opening", &path))?;
            file.set_modified(std::time::SystemTime::now()).map_err(Fault::io("renewing", &path))?;
        }
    }
    Ok(())
}

fn cache_folder() -> Result<PathBuf, Fault> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("HOLDFAST_CACHE")
        .or_else(|| absolute("XDG_CACHE_HOME").map(|folder| folder.join("holdfast")))
        .or_else(|| absolute("HOME").map(|folder| folder.join(".cache/holdfast")))
        .ok_or_else(|| Fault::Usage("set HOLDFAST_CACHE (an absolute path): there is no HOME to keep tools and builds in".to_owned()))
}

/// Logs are of use for a week. One that cannot be removed is in nobody's way.
fn forget_old_logs(folder: &Path) {
    const WEEK: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 60 * 60);
    let age = |entry: &std::fs::DirEntry| entry.metadata().ok()?.modified().ok()?.elapsed().ok();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if age(&entry).is_some_and(|age| age > WEEK) {
            drop(std::fs::remove_file(entry.path()));
        }
    }
}

/// Whether whoever runs this is root.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// The first program of that name on PATH.
pub fn on_path(places: &Places, program: &str) -> Option<PathBuf> {
    let command = places.command(program);
    let path = command.get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| value)?.to_owned();
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}
