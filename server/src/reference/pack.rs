//! The first load: an audience's rows in pages that never change.
//!
//! A pack holds the rows as of a feed position, 500 to a page, compressed once. A device loads its pages, which any cache may keep, then follows
//! what changed after the pack. A new pack is made when following would be longer than a page and more than a twentieth of the rows.

use super::queries::{self, Pack, StoredPage};
use crate::failure::Fault;
use crate::tenancy::TenantTx;
use flate2::{Compression, write::GzEncoder};
use holdfast_domain::kernel::SiteId;
use holdfast_sync::bytes::Digest32;
use holdfast_sync::cbor;
use holdfast_sync::wire::{BootstrapManifest, ReferenceRow};
use std::io::Write as _;
use uuid::Uuid;

/// Rows to a page.
pub const PAGE_ROWS: usize = 500;
/// Where pages lie: `<PATH>/<pack>/<page>`.
pub const PATH: &str = "/api/v1/sync/bootstrap";
/// How hard brotli tries: beyond 5 it takes long for little.
const BROTLI_QUALITY: u32 = 5;

/// The pages of the tenant's rows (`site` none) or a site's, and the feed position they are as of; none where there are no rows. Makes a pack where
/// there is none, or where the newest is too far behind.
pub async fn manifest(tx: &mut TenantTx, site: Option<SiteId>) -> Result<Option<(BootstrapManifest, u64)>, Fault> {
    let pack = match queries::newest_pack(tx, site).await? {
        Some(pack) if !far_behind(tx, site, &pack).await? => Some(pack),
        _ => refresh(tx, site).await?,
    };
    Ok(pack.map(|pack| {
        let pages = (0..pack.pages).map(|page| format!("{PATH}/{}/{page}", pack.id)).collect();
        (BootstrapManifest { pages, rows: pack.rows }, pack.as_of)
    }))
}

/// Whether no row changed since the pack was made.
pub async fn is_up_to_date(tx: &mut TenantTx, site: Option<SiteId>, as_of: u64) -> Result<bool, Fault> {
    Ok(queries::changed_since(tx, site, as_of).await? == 0)
}

async fn far_behind(tx: &mut TenantTx, site: Option<SiteId>, pack: &Pack) -> Result<bool, Fault> {
    let changed = queries::changed_since(tx, site, pack.as_of).await?;
    Ok(changed > PAGE_ROWS as u64 && changed > pack.rows / 20)
}

/// Packs anew, unless another transaction has just done so. Two at once would do the same work twice, so the second waits for the first.
async fn refresh(tx: &mut TenantTx, site: Option<SiteId>) -> Result<Option<Pack>, Fault> {
    queries::lock_packing(tx, site).await?;
    if let Some(pack) = queries::newest_pack(tx, site).await?
        && !far_behind(tx, site, &pack).await?
    {
        return Ok(Some(pack));
    }
    // The position is read first: a row that changes after it is packed in its newer version and comes once more with the feed.
    let Some(as_of) = queries::newest_position(tx, site).await? else {
        return Ok(None);
    };
    let rows = queries::standing_rows(tx, site).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let count = rows.len() as u64;
    let pages =
        tokio::task::spawn_blocking(move || compress(&rows)).await.map_err(|error| Fault::new("compress the pages of a first load", error))??;
    let pack = Pack { id: pack_id(tx, as_of, &pages), rows: count, pages: u32::try_from(pages.len()).unwrap_or(u32::MAX), as_of };
    queries::insert_pack(tx, site, &pack).await?;
    queries::insert_pages(tx, site, pack.id, &pages).await?;
    queries::drop_older_packs(tx, site, pack.id).await?;
    Ok(Some(pack))
}

/// A pack is named after what it holds, so that an address never means two things.
fn pack_id(tx: &TenantTx, as_of: u64, pages: &[StoredPage]) -> Uuid {
    let mut parts = tx.tenant().as_bytes().to_vec();
    parts.extend(as_of.to_be_bytes());
    pages.iter().for_each(|page| parts.extend(Digest32::of(&page.gzip).0));
    let Digest32(digest) = Digest32::of(&parts);
    let mut id = [0; 16];
    id.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(id).into_uuid()
}

fn compress(rows: &[ReferenceRow]) -> Result<Vec<StoredPage>, Fault> {
    rows.chunks(PAGE_ROWS)
        .map(|page| compress_page(&cbor::encode(&page)))
        .collect::<Result<_, _>>()
        .map_err(|error| Fault::new("compress a page of a first load", error))
}

fn compress_page(page: &[u8]) -> std::io::Result<StoredPage> {
    let mut brotli = Vec::new();
    {
        let mut writer = brotli::CompressorWriter::new(&mut brotli, 16 * 1024, BROTLI_QUALITY, 22);
        writer.write_all(page)?;
        writer.flush()?;
    }
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(page)?;
    Ok(StoredPage { brotli, gzip: writer.finish()? })
}
