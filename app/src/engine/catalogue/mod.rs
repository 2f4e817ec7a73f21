//! The catalogue in memory: what a code, a word or a category finds, and at which price, its own or a price list's; and who acts at the site. Pure: reference rows in, answers
//! out.

mod fold;
mod listed;
mod offer;
mod search;

pub use offer::{Offer, RungUp};

use super::protocol::{CategoryView, ProductView, ProductsPage};
use holdfast_domain::catalog::{Category, Price, PriceList, PriceListLine, PriceQuestion, Product, TaxChange, TaxRate, Unit, chosen};
use holdfast_domain::identity::AccountName;
use holdfast_domain::kernel::{
    AccountId, CategoryId, Day, Money, PriceListId, ProductId, Quantity, Rate, Reference, RowVersion, TaxRateId, Timestamp, gtin,
};
use holdfast_sync::wire::ReferenceRow;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Products, prices, rates and categories, as the device knows them.
#[derive(Default)]
pub struct Catalogue {
    versions: HashMap<(Kind, Uuid), u64>,
    products: HashMap<ProductId, Product>,
    /// By product, each by the row it stands in: few, mostly one.
    prices: HashMap<ProductId, Vec<PriceRow>>,
    price_products: HashMap<Uuid, ProductId>,
    lists: listed::Lists,
    rates: HashMap<TaxRateId, (u64, Rate)>,
    /// By tax rate, the coming ones as well.
    tax_changes: HashMap<TaxRateId, Vec<TaxRow>>,
    changed_rates: HashMap<Uuid, TaxRateId>,
    categories: BTreeMap<CategoryId, Category>,
    codes: HashMap<String, ProductId>,
    names: search::Names,
    accounts: BTreeMap<AccountId, String>,
    unreadable: u32,
}

/// A row that this build cannot read.
struct Unreadable;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PriceRow {
    row: RowVersion,
    amount: Money,
    valid_from: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TaxRow {
    row: RowVersion,
    valid_from: Day,
    rate: Rate,
}

/// The kinds of rows the catalogue is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Product,
    Price,
    PriceList,
    PriceListLine,
    TaxRate,
    TaxChange,
    Category,
    Account,
}

/// Which of the found products are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// So many are known already.
    pub skip: usize,
    /// The most wanted.
    pub limit: usize,
    /// For the prices in force.
    pub now: Timestamp,
    /// For those of price lists: the day where it is sold.
    pub day: Day,
}

/// Why something cannot be sold from the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotForSale {
    /// No product bears the code.
    BarcodeUnknown,
    /// There is no such product (any more).
    ProductUnknown,
    /// It has no price in force.
    PriceMissing,
    /// Its tax rate is not known here.
    TaxRateMissing,
    /// Half a piece.
    OnlyWhole,
}

impl NotForSale {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::BarcodeUnknown => "barcode_unknown",
            Self::ProductUnknown => "product_unknown",
            Self::PriceMissing => "price_missing",
            Self::TaxRateMissing => "tax_rate_missing",
            Self::OnlyWhole => "quantity_not_whole",
        }
    }
}

impl Catalogue {
    /// Takes a row in. A row that is older than what is known changes nothing, so pages and single rows may come in any order.
    pub fn put(&mut self, row: &ReferenceRow) {
        let kind = match row.kind.as_str() {
            Product::KIND => Kind::Product,
            Price::KIND => Kind::Price,
            PriceList::KIND => Kind::PriceList,
            PriceListLine::KIND => Kind::PriceListLine,
            TaxRate::KIND => Kind::TaxRate,
            TaxChange::KIND => Kind::TaxChange,
            Category::KIND => Kind::Category,
            AccountName::KIND => Kind::Account,
            // A row of another module.
            _ => return,
        };
        let known = self.versions.entry((kind, row.id)).or_default();
        if *known >= row.version {
            return;
        }
        *known = row.version;
        match kind {
            Kind::Product => self.put_product(row),
            Kind::Price => self.put_price(row),
            Kind::PriceList => {
                let Ok(list) = self.read::<PriceList>(row) else { return };
                self.lists.put_list(PriceListId(row.id), list);
            }
            Kind::PriceListLine => {
                let Ok(line) = self.read::<PriceListLine>(row) else { return };
                self.lists.put_line(RowVersion { row: row.id, version: row.version }, line);
            }
            Kind::TaxRate => {
                let Ok(rate) = self.read::<TaxRate>(row) else { return };
                let id = TaxRateId::from(row.id);
                match rate {
                    Some(rate) => self.rates.insert(id, (row.version, rate.rate)),
                    None => self.rates.remove(&id),
                };
            }
            Kind::TaxChange => self.put_tax_change(row),
            Kind::Category => {
                let Ok(category) = self.read::<Category>(row) else { return };
                let id = CategoryId::from(row.id);
                match category {
                    Some(category) => self.categories.insert(id, category),
                    None => self.categories.remove(&id),
                };
            }
            // A name is never taken back: what its account did stays.
            Kind::Account => {
                let Ok(named) = self.read::<AccountName>(row) else { return };
                self.accounts.extend(named.map(|named| (named.account, named.name)));
            }
        }
    }

    /// The names of whoever acts at the site, on whichever device.
    pub fn account_names(&self) -> &BTreeMap<AccountId, String> {
        &self.accounts
    }

    /// Rows that this build cannot read: shown and counted, never in the way of others.
    pub fn unreadable(&self) -> u32 {
        self.unreadable
    }

    /// How many products there are.
    pub fn len(&self) -> usize {
        self.products.len()
    }

    /// Whether there is nothing to sell.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// What one of the product is.
    pub fn unit(&self, id: ProductId) -> Option<Unit> {
        self.products.get(&id).map(|product| product.unit)
    }

    /// What a scanned code sells.
    pub fn scanned(&self, code: &str, quantity: Quantity, now: Timestamp) -> Result<Offer, NotForSale> {
        let product = self.codes.get(&gtin::lookup_key(code)).ok_or(NotForSale::BarcodeUnknown)?;
        Ok(Offer { barcode: Some(code.trim().to_owned()), ..self.sold(*product, quantity, now)? })
    }

    /// What a product sells, at the prices in force.
    pub fn sold(&self, id: ProductId, quantity: Quantity, now: Timestamp) -> Result<Offer, NotForSale> {
        let product = self.products.get(&id).ok_or(NotForSale::ProductUnknown)?;
        if product.unit.is_counted() && !quantity.is_whole() {
            return Err(NotForSale::OnlyWhole);
        }
        let (own, listed) = (self.price(id, now).copied(), self.lists.of(id));
        if own.is_none() && listed.is_empty() {
            return Err(NotForSale::PriceMissing);
        }
        let (version, rate) = self.rates.get(&product.tax_rate).ok_or(NotForSale::TaxRateMissing)?;
        Ok(Offer {
            product: id,
            name: product.name.clone(),
            barcode: None,
            quantity,
            own,
            listed,
            tax: (RowVersion { row: product.tax_rate.0, version: *version }, *rate),
            tax_changes: self.tax_changes.get(&product.tax_rate).cloned().unwrap_or_default(),
        })
    }

    /// Whether price lists say anything, so that it matters which day it is.
    pub fn has_lists(&self) -> bool {
        !self.lists.is_empty()
    }

    /// Products whose name or code has all the words, the best first; with no word, those of the category by name.
    pub fn search(&self, text: &str, category: Option<&str>, page: Page) -> ProductsPage {
        let in_category = |id: ProductId| {
            category.is_none_or(|wanted| {
                let category = self.products.get(&id).and_then(|product| self.categories.get(&product.category));
                category.is_some_and(|category| category.name == wanted)
            })
        };
        let code = self.codes.get(&gtin::lookup_key(text)).copied().filter(|id| in_category(*id));
        let found = self.names.search(text, |id| Some(id) != code && in_category(id), page.skip.saturating_add(page.limit));
        let of = found.of.saturating_add(u32::from(code.is_some()));
        let ids = code.into_iter().chain(found.best).skip(page.skip).take(page.limit);
        ProductsPage { products: ids.filter_map(|id| self.view(id, page)).collect(), of }
    }

    /// The categories in their order, with how many products each has.
    pub fn categories(&self) -> Vec<CategoryView> {
        let mut counts: BTreeMap<CategoryId, u32> = BTreeMap::new();
        self.names.ids().filter_map(|id| self.products.get(&id)).for_each(|product| *counts.entry(product.category).or_default() += 1);
        let mut categories: Vec<_> = self.categories.iter().collect();
        categories.sort_by(|(_, a), (_, b)| (a.place, &a.name).cmp(&(b.place, &b.name)));
        let view = |(id, category): (&CategoryId, &Category)| CategoryView {
            name: category.name.clone(),
            products: counts.get(id).copied().unwrap_or_default(),
        };
        categories.into_iter().map(view).filter(|category| category.products > 0).collect()
    }

    fn view(&self, id: ProductId, Page { now, day, .. }: Page) -> Option<ProductView> {
        let product = self.products.get(&id)?;
        Some(ProductView {
            id,
            name: product.name.clone(),
            category: self.categories.get(&product.category).map(|category| category.name.clone()).unwrap_or_default(),
            price_minor: self.price_of_one(id, (now, day)).map(|price| price.minor),
            unit: product.unit,
            picture: product.picture.clone(),
            barcode: product.barcodes.first().cloned(),
        })
    }

    /// What one costs of it on that day.
    fn price_of_one(&self, id: ProductId, (now, day): (Timestamp, Day)) -> Option<Money> {
        let question = PriceQuestion { customer_group: None, quantity: Quantity::ONE, day };
        let listed = self.lists.of(id);
        let held = chosen(&question, listed.iter().map(|listed| &listed.line)).map(|line| line.price);
        held.or_else(|| self.price(id, now).map(|price| price.amount))
    }

    /// The product's own price in force: the one that began last.
    fn price(&self, id: ProductId, now: Timestamp) -> Option<&PriceRow> {
        let begun = self.prices.get(&id)?.iter().filter(|price| price.valid_from <= now);
        begun.max_by_key(|price| (price.valid_from, price.row.row))
    }

    fn put_product(&mut self, row: &ReferenceRow) {
        let id = ProductId::from(row.id);
        let Ok(new) = self.read::<Product>(row) else { return };
        if let Some(old) = self.products.remove(&id) {
            for code in &old.barcodes {
                let key = gtin::lookup_key(code);
                if self.codes.get(&key) == Some(&id) {
                    self.codes.remove(&key);
                }
            }
            self.names.remove(id);
        }
        if let Some(product) = new {
            for code in &product.barcodes {
                self.codes.insert(gtin::lookup_key(code), id);
            }
            self.names.put(id, &product.name);
            self.products.insert(id, product);
        }
    }

    fn put_price(&mut self, row: &ReferenceRow) {
        let Ok(new) = self.read::<Price>(row) else { return };
        if let Some(product) = self.price_products.remove(&row.id)
            && let Some(prices) = self.prices.get_mut(&product)
        {
            prices.retain(|price| price.row.row != row.id);
        }
        if let Some(price) = new {
            self.price_products.insert(row.id, price.product);
            let standing = RowVersion { row: row.id, version: row.version };
            self.prices.entry(price.product).or_default().push(PriceRow { row: standing, amount: price.amount, valid_from: price.valid_from });
        }
    }

    fn put_tax_change(&mut self, row: &ReferenceRow) {
        let Ok(new) = self.read::<TaxChange>(row) else { return };
        if let Some(tax_rate) = self.changed_rates.remove(&row.id)
            && let Some(changes) = self.tax_changes.get_mut(&tax_rate)
        {
            changes.retain(|change| change.row.row != row.id);
        }
        if let Some(change) = new {
            self.changed_rates.insert(row.id, change.tax_rate);
            let standing = RowVersion { row: row.id, version: row.version };
            let changes = self.tax_changes.entry(change.tax_rate).or_default();
            changes.push(TaxRow { row: standing, valid_from: change.valid_from, rate: change.rate });
        }
    }

    /// What the row says; nothing where it is gone. One that cannot be read is of a newer office: what was known before goes on being sold.
    fn read<R: Reference>(&mut self, row: &ReferenceRow) -> Result<Option<R>, Unreadable> {
        R::of(row).transpose().map_err(|_| {
            self.unreadable += 1;
            Unreadable
        })
    }
}

#[cfg(test)]
mod tests;
