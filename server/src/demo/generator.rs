//! As many products as asked, the same ones for the same seed: for measuring and for filling a screen.

use super::company::stable_id;
use crate::catalog::{self, CatalogChange};
use crate::failure::{Failure, Refusal};
use crate::identity;
use crate::reference::pack;
use crate::tenancy::{Database, TenantScope, TenantTx};
use holdfast_domain::catalog::{Category, Picture, Price, Product, TaxRate, Unit};
use holdfast_domain::kernel::{CategoryId, Currency, Money, PriceId, ProductId, Rate, TaxRateId, TenantId, Timestamp, gtin};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;

/// The most that are generated.
pub const MAX_PRODUCTS: u32 = 50_000;
/// Written in one transaction.
const BATCH: u32 = 5_000;
const CATEGORIES: u32 = 25;
/// Name and rate in millionths.
const TAX_RATES: [(&str, u32); 3] = [("Generated 20", 200_000), ("Generated 10", 100_000), ("Generated 5.5", 55_000)];

const KINDS: [&str; 24] = [
    "Apple juice",
    "Biscuits",
    "Black tea",
    "Butter",
    "Candles",
    "Cheese",
    "Chutney",
    "Coffee",
    "Crackers",
    "Face cream",
    "Flour",
    "Granola",
    "Ham",
    "Honey",
    "Lentils",
    "Mustard",
    "Napkins",
    "Noodles",
    "Olive oil",
    "Rice",
    "Shampoo",
    "Soap",
    "Soup",
    "Vinegar",
];
const WORDS: [&str; 20] = [
    "Amber",
    "Breton",
    "Coastal",
    "Country",
    "Crisp",
    "Daily",
    "Farmhouse",
    "Fine",
    "Golden",
    "Harbour",
    "Island",
    "Little",
    "Mild",
    "Morning",
    "Northern",
    "Old town",
    "Organic",
    "Smoked",
    "Sunday",
    "Tidal",
];
const SIZES: [&str; 10] = ["100 g", "150 g", "200 g", "250 g", "330 ml", "400 g", "500 g", "75 cl", "1 kg", "1 l"];

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generated {
    /// Reference rows that are new or changed.
    pub changed_rows: usize,
}

/// Gives the tenant of that short name `products` generated products beside its own. Asked again with the same seed it changes nothing; with
/// another, it changes the same products' names and prices.
pub async fn generate(database: &Database, slug: &str, (products, seed): (u32, u64)) -> Result<Generated, Failure> {
    if products > MAX_PRODUCTS {
        return Err(Refusal::new(400, "too_many_products", "Too many products", format!("Ask for at most {MAX_PRODUCTS}.")).into());
    }
    let mut tx = database.before_tenant().await?;
    let tenant = tx.tenant_by_slug(slug).await?;
    tx.commit().await?;
    let tenant = tenant.ok_or_else(|| Refusal::new(404, "tenant_unknown", "There is no such tenant", format!("No tenant is called {slug}.")))?;
    let mut random = ChaCha12Rng::seed_from_u64(seed);
    let mut tx = database.tenant(TenantScope::system(tenant)).await?;
    let currency = identity::currency(&mut tx).await?;
    tx.commit().await?;
    let mut changed_rows = write(database, tenant, groups(slug)).await?;
    for first in (0..products).step_by(BATCH as usize) {
        let numbers = first..(first + BATCH).min(products);
        let mut change = CatalogChange::default();
        for number in numbers {
            let (product, price) = one((slug, currency), number, &mut random);
            // As the office makes them: a product and its price share an id.
            change.products.push((price.product, product));
            change.prices.push((PriceId(price.product.0), price));
        }
        changed_rows += write(database, tenant, change).await?;
    }
    // Packed now, so that no till waits for it at its first load.
    let mut tx = database.tenant(TenantScope::system(tenant)).await?;
    pack::manifest(&mut tx, None).await?;
    tx.commit().await?;
    Ok(Generated { changed_rows })
}

async fn write(database: &Database, tenant: TenantId, change: CatalogChange) -> Result<usize, Failure> {
    let change = &change;
    let work = async |mut tx: TenantTx| {
        let changed = catalog::write(&mut tx, change).await?;
        Ok(tx.done(changed))
    };
    database.in_tenant(&TenantScope::system(tenant), work).await
}

fn groups(slug: &str) -> CatalogChange {
    let category = |number: u32| {
        let picture = Picture { hue: hue(number), glyph: "📦".to_owned() };
        let place = u16::try_from(1_000 + number).expect("there are 25 categories");
        (category_id(slug, number), Category { name: format!("Generated {}", number + 1), place, picture })
    };
    let tax_rate = |(name, millionths): (&str, u32)| {
        let rate = Rate::from_millionths(millionths).expect("the rates above lie between 0 and 100 %");
        (tax_rate_id(slug, name), TaxRate { name: name.to_owned(), rate })
    };
    CatalogChange {
        categories: (0..CATEGORIES).map(category).collect(),
        tax_rates: TAX_RATES.into_iter().map(tax_rate).collect(),
        ..CatalogChange::default()
    }
}

fn one((slug, currency): (&str, Currency), number: u32, random: &mut ChaCha12Rng) -> (Product, Price) {
    let mut pick = |list: &[&'static str]| list[random.random_range(0..list.len())];
    let name = format!("{} {} {} no. {}", pick(&WORDS), pick(&KINDS), pick(&SIZES), number + 1);
    let (tax_name, _) = TAX_RATES[random.random_range(0..TAX_RATES.len())];
    let category = random.random_range(0..CATEGORIES);
    let amount = Money::new(random.random_range(10..1_000) * 5 - 1, currency);
    let digits = format!("9529{number:08}");
    let check = gtin::check_digit(&digits).expect("the code is made of digits");
    let product = Product {
        name,
        category: category_id(slug, category),
        unit: Unit::Piece,
        tax_rate: tax_rate_id(slug, tax_name),
        picture: Picture { hue: hue(category), glyph: "📦".to_owned() },
        barcodes: vec![format!("{digits}{check}")],
    };
    let product_id = ProductId(stable_id(slug, "generated product", &number.to_string()));
    (product, Price { product: product_id, amount, valid_from: Timestamp(0) })
}

fn hue(category: u32) -> u16 {
    u16::try_from(category * 360 / CATEGORIES).expect("a hue is below 360")
}

fn category_id(slug: &str, number: u32) -> CategoryId {
    CategoryId(stable_id(slug, "generated category", &number.to_string()))
}

fn tax_rate_id(slug: &str, name: &str) -> TaxRateId {
    TaxRateId(stable_id(slug, "generated tax rate", name))
}
