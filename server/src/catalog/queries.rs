//! The SQL of the catalogue.

use crate::failure::Fault;
use crate::tenancy::{TenantTx, to_stored};
use holdfast_domain::catalog::{Category, Price, Product, TaxRate, Unit};
use holdfast_domain::kernel::{CategoryId, PriceId, ProductId, TaxRateId, gtin};
use sqlx::Error;
use std::collections::BTreeMap;
use uuid::Uuid;

/// What one of each product is; products that are not there are left out.
pub(crate) async fn units(tx: &mut TenantTx, products: &[Uuid]) -> Result<BTreeMap<ProductId, Unit>, Fault> {
    let tid = tx.tenant().0;
    let rows = sqlx::query!("select id, unit from products where tid = $1 and id = any ($2)", tid, products).fetch_all(tx.connection()).await?;
    rows.into_iter()
        .map(|row| {
            let unit = [Unit::Piece, Unit::Kilogram, Unit::Litre, Unit::Metre].into_iter().find(|unit| unit.name() == row.unit);
            Ok((ProductId(row.id), unit.ok_or_else(|| Fault::stored("products", "unit", row.id))?))
        })
        .collect()
}

pub(super) async fn store_categories(tx: &mut TenantTx, rows: &[(CategoryId, Category)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let tid = tx.tenant().0;
    sqlx::query!(
        "insert into product_categories (tid, id, name, place, hue, glyph)
         select $1, id, name, place, hue, glyph from unnest($2::uuid[], $3::text[], $4::int[], $5::int[], $6::text[]) as t (id, name, place, hue, glyph)
         on conflict (tid, id) do update set name = excluded.name, place = excluded.place, hue = excluded.hue, glyph = excluded.glyph",
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
        "insert into tax_rates (tid, id, name, rate_millionths)
         select $1, id, name, rate from unnest($2::uuid[], $3::text[], $4::int[]) as t (id, name, rate)
         on conflict (tid, id) do update set name = excluded.name, rate_millionths = excluded.rate_millionths",
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
    let ids: Vec<Uuid> = rows.iter().map(|(id, _)| id.0).collect();
    sqlx::query!(
        "insert into products (tid, id, name, category, unit, tax_rate, hue, glyph)
         select $1, id, name, category, unit, tax_rate, hue, glyph
         from unnest($2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::uuid[], $7::int[], $8::text[]) as t (id, name, category, unit, tax_rate, hue, glyph)
         on conflict (tid, id) do update set name = excluded.name, category = excluded.category, unit = excluded.unit,
            tax_rate = excluded.tax_rate, hue = excluded.hue, glyph = excluded.glyph",
        tid,
        &ids,
        &rows.iter().map(|(_, row)| row.name.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.category.0).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.unit.name().to_owned()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.tax_rate.0).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| i32::from(row.picture.hue)).collect::<Vec<_>>(),
        &rows.iter().map(|(_, row)| row.picture.glyph.clone()).collect::<Vec<_>>()
    )
    .execute(tx.connection())
    .await?;
    store_barcodes(tx, &ids, rows).await
}

async fn store_barcodes(tx: &mut TenantTx, ids: &[Uuid], rows: &[(ProductId, Product)]) -> Result<(), Error> {
    let tid = tx.tenant().0;
    let barcodes = rows.iter().flat_map(|(id, row)| row.barcodes.iter().map(|code| (gtin::lookup_key(code), id.0)));
    let (keys, products): (Vec<String>, Vec<Uuid>) = barcodes.unzip();
    sqlx::query!(
        "delete from product_barcodes as b where tid = $1 and product = any ($2) and not exists (
           select from unnest($3::text[], $4::uuid[]) as kept (lookup_key, product) where kept.lookup_key = b.lookup_key and kept.product = b.product)",
        tid,
        ids,
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

pub(super) async fn store_prices(tx: &mut TenantTx, rows: &[(PriceId, Price)]) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let tid = tx.tenant().0;
    let valid_from: Vec<_> = rows.iter().map(|(_, row)| to_stored(row.valid_from)).collect();
    sqlx::query!(
        "insert into prices (tid, id, product, amount_minor, currency, valid_from)
         select $1, id, product, amount_minor, currency, valid_from
         from unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[], $6::timestamptz[]) as t (id, product, amount_minor, currency, valid_from)
         on conflict (tid, id) do update set product = excluded.product, amount_minor = excluded.amount_minor,
            currency = excluded.currency, valid_from = excluded.valid_from",
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
