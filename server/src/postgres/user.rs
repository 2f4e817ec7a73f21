//! Whom Postgres runs as.

use super::StartError;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

/// The user that owns the cluster and runs Postgres.
pub(super) enum RunAs {
    /// The user that runs the server.
    Ourselves,
    /// Another, because Postgres refuses root.
    Unprivileged { name: String, uid: u32, gid: u32 },
}

impl RunAs {
    /// Ourselves, unless we are root.
    pub(super) fn choose() -> Result<Self, StartError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        let path = Path::new("/etc/passwd");
        let users = std::fs::read_to_string(path).map_err(StartError::io("read", path))?;
        ["postgres", "nobody"].into_iter().find_map(|name| unprivileged(&users, name)).ok_or(StartError::NoUser)
    }

    /// Has `command` run as this user.
    pub(super) fn apply(&self, command: &mut Command) {
        if let Self::Unprivileged { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
    }

    /// Gives the file or folder to this user.
    pub(super) fn give(&self, path: &Path) -> Result<(), StartError> {
        match self {
            Self::Ourselves => Ok(()),
            Self::Unprivileged { uid, gid, .. } => {
                std::os::unix::fs::chown(path, Some(*uid), Some(*gid)).map_err(StartError::io("give to the user of Postgres", path))
            }
        }
    }

    /// The user's id.
    pub(super) fn uid(&self) -> u32 {
        match self {
            Self::Ourselves => rustix::process::geteuid().as_raw(),
            Self::Unprivileged { uid, .. } => *uid,
        }
    }

    /// Whether the user can reach what lies in `folder`.
    pub(super) fn check_reach(&self, folder: &Path) -> Result<(), StartError> {
        let Self::Unprivileged { name, uid, gid } = self else { return Ok(()) };
        for ancestor in folder.ancestors() {
            let about = std::fs::metadata(ancestor).map_err(StartError::io("look at", ancestor))?;
            let open_to = |bit: u32| about.mode() & bit != 0;
            let open = if about.uid() == *uid { open_to(0o100) } else { (about.gid() == *gid && open_to(0o010)) || open_to(0o001) };
            if !open {
                return Err(StartError::Unreachable { closed: ancestor.to_owned(), user: name.clone() });
            }
        }
        Ok(())
    }
}

fn unprivileged(users: &str, name: &str) -> Option<RunAs> {
    let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    let (uid, gid) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    (uid != 0).then(|| RunAs::Unprivileged { name: name.to_owned(), uid, gid })
}
