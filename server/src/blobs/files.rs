//! The files behind blobs: `<folder>/<tenant>/whole/<hash>` and, while they come, `<folder>/<tenant>/coming/<account>-<hash>`. Every name is made of ids and hashes
//! that were read as such.

use holdfast_domain::kernel::{AccountId, MediaType, TenantId};
use holdfast_sync::blob::taking::Come;
use holdfast_sync::bytes::Digest32;
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// How much of a file is read at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// A file's type is told by so much of its beginning.
const HEAD_BYTES: usize = 16;

/// The folder that they lie in.
#[derive(Debug, Clone)]
pub struct BlobFiles {
    folder: PathBuf,
}

/// Whose upload of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct UploadKey {
    pub tenant: TenantId,
    pub account: AccountId,
    pub sha256: Digest32,
}

/// What became of a chunk.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Appended {
    /// It is durable.
    Done,
    /// The file holds only so many bytes, fewer than were written down: nothing was appended.
    Short(u32),
}

impl BlobFiles {
    /// In this folder, which is made when it is needed.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where a blob lies that is here whole.
    pub fn whole(&self, tenant: TenantId, sha256: Digest32) -> PathBuf {
        self.folder.join(tenant.to_string()).join("whole").join(sha256.to_string())
    }

    /// Where what has come of an upload lies.
    pub fn coming(&self, tenant: TenantId, account: AccountId, sha256: Digest32) -> PathBuf {
        self.folder.join(tenant.to_string()).join("coming").join(format!("{account}-{sha256}"))
    }

    /// Whether the blob's file is there with its size.
    pub(super) fn has(&self, tenant: TenantId, sha256: Digest32, bytes: u32) -> bool {
        std::fs::metadata(self.whole(tenant, sha256)).is_ok_and(|file| file.is_file() && file.len() == u64::from(bytes))
    }

    /// Puts a chunk at `offset`, up to which the file is known to be durable. What an interrupted append left behind it is cut off.
    pub(super) fn append(&self, key: UploadKey, offset: u32, chunk: &[u8]) -> io::Result<Appended> {
        let path = self.coming(key.tenant, key.account, key.sha256);
        let folder = folder_of(&path);
        make_folder(folder)?;
        let mut file = OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path)?;
        let length = file.metadata()?.len();
        if length < u64::from(offset) {
            return Ok(Appended::Short(u32::try_from(length).unwrap_or(0)));
        }
        file.set_len(offset.into())?;
        file.seek(SeekFrom::Start(offset.into()))?;
        file.write_all(chunk)?;
        file.sync_data()?;
        if offset == 0 {
            File::open(folder)?.sync_all()?;
        }
        Ok(Appended::Done)
    }

    /// What has come of an upload, read through piece by piece: many may end at once.
    pub(super) fn look_at_coming(&self, key: UploadKey) -> io::Result<Come<MediaType>> {
        let mut file = File::open(self.coming(key.tenant, key.account, key.sha256))?;
        let (mut hash, mut bytes, mut head, mut piece) = (Sha256::new(), 0, Vec::new(), vec![0; PIECE_BYTES]);
        loop {
            let read = file.read(&mut piece)?;
            if read == 0 {
                return Ok(Come { sha256: Digest32(hash.finalize().into()), bytes, media_type: MediaType::sniff(&head) });
            }
            hash.update(&piece[..read]);
            bytes += read as u64;
            let missing = HEAD_BYTES.saturating_sub(head.len());
            head.extend_from_slice(&piece[..read.min(missing)]);
        }
    }

    /// Makes an upload whose bytes were checked the blob.
    pub(super) fn keep(&self, key: UploadKey) -> io::Result<()> {
        let whole = self.whole(key.tenant, key.sha256);
        let folder = folder_of(&whole);
        make_folder(folder)?;
        std::fs::rename(self.coming(key.tenant, key.account, key.sha256), &whole)?;
        File::open(folder)?.sync_all()
    }

    /// Throws away what has come of an upload, if anything has.
    pub(super) fn discard(&self, key: UploadKey) -> io::Result<()> {
        match std::fs::remove_file(self.coming(key.tenant, key.account, key.sha256)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().expect("every path here was joined to a folder")
}

/// A folder that is made lasts: the one above it is synced as well.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let mut made = Some(folder);
    for _ in 0..3 {
        let Some(above) = made.and_then(Path::parent) else { break };
        File::open(above)?.sync_all()?;
        made = Some(above);
    }
    Ok(())
}
