//! The SQL of reference rows.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::kernel::{PersonId, RowVersion, SiteId, Timestamp};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::kind::Audience;
use holdfast_sync::wire::ReferenceRow;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Whose rows they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsOf {
    /// Everybody's of the tenant.
    Tenant,
    /// Of whoever works at the site.
    Site(SiteId),
    /// One person's.
    Person(PersonId),
}

impl RowsOf {
    fn stored(site: Option<Uuid>, person: Option<Uuid>) -> Self {
        match (site, person) {
            (_, Some(person)) => Self::Person(PersonId(person)),
            (Some(site), None) => Self::Site(SiteId(site)),
            (None, None) => Self::Tenant,
        }
    }

    fn site(self) -> Option<Uuid> {
        if let Self::Site(site) = self { Some(site.0) } else { None }
    }

    fn person(self) -> Option<Uuid> {
        if let Self::Person(person) = self { Some(person.0) } else { None }
    }

    /// As the feed names them.
    pub fn audience(self) -> Audience {
        match self {
            Self::Tenant => Audience::Tenant,
            Self::Site(site) => Audience::Site(site.0),
            Self::Person(person) => Audience::Person(person.0),
        }
    }
}

/// A row's newest version, locked.
pub(super) struct Head {
    pub version: u64,
    pub of: RowsOf,
    pub body: Option<Vec<u8>>,
}

/// A version to be written.
pub(super) struct NewVersion {
    pub kind: &'static str,
    pub id: Uuid,
    pub version: u64,
    pub of: RowsOf,
    pub body: Option<Vec<u8>>,
}

/// A version that was written.
pub(super) struct StoredVersion {
    pub version: u64,
    pub body: Option<Vec<u8>>,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
}

/// Locks the newest versions of rows, in the order given.
pub(super) async fn lock_heads(tx: &mut TenantTx, keys: impl Iterator<Item = (&'static str, Uuid)>) -> Result<BTreeMap<(String, Uuid), Head>, Fault> {
    let tid = tx.tenant().0;
    let (kinds, ids): (Vec<String>, Vec<Uuid>) = keys.map(|(kind, id)| (kind.to_owned(), id)).unzip();
    let rows = sqlx::query!(
        r#"select r.kind, r.id, r.version, r.site, r.person, v.body
           from unnest($2::text[], $3::uuid[]) with ordinality as wanted (kind, id, n)
           join reference_rows r on r.tid = $1 and r.kind = wanted.kind and r.id = wanted.id
           join reference_versions v on v.tid = r.tid and v.kind = r.kind and v.id = r.id and v.version = r.version
           order by wanted.n for update of r"#,
        tid,
        &kinds,
        &ids
    )
    .fetch_all(tx.connection())
    .await?;
    let head = |version: i64, of, body| Head { version: version.cast_unsigned(), of, body };
    Ok(rows.into_iter().map(|row| ((row.kind, row.id), head(row.version, RowsOf::stored(row.site, row.person), row.body))).collect())
}

/// Keeps new versions.
pub(super) async fn insert_versions(tx: &mut TenantTx, versions: &[NewVersion]) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let written = sqlx::query!(
        "insert into reference_versions (tid, kind, id, version, site, person, body)
         select $1, kind, id, version, site, person, body
         from unnest($2::text[], $3::uuid[], $4::bigint[], $5::uuid[], $6::uuid[], $7::bytea[]) as t (kind, id, version, site, person, body)",
        tid,
        &versions.iter().map(|row| row.kind.to_owned()).collect::<Vec<_>>(),
        &versions.iter().map(|row| row.id).collect::<Vec<_>>(),
        &versions.iter().map(|row| row.version.cast_signed()).collect::<Vec<_>>(),
        &versions.iter().map(|row| row.of.site()).collect::<Vec<_>>() as &[Option<Uuid>],
        &versions.iter().map(|row| row.of.person()).collect::<Vec<_>>() as &[Option<Uuid>],
        &versions.iter().map(|row| row.body.clone()).collect::<Vec<_>>() as &[Option<Vec<u8>>]
    )
    .execute(tx.connection())
    .await?;
    all_written("reference_versions", written.rows_affected(), versions.len())
}

/// Makes versions the newest of their rows, at the feed positions after `before`.
pub(super) async fn store_heads(tx: &mut TenantTx, versions: &[NewVersion], before: u64) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    let written = sqlx::query!(
        "insert into reference_rows (tid, kind, id, version, site, person, gone, position)
         select $1, kind, id, version, site, person, gone, $8 + n
         from unnest($2::text[], $3::uuid[], $4::bigint[], $5::uuid[], $6::uuid[], $7::boolean[])
           with ordinality as t (kind, id, version, site, person, gone, n)
         on conflict (tid, kind, id) do update set version = excluded.version, gone = excluded.gone, position = excluded.position",
        tid,
        &versions.iter().map(|row| row.kind.to_owned()).collect::<Vec<_>>(),
        &versions.iter().map(|row| row.id).collect::<Vec<_>>(),
        &versions.iter().map(|row| row.version.cast_signed()).collect::<Vec<_>>(),
        &versions.iter().map(|row| row.of.site()).collect::<Vec<_>>() as &[Option<Uuid>],
        &versions.iter().map(|row| row.of.person()).collect::<Vec<_>>() as &[Option<Uuid>],
        &versions.iter().map(|row| row.body.is_none()).collect::<Vec<_>>(),
        before.cast_signed()
    )
    .execute(tx.connection())
    .await?;
    all_written("reference_rows", written.rows_affected(), versions.len())
}

fn all_written(table: &str, written: u64, wanted: usize) -> Result<(), Fault> {
    if written == wanted as u64 { Ok(()) } else { Err(Fault::because(format!("{written} of {wanted} rows were written to {table}"))) }
}

/// The feed position of the newest change among the tenant's rows or a site's.
pub(super) async fn newest_position(tx: &mut TenantTx, site: Option<SiteId>) -> Result<Option<u64>, Fault> {
    let tid = tx.tenant().0;
    let position = sqlx::query_scalar!(
        "select max(position) from reference_rows where tid = $1 and site is not distinct from $2 and person is null",
        tid,
        site.map(|site| site.0)
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(position.map(i64::cast_unsigned))
}

/// Versions of rows of one kind, by row and version.
pub(super) async fn versions(tx: &mut TenantTx, kind: &str, wanted: &[RowVersion]) -> Result<BTreeMap<(Uuid, u64), StoredVersion>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select v.id, v.version, v.body, v.created_at, next.created_at as "until?"
           from unnest($3::uuid[], $4::bigint[]) as wanted (id, version)
           cross join lateral (select * from reference_versions
             where tid = $1 and kind = $2 and id = wanted.id and version = wanted.version limit 1) as v
           left join lateral (select created_at from reference_versions
             where tid = $1 and kind = $2 and id = wanted.id and version = wanted.version + 1 limit 1) as next on true"#,
        tid,
        kind,
        &wanted.iter().map(|version| version.row).collect::<Vec<_>>(),
        // A version beyond 63 bits was never written, and none is negative.
        &wanted.iter().map(|version| i64::try_from(version.version).unwrap_or(-1)).collect::<Vec<_>>()
    )
    .fetch_all(tx.connection())
    .await?;
    let stored = rows.into_iter().map(|row| {
        let version = row.version.cast_unsigned();
        ((row.id, version), StoredVersion { version, body: row.body, from: from_stored(row.created_at), until: row.until.map(from_stored) })
    });
    Ok(stored.collect())
}

/// The version of each row that was in force at the time beside it, in the order asked.
pub(super) async fn versions_at(tx: &mut TenantTx, kind: &str, asked: &[(Uuid, Timestamp)]) -> Result<Vec<Option<StoredVersion>>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select wanted.n as "n!", v.version, v.body, v.created_at, next.created_at as "until?"
           from unnest($3::uuid[], $4::timestamptz[]) with ordinality as wanted (id, at, n)
           cross join lateral (select * from reference_versions
             where tid = $1 and kind = $2 and id = wanted.id and created_at <= wanted.at order by version desc limit 1) as v
           left join lateral (select created_at from reference_versions
             where tid = $1 and kind = $2 and id = wanted.id and version = v.version + 1 limit 1) as next on true"#,
        tid,
        kind,
        &asked.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
        &asked.iter().map(|(_, at)| to_stored(*at)).collect::<Vec<_>>()
    )
    .fetch_all(tx.connection())
    .await?;
    let mut found: Vec<Option<StoredVersion>> = asked.iter().map(|_| None).collect();
    for row in rows {
        let place = usize::try_from(row.n - 1).ok().and_then(|n| found.get_mut(n));
        let place = place.ok_or_else(|| Fault::because("the database answered about a row that was not asked for"))?;
        let (from, until) = (from_stored(row.created_at), row.until.map(from_stored));
        *place = Some(StoredVersion { version: row.version.cast_unsigned(), body: row.body, from, until });
    }
    Ok(found)
}

/// Those of these rows that are there.
pub(super) async fn standing(tx: &mut TenantTx, kind: &str, ids: &[Uuid]) -> Result<BTreeSet<Uuid>, Fault> {
    let tid = tx.tenant().0;
    let found = sqlx::query_scalar!("select id from reference_rows where tid = $1 and kind = $2 and id = any ($3) and not gone", tid, kind, ids);
    Ok(found.fetch_all(tx.connection()).await?.into_iter().collect())
}

/// The rows of an audience whose newest version came after that feed position, in the feed's order.
pub async fn rows_after(tx: &mut TenantTx, of: RowsOf, after: u64, limit: u32) -> Result<Vec<(u64, ReferenceRow)>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select r.position, r.kind, r.id, r.version, v.body
         from reference_rows r join reference_versions v on v.tid = r.tid and v.kind = r.kind and v.id = r.id and v.version = r.version
         where r.tid = $1 and r.site is not distinct from $2 and r.person is not distinct from $3 and r.position > $4 order by r.position limit $5",
        tid,
        of.site(),
        of.person(),
        after.cast_signed(),
        i64::from(limit)
    )
    .fetch_all(tx.connection())
    .await?;
    let row = |kind, id, version: i64, body: Option<Vec<u8>>| ReferenceRow { kind, id, version: version.cast_unsigned(), body: body.map(Bytes) };
    Ok(rows.into_iter().map(|stored| (stored.position.cast_unsigned(), row(stored.kind, stored.id, stored.version, stored.body))).collect())
}

/// The rows of an audience, packed as of a position.
pub(super) struct Pack {
    pub id: Uuid,
    pub rows: u64,
    pub pages: u32,
    pub as_of: u64,
}

/// A page, compressed twice.
pub(super) struct StoredPage {
    pub brotli: Vec<u8>,
    pub gzip: Vec<u8>,
}

/// The newest pack of the tenant's rows or a site's.
pub(super) async fn newest_pack(tx: &mut TenantTx, site: Option<SiteId>) -> Result<Option<Pack>, Fault> {
    let tid = tx.tenant().0;
    let row = sqlx::query!(
        "select id, row_count, page_count, as_of from reference_packs
         where tid = $1 and site is not distinct from $2 order by as_of desc, created_at desc limit 1",
        tid,
        site.map(|site| site.0)
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Pack {
        id: row.id,
        rows: row.row_count.cast_unsigned(),
        pages: row.page_count.cast_unsigned(),
        as_of: row.as_of.cast_unsigned(),
    }))
}

/// How many rows changed since.
pub(super) async fn changed_since(tx: &mut TenantTx, site: Option<SiteId>, position: u64) -> Result<u64, Fault> {
    let tid = tx.tenant().0;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from reference_rows where tid = $1 and site is not distinct from $2 and person is null and position > $3"#,
        tid,
        site.map(|site| site.0),
        position.cast_signed()
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(count.cast_unsigned())
}

/// Waits for whoever packs these rows now; held until the transaction ends.
pub(super) async fn lock_packing(tx: &mut TenantTx, site: Option<SiteId>) -> Result<(), Fault> {
    let key = format!("{}/reference pack/{}", tx.tenant(), site.map(|site| site.to_string()).unwrap_or_default());
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, 0))", key).execute(tx.connection()).await?;
    Ok(())
}

/// All rows of an audience that are not gone, like beside like.
pub(super) async fn standing_rows(tx: &mut TenantTx, site: Option<SiteId>) -> Result<Vec<ReferenceRow>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        "select r.kind, r.id, r.version, v.body
         from reference_rows r join reference_versions v on v.tid = r.tid and v.kind = r.kind and v.id = r.id and v.version = r.version
         where r.tid = $1 and r.site is not distinct from $2 and r.person is null and not r.gone order by r.kind, r.id",
        tid,
        site.map(|site| site.0)
    )
    .fetch_all(tx.connection())
    .await?;
    let row = |kind, id, version: i64, body: Option<Vec<u8>>| ReferenceRow { kind, id, version: version.cast_unsigned(), body: body.map(Bytes) };
    Ok(rows.into_iter().map(|stored| row(stored.kind, stored.id, stored.version, stored.body)).collect())
}

/// Stores a pack.
pub(super) async fn insert_pack(tx: &mut TenantTx, site: Option<SiteId>, pack: &Pack) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!(
        "insert into reference_packs (tid, id, site, as_of, row_count, page_count) values ($1, $2, $3, $4, $5, $6)",
        tid,
        pack.id,
        site.map(|site| site.0),
        pack.as_of.cast_signed(),
        pack.rows.cast_signed(),
        pack.pages.cast_signed()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Stores a pack's pages.
pub(super) async fn insert_pages(tx: &mut TenantTx, site: Option<SiteId>, pack: Uuid, pages: &[StoredPage]) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!(
        "insert into reference_pages (tid, pack, number, site, brotli, gzip)
         select $1, $2, (n - 1)::int, $3, brotli, gzip from unnest($4::bytea[], $5::bytea[]) with ordinality as t (brotli, gzip, n)",
        tid,
        pack,
        site.map(|site| site.0),
        &pages.iter().map(|page| page.brotli.clone()).collect::<Vec<_>>(),
        &pages.iter().map(|page| page.gzip.clone()).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Drops the packs of an audience but the newest two: a device may be loading the one before.
pub(super) async fn drop_older_packs(tx: &mut TenantTx, site: Option<SiteId>, newest: Uuid) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!(
        "delete from reference_packs where tid = $1 and site is not distinct from $2 and id <> $3 and id not in (
           select id from reference_packs where tid = $1 and site is not distinct from $2 and id <> $3 order by as_of desc, created_at desc limit 1)",
        tid,
        site.map(|site| site.0),
        newest
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// A page, as it can be sent.
pub(super) async fn page(tx: &mut TenantTx, pack: Uuid, number: i32) -> Result<Option<StoredPage>, Fault> {
    let tid = tx.tenant().0;
    let page =
        sqlx::query_as!(StoredPage, "select brotli, gzip from reference_pages where tid = $1 and pack = $2 and number = $3", tid, pack, number)
            .fetch_optional(tx.connection())
            .await?;
    Ok(page)
}
