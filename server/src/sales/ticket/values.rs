//! Judges prices and tax rates against the kept versions of the rows that they were taken from.

use super::listed::Listed;
use super::taxes::Taxes;
use crate::failure::Fault;
use crate::reference::{self, Kept};
use crate::tenancy::TenantTx;
use holdfast_domain::catalog::{Price, PriceListLine};
use holdfast_domain::kernel::{Money, ProductId, Reference, RowVersion, SiteId, Timestamp};
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

    /// The rows of each price that the line may come to.
    fn prices(&self) -> impl Iterator<Item = RowVersion> {
        std::iter::once(self.item().price).chain(self.line.breaks.iter().map(|at| at.price))
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
        let named: Vec<RowVersion> = lines.clone().flat_map(Sold::prices).collect();
        let prices = versions::<Price>(tx, named.iter().copied()).await?;
        let listed = versions::<PriceListLine>(tx, named.into_iter().filter(|version| !prices.contains_key(&key(*version)))).await?;
        let taxes = Taxes::of(tx, lines).await?;
        Ok(Self { prices, listed, taxes })
    }

    /// What is wrong with the values of some of them. Which price holds of those that lists say, `listed` finds when it is paid.
    pub(super) async fn judge(&self, tx: &mut TenantTx, (lines, listed): (&[Sold<'_>], &Listed)) -> Result<Vec<TicketRuling>, Fault> {
        let mut found = Vec::new();
        for sold in lines {
            match self.wrong(sold) {
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

    /// What is wrong with the prices that a line names: each row's version must be of this product, and say the same. Only a list has breaks: else a line could name what the
    /// product itself once cost, and nobody would ask when.
    fn wrong(&self, sold: &Sold<'_>) -> Option<TicketRuling> {
        let item = sold.item();
        let base = self.said_by_product(item.price).or_else(|| self.said_by_list(item.price));
        let mut breaks = sold.line.breaks.iter();
        differs(sold, base, item.unit_price).or_else(|| breaks.find_map(|at| differs(sold, self.said_by_list(at.price), at.unit_price)))
    }

    fn said_by_product(&self, version: RowVersion) -> Option<(ProductId, Money)> {
        self.prices.get(&key(version))?.row.as_ref().map(|row| (row.product, row.amount))
    }

    fn said_by_list(&self, version: RowVersion) -> Option<(ProductId, Money)> {
        self.listed.get(&key(version))?.row.as_ref().map(|row| (row.product, row.price))
    }
}

/// What is wrong with a price that a line says, where its row says this.
fn differs(sold: &Sold<'_>, row: Option<(ProductId, Money)>, said: Money) -> Option<TicketRuling> {
    let line = sold.line.id;
    match row {
        Some((product, row)) if product == sold.item().product => (row != said).then_some(TicketRuling::PriceDiffers { line, row }),
        Some(_) | None => Some(TicketRuling::PriceVersionUnknown { line }),
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
async fn out_of_force(tx: &mut TenantTx, sold: &Sold<'_>, kept: &Kept<Price>) -> Result<Option<TicketRuling>, Fault> {
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
