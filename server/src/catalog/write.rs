//! Changes of the catalogue.

use super::{queries, rows};
use crate::failure::{Failure, Refusal, violated_constraint};
use crate::reference::{self, RowWrite};
use crate::tenancy::TenantTx;
use holdfast_domain::catalog::{Category, Price, Product, TaxRate};
use holdfast_domain::kernel::{CategoryId, PriceId, ProductId, TaxRateId};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Rows as they shall be. What is not named stays.
#[derive(Debug, Clone, Default)]
pub struct CatalogChange {
    /// Categories.
    pub categories: Vec<(CategoryId, Category)>,
    /// Tax rates.
    pub tax_rates: Vec<(TaxRateId, TaxRate)>,
    /// Products, with all the codes each shall bear.
    pub products: Vec<(ProductId, Product)>,
    /// Prices.
    pub prices: Vec<(PriceId, Price)>,
}

/// Writes a change; how many reference rows it changed. Call it last in the transaction: it takes the feed's counter.
pub async fn write(tx: &mut TenantTx, change: &CatalogChange) -> Result<usize, Failure> {
    let rows = store(tx, change).await?;
    Ok(reference::write(tx, rows).await?)
}

/// Stores a change in the catalogue's tables, and answers the reference rows that must be written with it, in the same transaction.
pub async fn store(tx: &mut TenantTx, change: &CatalogChange) -> Result<Vec<RowWrite>, Failure> {
    store_tables(tx, change).await.map_err(refuse)?;
    store_prices(tx, &change.prices).await?;
    let mut written = rows::of_categories(tx, &change.categories.iter().map(|(id, _)| id.0).collect::<Vec<_>>()).await?;
    written.extend(rows::of_tax_rates(tx, &change.tax_rates.iter().map(|(id, _)| id.0).collect::<Vec<_>>()).await?);
    let priced = change.prices.iter().map(|(_, row)| row.product.0);
    let products: BTreeSet<Uuid> = change.products.iter().map(|(id, _)| id.0).chain(priced).collect();
    written.extend(rows::of_products_and_relatives(tx, &products.into_iter().collect::<Vec<_>>()).await?);
    Ok(written)
}

async fn store_prices(tx: &mut TenantTx, prices: &[(PriceId, Price)]) -> Result<(), Failure> {
    let refused = |code, title| Err(Refusal::new(409, code, title, "Nothing was changed.").into());
    match queries::misplaced(tx, prices).await? {
        Some(true) => refused("product_unknown", "There is no such product"),
        Some(false) => refused("price_taken", "The product has another price already"),
        None => queries::store_prices(tx, prices).await.map_err(refuse),
    }
}

async fn store_tables(tx: &mut TenantTx, change: &CatalogChange) -> Result<(), sqlx::Error> {
    queries::store_categories(tx, &change.categories).await?;
    queries::store_tax_rates(tx, &change.tax_rates).await?;
    queries::store_products(tx, &change.products).await
}

pub(super) fn refuse(error: sqlx::Error) -> Failure {
    let (code, title) = match violated_constraint(&error) {
        Some("product_barcodes_pkey" | "products_gtin_unique") => ("barcode_taken", "Another product bears this barcode"),
        Some("categories_name_unique") => ("category_name_taken", "Another category has this name"),
        Some("tax_rates_name_unique") => ("tax_rate_name_taken", "Another tax rate has this name"),
        Some("products_category_known") => ("category_unknown", "There is no such category"),
        Some("products_tax_rate_known") => ("tax_rate_unknown", "There is no such tax rate"),
        Some("products_price_row_unique") => ("price_taken", "Another product has this price"),
        _ => return error.into(),
    };
    Refusal::new(409, code, title, "Nothing was changed.").into()
}
