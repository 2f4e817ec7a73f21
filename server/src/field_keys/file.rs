//! The file that the installation's keys lie in: `field.keys` of the data folder, readable by its owner alone. A line is a key, 32 bytes in base64url; the last one seals.
//!
//! The first key is made at the first start. Servers that share a database share the folder, and whoever starts first makes it for all. Without the file what it sealed is gone, so a
//! backup takes it along; kept apart from the database's copy, each is worth nothing without the other.

use super::FieldKeys;
use crate::environment::Environment;
use crate::failure::Fault;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// Its name in the data folder.
pub(super) const NAME: &str = "field.keys";

impl FieldKeys {
    /// Reads them; makes the first one where there is no file.
    pub fn of_folder(folder: &Path, environment: &Environment) -> Result<Self, Fault> {
        if let Some(keys) = Self::found_in(folder, environment)? {
            return Ok(keys);
        }
        Self::begin(folder, environment)?;
        Self::found_in(folder, environment)?.ok_or_else(|| Fault::because(format!("{NAME} was taken away as it was made")))
    }

    /// Reads them where there is a file.
    pub(super) fn found_in(folder: &Path, environment: &Environment) -> Result<Option<Self>, Fault> {
        let path = folder.join(NAME);
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Fault::new(format!("read {}", path.display()), error)),
            Ok(text) => Self::read(&text, environment).map(Some),
        }
    }

    /// Adds a key that seals from the next start of a server on. What was sealed before opens as ever.
    pub fn add_to(folder: &Path, environment: &Environment) -> Result<Self, Fault> {
        let known = Self::of_folder(folder, environment)?;
        let secrets = known.keys.iter().map(|key| key.secret).chain([environment.bytes::<32>()]);
        let path = folder.join(NAME);
        let added = written(folder, &secrets.collect::<Vec<_>>(), environment)?;
        fs::rename(&added, &path).map_err(|error| Fault::new(format!("write {}", path.display()), error))?;
        Self::of_folder(folder, environment)
    }

    /// Makes the file with a first key, unless another server is quicker.
    fn begin(folder: &Path, environment: &Environment) -> Result<(), Fault> {
        fs::create_dir_all(folder).map_err(|error| Fault::new(format!("create {}", folder.display()), error))?;
        let (path, first) = (folder.join(NAME), written(folder, &[environment.bytes::<32>()], environment)?);
        // A link is made or not, and never over a file that is there; so nobody ever reads half of one.
        let linked = fs::hard_link(&first, &path);
        let removed = fs::remove_file(&first);
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(Fault::new(format!("write {}", path.display()), error)),
            _ => removed.map_err(|error| Fault::new(format!("remove {}", first.display()), error)),
        }
    }

    fn read(text: &str, environment: &Environment) -> Result<Self, Fault> {
        let secret = |line: &str| URL_SAFE_NO_PAD.decode(line).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let secrets: Option<Vec<[u8; 32]>> = lines.map(secret).collect();
        // What is wrong with it is not repeated: it would be in a log.
        let secrets = secrets.filter(|secrets| !secrets.is_empty());
        let secrets = secrets.ok_or_else(|| Fault::because(format!("{NAME} in the data folder is damaged: put it back from a backup")))?;
        Ok(Self::of(secrets, environment))
    }
}

/// A file of these keys beside the one that servers read, safe on the disk.
fn written(folder: &Path, secrets: &[[u8; 32]], environment: &Environment) -> Result<std::path::PathBuf, Fault> {
    let path = folder.join(format!("{NAME}.{}", URL_SAFE_NO_PAD.encode(environment.bytes::<6>())));
    let lines: String = secrets.iter().map(|secret| format!("{}\n", URL_SAFE_NO_PAD.encode(secret))).collect();
    let wrote = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(lines.as_bytes())?;
        file.sync_all()
    };
    wrote().map_err(|error| Fault::new(format!("write {}", path.display()), error))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn ids(keys: &FieldKeys) -> Vec<String> {
        keys.ids().map(str::to_owned).collect()
    }

    #[test]
    fn the_first_start_makes_a_key_and_the_next_finds_it() {
        let (folder, world) = (tempfile::tempdir().unwrap(), Environment::system());
        let data = folder.path().join("data");
        let first = FieldKeys::of_folder(&data, &world).unwrap();
        assert_eq!(ids(&FieldKeys::of_folder(&data, &world).unwrap()), ids(&first));
        assert_eq!(fs::metadata(data.join(NAME)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn servers_that_start_at_once_agree_on_one() {
        let folder = tempfile::tempdir().unwrap();
        let start = || ids(&FieldKeys::of_folder(folder.path(), &Environment::system()).unwrap());
        let all: Vec<Vec<String>> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            started.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(all.iter().all(|one| *one == all[0] && one.len() == 1), "{all:?}");
    }

    #[test]
    fn a_key_that_is_added_takes_over_and_leaves_the_former() {
        let (folder, world) = (tempfile::tempdir().unwrap(), Environment::system());
        let first = FieldKeys::of_folder(folder.path(), &world).unwrap();
        let both = FieldKeys::add_to(folder.path(), &world).unwrap();
        assert_eq!((both.keys.len(), both.keys[0].id == first.keys[0].id), (2, true));
        assert_eq!(fs::metadata(folder.path().join(NAME)).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_ends_the_start_and_is_not_repeated() {
        let (folder, world) = (tempfile::tempdir().unwrap(), Environment::system());
        for text in ["", "\n", "c2hvcnQ\n", "not base64!\n"] {
            fs::write(folder.path().join(NAME), text).unwrap();
            let fault = FieldKeys::of_folder(folder.path(), &world).unwrap_err().to_string();
            assert!(fault.contains("damaged") && (text.trim().is_empty() || !fault.contains(text.trim())), "{fault}");
        }
    }
}
