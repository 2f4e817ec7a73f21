//! Where this machine keeps Postgres.

use super::StartError;
use std::path::{Path, PathBuf};

const OLDEST: u32 = 15;
const DEBIAN: &str = "/usr/lib/postgresql";

/// The folder with `initdb` and `postgres`: the one that `HOLDFAST_POSTGRES_BIN` names, else Debian's newest, else the one on `PATH`.
pub(super) fn find() -> Result<PathBuf, StartError> {
    let named = std::env::var_os("HOLDFAST_POSTGRES_BIN").map(PathBuf::from);
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    named
        .into_iter()
        .chain(debian(Path::new(DEBIAN)))
        .chain(on_path)
        .find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
        .ok_or(StartError::NoPostgres)
}

fn debian(root: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(root).ok()?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
    let newest = versions.filter(|version| *version >= OLDEST).max()?;
    Some(root.join(newest.to_string()).join("bin"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_taken_and_an_old_one_is_not() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(debian(root.path()), None);
        std::fs::create_dir(root.path().join("14")).unwrap();
        assert_eq!(debian(root.path()), None);
        for version in ["15", "17", "9.6", "16"] {
            std::fs::create_dir(root.path().join(version)).unwrap();
        }
        assert_eq!(debian(root.path()), Some(root.path().join("17/bin")));
    }
}
