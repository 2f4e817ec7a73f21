//! The SQL of blobs.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::kernel::{AccountId, BlobRef, DocumentId, MediaType, Timestamp};
use holdfast_sync::blob::taking::{Known, Said, Upload, Used};
use holdfast_sync::bytes::Digest32;
use std::collections::BTreeSet;

/// What is known of a blob, for one reader; its size and type, where it is here.
pub(super) struct Found {
    pub known: Known,
    pub blob: Option<(u32, MediaType)>,
}

/// The size of a blob that is here and that the account has.
pub(super) async fn held_blob(tx: &mut TenantTx, sha256: Digest32, account: AccountId) -> Result<Option<u32>, Fault> {
    let bytes = sqlx::query_scalar!(
        "select b.bytes from blobs b join blob_holders h on h.tid = b.tid and h.sha256 = b.sha256 where b.tid = $1 and b.sha256 = $2 and h.account = $3",
        tx.tenant().0,
        &sha256.0,
        account.0
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(bytes.map(i32::unsigned_abs))
}

pub(super) async fn upload(tx: &mut TenantTx, account: AccountId, sha256: Digest32) -> Result<Option<Upload<MediaType>>, Fault> {
    let row = sqlx::query!(
        "select bytes, media_type, received from blob_uploads where tid = $1 and account = $2 and sha256 = $3",
        tx.tenant().0,
        account.0,
        &sha256.0
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| {
        let media_type = read_type("blob_uploads", &row.media_type, sha256)?;
        Ok(Upload { said: Said { bytes: row.bytes.unsigned_abs(), media_type }, received: row.received.unsigned_abs() })
    })
    .transpose()
}

/// The same; nobody else goes on with it until the transaction ends.
pub(super) async fn lock_upload(tx: &mut TenantTx, account: AccountId, sha256: Digest32) -> Result<Option<Upload<MediaType>>, Fault> {
    sqlx::query!("select 1 as one from blob_uploads where tid = $1 and account = $2 and sha256 = $3 for update", tx.tenant().0, account.0, &sha256.0)
        .fetch_optional(tx.connection())
        .await?;
    upload(tx, account, sha256).await
}

/// Two that begin the same at once begin one.
pub(super) async fn insert_upload(tx: &mut TenantTx, account: AccountId, blob: BlobRef) -> Result<(), Fault> {
    sqlx::query!(
        "insert into blob_uploads (tid, account, sha256, bytes, media_type, received) values ($1, $2, $3, $4, $5, 0) on conflict (tid, account, sha256) do nothing",
        tx.tenant().0,
        account.0,
        &blob.sha256.0,
        blob.bytes.cast_signed(),
        blob.media_type.as_str()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn set_received(tx: &mut TenantTx, account: AccountId, sha256: Digest32, received: u32) -> Result<(), Fault> {
    let updated = sqlx::query!(
        "update blob_uploads set received = $4 where tid = $1 and account = $2 and sha256 = $3",
        tx.tenant().0,
        account.0,
        &sha256.0,
        received.cast_signed()
    )
    .execute(tx.connection())
    .await?;
    if updated.rows_affected() == 1 { Ok(()) } else { Err(Fault::because("a locked upload is gone")) }
}

pub(super) async fn delete_upload(tx: &mut TenantTx, account: AccountId, sha256: Digest32) -> Result<(), Fault> {
    sqlx::query!("delete from blob_uploads where tid = $1 and account = $2 and sha256 = $3", tx.tenant().0, account.0, &sha256.0)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Uploads that rested since before then.
pub(super) async fn lock_rested_uploads(tx: &mut TenantTx, before: Timestamp, limit: u32) -> Result<Vec<(AccountId, Digest32)>, Fault> {
    let rows = sqlx::query!(
        "select account, sha256 from blob_uploads where tid = $1 and modified_at < $2 order by modified_at limit $3 for update",
        tx.tenant().0,
        to_stored(before),
        i64::from(limit)
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let sha256 = row.sha256.try_into().map_err(|_| Fault::stored("blob_uploads", "sha256", row.account))?;
            Ok((AccountId(row.account), Digest32(sha256)))
        })
        .collect()
}

pub(super) async fn insert_blob(tx: &mut TenantTx, blob: BlobRef) -> Result<(), Fault> {
    sqlx::query!(
        "insert into blobs (tid, sha256, bytes, media_type) values ($1, $2, $3, $4) on conflict (tid, sha256) do nothing",
        tx.tenant().0,
        &blob.sha256.0,
        blob.bytes.cast_signed(),
        blob.media_type.as_str()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn insert_holders(tx: &mut TenantTx, sha256: Digest32, holders: &[AccountId]) -> Result<(), Fault> {
    let holders: Vec<_> = holders.iter().map(|account| account.0).collect();
    sqlx::query!(
        "insert into blob_holders (tid, account, sha256) select distinct $1::uuid, account, $3::bytea from unnest($2::uuid[]) as account
         on conflict (tid, account, sha256) do nothing",
        tx.tenant().0,
        &holders,
        &sha256.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What the company keeps; nobody else of it takes room until the transaction ends.
pub(super) async fn lock_and_weigh(tx: &mut TenantTx, account: AccountId) -> Result<Used, Fault> {
    let tid = tx.tenant().0;
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended('blobs:' || $1::uuid::text, 0))", tid).execute(tx.connection()).await?;
    let row = sqlx::query!(
        r#"with unnamed as (
             select b.bytes from blob_holders h join blobs b on b.tid = h.tid and b.sha256 = h.sha256
             where h.tid = $1 and h.account = $2 and not exists (select from blob_names n where n.tid = h.tid and n.sha256 = h.sha256)
             union all select bytes from blob_uploads where tid = $1 and account = $2)
           select (select coalesce(sum(bytes), 0)::bigint from blobs where tid = $1)
                + (select coalesce(sum(bytes), 0)::bigint from blob_uploads where tid = $1)
                + (select coalesce(sum(bytes), 0)::bigint from files where tid = $1) as "bytes!",
                (select count(*) from unnamed) as "unnamed!", (select coalesce(sum(bytes), 0)::bigint from unnamed) as "unnamed_bytes!""#,
        tid,
        account.0
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Used { bytes: row.bytes.unsigned_abs(), unnamed: row.unnamed.unsigned_abs(), unnamed_bytes: row.unnamed_bytes.unsigned_abs() })
}

/// What is known of a blob, for an account that reaches these audiences.
pub(super) async fn known(tx: &mut TenantTx, sha256: Digest32, reach: &[String], account: AccountId) -> Result<Found, Fault> {
    let row = sqlx::query!(
        r#"with named as (
             select n.audiences && $3 as reached,
                    exists (select from blob_holders h where h.tid = n.tid and h.account = n.named_by and h.sha256 = n.sha256) as vouched
             from blob_names n where n.tid = $1 and n.sha256 = $2)
           select b.bytes as "bytes?", b.media_type as "media_type?",
                  exists (select from named where reached) as "named_for_reader!",
                  exists (select from named where reached and vouched) as "vouched_for_reader!",
                  exists (select from named where vouched) as "vouched!",
                  exists (select from blob_holders where tid = $1 and account = $4 and sha256 = $2) as "held!"
           from (select 1) as one left join blobs b on b.tid = $1 and b.sha256 = $2"#,
        tx.tenant().0,
        &sha256.0,
        reach,
        account.0
    )
    .fetch_one(tx.connection())
    .await?;
    let blob = match (row.bytes, row.media_type) {
        (Some(bytes), Some(media_type)) => Some((bytes.unsigned_abs(), read_type("blobs", &media_type, sha256)?)),
        _ => None,
    };
    let known = Known {
        here: blob.is_some(),
        named_for_reader: row.named_for_reader,
        vouched_for_reader: row.vouched_for_reader,
        vouched: row.vouched,
        held: row.held,
    };
    Ok(Found { known, blob })
}

/// Writes which blobs a document names. The same again changes nothing.
pub(super) async fn put_names(
    tx: &mut TenantTx,
    document: DocumentId,
    audiences: &[String],
    named: BTreeSet<(Digest32, AccountId)>,
) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let (hashes, accounts): (Vec<_>, Vec<_>) = named.into_iter().map(|(sha256, account)| (sha256.0.to_vec(), account.0)).unzip();
    sqlx::query!(
        "delete from blob_names where tid = $1 and document = $2
         and not exists (select from unnest($3::bytea[], $4::uuid[]) as n (sha256, account) where n.sha256 = blob_names.sha256 and n.account = named_by)",
        tid,
        document.0,
        &hashes,
        &accounts
    )
    .execute(tx.connection())
    .await?;
    if hashes.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "insert into blob_names as known (tid, document, sha256, named_by, audiences)
         select $1, $2, n.sha256, n.account, $5 from unnest($3::bytea[], $4::uuid[]) as n (sha256, account)
         on conflict (tid, document, sha256, named_by) do update set audiences = excluded.audiences where known.audiences <> excluded.audiences",
        tid,
        document.0,
        &hashes,
        &accounts,
        audiences
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Everything that is written of what a document names, as text to compare.
pub async fn fingerprint(tx: &mut TenantTx, document: DocumentId) -> Result<String, Fault> {
    let text = sqlx::query_scalar!(
        r#"select coalesce(string_agg((to_jsonb(n) - array['created_at', 'created_by', 'modified_at', 'modified_by'])::text, ' ' order by sha256, named_by), '') as "text!"
           from blob_names n where tid = $1 and document = $2"#,
        tx.tenant().0,
        document.0
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(text)
}

fn read_type(table: &str, text: &str, sha256: Digest32) -> Result<MediaType, Fault> {
    MediaType::named(text).ok_or_else(|| Fault::stored(table, "media_type", sha256))
}
