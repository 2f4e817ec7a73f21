//! One server per folder. The kernel lets go of the lock when the server ends, however it ends.

use super::StartError;
use std::fs::File;
use std::path::Path;

/// The folder is ours for as long as this lives.
pub(super) struct FolderLock {
    file: File,
}

impl FolderLock {
    /// Takes the folder, or says that someone has it.
    pub(super) fn take(data: &Path) -> Result<Self, StartError> {
        let path = data.join("holdfast.lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(StartError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file }),
            Err(std::fs::TryLockError::WouldBlock) => Err(StartError::InUse(data.to_owned())),
            Err(std::fs::TryLockError::Error(cause)) => Err(StartError::io("lock", &path)(cause)),
        }
    }
}

impl Drop for FolderLock {
    fn drop(&mut self) {
        // Closing is not enough: a process that another thread is starting has the file open, too, until it becomes its program.
        let _ = self.file.unlock();
    }
}
