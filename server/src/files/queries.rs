//! The SQL of files.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::kernel::{AccountId, MediaType, StoredFile, Timestamp};
use holdfast_sync::bytes::Digest32;

/// What is kept already, beside one file.
pub(super) struct Used {
    /// Of the whole company.
    pub bytes: u64,
    /// Of the account, and named by no record.
    pub unnamed: u64,
    pub unnamed_bytes: u64,
}

/// Nobody else keeps or throws away the same bytes of the company until the transaction ends.
pub(super) async fn lock(tx: &mut TenantTx, sha256: Digest32) -> Result<(), Fault> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", key(tx, sha256)).execute(tx.connection()).await?;
    Ok(())
}

/// The same, where nobody else does so now.
pub(super) async fn try_lock(tx: &mut TenantTx, sha256: Digest32) -> Result<bool, Fault> {
    let locked = sqlx::query_scalar!(r#"select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as "locked!""#, key(tx, sha256));
    Ok(locked.fetch_one(tx.connection()).await?)
}

fn key(tx: &TenantTx, sha256: Digest32) -> String {
    format!("files:{}:{sha256}", tx.tenant())
}

/// What is kept beside that file.
pub(super) async fn weigh(tx: &mut TenantTx, account: AccountId, beside: Digest32) -> Result<Used, Fault> {
    let row = sqlx::query!(
        r#"with unnamed as (
             select f.bytes from file_holders h join files f on f.tid = h.tid and f.sha256 = h.sha256
             where h.tid = $1 and h.account = $2 and h.sha256 <> $3 and not exists (select from file_names n where n.tid = h.tid and n.sha256 = h.sha256))
           select (select coalesce(sum(bytes), 0)::bigint from files where tid = $1 and sha256 <> $3)
                + (select coalesce(sum(bytes), 0)::bigint from blobs where tid = $1)
                + (select coalesce(sum(bytes), 0)::bigint from blob_uploads where tid = $1) as "bytes!",
                (select count(*) from unnamed) as "unnamed!", (select coalesce(sum(bytes), 0)::bigint from unnamed) as "unnamed_bytes!""#,
        tx.tenant().0,
        account.0,
        &beside.0
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Used { bytes: row.bytes.unsigned_abs(), unnamed: row.unnamed.unsigned_abs(), unnamed_bytes: row.unnamed_bytes.unsigned_abs() })
}

/// The file is here, and the account has shown to have it.
pub(super) async fn insert_file(tx: &mut TenantTx, account: AccountId, file: &StoredFile) -> Result<(), Fault> {
    let side = |side: Option<u32>| side.map(u32::cast_signed);
    sqlx::query!(
        "with kept as (
           insert into files (tid, sha256, bytes, media_type, width, height) values ($1, $3, $4, $5, $6, $7)
           on conflict (tid, sha256) do update set unnamed_since = null returning tid, sha256)
         insert into file_holders (tid, account, sha256) select tid, $2, sha256 from kept on conflict (tid, account, sha256) do nothing",
        tx.tenant().0,
        account.0,
        &file.sha256.0,
        file.bytes.cast_signed(),
        file.media_type.as_str(),
        side(file.width),
        side(file.height)
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Those of these that the account has uploaded, without their names; none of them goes before the transaction ends.
pub(super) async fn lock_held(tx: &mut TenantTx, account: AccountId, hashes: Vec<Digest32>) -> Result<Vec<StoredFile>, Fault> {
    let hashes: Vec<Vec<u8>> = hashes.into_iter().map(|hash| hash.0.to_vec()).collect();
    let rows = sqlx::query!(
        "select f.sha256, f.bytes, f.media_type, f.width, f.height from files f join file_holders h on h.tid = f.tid and h.sha256 = f.sha256
         where f.tid = $1 and h.account = $2 and f.sha256 = any ($3) order by f.sha256 for key share of f",
        tx.tenant().0,
        account.0,
        &hashes
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let bad = |column| Fault::stored("files", column, hex::encode(&row.sha256));
            let sha256 = row.sha256.as_slice().try_into().map_err(|_| bad("sha256"))?;
            let media_type = MediaType::named(&row.media_type).ok_or_else(|| bad("media_type"))?;
            let side = |side: Option<i32>| side.map(i32::unsigned_abs);
            let (width, height) = (side(row.width), side(row.height));
            Ok(StoredFile { name: String::new(), media_type, bytes: row.bytes.unsigned_abs(), sha256: Digest32(sha256), width, height })
        })
        .collect()
}

/// Notes which files no record names any more, and which are named again.
pub(super) async fn note_unnamed(tx: &mut TenantTx) -> Result<(), Fault> {
    let now = to_stored(tx.now());
    sqlx::query!(
        "update files f set unnamed_since = case when f.unnamed_since is null then $2::timestamptz end
         where f.tid = $1 and (f.unnamed_since is null) = not exists (select from file_names n where n.tid = f.tid and n.sha256 = f.sha256)",
        tx.tenant().0,
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Files that no record has named since before then.
pub(super) async fn unnamed(tx: &mut TenantTx, before: Timestamp, limit: u32) -> Result<Vec<Digest32>, Fault> {
    let rows = sqlx::query_scalar!(
        "select sha256 from files where tid = $1 and unnamed_since < $2 order by unnamed_since limit $3 for update skip locked",
        tx.tenant().0,
        to_stored(before),
        i64::from(limit)
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(|hash| hash.try_into().map(Digest32).map_err(|_| Fault::stored("files", "sha256", tx.tenant()))).collect()
}

/// Forgets it, unless a record names it after all; whether it is forgotten.
pub(super) async fn forget(tx: &mut TenantTx, sha256: Digest32) -> Result<bool, Fault> {
    let deleted = sqlx::query!(
        "delete from files f where f.tid = $1 and f.sha256 = $2 and not exists (select from file_names n where n.tid = f.tid and n.sha256 = f.sha256)",
        tx.tenant().0,
        &sha256.0
    );
    Ok(deleted.execute(tx.connection()).await?.rows_affected() == 1)
}
