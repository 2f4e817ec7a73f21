//! Judges prices and tax rates against the kept versions of the rows that they were taken from.

use super::listed::Listed;
use super::taxes::Taxes;
use crate::failure::Fault;
use crate::reference::{self, Kept};
use crate::tenancy::TenantTx;
use holdfast_domain::catalog::{Price, PriceListLine};
use holdfast_domain::kernel::{Money, Reference, RowVersion, SiteId, Timestamp};
use holdfast_domain::sales::ticket::{Line, SoldItem, TicketRuling};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How many versions written ahead of their time are looked through for the one in force.
const LOOK_BACK: u64 = 50;

/// A line to be judged.
pub(super) struct Sold<'a> {
    pub line: &'a Line,
    /// When it was rung up.
    pub at: Timestamp,
    /// Where and when its ticket was opened: the day there says which tax holds, and which price lists do.
    pub opened: (SiteId, Timestamp),
}

impl Sold<'_> {
    pub fn item(&self) -> &SoldItem {
        &self.line.added.fact
    }

    /// Each price that the line may come to, with the row it is of.
    fn prices(&self) -> impl Iterator<Item = (RowVersion, Money)> {
        let breaks = self.line.breaks.iter().map(|at| (at.price, at.unit_price));
        std::iter::once((self.item().price, self.item().unit_price)).chain(breaks)
    }
}

/// The versions that lines name.
pub(super) struct Values {
    prices: Versions<Price>,
    listed: Versions<PriceListLine>,
    taxes: Taxes,
}

impl Values {
    /// Reads what all these lines name.
    pub(super) async fn of<'l>(tx: &mut TenantTx, lines: impl Iterator<Item = &'l Sold<'l>> + Clone) -> Result<Self, Fault> {
        let named: Vec<RowVersion> = lines.clone().flat_map(Sold::prices).map(|(version, _)| version).collect();
        let prices = versions::<Price>(tx, named.iter().copied()).await?;
        let listed = versions::<PriceListLine>(tx, named.into_iter().filter(|version| !prices.contains_key(&key(*version)))).await?;
        let taxes = Taxes::of(tx, lines).await?;
        Ok(Self { prices, listed, taxes })
    }

    /// What is wrong with the values of some of them. Which price holds of those that lists say, `listed` finds when it is paid.
    pub(super) async fn judge(&self, tx: &mut TenantTx, (lines, listed): (&[Sold<'_>], &Listed)) -> Result<Vec<TicketRuling>, Fault> {
        let mut found = Vec::new();
        for sold in lines {
            match sold.prices().find_map(|named| self.wrong(sold, named)) {
                Some(ruling) => found.push(ruling),
                None if listed.prices(sold) => {}
                None => {
                    if let Some(price) = self.prices.get(&key(sold.item().price)) {
                        found.extend(out_of_force(tx, sold, price).await?);
                    }
                }
            }
            found.extend(self.taxes.judge(sold));
        }
        Ok(found)
    }

    /// What is wrong with a price that a line says of a row's version: it must be of this product, and say the same.
    fn wrong(&self, sold: &Sold<'_>, (version, said): (RowVersion, Money)) -> Option<TicketRuling> {
        let line = sold.line.id;
        let of_product = self.prices.get(&key(version)).and_then(|kept| kept.row.as_ref()).map(|row| (row.product, row.amount));
        let of_list = || self.listed.get(&key(version)).and_then(|kept| kept.row.as_ref()).map(|row| (row.product, row.price));
        match of_product.or_else(of_list) {
            Some((product, row)) if product == sold.item().product => (row != said).then_some(TicketRuling::PriceDiffers { line, row }),
            Some(_) | None => Some(TicketRuling::PriceVersionUnknown { line }),
        }
    }
}

pub(super) type Versions<R> = BTreeMap<(Uuid, u64), Kept<R>>;

pub(super) fn key(version: RowVersion) -> (Uuid, u64) {
    (version.row, version.version)
}

/// The versions that were ever written, each asked for once.
pub(super) async fn versions<R: Reference>(tx: &mut TenantTx, wanted: impl Iterator<Item = RowVersion>) -> Result<Versions<R>, Fault> {
    let wanted: BTreeMap<_, _> = wanted.map(|version| (key(version), version)).collect();
    if wanted.is_empty() {
        return Ok(Versions::new());
    }
    let kept = reference::kept::<R>(tx, &wanted.values().copied().collect::<Vec<_>>()).await?;
    Ok(wanted.into_keys().zip(kept).filter_map(|(key, kept)| Some((key, kept?))).collect())
}

/// A version is in force once its price is valid, until a later one is; before the first is valid, the first counts.
pub(super) async fn out_of_force(tx: &mut TenantTx, sold: &Sold<'_>, kept: &Kept<Price>) -> Result<Option<TicketRuling>, Fault> {
    let begun = |price: &Price| price.valid_from <= sold.at;
    let overtaken = kept.until.is_some_and(|until| until <= sold.at);
    if !overtaken && kept.row.as_ref().is_some_and(begun) {
        return Ok(None);
    }
    let in_force = own_price(tx, (sold.item().price.row, kept.version), sold.at).await?;
    let differs = in_force.filter(|amount| *amount != sold.item().unit_price);
    Ok(differs.map(|in_force| TicketRuling::PriceNotInForce { line: sold.line.id, in_force }))
}

/// What the row of a product's own price said at a time; `named` is a version that a till knew. None where it never said a price.
pub(super) async fn own_price(tx: &mut TenantTx, (row, named): (Uuid, u64), at: Timestamp) -> Result<Option<Money>, Fault> {
    let newest = reference::in_force::<Price>(tx, row, at).await?.map_or(0, |newest| newest.version).max(named);
    let looked_at = (newest.saturating_sub(LOOK_BACK).max(1)..=newest).map(|version| RowVersion { row, version });
    let prices: Vec<Price> = versions::<Price>(tx, looked_at).await?.into_values().rev().filter_map(|kept| kept.row).collect();
    Ok(prices.iter().find(|price| price.valid_from <= at).or(prices.last()).map(|price| price.amount))
}
