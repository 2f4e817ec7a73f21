//! The SQL of price lists.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, from_stored_day, to_stored_day};
use holdfast_domain::catalog::{ListedPrice, MOST_LISTED_PRICES, PriceList, PriceListLine, PriceQuestion};
use holdfast_domain::kernel::{CustomerGroupId, Money, PriceListId, PriceListLineId, ProductId, Quantity};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Where a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Break {
    pub price_list: Uuid,
    pub product: Uuid,
    pub from: Quantity,
}

/// A line that prices a product, or did.
pub(super) struct Pricing {
    pub product: Uuid,
    pub line: Uuid,
    pub price_list: Uuid,
    /// The row of the product's own price.
    pub own_price: Uuid,
}

/// Which line, archived or not, begins there.
pub(super) async fn beginning(tx: &mut TenantTx, begin: &[Break]) -> Result<BTreeMap<Break, Uuid>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select l.price_list, l.product, l.from_quantity, l.id from unnest($2::uuid[], $3::uuid[], $4::numeric[]) as w (price_list, product, from_quantity)
           join price_list_lines l on l.tid = $1 and l.price_list = w.price_list and l.product = w.product and l.from_quantity = w.from_quantity"#,
        tid,
        &begin.iter().map(|begins| begins.price_list).collect::<Vec<_>>(),
        &begin.iter().map(|begins| begins.product).collect::<Vec<_>>(),
        &begin.iter().map(|begins| begins.from.to_decimal()).collect::<Vec<_>>()
    );
    let rows = rows.fetch_all(tx.connection()).await?;
    rows.into_iter()
        .map(|row| {
            let from = Quantity::from_decimal(row.from_quantity).map_err(|_| Fault::stored("price_list_lines", "from_quantity", row.id))?;
            Ok((Break { price_list: row.price_list, product: row.product, from }, row.id))
        })
        .collect()
}

/// These lists as tills know them; none of one that is put away, or for a group.
pub(super) async fn lists(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<(Uuid, Option<PriceList>)>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select id, name, valid_from, valid_until, customer_group is null and archived_at is null as "sold_by!" from price_lists
           where tid = $1 and id = any ($2) order by id"#,
        tid,
        ids
    );
    let rows = rows.fetch_all(tx.connection()).await?;
    rows.into_iter()
        .map(|row| {
            let day = |stored: Option<_>, column| {
                stored.map(|day| from_stored_day(day).ok_or_else(|| Fault::stored("price_lists", column, row.id))).transpose()
            };
            let list =
                PriceList { name: row.name, valid_from: day(row.valid_from, "valid_from")?, valid_until: day(row.valid_until, "valid_until")? };
            Ok((row.id, row.sold_by.then_some(list)))
        })
        .collect()
}

/// These lines as tills know them; none of one that is put away, or of a list that tills do not sell by. Nobody changes the lists meanwhile.
pub(super) async fn lines(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<(Uuid, Option<PriceListLine>)>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select l.id, l.price_list, l.product, l.from_quantity, l.price_minor, l.price_currency,
                  l.archived_at is null and p.archived_at is null and p.customer_group is null as "sold_by!"
           from price_list_lines l join price_lists p on p.tid = l.tid and p.id = l.price_list
           where l.tid = $1 and l.id = any ($2) order by p.id, l.id for share of p"#,
        tid,
        ids
    );
    let rows = rows.fetch_all(tx.connection()).await?;
    rows.into_iter()
        .map(|row| {
            let broken = |column| Fault::stored("price_list_lines", column, row.id);
            let line = PriceListLine {
                price_list: PriceListId(row.price_list),
                product: ProductId(row.product),
                from_quantity: Quantity::from_decimal(row.from_quantity).map_err(|_| broken("from_quantity"))?,
                price: Money::new(row.price_minor, row.price_currency.parse().map_err(|_| broken("price_currency"))?),
            };
            Ok((row.id, row.sold_by.then_some(line)))
        })
        .collect()
}

/// The lines of these lists, archived or not.
pub(super) async fn line_ids(tx: &mut TenantTx, lists: &[Uuid]) -> Result<BTreeSet<Uuid>, Fault> {
    let tid = tx.tenant().0;
    let found = sqlx::query_scalar!("select id from price_list_lines where tid = $1 and price_list = any ($2)", tid, lists);
    Ok(found.fetch_all(tx.connection()).await?.into_iter().collect())
}

/// The lines that tills sell these products by, or did, each with its list; and the row of each such product's own price.
pub(super) async fn pricing(tx: &mut TenantTx, products: &[Uuid]) -> Result<Vec<Pricing>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query_as!(
        Pricing,
        r#"select l.product, l.id as line, l.price_list, coalesce(p.price_row, p.id) as "own_price!"
           from price_list_lines l join products p on p.tid = l.tid and p.id = l.product
           where l.tid = $1 and l.product = any ($2)
             and exists (select from reference_rows r where r.tid = l.tid and r.kind = 'catalog.price_list_line' and r.id = l.id)"#,
        tid,
        products
    );
    Ok(rows.fetch_all(tx.connection()).await?)
}

/// What groups are called.
pub(super) async fn group_names(tx: &mut TenantTx, groups: &[Uuid]) -> Result<BTreeMap<CustomerGroupId, String>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!("select id, name from customer_groups where tid = $1 and id = any ($2)", tid, groups).fetch_all(tx.connection()).await?;
    Ok(rows.into_iter().map(|row| (CustomerGroupId(row.id), row.name)).collect())
}

/// The lines that price a product, of lists and lines that are not archived. Those that count come first, in the order in which they go before each other, so that the bound
/// never cuts off the one that holds.
pub(super) async fn lines_of(tx: &mut TenantTx, product: ProductId, question: &PriceQuestion) -> Result<Vec<ListedPrice>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select l.id, l.price_list, p.name, p.customer_group, p.valid_from, p.valid_until, l.from_quantity, l.price_minor, l.price_currency
           from price_list_lines l join price_lists p on p.tid = l.tid and p.id = l.price_list
           where l.tid = $1 and l.product = $2 and l.archived_at is null and p.archived_at is null
           order by (coalesce(p.valid_from <= $3, true) and coalesce(p.valid_until >= $3, true) and (p.customer_group is null or p.customer_group is not distinct from $4)
                     and l.from_quantity <= $5) desc,
                    p.customer_group is not null desc, p.valid_from desc nulls last, p.name collate "C", p.id, l.from_quantity desc, l.id
           limit $6"#,
        tid,
        product.0,
        to_stored_day(question.day),
        question.customer_group.map(|group| group.0),
        question.quantity.to_decimal(),
        i64::try_from(MOST_LISTED_PRICES).unwrap_or(i64::MAX)
    );
    let rows = rows.fetch_all(tx.connection()).await?;
    rows.into_iter()
        .map(|row| {
            let broken = |column| Fault::stored("price_list_lines", column, row.id);
            let day =
                |stored: Option<_>| stored.map(|day| from_stored_day(day).ok_or_else(|| Fault::stored("price_lists", "valid_from", row.price_list)));
            Ok(ListedPrice {
                line: PriceListLineId(row.id),
                price_list: PriceListId(row.price_list),
                list_name: row.name,
                customer_group: row.customer_group.map(CustomerGroupId),
                valid_from: day(row.valid_from).transpose()?,
                valid_until: day(row.valid_until).transpose()?,
                from_quantity: Quantity::from_decimal(row.from_quantity).map_err(|_| broken("from_quantity"))?,
                price: Money::new(row.price_minor, row.price_currency.parse().map_err(|_| broken("price_currency"))?),
            })
        })
        .collect()
}
