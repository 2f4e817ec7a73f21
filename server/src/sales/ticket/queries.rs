//! The SQL of tickets. Each write leaves a row alone that is as it should be, so that projecting again changes nothing, not even who touched it last.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, from_stored, to_stored};
use holdfast_domain::kernel::{ChainId, DeviceId, DocumentId, FactId, Quantity, RowVersion, SiteId, TillId, Timestamp};
use holdfast_domain::sales::ticket::{Opened, Payment, PaymentMethod, SoldItem, TicketRow, TicketStatus};
use holdfast_domain::sales::{ReceiptBlock, ReceiptNumber};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

/// A ticket's row, as its facts tell it.
pub(super) struct TicketRecord {
    pub row: TicketRow,
    pub opened_at: Timestamp,
    pub opened_by: String,
    pub ended_at: Option<Timestamp>,
    pub tax_minor: i64,
}

/// A line's row.
pub(super) struct LineRow<'a> {
    pub ticket: DocumentId,
    pub site: SiteId,
    pub id: FactId,
    pub place: i32,
    pub item: &'a SoldItem,
    /// For as many as there are.
    pub unit_price_minor: i64,
    /// The row that says so.
    pub price: RowVersion,
    pub name: String,
    pub barcode: Option<String>,
    pub quantity: Quantity,
    pub gross_minor: i64,
    pub removed: bool,
    pub added_at: Timestamp,
}

/// A payment's row.
pub(super) struct PaymentRow<'a> {
    pub id: FactId,
    pub payment: &'a Payment,
    pub received_at: Timestamp,
}

/// What a completed ticket adds.
pub(super) struct SaleRow<'a> {
    pub ticket: DocumentId,
    pub opened: &'a Opened,
    pub payments: Vec<PaymentRow<'a>>,
    /// The numbers that it bears.
    pub receipts: Vec<ReceiptNumber>,
    pub gross_minor: i64,
    pub tax_minor: i64,
    pub ordered_at: Timestamp,
}

/// What the tables know of the things a completion names.
pub(super) struct Named {
    pub block: Option<ReceiptBlock>,
    /// The ticket that brought the number first.
    pub bearer: Option<DocumentId>,
    pub till_session: Option<NamedTillSession>,
}

/// The till session a completion names.
pub(super) struct NamedTillSession {
    pub site: SiteId,
    pub till: TillId,
    pub closed_wall_at: Option<Timestamp>,
}

/// Looks up the receipt numbers and till sessions of completions.
pub(super) async fn what_sales_name(
    tx: &mut TenantTx,
    wanted: &BTreeSet<(ReceiptNumber, DocumentId)>,
) -> Result<BTreeMap<(ReceiptNumber, DocumentId), Named>, Fault> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select b.device as "device?", b.chain as "chain?", b.first as "first?", b.last as "last?",
                  n.ticket as "bearer?", s.site as "site?", s.till as "till?", s.closed_wall_at as "closed_wall_at?"
           from unnest($2::uuid[], $3::bigint[], $4::uuid[]) with ordinality as wanted (block, bits, till_session, place)
           left join lateral (select device, chain, first, last from sales_receipt_blocks where tid = $1 and id = wanted.block limit 1) as b on true
           left join lateral (select ticket from sales_receipt_numbers where tid = $1 and bits = wanted.bits limit 1) as n on true
           left join lateral (select site, till, closed_wall_at from sales_till_sessions where tid = $1 and id = wanted.till_session limit 1) as s on true
           order by wanted.place"#,
        tid,
        &wanted.iter().map(|(receipt, _)| receipt.block.0).collect::<Vec<_>>(),
        // As a whole number, not as the `numeric` that the table keeps: that could not be looked up in an index.
        &wanted.iter().map(|(receipt, _)| receipt.number.cast_signed()).collect::<Vec<_>>(),
        &wanted.iter().map(|(_, till_session)| till_session.0).collect::<Vec<_>>()
    )
    .fetch_all(tx.connection())
    .await?;
    let mut known = BTreeMap::new();
    for ((receipt, session), row) in wanted.iter().copied().zip(rows) {
        let block = match (row.device, row.chain, row.first, row.last) {
            (Some(device), Some(chain), Some(first), Some(last)) => Some(ReceiptBlock {
                block: receipt.block,
                device: DeviceId(device),
                chain: ChainId(chain),
                first: first.cast_unsigned(),
                last: last.cast_unsigned(),
            }),
            _ => None,
        };
        let till_session = row.site.zip(row.till).map(|(site, till)| NamedTillSession {
            site: SiteId(site),
            till: TillId(till),
            closed_wall_at: row.closed_wall_at.map(from_stored),
        });
        known.insert((receipt, session), Named { block, bearer: row.bearer.map(DocumentId), till_session });
    }
    Ok(known)
}

/// The stable name of a status, as the table has it.
pub(in crate::sales) fn status_name(status: TicketStatus) -> &'static str {
    match status {
        TicketStatus::Open => "open",
        TicketStatus::Completed => "completed",
        TicketStatus::Abandoned => "abandoned",
    }
}

/// Writes tickets.
pub(super) async fn put_tickets(tx: &mut TenantTx, records: &[TicketRecord]) -> Result<(), Fault> {
    if records.is_empty() {
        return Ok(());
    }
    let tid = tx.tenant().0;
    let uuids = |of: fn(&TicketRow) -> Uuid| records.iter().map(|record| of(&record.row)).collect::<Vec<_>>();
    let minors = |of: fn(&TicketRecord) -> i64| records.iter().map(of).collect::<Vec<_>>();
    let rulings = |record: &TicketRecord| serde_json::to_value(&record.row.rulings).expect("a list of texts is JSON");
    sqlx::query!(
        "insert into sales_tickets as known (tid, id, site, till, till_session, status, currency, opened_at, opened_by, ended_at, listed_at,
            receipt_block, receipt_number, gross_minor, tax_minor, paid_minor, lines, rulings)
         select $1, id, site, till, till_session, status, currency, opened_at, opened_by, ended_at, coalesce(ended_at, opened_at),
            receipt_block, receipt_number, gross_minor, tax_minor, paid_minor, lines, array(select jsonb_array_elements_text(rulings))
         from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[], $9::text[], $10::timestamptz[], $11::uuid[],
            $12::numeric[], $13::bigint[], $14::bigint[], $15::bigint[], $16::int[], $17::jsonb[])
            as t (id, site, till, till_session, status, currency, opened_at, opened_by, ended_at, receipt_block, receipt_number, gross_minor, tax_minor,
              paid_minor, lines, rulings)
         on conflict (tid, id) do update set site = excluded.site, till = excluded.till, till_session = excluded.till_session, status = excluded.status,
            currency = excluded.currency, opened_at = excluded.opened_at, opened_by = excluded.opened_by, ended_at = excluded.ended_at,
            listed_at = excluded.listed_at, receipt_block = excluded.receipt_block, receipt_number = excluded.receipt_number,
            gross_minor = excluded.gross_minor, tax_minor = excluded.tax_minor, paid_minor = excluded.paid_minor, lines = excluded.lines,
            rulings = excluded.rulings
         where (known.site, known.till, known.till_session, known.status, known.currency, known.opened_at, known.opened_by, known.ended_at,
                known.receipt_block, known.receipt_number, known.gross_minor, known.tax_minor, known.paid_minor, known.lines, known.rulings)
            is distinct from (excluded.site, excluded.till, excluded.till_session, excluded.status, excluded.currency, excluded.opened_at,
                excluded.opened_by, excluded.ended_at, excluded.receipt_block, excluded.receipt_number, excluded.gross_minor, excluded.tax_minor,
                excluded.paid_minor, excluded.lines, excluded.rulings)",
        tid,
        &uuids(|row| row.document.0),
        &uuids(|row| row.site.0),
        &uuids(|row| row.till.0),
        &uuids(|row| row.till_session.0),
        &records.iter().map(|record| status_name(record.row.status).to_owned()).collect::<Vec<_>>(),
        &records.iter().map(|record| record.row.total.currency.code().to_owned()).collect::<Vec<_>>(),
        &records.iter().map(|record| to_stored(record.opened_at)).collect::<Vec<_>>(),
        &records.iter().map(|record| record.opened_by.clone()).collect::<Vec<_>>(),
        &records.iter().map(|record| record.ended_at.map(to_stored)).collect::<Vec<_>>() as &[Option<OffsetDateTime>],
        &records.iter().map(|record| record.row.receipt.map(|receipt| receipt.block.0)).collect::<Vec<_>>() as &[Option<Uuid>],
        &records.iter().map(|record| record.row.receipt.map(|receipt| Decimal::from(receipt.number))).collect::<Vec<_>>() as &[Option<Decimal>],
        &minors(|record| record.row.total.minor),
        &minors(|record| record.tax_minor),
        &minors(|record| record.row.paid.minor),
        &records.iter().map(|record| i32::try_from(record.row.lines).unwrap_or(i32::MAX)).collect::<Vec<_>>(),
        &records.iter().map(rulings).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Writes lines. A line never goes; it is taken off.
pub(super) async fn put_lines(tx: &mut TenantTx, lines: &[LineRow<'_>]) -> Result<(), Fault> {
    if lines.is_empty() {
        return Ok(());
    }
    let tid = tx.tenant().0;
    let uuids = |of: fn(&LineRow<'_>) -> Uuid| lines.iter().map(of).collect::<Vec<_>>();
    let decimals = |of: fn(&LineRow<'_>) -> Decimal| lines.iter().map(of).collect::<Vec<_>>();
    sqlx::query!(
        "insert into sales_ticket_lines as known (tid, ticket, site, id, place, product, name, barcode, quantity, unit_price_minor, price_row, price_version,
            tax_row, tax_version, tax_rate, discount, gross_minor, removed, added_at)
         select $1, t.* from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::int[], $6::uuid[], $7::text[], $8::text[], $9::numeric[], $10::bigint[],
            $11::uuid[], $12::numeric[], $13::uuid[], $14::numeric[], $15::numeric[], $16::numeric[], $17::bigint[], $18::bool[], $19::timestamptz[]) as t
         on conflict (tid, ticket, id) do update set place = excluded.place, quantity = excluded.quantity, gross_minor = excluded.gross_minor,
            unit_price_minor = excluded.unit_price_minor, price_row = excluded.price_row, price_version = excluded.price_version,
            removed = excluded.removed, added_at = excluded.added_at
         where (known.place, known.quantity, known.unit_price_minor, known.price_row, known.price_version, known.gross_minor, known.removed, known.added_at)
            is distinct from (excluded.place, excluded.quantity, excluded.unit_price_minor, excluded.price_row, excluded.price_version,
                excluded.gross_minor, excluded.removed, excluded.added_at)",
        tid,
        &uuids(|line| line.ticket.0),
        &uuids(|line| line.site.0),
        &uuids(|line| line.id.0),
        &lines.iter().map(|line| line.place).collect::<Vec<_>>(),
        &uuids(|line| line.item.product.0),
        &lines.iter().map(|line| line.name.clone()).collect::<Vec<_>>(),
        &lines.iter().map(|line| line.barcode.clone()).collect::<Vec<_>>() as &[Option<String>],
        &decimals(|line| line.quantity.to_decimal()),
        &lines.iter().map(|line| line.unit_price_minor).collect::<Vec<_>>(),
        &uuids(|line| line.price.row),
        &decimals(|line| line.price.version.into()),
        &uuids(|line| line.item.tax.row),
        &decimals(|line| line.item.tax.version.into()),
        &decimals(|line| Decimal::new(line.item.tax_rate.millionths().into(), 4)),
        &decimals(|line| Decimal::new(line.item.discount.ten_thousandths().into(), 4)),
        &lines.iter().map(|line| line.gross_minor).collect::<Vec<_>>(),
        &lines.iter().map(|line| line.removed).collect::<Vec<_>>(),
        &lines.iter().map(|line| to_stored(line.added_at)).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Writes what completed tickets add: their payments, their orders, and the receipt numbers that they bear from now on, where nobody does yet.
pub(super) async fn put_sales(tx: &mut TenantTx, sales: &[SaleRow<'_>]) -> Result<(), Fault> {
    if sales.is_empty() {
        return Ok(());
    }
    let tid = tx.tenant().0;
    let payments: Vec<_> = sales.iter().flat_map(|sale| sale.payments.iter().map(move |row| (sale, row))).collect();
    let receipts: Vec<_> = sales.iter().flat_map(|sale| sale.receipts.iter().map(move |receipt| (sale.ticket.0, *receipt))).collect();
    let paid = |of: fn(&SaleRow<'_>) -> Uuid| payments.iter().map(|(sale, _)| of(sale)).collect::<Vec<_>>();
    let amounts = |of: fn(&Payment) -> i64| payments.iter().map(|(_, row)| of(row.payment)).collect::<Vec<_>>();
    let method = |method| match method {
        PaymentMethod::Cash => "cash".to_owned(),
    };
    sqlx::query!(
        "with payments as (
           insert into sales_payments as known (tid, ticket, site, till, till_session, currency, id, method, amount_minor, tendered_minor, change_minor,
             received_at)
           select $1, t.* from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::text[], $9::bigint[], $10::bigint[],
             $11::bigint[], $12::timestamptz[]) as t
           on conflict (tid, id) do update set received_at = excluded.received_at where known.received_at is distinct from excluded.received_at),
         numbers as (
           insert into sales_receipt_numbers (tid, ticket, number, block) select distinct on (t.number) $1::uuid, t.ticket, t.number, t.block
           from unnest($13::uuid[], $14::numeric[], $15::uuid[]) with ordinality as t (ticket, number, block, place) order by t.number, t.place
           on conflict (tid, number) do nothing)
         insert into sales_orders as known (tid, id, site, channel, fulfilment, currency, gross_minor, tax_minor, ordered_at)
         select $1, id, site, 'till', 'none', currency, gross_minor, tax_minor, ordered_at
         from unnest($16::uuid[], $17::uuid[], $18::text[], $19::bigint[], $20::bigint[], $21::timestamptz[])
           as t (id, site, currency, gross_minor, tax_minor, ordered_at)
         on conflict (tid, id) do update set gross_minor = excluded.gross_minor, tax_minor = excluded.tax_minor, ordered_at = excluded.ordered_at
         where (known.gross_minor, known.tax_minor, known.ordered_at) is distinct from (excluded.gross_minor, excluded.tax_minor, excluded.ordered_at)",
        tid,
        &paid(|sale| sale.ticket.0),
        &paid(|sale| sale.opened.site.0),
        &paid(|sale| sale.opened.till.0),
        &paid(|sale| sale.opened.till_session.0),
        &payments.iter().map(|(sale, _)| sale.opened.currency.code().to_owned()).collect::<Vec<_>>(),
        &payments.iter().map(|(_, row)| row.id.0).collect::<Vec<_>>(),
        &payments.iter().map(|(_, row)| method(row.payment.method)).collect::<Vec<_>>(),
        &amounts(|payment| payment.amount.minor),
        &amounts(|payment| payment.tendered.minor),
        &amounts(|payment| payment.change.minor),
        &payments.iter().map(|(_, row)| to_stored(row.received_at)).collect::<Vec<_>>(),
        &receipts.iter().map(|(ticket, _)| *ticket).collect::<Vec<_>>(),
        &receipts.iter().map(|(_, receipt)| Decimal::from(receipt.number)).collect::<Vec<_>>(),
        &receipts.iter().map(|(_, receipt)| receipt.block.0).collect::<Vec<_>>(),
        &sales.iter().map(|sale| sale.ticket.0).collect::<Vec<_>>(),
        &sales.iter().map(|sale| sale.opened.site.0).collect::<Vec<_>>(),
        &sales.iter().map(|sale| sale.opened.currency.code().to_owned()).collect::<Vec<_>>(),
        &sales.iter().map(|sale| sale.gross_minor).collect::<Vec<_>>(),
        &sales.iter().map(|sale| sale.tax_minor).collect::<Vec<_>>(),
        &sales.iter().map(|sale| to_stored(sale.ordered_at)).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes a ticket out of the books, to be written anew. Exceptions stay: they hold what the office decided.
pub(in crate::sales) async fn delete_ticket(tx: &mut TenantTx, ticket: DocumentId) -> Result<(), Fault> {
    let tid = tx.tenant().0;
    sqlx::query!(
        "with ticket as (delete from sales_tickets where tid = $1 and id = $2), lines as (delete from sales_ticket_lines where tid = $1 and ticket = $2),
            payments as (delete from sales_payments where tid = $1 and ticket = $2), numbers as (delete from sales_receipt_numbers where tid = $1 and ticket = $2)
         delete from sales_orders where tid = $1 and id = $2",
        tid,
        ticket.0
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Everything the books say of a ticket, as text to compare; what the tables note about who wrote when is left out.
pub(in crate::sales) async fn fingerprint(tx: &mut TenantTx, ticket: DocumentId) -> Result<String, Fault> {
    let tid = tx.tenant().0;
    let text = sqlx::query_scalar!(
        r#"select coalesce(string_agg((row - array['created_at', 'created_by', 'modified_at', 'modified_by'])::text, e'\n' order by place, row ->> 'id'), '') as "text!"
           from (select 1 as place, to_jsonb(t) as row from sales_tickets t where tid = $1 and id = $2
                 union all select 2, to_jsonb(t) from sales_ticket_lines t where tid = $1 and ticket = $2
                 union all select 3, to_jsonb(t) from sales_payments t where tid = $1 and ticket = $2
                 union all select 4, to_jsonb(t) from sales_orders t where tid = $1 and id = $2
                 union all select 5, to_jsonb(t) from sales_receipt_numbers t where tid = $1 and ticket = $2) as rows"#,
        tid,
        ticket.0
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(text)
}

/// The tickets of a till session that had not arrived when they were judged.
pub(super) async fn awaiting_session(tx: &mut TenantTx, till_session: DocumentId) -> Result<BTreeSet<DocumentId>, Fault> {
    let tid = tx.tenant().0;
    let tickets = sqlx::query_scalar!(
        "select id from sales_tickets where tid = $1 and till_session = $2 and 'till_session_unknown' = any (rulings)",
        tid,
        till_session.0
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(tickets.into_iter().map(DocumentId).collect())
}
