//! The catalogue as the office keeps it. What of it tills get, and when, `server/src/catalog` says.

use super::Unit;
use crate::kernel::resource::{FieldValue, Gtin, LongText, Rows, Shape, Tags};
use crate::kernel::{CategoryId, CustomerGroupId, Day, Image, Money, PriceListId, ProductId, Quantity, Rate, TaxRateId};
use crate::{resource, rows};
use serde::{Deserialize, Serialize};

impl FieldValue for Unit {
    const SHAPE: Shape = Shape::Enumeration(&Self::NAMES);
}

/// What a scanner reads, of whatever kind, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Codes(pub Vec<String>);

impl FieldValue for Codes {
    const SHAPE: Shape = Shape::Tags;
    const REQUIRED: bool = false;
}

rows! {
    /// What a variant is: of an option, its value.
    pub struct VariantOption called "variant_option", in order {
        /// Such as `Size`.
        option: String => longest(40),
        /// Such as `S`.
        value: String => longest(60),
    }
}

resource! {
    /// Something that is sold. Tills have it once it has a category and a tax rate, and sell it once it has a price.
    pub struct ProductRecord in "catalog", one "product", many "products", called by name {
        /// As shown and printed.
        name: String => searched sorted listed example(r#""Baguette""#),
        /// The product that it is a variant of, such as one size of it. Tills sell the variants, and not what they are variants of.
        variant_of: Option<ProductId> => filtered example("null"),
        /// What tells it from the other variants of its product.
        options: Rows<VariantOption> => searched longest(5) example("[]"),
        /// How it looks, for lists, offers and labels. Tills show its pictogram.
        image: Option<Image> => listed most(4 << 20),
        /// The article number on its package. No two products share one.
        gtin: Option<Gtin> => searched listed unique example(r#""4006381333931""#),
        /// What else is scanned for it: a former number, a label of one's own.
        barcodes: Codes => searched example("[]"),
        /// Whose it is.
        brand: Option<String> => searched filtered listed longest(100) example(r#""Moulin du Port""#),
        /// How much is in it, as printed.
        content: Option<String> => longest(60) example(r#""250 g""#),
        /// Where a till shows it.
        category: Option<CategoryId> => filtered listed example("null"),
        /// What one of it is.
        unit: Unit => otherwise(r#""piece""#) example(r#""piece""#),
        /// The tax in its price.
        tax_rate: Option<TaxRateId> => listed example("null"),
        /// Of one unit, tax included, in the company's currency.
        price: Option<Money> => sorted listed example(r#"{ "minor": 120, "currency": "EUR" }"#),
        /// The pictogram on its tile; without one, its category's.
        glyph: Option<String> => longest(8) example(r#""🥖""#),
        /// What somebody sorts it by.
        tags: Tags => searched filtered example(r#"["bread"]"#),
        /// What else there is to know.
        notes: Option<LongText> => example("null"),
    }
}

resource! {
    /// Products that a till shows together.
    pub struct CategoryRecord in "catalog", one "category", many "categories", called by name {
        /// As on the till.
        name: String => searched sorted listed unique longest(100) example(r#""Bakery""#),
        /// Where it stands among the others; without one, behind them.
        place: Option<u32> => sorted listed most(65_535) example("3"),
        /// The hue of its tiles' ground, in degrees; without one, some hue of its own.
        hue: Option<u32> => most(359) example("35"),
        /// The pictogram on its tiles, where a product has none.
        glyph: Option<String> => listed longest(8) example(r#""🥐""#),
    }
}

resource! {
    /// A rate of tax that is part of prices.
    pub struct TaxRateRecord in "catalog", one "tax_rate", many "tax_rates", called by name {
        /// Such as `Reduced`.
        name: String => searched sorted listed unique longest(100) example(r#""Reduced""#),
        /// In per cent, until the first change of it.
        rate: Rate => listed example(r#""5.5""#),
    }
}

resource! {
    /// A tax rate becomes another one on a day. Tills have it at once, and reckon with it from that day on.
    pub struct TaxChangeRecord in "catalog", one "tax_change", many "tax_changes", called by name {
        /// As the law or notice calls it.
        name: String => searched sorted listed longest(200) example(r#""Law 141/2025""#),
        /// Of which; without one it changes nothing yet.
        tax_rate: Option<TaxRateId> => filtered listed fixed example("null"),
        /// The first day on which it holds. A tax rate changes once on a day.
        valid_from: Day => sorted listed example(r#""2025-08-01""#),
        /// In per cent, from then on.
        rate: Rate => listed example(r#""21""#),
    }
}

resource! {
    /// Prices that hold beside those of the products: for some customers, for larger quantities, for some time. Where several lists price a product, one for the customer's
    /// group goes before one for everybody, of these the one that began last, of these the one whose name comes first.
    pub struct PriceListRecord in "catalog", one "price_list", many "price_lists", called by name {
        /// As the office calls it.
        name: String => searched sorted listed unique longest(100) example(r#""Summer sale""#),
        /// For whom; without one, for everybody.
        customer_group: Option<CustomerGroupId> => filtered listed example("null"),
        /// The first day on which it holds; without one, it always did.
        valid_from: Option<Day> => sorted listed example(r#""2026-06-01""#),
        /// The last day on which it holds; without one, there is none yet.
        valid_until: Option<Day> => sorted listed example(r#""2026-08-31""#),
    }
}

resource! {
    /// What a product costs by a price list, from some quantity on.
    pub struct PriceListLineRecord in "catalog", one "price_list_line", many "price_list_lines", called by name {
        /// As lists and searches call it; without one, its product's name.
        name: Option<String> => searched sorted listed example(r#""Baguettes by the dozen""#),
        /// Of which list.
        price_list: PriceListId => filtered listed fixed example(r#""00000000-0000-0000-0000-000000000001""#),
        /// Of what.
        product: ProductId => filtered listed fixed example(r#""00000000-0000-0000-0000-000000000001""#),
        /// From which quantity on, in the product's unit. No two lines of a list and product begin at the same.
        from_quantity: Quantity => sorted listed otherwise(r#""0""#) example(r#""12""#),
        /// Of one unit, tax included, in the company's currency.
        price: Money => sorted listed example(r#"{ "minor": 95, "currency": "EUR" }"#),
    }
}
