//! Judges what a paid ticket's lines come to by the price lists: which line of a list held for as many as were bought, on the day on which the ticket was opened, as the office had
//! said it when the line was rung up.
//!
//! Asked once a ticket is paid, because only then it is known how many there are. A product that no list prices, nor ever did, is none of this.

use super::values::{Sold, own_price};
use crate::catalog::ListedThen;
use crate::failure::Fault;
use crate::identity;
use crate::tenancy::TenantTx;
use holdfast_domain::catalog::PriceQuestion;
use holdfast_domain::kernel::{Day, ProductId, SiteId, Timestamp};
use holdfast_domain::sales::ticket::TicketRuling;
use std::collections::{BTreeMap, BTreeSet};

/// What of a line is asked about: its product, when it was rung up, and where and when its ticket was opened.
pub(super) type Asked = (ProductId, Timestamp, (SiteId, Timestamp));

/// What price lists said when lines were rung up.
pub(super) struct Listed {
    then: ListedThen,
    days: BTreeMap<(SiteId, Timestamp), Day>,
}

impl Listed {
    /// Reads what lists said of the products of these lines, and whether any says something of these others. Where none prices any of them, that is all there is to read.
    pub async fn of(tx: &mut TenantTx, lines: &BTreeSet<Asked>, others: BTreeSet<ProductId>) -> Result<Self, Fault> {
        let then = ListedThen::of(tx, &lines.iter().map(|(product, at, _)| (*product, *at)).collect(), others).await?;
        let opened: BTreeSet<_> = lines.iter().filter(|(product, _, _)| then.own_price(*product).is_some()).map(|(_, _, opened)| *opened).collect();
        let days = if opened.is_empty() { BTreeMap::new() } else { identity::days_at(tx, &opened.into_iter().collect::<Vec<_>>()).await? };
        Ok(Self { then, days })
    }

    /// Whether a list prices the line's product, or did once.
    pub fn prices(&self, sold: &Sold<'_>) -> bool {
        self.then.own_price(sold.item().product).is_some()
    }

    /// What is wrong with what these lines come to.
    pub async fn judge(&self, tx: &mut TenantTx, paid: Vec<&Sold<'_>>) -> Result<Vec<TicketRuling>, Fault> {
        let mut found = Vec::new();
        for sold in paid {
            let product = sold.item().product;
            let (Some(own), Some(day)) = (self.then.own_price(product), self.days.get(&sold.opened)) else { continue };
            let question = PriceQuestion { customer_group: None, quantity: sold.line.quantity, day: *day };
            let in_force = match self.then.chosen((product, sold.at), &question) {
                Some(listed) => Some(listed.price),
                None => {
                    let named = sold.line.price();
                    own_price(tx, (own, if named.row == own { named.version } else { 0 }), sold.at).await?
                }
            };
            let differs = in_force.filter(|amount| *amount != sold.line.unit_price());
            found.extend(differs.map(|in_force| TicketRuling::PriceNotInForce { line: sold.line.id, in_force }));
        }
        Ok(found)
    }
}
