//! The SQL of the catalogue.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, from_stored, from_stored_day, to_stored, to_stored_day};
use holdfast_domain::catalog::{Category, Picture, Price, Product, TaxChange, TaxRate, Unit};
use holdfast_domain::kernel::{CategoryId, Day, Money, PriceId, ProductId, Rate, TaxRateId, Timestamp, gtin};
use sqlx::Error;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The pictogram of what has none.
const PLAIN_GLYPH: &str = "📦";

/// A product as it is kept, with what of it goes to tills.
pub(super) struct Kept {
    pub id: ProductId,
    /// Not put away, itself or with what it is a variant of, and without variants, which are sold instead of it.
    pub sold: bool,
    /// None while it lacks what a till must know.
    pub product: Option<Product>,
    pub price_row: PriceId,
    pub price: Option<Price>,
    /// All that is scanned for it.
    pub codes: Vec<String>,
}

/// What one of each product is; products that are not there are left out.
pub(crate) async fn units(tx: &mut TenantTx, products: &[Uuid]) -> Result<BTreeMap<ProductId, Unit>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!("select id, unit from products where tid = $1 and id = any ($2)", tid, products).fetch_all(tx.connection()).await?;
    rows.into_iter()
        .map(|row| {
            let unit = Unit::from_name(&row.unit).ok_or_else(|| Fault::stored("products", "unit", row.id))?;
            Ok((ProductId(row.id), unit))
        })
        .collect()
}

/// A category's tiles have always the same ground, also where nobody chose one.
fn picture(hue: Option<i32>, glyph: Option<String>, category: Uuid) -> Option<Picture> {
    let hue = hue.map_or_else(|| u16::try_from(category.as_u128() % 360).ok(), |hue| u16::try_from(hue).ok())?;
    Some(Picture { hue, glyph: glyph.unwrap_or_else(|| PLAIN_GLYPH.to_owned()) })
}

/// These products, with what a variant takes of the product that it stands for: its price only where one of both is the same. Locked, so that what is told of them is never older than what somebody else writes at the same time; those that are not there are left out.
pub(super) async fn products(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Kept>, Fault> {
    let tid = tx.tenant().0;
    // A statement of its own: what is read of another product in the same one would be as it was before the wait.
    sqlx::query!("select id, variant_of from products where tid = $1 and id = any ($2) order by id for update", tid, ids)
        .fetch_all(tx.connection())
        .await?;
    let rows = sqlx::query!(
        r#"select p.id, p.name, coalesce(p.category, f.category) as category, p.unit, coalesce(p.tax_rate, f.tax_rate) as tax_rate,
                  coalesce(p.hue, f.hue, c.hue) as hue, coalesce(p.glyph, f.glyph, c.glyph) as glyph, p.gtin, p.barcodes,
                  coalesce(p.price_minor, case when f.unit = p.unit then f.price_minor end) as price_minor, coalesce(p.price_currency, f.price_currency) as price_currency,
                  coalesce(p.price_row, p.id) as "price_row!", case when p.price_minor is null then f.price_from else p.price_from end as price_from,
                  p.archived_at is not null or f.archived_at is not null as "archived!",
                  exists (select from products v where v.tid = p.tid and v.variant_of = p.id) as "has_variants!"
           from products p left join products f on f.tid = p.tid and f.id = p.variant_of
                left join categories c on c.tid = p.tid and c.id = coalesce(p.category, f.category) where p.tid = $1 and p.id = any ($2)
           order by p.id"#,
        tid,
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            let broken = |column| Fault::stored("products", column, row.id);
            let codes: Vec<String> = row.gtin.into_iter().chain(row.barcodes).collect();
            let unit = Unit::from_name(&row.unit).ok_or_else(|| broken("unit"))?;
            let product = match (row.category, row.tax_rate) {
                (Some(category), Some(tax_rate)) => Some(Product {
                    name: row.name,
                    category: CategoryId(category),
                    unit,
                    tax_rate: TaxRateId(tax_rate),
                    picture: picture(row.hue, row.glyph, category).ok_or_else(|| broken("hue"))?,
                    barcodes: codes.clone(),
                }),
                _ => None,
            };
            let amount =
                row.price_minor.zip(row.price_currency).map(|(minor, currency)| currency.parse().map(|currency| Money::new(minor, currency)));
            let amount = amount.transpose().map_err(|_| broken("price_currency"))?;
            // Without a beginning, it holds for as long as it stands there, whatever a till's clock says.
            let valid_from = row.price_from.map_or(Timestamp(0), from_stored);
            let price = amount.map(|amount| Price { product: ProductId(row.id), amount, valid_from });
            Ok(Kept { id: ProductId(row.id), sold: !row.archived && !row.has_variants, product, price_row: PriceId(row.price_row), price, codes })
        })
        .collect()
}

/// These categories, as tills show them.
pub(super) async fn categories(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<(CategoryId, Category)>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!("select id, name, place, hue, glyph from categories where tid = $1 and id = any ($2)", tid, ids)
        .fetch_all(tx.connection())
        .await?;
    rows.into_iter()
        .map(|row| {
            let place = row.place.map_or(Ok(u16::MAX), u16::try_from).map_err(|_| Fault::stored("categories", "place", row.id))?;
            let picture = picture(row.hue, row.glyph, row.id).ok_or_else(|| Fault::stored("categories", "hue", row.id))?;
            Ok((CategoryId(row.id), Category { name: row.name, place, picture }))
        })
        .collect()
}

/// The products that have the pictures of one of these categories.
pub(super) async fn pictured_by(tx: &mut TenantTx, categories: &[Uuid]) -> Result<Vec<Uuid>, Fault> {
    let tid = tx.tenant().0;
    let found = sqlx::query_scalar!(
        "select id from products where tid = $1 and category = any ($2) and (hue is null or glyph is null) and archived_at is null",
        tid,
        categories
    );
    Ok(found.fetch_all(tx.connection()).await?)
}

/// These tax rates.
pub(super) async fn tax_rates(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<(TaxRateId, TaxRate)>, Fault> {
    let tid = tx.tenant().0;
    let rows =
        sqlx::query!("select id, name, rate_millionths from tax_rates where tid = $1 and id = any ($2)", tid, ids).fetch_all(tx.connection()).await?;
    rows.into_iter()
        .map(|row| {
            let rate = rate(row.rate_millionths).ok_or_else(|| Fault::stored("tax_rates", "rate_millionths", row.id))?;
            Ok((TaxRateId(row.id), TaxRate { name: row.name, rate }))
        })
        .collect()
}

fn rate(millionths: i32) -> Option<Rate> {
    u32::try_from(millionths).ok().and_then(|millionths| Rate::from_millionths(millionths).ok())
}

/// These changes of tax rates, locked; none of one that was put away, or is of no tax rate yet.
pub(super) async fn tax_changes(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<(Uuid, Option<TaxChange>)>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select id, tax_rate, valid_from, rate_millionths, archived_at is not null as "archived!" from tax_changes
           where tid = $1 and id = any ($2) order by id for update"#,
        tid,
        ids
    );
    let rows = rows.fetch_all(tx.connection()).await?;
    rows.into_iter()
        .map(|row| {
            let valid_from = from_stored_day(row.valid_from).ok_or_else(|| Fault::stored("tax_changes", "valid_from", row.id))?;
            let rate = rate(row.rate_millionths).ok_or_else(|| Fault::stored("tax_changes", "rate_millionths", row.id))?;
            let change = row.tax_rate.filter(|_| !row.archived).map(|tax_rate| TaxChange { tax_rate: TaxRateId(tax_rate), valid_from, rate });
            Ok((row.id, change))
        })
        .collect()
}

/// Which change, archived or not, begins on that day of that tax rate.
pub(super) async fn tax_changes_beginning(tx: &mut TenantTx, begin: &[(Uuid, Day)]) -> Result<BTreeMap<(Uuid, Day), Uuid>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select t.tax_rate as "tax_rate!", t.valid_from, t.id from unnest($2::uuid[], $3::date[]) as w (tax_rate, valid_from)
           join tax_changes t on t.tid = $1 and t.tax_rate = w.tax_rate and t.valid_from = w.valid_from"#,
        tid,
        &begin.iter().map(|(tax_rate, _)| *tax_rate).collect::<Vec<_>>(),
        &begin.iter().map(|(_, day)| to_stored_day(*day)).collect::<Vec<_>>()
    );
    let rows = rows.fetch_all(tx.connection()).await?;
    let one = |row: (Uuid, time::Date, Uuid)| {
        let day = from_stored_day(row.1).ok_or_else(|| Fault::stored("tax_changes", "valid_from", row.2))?;
        Ok(((row.0, day), row.2))
    };
    rows.into_iter().map(|row| one((row.tax_rate, row.valid_from, row.id))).collect()
}

/// A tax rate as it was at first, and what it became since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaxHistory {
    /// Until the first change.
    pub first: Rate,
    /// Each with its first day.
    pub changes: Vec<(Day, Rate)>,
}

/// Of these tax rates, or of those that these changes are of, by the id that was asked for; those that never change are left out.
pub(crate) async fn tax_histories(tx: &mut TenantTx, ids: &[Uuid]) -> Result<BTreeMap<Uuid, TaxHistory>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!(
        r#"select w.id as "asked!", r.rate_millionths as "first!", c.valid_from as "valid_from?", c.rate_millionths as "rate_millionths?"
           from unnest($2::uuid[]) as w (id)
           left join tax_changes own on own.tid = $1 and own.id = w.id
           join tax_rates r on r.tid = $1 and r.id = coalesce(own.tax_rate, w.id)
           left join tax_changes c on c.tid = $1 and c.tax_rate = r.id and c.archived_at is null
           where c.id is not null or own.id is not null"#,
        tid,
        ids
    );
    let mut histories: BTreeMap<Uuid, TaxHistory> = BTreeMap::new();
    for row in rows.fetch_all(tx.connection()).await? {
        let first = rate(row.first).ok_or_else(|| Fault::stored("tax_rates", "rate_millionths", row.asked))?;
        let history = histories.entry(row.asked).or_insert_with(|| TaxHistory { first, changes: Vec::new() });
        if let (Some(day), Some(millionths)) = (row.valid_from, row.rate_millionths) {
            let day = from_stored_day(day).ok_or_else(|| Fault::stored("tax_changes", "valid_from", row.asked))?;
            let rate = rate(millionths).ok_or_else(|| Fault::stored("tax_changes", "rate_millionths", row.asked))?;
            history.changes.push((day, rate));
        }
    }
    Ok(histories)
}

/// Those of these ids that are another product's price's already: a product's own price would take its row.
pub(super) async fn ids_of_prices(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Uuid>, Fault> {
    let tid = tx.tenant().0;
    let taken =
        sqlx::query_scalar!(r#"select price_row as "id!" from products where tid = $1 and price_row = any ($2) and price_row <> id"#, tid, ids);
    Ok(taken.fetch_all(tx.connection()).await?)
}

/// Whose these codes are, each by the form it is looked up by.
pub(super) async fn bearers(tx: &mut TenantTx, keys: &[String]) -> Result<BTreeMap<String, Uuid>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!("select lookup_key, product from product_barcodes where tid = $1 and lookup_key = any ($2)", tid, keys)
        .fetch_all(tx.connection())
        .await?;
    Ok(rows.into_iter().map(|row| (row.lookup_key, row.product)).collect())
}

pub(super) async fn store_categories(tx: &mut TenantTx, rows: &[(CategoryId, Category)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let tid = tx.tenant().0;
    sqlx::query!(
        "insert into categories as known (tid, id, name, place, hue, glyph)
         select $1, id, name, place, hue, glyph from unnest($2::uuid[], $3::text[], $4::int[], $5::int[], $6::text[]) as t (id, name, place, hue, glyph)
         on conflict (tid, id) do update set name = excluded.name, place = excluded.place, hue = excluded.hue, glyph = excluded.glyph
            where (known.name, known.place, known.hue, known.glyph) is distinct from (excluded.name, excluded.place, excluded.hue, excluded.glyph)",
        tid,
        &rows.iter().map(|(id, _)| id.0).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.name.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| i32::from(row.place)).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| i32::from(row.picture.hue)).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.picture.glyph.clone()).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn store_tax_rates(tx: &mut TenantTx, rows: &[(TaxRateId, TaxRate)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let tid = tx.tenant().0;
    sqlx::query!(
        "insert into tax_rates as known (tid, id, name, rate_millionths)
         select $1, id, name, rate from unnest($2::uuid[], $3::text[], $4::int[]) as t (id, name, rate)
         on conflict (tid, id) do update set name = excluded.name, rate_millionths = excluded.rate_millionths
            where (known.name, known.rate_millionths) is distinct from (excluded.name, excluded.rate_millionths)",
        tid,
        &rows.iter().map(|(id, _)| id.0).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.name.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.rate.millionths().cast_signed()).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

pub(super) async fn store_products(tx: &mut TenantTx, rows: &[(ProductId, Product)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let tid = tx.tenant().0;
    let (numbers, others): (Vec<Option<String>>, Vec<serde_json::Value>) = rows.iter().map(|(_, row)| split(&row.barcodes)).unzip();
    sqlx::query!(
        "insert into products as known (tid, id, name, category, unit, tax_rate, hue, glyph, gtin, barcodes, tags)
         select $1, id, name, category, unit, tax_rate, hue, glyph, gtin, array (select jsonb_array_elements_text(barcodes)), '{}'
         from unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::uuid[], $7::int[], $8::text[], $9::text[], $10::jsonb[])
            as t (id, name, category, unit, tax_rate, hue, glyph, gtin, barcodes)
         on conflict (tid, id) do update set name = excluded.name, category = excluded.category, unit = excluded.unit,
            tax_rate = excluded.tax_rate, hue = excluded.hue, glyph = excluded.glyph, gtin = excluded.gtin, barcodes = excluded.barcodes
            where (known.name, known.category, known.unit, known.tax_rate, known.hue, known.glyph, known.gtin, known.barcodes) is distinct from
                  (excluded.name, excluded.category, excluded.unit, excluded.tax_rate, excluded.hue, excluded.glyph, excluded.gtin, excluded.barcodes)",
        tid,
        &rows.iter().map(|(id, _)| id.0).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.name.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.category.0).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.unit.name().to_owned()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.tax_rate.0).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| i32::from(row.picture.hue)).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.picture.glyph.clone()).collect::<Vec<_>>(),
        &numbers as &[Option<String>],
        &others
    )
    .execute(tx.connection())
    .await?;
    let codes: Vec<(ProductId, &[String])> = rows.iter().map(|(id, row)| (*id, row.barcodes.as_slice())).collect();
    store_codes(tx, &codes).await
}

/// The first GTIN, and all others.
fn split(barcodes: &[String]) -> (Option<String>, serde_json::Value) {
    let first = barcodes.iter().position(|code| gtin::is_valid(code));
    let others = barcodes.iter().enumerate().filter(|(place, _)| Some(*place) != first).map(|(_, code)| code.as_str());
    (first.map(|place| gtin::written(&barcodes[place])), others.collect())
}

/// Makes these codes, and no others, those of these products.
pub(super) async fn store_codes(tx: &mut TenantTx, rows: &[(ProductId, &[String])]) -> Result<(), Error> {
    let tid = tx.tenant().0;
    let ids: Vec<Uuid> = rows.iter().map(|(id, _)| id.0).collect();
    // A product may say a code twice, in two ways.
    let borne: BTreeSet<(String, Uuid)> = rows.iter().flat_map(|(id, codes)| codes.iter().map(|code| (gtin::lookup_key(code), id.0))).collect();
    let (keys, products): (Vec<String>, Vec<Uuid>) = borne.into_iter().unzip();
    sqlx::query!(
        "delete from product_barcodes as b where tid = $1 and product = any ($2) and not exists (
           select from unnest($3::text[], $4::uuid[]) as kept (lookup_key, product) where kept.lookup_key = b.lookup_key and kept.product = b.product)",
        tid,
        &ids,
        &keys,
        &products
    )
    .execute(tx.connection())
    .await?;
    sqlx::query!(
        "insert into product_barcodes (tid, lookup_key, product)
         select $1, t.lookup_key, t.product from unnest($2::text[], $3::uuid[]) as t (lookup_key, product)
         where not exists (select from product_barcodes b where b.tid = $1 and b.lookup_key = t.lookup_key and b.product = t.product)",
        tid,
        &keys,
        &products
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whether one of these prices is of no product (`Some(true)`), or of one that has another already.
pub(super) async fn misplaced(tx: &mut TenantTx, rows: &[(PriceId, Price)]) -> Result<Option<bool>, Error> {
    let tid = tx.tenant().0;
    sqlx::query_scalar!(
        r#"select p.id is null as "unknown!" from unnest($2::uuid[], $3::uuid[]) as t (id, product) left join products p on p.tid = $1 and p.id = t.product
           where p.id is null or (p.price_minor is not null and coalesce(p.price_row, p.id) <> t.id) limit 1"#,
        tid,
        &rows.iter().map(|(id, _)| id.0).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.product.0).collect::<Vec<_>>()
    )
    .fetch_optional(tx.connection())
    .await
}

pub(super) async fn store_prices(tx: &mut TenantTx, rows: &[(PriceId, Price)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let tid = tx.tenant().0;
    let valid_from: Vec<_> = rows.iter().map(|(_, row)| to_stored(row.valid_from)).collect();
    sqlx::query!(
        "update products as p set price_row = t.id, price_minor = t.amount_minor, price_currency = t.currency, price_from = t.valid_from
         from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::timestamptz[]) as t (id, product, amount_minor, currency, valid_from)
         where p.tid = $1 and p.id = t.product
           and (p.price_row, p.price_minor, p.price_currency, p.price_from) is distinct from (t.id, t.amount_minor, t.currency, t.valid_from)",
        tid,
        &rows.iter().map(|(id, _)| id.0).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.product.0).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.amount.minor).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.amount.currency.code().to_owned()).collect::<Vec<_>>(),
        &valid_from
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
