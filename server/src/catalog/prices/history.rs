//! What the price lists said at some time: for whoever checks what a till sold that may have been offline since.

use super::queries;
use crate::failure::Fault;
use crate::reference;
use crate::tenancy::TenantTx;
use holdfast_domain::catalog::{ListedPrice, PriceList, PriceListLine, PriceQuestion, chosen};
use holdfast_domain::kernel::{PriceListLineId, ProductId, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// The lines that priced products at times, of lists for everybody.
pub(crate) struct ListedThen {
    /// By product: the row of its own price. Only products that a list prices, or priced once.
    own_prices: BTreeMap<ProductId, Uuid>,
    lines: BTreeMap<(ProductId, Timestamp), Vec<ListedPrice>>,
}

impl ListedThen {
    /// Of these products at these times; of the others only, whether a list prices them.
    pub(crate) async fn of(tx: &mut TenantTx, asked: &BTreeSet<(ProductId, Timestamp)>, others: BTreeSet<ProductId>) -> Result<Self, Fault> {
        let products: BTreeSet<Uuid> = asked.iter().map(|(product, _)| product).chain(&others).map(|product| product.0).collect();
        let pricing = if products.is_empty() { Vec::new() } else { queries::pricing(tx, &products.into_iter().collect::<Vec<_>>()).await? };
        let own_prices = pricing.iter().map(|pricing| (ProductId(pricing.product), pricing.own_price)).collect();
        let lines_then: Vec<_> =
            asked.iter().flat_map(|key| pricing.iter().filter(|pricing| pricing.product == key.0.0).map(move |pricing| (*key, pricing))).collect();
        let mut then = Self { own_prices, lines: BTreeMap::new() };
        if lines_then.is_empty() {
            return Ok(then);
        }
        let at = |id: fn(&queries::Pricing) -> Uuid| lines_then.iter().map(|((_, at), pricing)| (id(pricing), *at)).collect::<Vec<_>>();
        let lists = reference::in_force_each::<PriceList>(tx, &at(|pricing| pricing.price_list)).await?;
        let lines = reference::in_force_each::<PriceListLine>(tx, &at(|pricing| pricing.line)).await?;
        for (((key, pricing), list), line) in lines_then.iter().zip(lists).zip(lines) {
            let listed = line.and_then(|line| line.row).zip(list.and_then(|list| list.row));
            let listed = listed.map(|(line, list)| line.listed(PriceListLineId(pricing.line), &list));
            then.lines.entry(*key).or_default().extend(listed);
        }
        Ok(then)
    }

    /// The row of the product's own price, where a list prices it, or did once.
    pub(crate) fn own_price(&self, product: ProductId) -> Option<Uuid> {
        self.own_prices.get(&product).copied()
    }

    /// The line that held then; none where the product's own price did.
    pub(crate) fn chosen(&self, (product, at): (ProductId, Timestamp), question: &PriceQuestion) -> Option<&ListedPrice> {
        chosen(question, self.lines.get(&(product, at))?)
    }
}
