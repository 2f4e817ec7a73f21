//! The simulator's photos on the real server: its routes for blobs, its tables, its files.

use super::server::PostgresServer;
use holdfast_domain::blobs::UploadBegin;
use holdfast_domain::kernel::MediaType;
use holdfast_server::tenancy::TenantTx;
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::sim::photos::{Asker, JPEG, PhotoAnswer, PhotoAsk};
use holdfast_sync::sim::server::Crash;
use std::collections::BTreeMap;
use std::path::Path;

impl PostgresServer {
    /// One request; where the server dies before it has noted anything, it never came.
    pub(super) async fn photo_asked(&mut self, asker: Asker, ask: &PhotoAsk, crash: Crash) -> Option<PhotoAnswer> {
        if matches!(crash, Crash::Before(_)) {
            return None;
        }
        let client = self.client(asker.account).await;
        self.look(async |tx| works_on(tx, asker).await).await;
        let response = match ask {
            PhotoAsk::Begin { sha256, bytes, media_type } => {
                let media_type = if *media_type == JPEG { MediaType::Jpeg } else { MediaType::Pdf };
                client.begin_upload(*sha256, &UploadBegin { bytes: *bytes, media_type }).await
            }
            PhotoAsk::Chunk { sha256, offset, bytes } => client.send_chunk(*sha256, (*offset as usize, &bytes.0)).await,
            PhotoAsk::Look { sha256 } => client.get(&format!("/api/v1/blobs/{sha256}")).await,
        };
        self.look(async |tx| works_on(tx, Asker { device: None, ..asker }).await).await;
        let answer = match (ask, response.status.is_success()) {
            (_, false) => PhotoAnswer::Refused(response.code()),
            (PhotoAsk::Look { .. }, true) => PhotoAnswer::Shown(Bytes(response.body)),
            (_, true) => PhotoAnswer::At(response.json()),
        };
        (crash == Crash::Never).then_some(answer)
    }

    /// What the tables say to be there and whose file is.
    pub(super) async fn whole_photos(&self) -> BTreeMap<Digest32, Vec<u8>> {
        let hashes: Vec<Vec<u8>> = self
            .look(async |tx| {
                sqlx::query_scalar("select sha256 from blobs where tid = $1").bind(tx.tenant().0).fetch_all(tx.connection()).await.unwrap()
            })
            .await;
        let hashes = hashes.into_iter().map(|hash| Digest32(hash.try_into().unwrap()));
        let file = |sha256| std::fs::read(self.app.blobs.files.whole(self.tenant, sha256)).ok().map(|file| (sha256, file));
        hashes.filter_map(file).collect()
    }

    /// Somebody deletes what there is of it.
    pub(super) fn lose(&self, sha256: Digest32) {
        let files = &self.app.blobs.files;
        let coming = self.registry.reads.keys().map(|account| files.coming(self.tenant, *account, sha256));
        for path in coming.chain([files.whole(self.tenant, sha256)]).filter(|path| path.exists()) {
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// The account's sessions work on that device, or on none: a server that was restored has no session of one that it knows nothing of.
async fn works_on(tx: &mut TenantTx, asker: Asker) {
    sqlx::query("update sessions set device = (select id from devices where tid = $1 and id = $3) where tid = $1 and account = $2")
        .bind(tx.tenant().0)
        .bind(asker.account.0)
        .bind(asker.device.map(|device| device.0))
        .execute(tx.connection())
        .await
        .unwrap();
}

/// One folder takes another's place, with all that is in it.
pub(super) fn copy_folder(from: &Path, to: &Path) {
    if to.exists() {
        std::fs::remove_dir_all(to).unwrap();
    }
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).into_iter().flatten() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            copy_folder(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
