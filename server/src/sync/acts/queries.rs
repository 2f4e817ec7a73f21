//! The SQL of looking through all envelopes.

use super::{Act, ActPlace, Standing, WantedActs, said};
use crate::failure::Fault;
use crate::tenancy::{Sites, TenantTx, from_stored, to_stored};
use holdfast_domain::kernel::{DeviceId, DocumentId, IntentId, SiteId, Timestamp};
use holdfast_sync::envelope::Header;
use sqlx::postgres::{PgRow, Postgres};
use sqlx::{QueryBuilder, Row as _};
use time::OffsetDateTime;
use uuid::Uuid;

/// Some of the newest envelopes.
pub(super) struct Stride {
    pub acts: Vec<Act>,
    /// The last that was looked at; none where there was none behind it.
    pub last: Option<(Timestamp, IntentId)>,
}

/// Looks through so many envelopes behind a place, and answers at most so many that are wanted.
pub(super) async fn stride(tx: &mut TenantTx, wanted: &WantedActs, after: Option<ActPlace>, (look, most): (u32, u32)) -> Result<Stride, Fault> {
    let mut query = statement(tx, wanted, after, (look, most));
    let rows = query.build().persistent(false).fetch_all(tx.connection()).await?;
    let mut stride = Stride { acts: Vec::new(), last: None };
    for row in &rows {
        if row.try_get::<bool, _>("is_wanted")? {
            stride.acts.push(act(row)?);
        } else {
            stride.last = Some((from_stored(row.try_get("arrived_at")?), IntentId(row.try_get("intent_id")?)));
        }
    }
    Ok(stride)
}

/// `looked` are the envelopes that an index finds; what is wanted of them, and where they end if there were as many as may be.
fn statement(tx: &TenantTx, wanted: &WantedActs, after: Option<ActPlace>, (look, most): (u32, u32)) -> QueryBuilder<Postgres> {
    let mut query = QueryBuilder::new(
        "with looked as materialized (select tid, intent_id, document, kind, intent, author, device, standing, code, effective_at, arrived_at
            from envelopes where tid = ",
    );
    // What the server ruled by itself is nobody's act.
    query.push_bind(tx.tenant().0).push(" and (author not like 'system:%' or chain is not null) and standing <> 'waiting'");
    if let Some(account) = wanted.account {
        query.push(" and author = ").push_bind(account.to_string());
    }
    if let Some(document) = wanted.document {
        query.push(" and document = ").push_bind(document.0);
    }
    if let Some(since) = wanted.since {
        query.push(" and arrived_at >= ").push_bind(to_stored(since));
    }
    if let Some(until) = wanted.until {
        query.push(" and arrived_at < ").push_bind(to_stored(until));
    }
    if let Some(ActPlace { at, intent }) = after {
        query.push(" and arrived_at <= ").push_bind(to_stored(at));
        if let Some(intent) = intent {
            query.push(" and (arrived_at, intent_id) < (").push_bind(to_stored(at)).push(", ").push_bind(intent.0).push(")");
        }
    }
    query.push(" order by arrived_at desc, intent_id desc limit ").push_bind(i64::from(look)).push(
        "), placed as (select e.*, (select substr(a, 6)::uuid from documents d, unnest(d.audiences) as a
            where d.tid = e.tid and d.id = e.document and a like 'site:%' limit 1) as at_site from looked e),
         wanted as (select * from placed where true",
    );
    for (column, value) in [("intent", &wanted.name), ("kind", &wanted.kind)] {
        if let Some(value) = value {
            query.push(format_args!(" and {column} = ")).push_bind(value.clone());
        }
    }
    if let Some(device) = wanted.device {
        query.push(" and device = ").push_bind(device.0);
    }
    if let Some(standing) = wanted.standing {
        query.push(" and standing = ").push_bind(standing.stored());
    }
    if let Sites::Only(sites) = &wanted.sites {
        query.push(" and at_site = any (").push_bind(sites.iter().map(|site| site.0).collect::<Vec<_>>()).push(")");
    }
    query
        .push(" order by arrived_at desc, intent_id desc limit ")
        .push_bind(i64::from(most))
        .push("), last as (select * from placed where (select count(*) from placed) = ");
    query.push_bind(i64::from(look)).push(
        " order by arrived_at, intent_id limit 1),
         told as (select true as is_wanted, * from wanted union all select false, * from last)
         select t.*, (select e.header from envelopes e where e.tid = t.tid and e.intent_id = t.intent_id) as header
         from told t order by t.is_wanted desc, t.arrived_at desc, t.intent_id desc",
    );
    query
}

fn act(row: &PgRow) -> Result<Act, Fault> {
    let intent: Uuid = row.try_get("intent_id")?;
    let unsound = |column| Fault::stored("envelopes", column, intent);
    let header: Vec<u8> = row.try_get("header")?;
    let header: Option<Header> = holdfast_sync::cbor::decode(&header).ok();
    let arrived_at: OffsetDateTime = row.try_get("arrived_at")?;
    let done_at: OffsetDateTime = row.try_get("effective_at")?;
    Ok(Act {
        intent: IntentId(intent),
        name: row.try_get("intent")?,
        kind: row.try_get("kind")?,
        document: DocumentId(row.try_get("document")?),
        site: row.try_get::<Option<Uuid>, _>("at_site")?.map(SiteId),
        author: row.try_get("author")?,
        device: DeviceId(row.try_get("device")?),
        arrived_at: from_stored(arrived_at),
        done_at: from_stored(done_at),
        standing: Standing::read(row.try_get("standing")?).ok_or_else(|| unsound("standing"))?,
        code: row.try_get("code")?,
        said: header.map(|header| said(&header.intent.payload.0)).unwrap_or_default(),
    })
}
