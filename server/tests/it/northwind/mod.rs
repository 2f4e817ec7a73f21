//! Real orders through the whole of it: 830 orders rung up as tickets on tills without a network, which come back in random order.

mod file;

use crate::support::{Company, Till};
use file::{FileLine, Northwind};
use holdfast_domain::catalog::{Category, Picture, Price, Product, TaxRate, Unit};
use holdfast_domain::kernel::{
    CategoryId, Currency, Discount, DocumentId, Money, PriceId, ProductId, Quantity, Rate, RowVersion, SiteId, TaxRateId, TenantId, TillId,
    Timestamp, fold,
};
use holdfast_domain::sales::ticket::{AddLine, Open, PayCash, SoldItem, Ticket};
use holdfast_domain::sales::{BlockRequest, ReceiptBlock, ReceiptNumber, till_session};
use holdfast_server::catalog::{self, CatalogChange};
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::replica::OutboxRow;
use holdfast_sync::wire::Answer;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha12Rng;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use std::collections::BTreeMap;
use std::time::Duration;
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(0x60));
const SITE: SiteId = SiteId(Uuid::from_u128(0x61));
const TAX: TaxRateId = TaxRateId(Uuid::from_u128(0x62));
const TILLS: u128 = 8;
const FLOAT_MINOR: i64 = 10_000;

/// The file, where it is.
fn northwind() -> Option<Northwind> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/northwind.sql");
    match std::fs::read_to_string(path) {
        Ok(sql) => Some(Northwind::read(&sql)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: no ../shared");
            None
        }
        Err(error) => panic!("{path}: {error}"),
    }
}

/// The prices of each product that the orders name, the present one last: the versions of its row.
fn price_histories(file: &Northwind) -> BTreeMap<u32, Vec<Decimal>> {
    let mut histories: BTreeMap<u32, Vec<Decimal>> = file.products.keys().map(|product| (*product, Vec::new())).collect();
    for line in file.lines() {
        let history = histories.get_mut(&line.product).unwrap();
        if line.unit_price != file.products[&line.product].price && !history.contains(&line.unit_price) {
            history.push(line.unit_price);
        }
    }
    histories.iter_mut().for_each(|(product, history)| history.push(file.products[product].price));
    histories
}

fn cents(amount: Decimal) -> i64 {
    (amount * Decimal::ONE_HUNDRED).to_i64().unwrap()
}

fn product_id(product: u32) -> ProductId {
    ProductId(Uuid::from_u128(0x7000 + u128::from(product)))
}

fn price_id(product: u32) -> PriceId {
    PriceId(Uuid::from_u128(0x8000 + u128::from(product)))
}

fn catalogue(file: &Northwind) -> CatalogChange {
    let category = |id: u32| CategoryId(Uuid::from_u128(0x9000 + u128::from(id)));
    let picture = || Picture { hue: 0, glyph: "📦".to_owned() };
    let categories = file.categories.iter().map(|(id, name)| (category(*id), Category { name: name.clone(), place: *id as u16, picture: picture() }));
    let products = file.products.iter().map(|(id, product)| {
        let row = Product {
            name: product.name.clone(),
            category: category(product.category),
            unit: Unit::Piece,
            tax_rate: TAX,
            picture: picture(),
            barcodes: Vec::new(),
        };
        (product_id(*id), row)
    });
    CatalogChange {
        categories: categories.collect(),
        tax_rates: vec![(TAX, TaxRate { name: "Standard".to_owned(), rate: tax_rate() })],
        products: products.collect(),
        prices: Vec::new(),
    }
}

fn tax_rate() -> Rate {
    "20".parse().unwrap()
}

/// Writes the catalogue, then each product's prices one after the other.
async fn write_catalogue(company: &Company, file: &Northwind, histories: &BTreeMap<u32, Vec<Decimal>>) {
    let mut change = catalogue(file);
    for version in 0..histories.values().map(Vec::len).max().unwrap() {
        let nth = histories.iter().filter_map(|(product, history)| Some((*product, *history.get(version)?)));
        let price = |minor, product| Price { product, amount: Money::new(minor, Currency::EUR), valid_from: Timestamp(0) };
        change.prices = nth.map(|(product, amount)| (price_id(product), price(cents(amount), product_id(product)))).collect();
        let mut tx = company.test.tenant(TENANT).await;
        catalog::write(&mut tx, &change).await.unwrap();
        tx.commit().await.unwrap();
        change = CatalogChange::default();
        company.test.world.pass(Duration::from_secs(60));
    }
}

/// A till that was opened while there was a network, with its receipt numbers: all it needs to sell for weeks without one.
struct SellingTill {
    till: Till,
    session: DocumentId,
    block: ReceiptBlock,
    sold: u64,
    taken_minor: i64,
}

impl SellingTill {
    async fn enrol(company: &Company, n: u128) -> Self {
        let (client, session) = company.sign_in_at("northwind", "cashier").await;
        let till_id = till_id(n);
        let mut till = Till::enrol(client, session, till_id, (n, company.test.now())).await;
        till.pull_all().await;
        let request = BlockRequest { device: till.chain.device, chain: till.chain.chain, till: till_id };
        let block = till.client.post_json("/api/v1/sales/number-blocks", &request).await.json();
        let document = till.draw();
        let float = Money::new(FLOAT_MINOR, Currency::EUR);
        till.act("sales.till_session", document, &till_session::Open { till: till_id, site: SITE, currency: Currency::EUR, float });
        till.push_all().await;
        Self { till, session: document, block, sold: 0, taken_minor: 0 }
    }

    fn sell(&mut self, file: &Northwind, histories: &BTreeMap<u32, Vec<Decimal>>, lines: &[FileLine]) {
        let ticket: DocumentId = self.till.draw();
        let open = Open { till: self.till.till, site: SITE, till_session: self.session, currency: Currency::EUR };
        self.till.act("sales.ticket", ticket, &open);
        for line in lines {
            self.till.act("sales.ticket", ticket, &AddLine { item: sold(file, histories, line) });
        }
        let total: i64 = lines.iter().map(|line| cents(line.revenue())).sum();
        let tendered = Money::new(total.div_euclid(1_000) * 1_000 + 1_000, Currency::EUR);
        let receipt = ReceiptNumber { block: self.block.block, number: self.block.first + self.sold };
        self.till.act("sales.ticket", ticket, &PayCash { tendered, receipt });
        self.sold += 1;
        self.taken_minor += total;
    }

    fn close(&mut self) {
        let counted = Money::new(FLOAT_MINOR + self.taken_minor, Currency::EUR);
        let close = till_session::Close { counted, expected: counted, tickets: self.sold as u32, photos: Vec::new() };
        self.till.act("sales.till_session", self.session, &close);
    }

    /// A few of its envelopes get through, in no order, and no answer comes back.
    async fn stammer(&self, random: &mut ChaCha12Rng) {
        let mut some: Vec<OutboxRow> = self.till.outbox.iter().filter(|_| random.random_bool(0.2)).cloned().collect();
        some.shuffle(random);
        let envelope = |row: OutboxRow| Envelope { header: row.header, change: row.change, signature: row.signature.unwrap() };
        self.till.push(some.into_iter().map(envelope).collect()).await;
    }
}

fn till_id(n: u128) -> TillId {
    TillId(Uuid::from_u128(0x6500 + n))
}

fn sold(file: &Northwind, histories: &BTreeMap<u32, Vec<Decimal>>, line: &FileLine) -> SoldItem {
    let version = histories[&line.product].iter().position(|price| *price == line.unit_price).unwrap() as u64 + 1;
    SoldItem {
        product: product_id(line.product),
        name: file.products[&line.product].name.clone(),
        barcode: None,
        quantity: Quantity::whole(line.quantity).unwrap(),
        unit_price: Money::new(cents(line.unit_price), Currency::EUR),
        price: RowVersion { row: price_id(line.product).0, version },
        tax: RowVersion { row: TAX.0, version: 1 },
        tax_rate: tax_rate(),
        discount: line.discount.normalize().to_string().parse::<Discount>().unwrap(),
    }
}

/// Sums of what arrived.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    tickets: usize,
    revenue_minor: i64,
    paid_minor: i64,
    quantities: BTreeMap<ProductId, i64>,
}

impl Sums {
    fn of_file(file: &Northwind) -> Self {
        let revenue_minor = file.lines().map(|line| cents(line.revenue())).sum();
        let mut sums = Self { tickets: file.orders.len(), revenue_minor, paid_minor: revenue_minor, ..Self::default() };
        for line in file.lines() {
            *sums.quantities.entry(product_id(line.product)).or_default() += i64::from(line.quantity);
        }
        sums
    }

    fn add(&mut self, ticket: &Ticket) {
        self.tickets += 1;
        self.revenue_minor += ticket.totals().gross_minor;
        self.paid_minor += ticket.paid_minor();
        for line in ticket.standing_lines() {
            *self.quantities.entry(line.added.fact.product).or_default() += line.quantity.millionths() / 1_000_000;
        }
    }
}

/// What a till that was away all the time knows after one pull.
async fn as_another_till_sees_it(company: &Company) -> Sums {
    let (client, session) = company.sign_in_at("northwind", "cashier").await;
    let mut till = Till::enrol(client, session, till_id(0), (TILLS + 1, company.test.now())).await;
    till.pull_all().await;
    let kind = holdfast_domain::KINDS.get("sales.ticket").unwrap();
    let mut sums = Sums::default();
    for (document, stored) in &till.documents {
        if stored.kind == kind.name() {
            let loaded = LoadedDocument::load(*document, kind, &stored.saved.0).unwrap();
            sums.add(&fold::<Ticket>(loaded.facts()).document);
        }
    }
    sums
}

/// What the books say.
async fn in_the_books(company: &Company) -> Sums {
    let mut tx = company.test.tenant(TENANT).await;
    let tickets: Vec<(i64, i64)> =
        sqlx::query_as("select gross_minor, paid_minor from sales_tickets where status = 'completed'").fetch_all(tx.connection()).await.unwrap();
    let lines: Vec<(Uuid, i64)> = sqlx::query_as("select product, sum(quantity)::bigint from sales_ticket_lines where not removed group by product")
        .fetch_all(tx.connection())
        .await
        .unwrap();
    Sums {
        tickets: tickets.len(),
        revenue_minor: tickets.iter().map(|(gross, _)| gross).sum(),
        paid_minor: tickets.iter().map(|(_, paid)| paid).sum(),
        quantities: lines.into_iter().map(|(product, quantity)| (ProductId(product), quantity)).collect(),
    }
}

async fn number(company: &Company, statement: &'static str) -> i64 {
    sqlx::query_scalar(statement).fetch_one(company.test.tenant(TENANT).await.connection()).await.unwrap()
}

#[test]
fn the_file_holds_the_orders_that_are_replayed() {
    let Some(file) = northwind() else { return };
    assert_eq!((file.orders.len(), file.lines().count(), file.products.len(), file.categories.len()), (830, 2_155, 77, 8));
    let exact: Decimal = file.lines().map(|line| line.unit_price * Decimal::from(line.quantity) * (Decimal::ONE - line.discount)).sum();
    assert_eq!(exact.normalize().to_string(), "1265793.0395", "what everybody who uses this data finds, without rounding");
    let rounded: Decimal = file.lines().map(FileLine::revenue).sum();
    assert!((exact - rounded).abs() <= Decimal::new(5, 3) * Decimal::from(file.lines().count()), "{rounded}");
}

#[tokio::test]
async fn a_years_orders_sold_offline_come_to_the_files_revenue_however_the_tills_return() {
    let Some(file) = northwind() else { return };
    let mut random = ChaCha12Rng::seed_from_u64(830);
    let company = Company::open().await;
    let tills: Vec<TillId> = (0..TILLS).map(till_id).collect();
    company.found("northwind", TENANT, &[(SITE, &tills)]).await;
    let histories = price_histories(&file);
    write_catalogue(&company, &file, &histories).await;
    let mut devices = Vec::new();
    for n in 0..TILLS {
        devices.push(SellingTill::enrol(&company, n).await);
    }
    for lines in file.orders.values() {
        let device = random.random_range(0..devices.len());
        devices[device].sell(&file, &histories, lines);
    }
    devices.iter_mut().for_each(SellingTill::close);
    devices.shuffle(&mut random);
    for device in &devices {
        device.stammer(&mut random).await;
    }
    devices.shuffle(&mut random);
    for device in &mut devices {
        let answers = device.till.push_all().await;
        let settled = |answer: &Answer| matches!(answer, Answer::Accepted { .. } | Answer::Duplicate { .. });
        assert!(answers.iter().all(settled), "{:?}", answers.iter().find(|answer| !settled(answer)));
    }

    let expected = Sums::of_file(&file);
    assert_eq!(as_another_till_sees_it(&company).await, expected);
    assert_eq!(in_the_books(&company).await, expected);
    assert_eq!(number(&company, "select count(*) from events where type = 'sales.order.created'").await, 830);
    assert_eq!(number(&company, "select count(*) from events where type = 'payment.received'").await, 830);
    assert_eq!(number(&company, "select sum(amount_minor)::bigint from sales_payments").await, expected.revenue_minor);
    // Every old price is noticed, line by line, and nothing else is: not one sale was changed or turned away for it.
    let old = file.lines().filter(|line| line.unit_price != file.products[&line.product].price).count() as i64;
    let codes: Vec<(String, i64)> = sqlx::query_as("select code, count(*) from sales_exceptions group by code order by code")
        .fetch_all(company.test.tenant(TENANT).await.connection())
        .await
        .unwrap();
    assert_eq!(codes, [("price_not_in_force".to_owned(), old)]);
}
