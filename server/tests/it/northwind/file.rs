//! Reads `northwind.sql`: the INSERT lines, one statement to a line, as its dump writes them.

use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// A value of an INSERT line, as text; quotes are gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Null,
    Number(String),
    Text(String),
}

/// What the test takes from the file.
#[derive(Debug, Default)]
pub struct Northwind {
    /// Name by id.
    pub categories: BTreeMap<u32, String>,
    pub products: BTreeMap<u32, FileProduct>,
    /// The lines of each order, in the file's order.
    pub orders: BTreeMap<u32, Vec<FileLine>>,
}

#[derive(Debug)]
pub struct FileProduct {
    pub name: String,
    pub category: u32,
    pub price: Decimal,
}

#[derive(Debug, Clone)]
pub struct FileLine {
    pub product: u32,
    /// To the cent: the file writes single-precision numbers.
    pub unit_price: Decimal,
    pub quantity: u32,
    /// With four decimals.
    pub discount: Decimal,
}

impl FileLine {
    /// Price × quantity × (1 − discount), rounded half up to the cent.
    pub fn revenue(&self) -> Decimal {
        let exact = self.unit_price * Decimal::from(self.quantity) * (Decimal::ONE - self.discount);
        exact.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
    }
}

impl Northwind {
    pub fn read(sql: &str) -> Self {
        let mut file = Self::default();
        for (table, values) in sql.lines().filter_map(insert) {
            match (table, values.as_slice()) {
                ("categories", [id, name, ..]) => {
                    file.categories.insert(id.whole(), name.text());
                }
                ("products", [id, name, _, category, _, price, ..]) => {
                    let product = FileProduct { name: name.text(), category: category.whole(), price: price.decimal(2) };
                    file.products.insert(id.whole(), product);
                }
                ("orders", [id, ..]) => {
                    file.orders.entry(id.whole()).or_default();
                }
                ("order_details", [order, product, price, quantity, discount]) => {
                    let line = FileLine {
                        product: product.whole(),
                        unit_price: price.decimal(2),
                        quantity: quantity.whole(),
                        discount: discount.decimal(4),
                    };
                    file.orders.entry(order.whole()).or_default().push(line);
                }
                _ => {}
            }
        }
        file
    }

    pub fn lines(&self) -> impl Iterator<Item = &FileLine> {
        self.orders.values().flatten()
    }
}

impl Value {
    fn whole(&self) -> u32 {
        match self {
            Self::Number(digits) => digits.parse().unwrap(),
            other => panic!("{other:?} is no whole number"),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            other => panic!("{other:?} is no text"),
        }
    }

    fn decimal(&self, places: u32) -> Decimal {
        match self {
            Self::Number(digits) => Decimal::from_str_exact(digits).unwrap().round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero),
            other => panic!("{other:?} is no number"),
        }
    }
}

/// Table and values of an INSERT line.
pub fn insert(line: &str) -> Option<(&str, Vec<Value>)> {
    let (table, rest) = line.trim().strip_prefix("INSERT INTO ")?.split_once(" VALUES (")?;
    Some((table, values(rest.strip_suffix(");")?)))
}

fn values(list: &str) -> Vec<Value> {
    let mut rest = list.chars().peekable();
    let mut values = Vec::new();
    while rest.peek().is_some() {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.next_if_eq(&'\'').is_some() {
            values.push(Value::Text(quoted(&mut rest)));
            while rest.next_if(|c| *c != ',').is_some() {}
        } else {
            let mut bare = String::new();
            while let Some(c) = rest.next_if(|c| *c != ',') {
                bare.push(c);
            }
            values.push(if bare.trim() == "NULL" { Value::Null } else { Value::Number(bare.trim().to_owned()) });
        }
        rest.next();
    }
    values
}

/// Up to the closing quote; two quotes in a row are one.
fn quoted(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        if c == '\'' && rest.next_if_eq(&'\'').is_none() {
            break;
        }
        text.push(c);
    }
    text
}

#[test]
fn an_insert_line_is_read_with_its_quotes_commas_and_nulls() {
    let line = r"INSERT INTO orders VALUES (10248, 'VINET', NULL, 32.3800011, 'rue de l''Abbaye, 59', '', '\x');";
    let text = |text: &str| Value::Text(text.to_owned());
    let number = |digits: &str| Value::Number(digits.to_owned());
    let expected = vec![number("10248"), text("VINET"), Value::Null, number("32.3800011"), text("rue de l'Abbaye, 59"), text(""), text(r"\x")];
    assert_eq!(insert(line), Some(("orders", expected)));
    assert_eq!(insert("CREATE TABLE orders ("), None);
}

#[test]
fn a_lines_revenue_is_rounded_half_up_to_the_cent() {
    let line = |price: &str, quantity, discount: &str| FileLine {
        product: 1,
        unit_price: Value::Number(price.to_owned()).decimal(2),
        quantity,
        discount: Value::Number(discount.to_owned()).decimal(4),
    };
    assert_eq!(line("9.80000019", 10, "0").revenue(), Decimal::new(9_800, 2));
    assert_eq!(line("0.5", 1, "0.0500000007").revenue(), Decimal::new(48, 2), "0.475 goes up");
    assert_eq!(line("16.7999992", 15, "0.150000006").revenue(), Decimal::new(21_420, 2));
}
