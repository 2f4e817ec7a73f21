//! Price lists for everybody, as the device knows them.

use holdfast_domain::catalog::{ListedPrice, PriceList, PriceListLine};
use holdfast_domain::kernel::{PriceListId, PriceListLineId, ProductId, RowVersion};
use std::collections::HashMap;

/// What lists say of products. A line counts while its list's row is there, whichever came first.
#[derive(Default)]
pub(super) struct Lists {
    lists: HashMap<PriceListId, PriceList>,
    lines: HashMap<ProductId, Vec<(RowVersion, PriceListLine)>>,
    products: HashMap<PriceListLineId, ProductId>,
}

/// What a list says of a product, and the row that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedRow {
    pub row: RowVersion,
    pub line: ListedPrice,
}

impl Lists {
    /// A list as it is now; none where it is gone.
    pub fn put_list(&mut self, id: PriceListId, list: Option<PriceList>) {
        match list {
            Some(list) => self.lists.insert(id, list),
            None => self.lists.remove(&id),
        };
    }

    /// A line as it is now; none where it is gone.
    pub fn put_line(&mut self, row: RowVersion, line: Option<PriceListLine>) {
        let id = PriceListLineId(row.row);
        if let Some(lines) = self.products.remove(&id).and_then(|product| self.lines.get_mut(&product)) {
            lines.retain(|(known, _)| known.row != row.row);
        }
        if let Some(line) = line {
            self.products.insert(id, line.product);
            self.lines.entry(line.product).or_default().push((row, line));
        }
    }

    /// What lists say of the product, today or on another day.
    pub fn of(&self, product: ProductId) -> Vec<ListedRow> {
        let listed = |(row, line): &(RowVersion, PriceListLine)| {
            let list = self.lists.get(&line.price_list)?;
            Some(ListedRow { row: *row, line: line.listed(PriceListLineId(row.row), list) })
        };
        self.lines.get(&product).into_iter().flatten().filter_map(listed).collect()
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.lists.is_empty()
    }
}
