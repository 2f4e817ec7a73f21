//! What a write of the office does to the tills, and what it must not do to the catalogue.

use super::{queries, rows, variants, write};
use crate::failure::Failure;
use crate::identity;
use crate::records::{Effect, Proposed, Written};
use crate::reference::RowWrite;
use crate::tenancy::TenantTx;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use holdfast_domain::catalog::{CategoryRecord, ProductRecord, TaxChangeRecord, TaxRateRecord};
use holdfast_domain::kernel::resource::{FieldProblem, Record as _, Values, Wrong};
use holdfast_domain::kernel::{Day, gtin};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Products with their codes and prices.
pub struct Products;
/// Categories, and the products that have their pictures.
pub struct Categories;
/// Tax rates.
pub struct TaxRates;
/// Their changes.
pub struct TaxChanges;

fn ids(written: &[Written<'_>]) -> Vec<Uuid> {
    written.iter().map(|written| written.id).collect()
}

impl Effect for Products {
    fn kind(&self) -> &'static str {
        ProductRecord::RESOURCE.kind
    }

    fn problems<'a>(&'a self, tx: &'a mut TenantTx, proposed: &'a [Proposed<'a>]) -> BoxFuture<'a, Result<Vec<(Uuid, FieldProblem)>, Failure>> {
        problems_of_products(tx, proposed).boxed()
    }

    fn written<'a>(&'a self, tx: &'a mut TenantTx, written: &'a [Written<'a>]) -> BoxFuture<'a, Result<Vec<RowWrite>, Failure>> {
        async move {
            let own: BTreeSet<Uuid> = written.iter().map(|written| written.id).collect();
            // What one of them was a variant of until now may be sold again.
            let left = written.iter().filter_map(|written| variants::parent_of(written.before?));
            let ids: Vec<Uuid> = own.iter().copied().chain(left).collect();
            let all = variants::with_relatives(tx, &ids).await?;
            let kept = queries::products(tx, &all).await?;
            let codes: Vec<_> = kept.iter().filter(|kept| own.contains(&kept.id.0)).map(|kept| (kept.id, kept.codes.as_slice())).collect();
            queries::store_codes(tx, &codes).await.map_err(write::refuse)?;
            Ok(rows::of_products(&kept))
        }
        .boxed()
    }
}

impl Effect for Categories {
    fn kind(&self) -> &'static str {
        CategoryRecord::RESOURCE.kind
    }

    fn written<'a>(&'a self, tx: &'a mut TenantTx, written: &'a [Written<'a>]) -> BoxFuture<'a, Result<Vec<RowWrite>, Failure>> {
        async move {
            let ids = ids(written);
            let mut fed = rows::of_categories(tx, &ids).await?;
            let pictured = queries::pictured_by(tx, &ids).await?;
            fed.extend(rows::of_products_and_relatives(tx, &pictured).await?);
            Ok(fed)
        }
        .boxed()
    }
}

impl Effect for TaxRates {
    fn kind(&self) -> &'static str {
        TaxRateRecord::RESOURCE.kind
    }

    fn written<'a>(&'a self, tx: &'a mut TenantTx, written: &'a [Written<'a>]) -> BoxFuture<'a, Result<Vec<RowWrite>, Failure>> {
        async move { Ok(rows::of_tax_rates(tx, &ids(written)).await?) }.boxed()
    }
}

impl Effect for TaxChanges {
    fn kind(&self) -> &'static str {
        TaxChangeRecord::RESOURCE.kind
    }

    fn problems<'a>(&'a self, tx: &'a mut TenantTx, proposed: &'a [Proposed<'a>]) -> BoxFuture<'a, Result<Vec<(Uuid, FieldProblem)>, Failure>> {
        problems_of_tax_changes(tx, proposed).boxed()
    }

    fn written<'a>(&'a self, tx: &'a mut TenantTx, written: &'a [Written<'a>]) -> BoxFuture<'a, Result<Vec<RowWrite>, Failure>> {
        async move { Ok(rows::of_tax_changes(tx, &ids(written)).await?) }.boxed()
    }
}

/// On a day a tax rate changes once: of two that begin together nobody could say which holds.
async fn problems_of_tax_changes(tx: &mut TenantTx, proposed: &[Proposed<'_>]) -> Result<Vec<(Uuid, FieldProblem)>, Failure> {
    let begin = |(id, values): &Proposed<'_>| {
        Some((*id, (values.get("tax_rate")?.as_str()?.parse().ok()?, values.get("valid_from")?.as_str()?.parse().ok()?)))
    };
    let begin: Vec<(Uuid, (Uuid, Day))> = proposed.iter().filter_map(begin).collect();
    let known = queries::tax_changes_beginning(tx, &begin.iter().map(|(_, begins)| *begins).collect::<Vec<_>>()).await?;
    let mut claimed: BTreeMap<(Uuid, Day), Uuid> = BTreeMap::new();
    let mut found = Vec::new();
    for (id, begins) in begin {
        if known.get(&begins).is_some_and(|other| *other != id) {
            found.push((id, FieldProblem::new("valid_from", Wrong::Taken)));
        } else if claimed.insert(begins, id).is_some_and(|first| first != id) {
            found.push((id, FieldProblem::new("valid_from", Wrong::Twice)));
        }
    }
    Ok(found)
}

/// A code is one product's, so is the row of a price, and a till sells in the company's currency.
async fn problems_of_products(tx: &mut TenantTx, proposed: &[Proposed<'_>]) -> Result<Vec<(Uuid, FieldProblem)>, Failure> {
    let keys: Vec<String> = proposed.iter().flat_map(|(_, values)| codes(values)).map(|(_, key)| key).collect();
    let bearers = if keys.is_empty() { BTreeMap::new() } else { queries::bearers(tx, &keys).await? };
    let currency = identity::currency(tx).await?;
    let ids: Vec<Uuid> = proposed.iter().map(|(id, _)| *id).collect();
    let taken = queries::ids_of_prices(tx, &ids).await?;
    let mut claimed: BTreeMap<String, Uuid> = BTreeMap::new();
    let mut found: Vec<(Uuid, FieldProblem)> = taken.into_iter().map(|id| (id, FieldProblem::new("id", Wrong::Taken))).collect();
    for (id, values) in proposed {
        for (field, key) in codes(values) {
            if bearers.get(&key).is_some_and(|bearer| bearer != id) {
                found.push((*id, FieldProblem::new(field, Wrong::Taken)));
            } else if claimed.insert(key, *id).is_some_and(|first| first != *id) {
                found.push((*id, FieldProblem::new(field, Wrong::Twice)));
            }
        }
        let said = values.get("price").and_then(|price| price["currency"].as_str());
        if said.is_some_and(|said| said != currency.code()) {
            found.push((*id, FieldProblem::new("price", Wrong::NotValid)));
        }
    }
    found.dedup();
    let wrong: BTreeSet<Uuid> = found.iter().map(|(id, _)| *id).collect();
    found.extend(variants::problems(tx, proposed, &wrong).await?);
    Ok(found)
}

/// What is scanned for a product: the field that says so, and the form it is looked up by.
fn codes(values: &Values) -> impl Iterator<Item = (&'static str, String)> {
    let number = values.get("gtin").and_then(Value::as_str).map(|code| ("gtin", gtin::lookup_key(code)));
    let others = values.get("barcodes").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    number.into_iter().chain(others.map(|code| ("barcodes", gtin::lookup_key(code))))
}
