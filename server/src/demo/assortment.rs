//! The products of a demo company, read from its CSV.

use super::company::{Company, id};
use crate::catalog::CatalogChange;
use holdfast_domain::catalog::{Category, Picture, Price, Product, TaxRate, Unit};
use holdfast_domain::kernel::{CategoryId, Currency, Money, MoneyError, PriceId, ProductId, Rate, RateError, TaxRateId, Timestamp};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct CategoryLine {
    name: String,
    hue: u16,
    glyph: String,
}

#[derive(Deserialize)]
struct ProductLine {
    category: String,
    name: String,
    unit: Unit,
    tax_percent: String,
    price: String,
    glyph: String,
    barcode: String,
}

/// What is wrong with a company's CSV.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadAssortment {
    #[error(transparent)]
    Csv(#[from] csv::Error),
    #[error(transparent)]
    Currency(#[from] MoneyError),
    #[error(transparent)]
    Rate(#[from] RateError),
    #[error("{product}: no category is called {category}")]
    Category { product: String, category: String },
    #[error("{product}: no tax rate is {rate} %")]
    TaxRate { product: String, rate: Rate },
    #[error("{product}: {price:?} is no price")]
    Price { product: String, price: String },
}

/// The company's whole catalogue.
pub(super) fn read(company: &Company, valid_from: Timestamp) -> Result<CatalogChange, BadAssortment> {
    let currency: Currency = company.currency.parse()?;
    let mut change = CatalogChange { tax_rates: tax_rates(company)?, ..CatalogChange::default() };
    let rates: BTreeMap<Rate, TaxRateId> = change.tax_rates.iter().map(|(id, row)| (row.rate, *id)).collect();
    let mut categories = BTreeMap::new();
    for (place, line) in (0..).zip(csv::Reader::from_reader(company.assortment.categories.as_bytes()).deserialize()) {
        let line: CategoryLine = line?;
        let category = CategoryId(id(company, "category", &line.name));
        categories.insert(line.name.clone(), (category, line.hue));
        change.categories.push((category, Category { name: line.name, place, picture: Picture { hue: line.hue, glyph: line.glyph } }));
    }
    for line in csv::Reader::from_reader(company.assortment.products.as_bytes()).deserialize() {
        let line: ProductLine = line?;
        let rate: Rate = line.tax_percent.parse()?;
        let tax_rate = *rates.get(&rate).ok_or_else(|| BadAssortment::TaxRate { product: line.name.clone(), rate })?;
        let known = categories.get(&line.category);
        let (category, hue) = *known.ok_or_else(|| BadAssortment::Category { product: line.name.clone(), category: line.category.clone() })?;
        let amount = price(&line, currency)?;
        let product = ProductId(id(company, "product", &line.barcode));
        let picture = Picture { hue, glyph: line.glyph };
        // As the office makes them: a product and its price share an id.
        change.prices.push((PriceId(product.0), Price { product, amount, valid_from }));
        change.products.push((product, Product { name: line.name, category, unit: line.unit, tax_rate, picture, barcodes: vec![line.barcode] }));
    }
    Ok(change)
}

fn tax_rates(company: &Company) -> Result<Vec<(TaxRateId, TaxRate)>, RateError> {
    let row = |(name, percent): &(&str, &str)| {
        let rate = percent.parse()?;
        Ok((TaxRateId(id(company, "tax rate", name)), TaxRate { name: (*name).to_owned(), rate }))
    };
    company.tax_rates.iter().map(row).collect()
}

fn price(line: &ProductLine, currency: Currency) -> Result<Money, BadAssortment> {
    let scaled = Decimal::from_str_exact(&line.price).ok().and_then(|price| price.checked_mul(Decimal::from(10_u32.pow(currency.decimals()))));
    let minor = scaled.filter(Decimal::is_integer).and_then(|scaled| scaled.to_i64()).filter(|minor| *minor >= 0);
    let minor = minor.ok_or_else(|| BadAssortment::Price { product: line.name.clone(), price: line.price.clone() })?;
    Ok(Money::new(minor, currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::COMPANIES;
    use holdfast_domain::kernel::gtin;
    use std::collections::BTreeSet;

    #[test]
    fn every_product_has_a_price_and_an_ean_13_of_its_own_under_the_demonstration_prefix() {
        let mut codes = BTreeSet::new();
        for company in COMPANIES {
            let change = read(company, Timestamp(0)).unwrap();
            assert_eq!(change.products.len(), change.prices.len());
            for (_, product) in &change.products {
                let [code] = product.barcodes.as_slice() else { panic!("{}: one code", product.name) };
                assert!(code.len() == 13 && code.starts_with("952") && gtin::is_valid(code), "{}: {code}", product.name);
                assert!(codes.insert(code.clone()), "{}: {code} is another product's", product.name);
            }
            let names: BTreeSet<_> = change.products.iter().map(|(_, product)| &product.name).collect();
            assert_eq!(names.len(), change.products.len(), "each name once");
            let used: BTreeSet<_> = change.products.iter().map(|(_, product)| product.category).collect();
            assert_eq!(used.len(), change.categories.len(), "no category is empty");
        }
    }

    #[test]
    fn the_chain_sells_a_few_hundred_products_at_several_rates() {
        let change = read(&crate::demo::seahorse::COMPANY, Timestamp(0)).unwrap();
        assert!(change.products.len() >= 300, "{}", change.products.len());
        let rates: BTreeSet<_> = change.products.iter().map(|(_, product)| product.tax_rate).collect();
        assert_eq!(rates.len(), 4);
    }
}
