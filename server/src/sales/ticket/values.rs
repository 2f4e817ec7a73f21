//! Judges prices and tax rates against the kept versions of the rows that they were taken from.

use super::taxes::Taxes;
use crate::failure::Fault;
use crate::reference::{self, Kept};
use crate::tenancy::TenantTx;
use holdfast_domain::catalog::Price;
use holdfast_domain::kernel::{FactId, Reference, RowVersion, SiteId, Timestamp};
use holdfast_domain::sales::ticket::{SoldItem, TicketRuling};
use std::collections::BTreeMap;

/// How many versions written ahead of their time are looked through for the one in force.
const LOOK_BACK: u64 = 50;

/// A line to be judged.
pub(super) struct Sold<'a> {
    pub line: FactId,
    pub item: &'a SoldItem,
    /// When it was rung up.
    pub at: Timestamp,
    /// Where and when its ticket was opened: the day there says which tax holds.
    pub opened: (SiteId, Timestamp),
}

/// The versions that lines name.
pub(super) struct Values {
    prices: Versions<Price>,
    taxes: Taxes,
}

impl Values {
    /// Reads what all these lines name.
    pub(super) async fn of<'l>(tx: &mut TenantTx, lines: impl Iterator<Item = &'l Sold<'l>> + Clone) -> Result<Self, Fault> {
        let prices = versions::<Price>(tx, lines.clone().map(|sold| sold.item.price)).await?;
        let taxes = Taxes::of(tx, lines).await?;
        Ok(Self { prices, taxes })
    }

    /// What is wrong with the values of some of them.
    pub(super) async fn judge(&self, tx: &mut TenantTx, lines: &[Sold<'_>]) -> Result<Vec<TicketRuling>, Fault> {
        let mut found = Vec::new();
        for sold in lines {
            match price_of(sold, self.prices.get(&key(sold.item.price))) {
                Ok(price) => found.extend(out_of_force(tx, sold, price).await?),
                Err(ruling) => found.push(ruling),
            }
            found.extend(self.taxes.judge(sold));
        }
        Ok(found)
    }
}

pub(super) type Versions<R> = BTreeMap<(uuid::Uuid, u64), Kept<R>>;

pub(super) fn key(version: RowVersion) -> (uuid::Uuid, u64) {
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

/// The version, if it is a price of this product and says what the line says.
fn price_of<'a>(sold: &Sold<'_>, kept: Option<&'a Kept<Price>>) -> Result<&'a Kept<Price>, TicketRuling> {
    let line = sold.line;
    let unknown = TicketRuling::PriceVersionUnknown { line };
    let kept = kept.ok_or(unknown.clone())?;
    match &kept.row {
        Some(price) if price.product != sold.item.product => Err(unknown),
        Some(price) if price.amount != sold.item.unit_price => Err(TicketRuling::PriceDiffers { line, row: price.amount }),
        Some(_) => Ok(kept),
        None => Err(unknown),
    }
}

/// A version is in force once its price is valid, until a later one is; before the first is valid, the first counts.
async fn out_of_force(tx: &mut TenantTx, sold: &Sold<'_>, kept: &Kept<Price>) -> Result<Option<TicketRuling>, Fault> {
    let begun = |price: &Price| price.valid_from <= sold.at;
    let overtaken = kept.until.is_some_and(|until| until <= sold.at);
    if !overtaken && kept.row.as_ref().is_some_and(begun) {
        return Ok(None);
    }
    let row = sold.item.price.row;
    let newest = reference::in_force::<Price>(tx, row, sold.at).await?.map_or(0, |newest| newest.version).max(kept.version);
    let looked_at = (newest.saturating_sub(LOOK_BACK).max(1)..=newest).map(|version| RowVersion { row, version });
    let prices: Vec<Price> = versions::<Price>(tx, looked_at).await?.into_values().rev().filter_map(|kept| kept.row).collect();
    let in_force = prices.iter().find(|price| begun(price)).or(prices.last()).map(|price| price.amount);
    Ok(in_force.filter(|amount| *amount != sold.item.unit_price).map(|in_force| TicketRuling::PriceNotInForce { line: sold.line, in_force }))
}
