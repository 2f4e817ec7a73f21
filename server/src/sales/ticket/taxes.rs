//! Judges tax rates: against the kept version of the row that a line names, and against what held on the day on which its ticket was opened.
//!
//! The day decides, not when the office wrote a change: the law does not wait for a till that was offline.

use super::values::{Sold, Versions, key, versions};
use crate::catalog::{self, TaxHistory};
use crate::failure::Fault;
use crate::identity;
use crate::tenancy::TenantTx;
use holdfast_domain::catalog::{TaxChange, TaxRate, in_force_on};
use holdfast_domain::kernel::{Day, Rate, SiteId, Timestamp};
use holdfast_domain::sales::ticket::TicketRuling;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What lines say of taxes, and what is known of them.
pub(super) struct Taxes {
    rates: Versions<TaxRate>,
    changes: Versions<TaxChange>,
    /// Of tax rates that change, by the row that a line names.
    histories: BTreeMap<Uuid, TaxHistory>,
    days: BTreeMap<(SiteId, Timestamp), Day>,
}

impl Taxes {
    /// Reads what all these lines name. Where no tax rate of theirs changes, that is all there is to read.
    pub async fn of<'l>(tx: &mut TenantTx, lines: impl Iterator<Item = &'l Sold<'l>> + Clone) -> Result<Self, Fault> {
        let rates = versions::<TaxRate>(tx, lines.clone().map(|sold| sold.item().tax)).await?;
        let others = lines.clone().map(|sold| sold.item().tax).filter(|tax| !rates.contains_key(&key(*tax)));
        let changes = versions::<TaxChange>(tx, others).await?;
        let named: BTreeSet<Uuid> = lines.clone().map(|sold| sold.item().tax.row).collect();
        let histories = if named.is_empty() { BTreeMap::new() } else { catalog::tax_histories(tx, &named.into_iter().collect::<Vec<_>>()).await? };
        let opened: BTreeSet<(SiteId, Timestamp)> =
            lines.filter(|sold| histories.contains_key(&sold.item().tax.row)).map(|sold| sold.opened).collect();
        let days = if opened.is_empty() { BTreeMap::new() } else { identity::days_at(tx, &opened.into_iter().collect::<Vec<_>>()).await? };
        Ok(Self { rates, changes, histories, days })
    }

    /// What is wrong with a line's.
    pub fn judge(&self, sold: &Sold<'_>) -> Option<TicketRuling> {
        let (line, named) = (sold.line.id, key(sold.item().tax));
        let of_rate = self.rates.get(&named).and_then(|kept| kept.row.as_ref()).map(|row| row.rate);
        let said = of_rate.or_else(|| self.changes.get(&named).and_then(|kept| kept.row.as_ref()).map(|row| row.rate));
        match said {
            None => Some(TicketRuling::TaxVersionUnknown { line }),
            Some(row) if row != sold.item().tax_rate => Some(TicketRuling::TaxDiffers { line, row }),
            Some(_) => self
                .in_force(sold, of_rate)
                .filter(|held| *held != sold.item().tax_rate)
                .map(|in_force| TicketRuling::TaxNotInForce { line, in_force }),
        }
    }

    /// What held on the ticket's day. Before the first change that is the rate's own row, in whichever version a line names it.
    fn in_force(&self, sold: &Sold<'_>, of_rate: Option<Rate>) -> Option<Rate> {
        let history = self.histories.get(&sold.item().tax.row)?;
        let day = self.days.get(&sold.opened)?;
        in_force_on(*day, history.changes.iter().copied()).or(of_rate).or(Some(history.first))
    }
}
