//! What cannot be in a price list, and what tills get of one.

use super::queries::{self, Break};
use super::rows;
use crate::failure::Failure;
use crate::identity;
use crate::records::{Effect, Proposed, Written};
use crate::reference::RowWrite;
use crate::tenancy::TenantTx;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use holdfast_domain::catalog::{PriceListLineRecord, PriceListRecord};
use holdfast_domain::kernel::resource::{FieldProblem, Record as _, Values, Wrong};
use holdfast_domain::kernel::{Day, Quantity};
use serde::Deserialize as _;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Price lists.
pub struct PriceLists;
/// Their lines.
pub struct PriceListLines;

impl Effect for PriceLists {
    fn kind(&self) -> &'static str {
        PriceListRecord::RESOURCE.kind
    }

    fn problems<'a>(&'a self, _tx: &'a mut TenantTx, proposed: &'a [Proposed<'a>]) -> BoxFuture<'a, Result<Vec<(Uuid, FieldProblem)>, Failure>> {
        let ends_before_it_began = |(id, values): &Proposed<'_>| {
            let day = |field| values.get(field)?.as_str()?.parse::<Day>().ok();
            (day("valid_until")? < day("valid_from")?).then(|| (*id, FieldProblem::new("valid_until", Wrong::OutOfRange)))
        };
        let found = proposed.iter().filter_map(ends_before_it_began).collect();
        async { Ok(found) }.boxed()
    }

    fn written<'a>(&'a self, tx: &'a mut TenantTx, written: &'a [Written<'a>]) -> BoxFuture<'a, Result<Vec<RowWrite>, Failure>> {
        async move { Ok(rows::of_lists(tx, &ids(written)).await?) }.boxed()
    }
}

impl Effect for PriceListLines {
    fn kind(&self) -> &'static str {
        PriceListLineRecord::RESOURCE.kind
    }

    fn problems<'a>(&'a self, tx: &'a mut TenantTx, proposed: &'a [Proposed<'a>]) -> BoxFuture<'a, Result<Vec<(Uuid, FieldProblem)>, Failure>> {
        problems_of_lines(tx, proposed).boxed()
    }

    fn written<'a>(&'a self, tx: &'a mut TenantTx, written: &'a [Written<'a>]) -> BoxFuture<'a, Result<Vec<RowWrite>, Failure>> {
        async move { Ok(rows::of_lines(tx, &ids(written)).await?) }.boxed()
    }
}

fn ids(written: &[Written<'_>]) -> Vec<Uuid> {
    written.iter().map(|written| written.id).collect()
}

/// Where a line begins.
fn begins(values: &Values) -> Option<Break> {
    let id = |field| values.get(field)?.as_str()?.parse().ok();
    Some(Break { price_list: id("price_list")?, product: id("product")?, from: Quantity::deserialize(values.get("from_quantity")?).ok()? })
}

/// A line is in the company's currency, begins at no less than nothing, and where no other of its list and product does.
async fn problems_of_lines(tx: &mut TenantTx, proposed: &[Proposed<'_>]) -> Result<Vec<(Uuid, FieldProblem)>, Failure> {
    let begin: Vec<(Uuid, Break)> = proposed.iter().filter_map(|(id, values)| Some((*id, begins(values)?))).collect();
    let known = queries::beginning(tx, &begin.iter().map(|(_, begins)| *begins).collect::<Vec<_>>()).await?;
    let mut claimed: BTreeMap<Break, Uuid> = BTreeMap::new();
    let mut found = Vec::new();
    for (id, begins) in begin {
        if begins.from < Quantity::ZERO {
            found.push((id, FieldProblem::new("from_quantity", Wrong::OutOfRange)));
        } else if known.get(&begins).is_some_and(|other| *other != id) {
            found.push((id, FieldProblem::new("from_quantity", Wrong::Taken)));
        } else if claimed.insert(begins, id).is_some_and(|first| first != id) {
            found.push((id, FieldProblem::new("from_quantity", Wrong::Twice)));
        }
    }
    let currency = identity::currency(tx).await?;
    let is_foreign = |(_, values): &&Proposed<'_>| values.get("price").and_then(|price| price["currency"].as_str()) != Some(currency.code());
    found.extend(proposed.iter().filter(is_foreign).map(|(id, _)| (*id, FieldProblem::new("price", Wrong::NotValid))));
    Ok(found)
}
