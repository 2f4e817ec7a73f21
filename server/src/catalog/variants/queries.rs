//! The SQL of variants.

use crate::failure::Fault;
use crate::tenancy::TenantTx;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// These products with those whose rows follow from them: what they are variants of, and their variants.
pub(in crate::catalog) async fn with_relatives(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<Uuid>, Fault> {
    let tid = tx.tenant().0;
    let found = sqlx::query_scalar!(
        r#"select id as "id!" from unnest($2::uuid[]) as w (id)
           union select variant_of from products where tid = $1 and id = any ($2) and variant_of is not null
           union select id from products where tid = $1 and variant_of = any ($2)"#,
        tid,
        ids
    );
    Ok(found.fetch_all(tx.connection()).await?)
}

/// What a product is a variant of, and its variants, archived or not.
#[derive(Default)]
pub(super) struct Family {
    pub variant_of: Option<Uuid>,
    pub variants: Vec<Uuid>,
}

/// Those of these products that are there, locked, so that nobody else makes them variants, or variants of them, meanwhile.
pub(super) async fn families(tx: &mut TenantTx, ids: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Family>, Fault> {
    let (tid, ids) = (tx.tenant().0, ids.iter().copied().collect::<Vec<_>>());
    let rows = sqlx::query!("select id, variant_of from products where tid = $1 and id = any ($2) order by id for update", tid, &ids);
    let rows = rows.fetch_all(tx.connection()).await?;
    let mut families: BTreeMap<Uuid, Family> =
        rows.into_iter().map(|row| (row.id, Family { variant_of: row.variant_of, variants: Vec::new() })).collect();
    let variants = sqlx::query!(r#"select id, variant_of as "variant_of!" from products where tid = $1 and variant_of = any ($2)"#, tid, &ids);
    for row in variants.fetch_all(tx.connection()).await? {
        families.entry(row.variant_of).or_default().variants.push(row.id);
    }
    Ok(families)
}

/// The variants of these products, archived or not, each with what it is a variant of and its options.
pub(super) async fn options_of(tx: &mut TenantTx, products: &BTreeSet<Uuid>) -> Result<Vec<(Uuid, Uuid, serde_json::Value)>, Fault> {
    let (tid, products) = (tx.tenant().0, products.iter().copied().collect::<Vec<_>>());
    let rows = sqlx::query!(
        r#"select id, variant_of as "variant_of!", options::jsonb as "options!" from products where tid = $1 and variant_of = any ($2)"#,
        tid,
        &products
    );
    Ok(rows.fetch_all(tx.connection()).await?.into_iter().map(|row| (row.id, row.variant_of, row.options)).collect())
}
