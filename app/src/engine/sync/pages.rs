//! Packed pages of reference rows: fetched before the cursor moves past them, read back at every start.

use super::RoundError;
use crate::device::store::{Access, Records, Store, StoreError, Transaction};
use crate::device::{clock, http};
use crate::engine::catalogue::Catalogue;
use crate::engine::core::{Core, log};
use crate::engine::protocol::Event;
use futures::stream::{self, StreamExt, TryStreamExt};
use holdfast_sync::cbor;
use holdfast_sync::wire::{BootstrapManifest, Entry, PullResponse, ReferenceRow};
use std::collections::BTreeSet;

/// Rows of a full page.
const PAGE_ROWS: u64 = 500;
/// Pages read before others have their turn.
const PAGES_AT_A_STRETCH: usize = 16;
/// How often the page is told how far a load is: each time it draws, beside the work itself.
const PROGRESS_STEPS: u64 = 50;
/// Pages on their way at a time.
const AT_ONCE: usize = 6;

/// The manifests a page of the feed brings.
pub(super) fn manifests(page: &PullResponse) -> Vec<BootstrapManifest> {
    let of = |entry: &Entry| match entry {
        Entry::Enter { bootstrap, .. } => bootstrap.clone(),
        _ => None,
    };
    page.entries.iter().filter_map(of).collect()
}

/// Fetches the pages that are not here yet and stores each as it comes: their addresses are immutable, so what came once is never fetched again.
pub(super) async fn fetch(core: &Core, store: &Store, manifests: &[BootstrapManifest]) -> Result<(), RoundError> {
    let keys = async |transaction: &Transaction| transaction.keys(Records::Pages).await;
    let known: BTreeSet<String> = store.transact(&[Records::Pages], Access::Read, keys).await?.into_iter().collect();
    let of: u64 = manifests.iter().map(|manifest| manifest.rows).sum();
    let wanted: Vec<&String> = manifests.iter().flat_map(|manifest| &manifest.pages).collect();
    let mut rows = PAGE_ROWS * wanted.iter().filter(|address| known.contains(**address)).count() as u64;
    let missing = wanted.into_iter().filter(|address| !known.contains(*address));
    let mut coming =
        stream::iter(missing.map(async |address| Ok::<_, RoundError>((address, http::get_bytes(address).await?)))).buffer_unordered(AT_ONCE);
    while let Some((address, bytes)) = coming.try_next().await? {
        // Read before it is stored: what a stranger on the line put in its place is asked for again.
        let page = read_page(&bytes)?;
        let put = async |transaction: &Transaction| transaction.put_bytes(Records::Pages, address.as_str(), &bytes);
        store.transact(&[Records::Pages], Access::Relaxed, put).await?;
        let mut catalogue = core.catalogue.lock().await;
        page.iter().for_each(|row| catalogue.put(row));
        let before = rows;
        rows += PAGE_ROWS;
        let steps = |rows: u64| rows.min(of) * PROGRESS_STEPS / of.max(1);
        if steps(before) < steps(rows) {
            core.emit(Event::Loading { rows: rows.min(of), of });
        }
    }
    Ok(())
}

/// Forgets pages that no manifest names any more. Called with all manifests of a fresh start of the feed.
pub(super) async fn drop_others(store: &Store, manifests: &[BootstrapManifest]) -> Result<(), StoreError> {
    let named: BTreeSet<&String> = manifests.iter().flat_map(|manifest| &manifest.pages).collect();
    store
        .transact(&[Records::Pages], Access::Relaxed, async |transaction| {
            for address in transaction.keys(Records::Pages).await? {
                if !named.contains(&address) {
                    transaction.delete(Records::Pages, address.as_str())?;
                }
            }
            Ok(())
        })
        .await
}

/// Replaces the catalogue in memory by what is on the device.
pub async fn load_anew(core: &Core, store: &Store) -> Result<(), StoreError> {
    let mut fresh = Catalogue::default();
    load(&mut fresh, store).await?;
    *core.catalogue.lock().await = fresh;
    Ok(())
}

/// Reads the catalogue from the device: the pages, then the rows that overlay them.
pub async fn load(catalogue: &mut Catalogue, store: &Store) -> Result<(), StoreError> {
    let read = async |transaction: &Transaction| -> Result<_, StoreError> {
        let pages = transaction.all_bytes(Records::Pages).await?;
        let rows: Vec<ReferenceRow> = transaction.all(Records::Rows).await?;
        Ok((pages, rows))
    };
    let (pages, rows) = store.transact(&[Records::Pages, Records::Rows], Access::Read, read).await?;
    for (n, page) in pages.iter().enumerate() {
        match read_page(page) {
            Ok(rows) => rows.iter().for_each(|row| catalogue.put(row)),
            // One bad page leaves the others to sell from.
            Err(error) => log(&error),
        }
        // Whatever else is asked meanwhile, such as how the till stands, is answered in between.
        if n % PAGES_AT_A_STRETCH == PAGES_AT_A_STRETCH - 1 {
            clock::sleep(0).await;
        }
    }
    rows.iter().for_each(|row| catalogue.put(row));
    Ok(())
}

fn read_page(bytes: &[u8]) -> Result<Vec<ReferenceRow>, RoundError> {
    cbor::decode(bytes).map_err(|_| RoundError::Nonsense("a page of rows that cannot be read"))
}
