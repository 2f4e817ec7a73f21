//! The SQL of benches: a company grows by copies of what it has, under new ids, as if it had sold for longer.

use crate::failure::Fault;
use crate::tenancy::TenantTx;

/// Copies each completed ticket, with its envelopes, feed entries and rows in the books, `copies` times. The feed's counter moves on.
pub(super) async fn multiply_tickets(tx: &mut TenantTx, copies: i32) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!("set local statement_timeout = '300s'").execute(tx.connection()).await?;
    sqlx::query!(
        "create temporary table copied on commit drop as
         select d.id as old, gen_random_uuid() as new from documents d cross join generate_series(1, $1::int) as n where d.kind = 'sales.ticket'",
        copies
    )
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "insert into envelopes select r.* from copied c join envelopes e on e.document = c.old
         cross join lateral jsonb_populate_record(e, jsonb_build_object('intent_id', md5(e.intent_id::text || c.new)::uuid, 'document', c.new,
           'chain', md5(e.chain::text || c.new)::uuid)) as r where e.tid = $1",
    )
    .bind(tid)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "with grown as (insert into feed (tid, position, audiences, device, body)
           select f.tid, h.position + row_number() over (order by c.new, f.position), f.audiences, f.device, f.body
           from feed_heads h join feed f on f.tid = h.tid join envelopes e on e.tid = f.tid and e.position = f.position join copied c on c.old = e.document
           where h.tid = $1 returning position)
         update feed_heads set position = (select max(position) from grown) where tid = $1",
    )
    .bind(tid)
    .execute(tx.connection())
    .await?;
    for table in ["documents", "sales_tickets", "sales_orders"] {
        let copy = format!(
            "insert into {table} select r.* from copied c join {table} t on t.id = c.old
             cross join lateral jsonb_populate_record(t, jsonb_build_object('id', c.new)) as r where t.tid = $1"
        );
        sqlx::query(sqlx::AssertSqlSafe(copy)).bind(tid).execute(tx.connection()).await?;
    }
    for table in ["sales_ticket_lines", "sales_payments"] {
        let copy = format!(
            "insert into {table} select r.* from copied c join {table} t on t.ticket = c.old
             cross join lateral jsonb_populate_record(t, jsonb_build_object('id', md5(t.id::text || c.new)::uuid, 'ticket', c.new)) as r where t.tid = $1"
        );
        sqlx::query(sqlx::AssertSqlSafe(copy)).bind(tid).execute(tx.connection()).await?;
    }
    sqlx::query(
        "insert into sales_receipt_numbers (tid, number, block, ticket) select t.tid, ('x' || substr(md5(c.new::text || t.number), 1, 15))::bit(60)::bigint, t.block, c.new
         from copied c join sales_receipt_numbers t on t.ticket = c.old where t.tid = $1",
    )
    .bind(tid)
    .execute(tx.connection())
    .await?;
    sqlx::query!("select set_config('statement_timeout', '60s', true) as bound").fetch_one(tx.connection()).await?;
    Ok(())
}

/// How many tickets there are, and how many bytes a document of one takes, on average.
pub(super) async fn tickets(tx: &mut TenantTx) -> Result<(i64, f64), Fault> {
    let row = sqlx::query!(
        r#"select count(*) as "tickets!", coalesce(avg(octet_length(saved)), 0)::float8 as "bytes!" from documents where tid = $1 and kind = 'sales.ticket'"#,
        tx.tenant().0
    )
    .fetch_one(tx.connection())
    .await?;
    Ok((row.tickets, row.bytes))
}
