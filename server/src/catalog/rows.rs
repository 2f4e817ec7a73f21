//! What tills get of the catalogue's tables.
//!
//! A product is there once it has a category and a tax rate, its own or those of what it is a variant of, until one of both is archived; its price as well. What has variants is not
//! there: they are. Categories and tax rates that are archived stay: products may have them
//! still.

use super::queries::{self, Kept};
use super::variants;
use crate::failure::Fault;
use crate::reference::{RowWrite, RowsOf};
use crate::tenancy::TenantTx;
use holdfast_domain::catalog::{Price, Product, TaxChange};
use uuid::Uuid;

/// Each product's row and its price's.
pub(super) fn of_products(kept: &[Kept]) -> Vec<RowWrite> {
    let of = |kept: &Kept| {
        let sold = kept.product.as_ref().filter(|_| kept.sold);
        let product = sold.map_or_else(|| RowWrite::gone::<Product>(RowsOf::Tenant, kept.id.0), |product| RowWrite::for_tenant(kept.id.0, product));
        let price = kept.price.as_ref().filter(|_| sold.is_some());
        let price =
            price.map_or_else(|| RowWrite::gone::<Price>(RowsOf::Tenant, kept.price_row.0), |price| RowWrite::for_tenant(kept.price_row.0, price));
        [product, price]
    };
    kept.iter().flat_map(of).collect()
}

/// The same with the rows that follow from theirs.
pub(super) async fn of_products_and_relatives(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<RowWrite>, Fault> {
    let ids = variants::with_relatives(tx, ids).await?;
    Ok(of_products(&queries::products(tx, &ids).await?))
}

/// Each category's row.
pub(super) async fn of_categories(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<RowWrite>, Fault> {
    Ok(queries::categories(tx, ids).await?.iter().map(|(id, row)| RowWrite::for_tenant(id.0, row)).collect())
}

/// Each tax rate's row.
pub(super) async fn of_tax_rates(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<RowWrite>, Fault> {
    Ok(queries::tax_rates(tx, ids).await?.iter().map(|(id, row)| RowWrite::for_tenant(id.0, row)).collect())
}

/// Each change of a tax rate: gone where it was put away, or is of none yet.
pub(super) async fn of_tax_changes(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<RowWrite>, Fault> {
    let row = |(id, change): &(Uuid, Option<TaxChange>)| match change {
        Some(change) => RowWrite::for_tenant(*id, change),
        None => RowWrite::gone::<TaxChange>(RowsOf::Tenant, *id),
    };
    Ok(queries::tax_changes(tx, ids).await?.iter().map(row).collect())
}
