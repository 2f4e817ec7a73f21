//! Many events at once, as if as many records had been changed: faster than changing them.

use super::Company;
use sqlx::{ConnectOptions as _, Connection as _};
use uuid::Uuid;

/// So many events of a type happen, each at a position of its own; their ids, in order.
pub async fn flood(company: &Company, kind: &str, count: i64) -> Vec<Uuid> {
    let statement = "with head as (
            insert into feed_heads (tid, position) values ($1, $2) on conflict (tid) do update set position = feed_heads.position + $2 returning position
        ), told as (
            insert into events (tid, position, ordinal, id, type, subject, occurred_at, correlation, data)
            select $1, head.position - $2 + n, 0, gen_random_uuid(), $3, gen_random_uuid()::text, app_now(), gen_random_uuid(),
                jsonb_build_object('id', gen_random_uuid(), 'version', n, 'changed', jsonb_build_array('address'), 'values', jsonb_build_object('address', jsonb_build_object('city', 'Iași ' || n)))
            from head, generate_series(1, $2) as n returning position, id
        ) select id from told order by position";
    let mut superuser = company.test.as_superuser().connect().await.unwrap();
    let ids = sqlx::query_scalar(statement).bind(company.tenant.0).bind(count).bind(kind).fetch_all(&mut superuser).await.unwrap();
    superuser.close().await.unwrap();
    ids
}
