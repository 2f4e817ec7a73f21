//! Changes of the catalogue.

use super::queries;
use crate::failure::{Failure, Refusal, violated_constraint};
use crate::reference::{self, RowWrite};
use crate::tenancy::TenantTx;
use holdfast_domain::catalog::{Category, Price, Product, TaxRate};
use holdfast_domain::kernel::{CategoryId, PriceId, ProductId, TaxRateId};

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
    let mut rows = Vec::new();
    rows.extend(change.categories.iter().map(|(id, row)| RowWrite::for_tenant(id.0, row)));
    rows.extend(change.tax_rates.iter().map(|(id, row)| RowWrite::for_tenant(id.0, row)));
    rows.extend(change.products.iter().map(|(id, row)| RowWrite::for_tenant(id.0, row)));
    rows.extend(change.prices.iter().map(|(id, row)| RowWrite::for_tenant(id.0, row)));
    Ok(rows)
}

async fn store_tables(tx: &mut TenantTx, change: &CatalogChange) -> Result<(), sqlx::Error> {
    queries::store_categories(tx, &change.categories).await?;
    queries::store_tax_rates(tx, &change.tax_rates).await?;
    queries::store_products(tx, &change.products).await?;
    queries::store_prices(tx, &change.prices).await
}

fn refuse(error: sqlx::Error) -> Failure {
    let (code, title) = match violated_constraint(&error) {
        Some("product_barcodes_pkey") => ("barcode_taken", "Another product bears this barcode"),
        Some("product_categories_name_unique") => ("category_name_taken", "Another category has this name"),
        Some("tax_rates_name_unique") => ("tax_rate_name_taken", "Another tax rate has this name"),
        Some("products_category_known") => ("category_unknown", "There is no such category"),
        Some("products_tax_rate_known") => ("tax_rate_unknown", "There is no such tax rate"),
        Some("prices_product_known") => ("product_unknown", "There is no such product"),
        Some("prices_one_of_a_product") => ("price_taken", "The product has another price already"),
        _ => return error.into(),
    };
    Refusal::new(409, code, title, "Nothing was changed.").into()
}
