//! A shop with goods and prices, and people who sell them.

use crate::support::{Company, Till};
use axum::http::StatusCode;
use holdfast_domain::catalog::{Category, Picture, Price, Product, TaxRate, Unit};
use holdfast_domain::kernel::{
    CategoryId, Currency, Discount, DocumentId, Money, PriceId, ProductId, Quantity, RowVersion, SiteId, TaxRateId, TenantId, TillId, Timestamp,
};
use holdfast_domain::reporting::Takings;
use holdfast_domain::sales::office::TicketDetail;
use holdfast_domain::sales::ticket::{AddLine, Open, PayCash, SoldItem};
use holdfast_domain::sales::{BlockRequest, ReceiptBlock, ReceiptNumber, till_session};
use holdfast_server::catalog::{self, CatalogChange};
use holdfast_server::events::Runner;
use holdfast_server::rehearsal::Client;
use holdfast_sync::wire::Answer;
use uuid::Uuid;

pub const EUR: Currency = Currency::EUR;
pub const TICKET: &str = "sales.ticket";
pub const TILL_SESSION: &str = "sales.till_session";
/// The drawer's float, in cents.
pub const FLOAT: i64 = 10_000;

pub const STANDARD: TaxRateId = TaxRateId(Uuid::from_u128(0x7a));
pub const COFFEE: ProductId = ProductId(Uuid::from_u128(0x9c0f));
const BREAD: ProductId = ProductId(Uuid::from_u128(0x9b4d));
pub const COFFEE_PRICE: PriceId = PriceId(Uuid::from_u128(0xec0f));
const BREAD_PRICE: PriceId = PriceId(Uuid::from_u128(0xeb4d));

/// The company, with its goods in the catalogue.
pub struct Shop {
    pub company: Company,
}

/// A till with a block of receipt numbers, opened.
pub struct Seller {
    pub till: Till,
    pub site: SiteId,
    pub session: DocumentId,
    pub block: ReceiptBlock,
    next: u64,
}

impl Shop {
    /// Coffee at 2.50 and bread at 1.20, both at 20 %, since long ago.
    pub async fn open() -> Self {
        let company = Company::open().await;
        let shop = Self { company };
        let category = CategoryId(Uuid::from_u128(0xca));
        let picture = Picture { hue: 30, glyph: "☕".to_owned() };
        let product = |name: &str| Product {
            name: name.to_owned(),
            category,
            unit: Unit::Piece,
            tax_rate: STANDARD,
            picture: picture.clone(),
            barcodes: Vec::new(),
        };
        shop.write(CatalogChange {
            categories: vec![(category, Category { name: "Counter".to_owned(), place: 0, picture: picture.clone() })],
            tax_rates: vec![(STANDARD, TaxRate { name: "Standard".to_owned(), rate: "20".parse().unwrap() })],
            products: vec![(COFFEE, product("Coffee")), (BREAD, product("Bread"))],
            prices: vec![(COFFEE_PRICE, price(COFFEE, 250, Timestamp(0))), (BREAD_PRICE, price(BREAD, 120, Timestamp(0)))],
        })
        .await;
        shop
    }

    pub async fn write(&self, change: CatalogChange) {
        let mut tx = self.company.test.tenant(self.company.tenant).await;
        catalog::write(&mut tx, &change).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Coffee's price changes; it is valid from that instant.
    pub async fn reprice_coffee(&self, minor: i64, valid_from: Timestamp) {
        self.write(CatalogChange { prices: vec![(COFFEE_PRICE, price(COFFEE, minor, valid_from))], ..CatalogChange::default() }).await;
    }

    pub fn now(&self) -> Timestamp {
        self.company.app.environment.now()
    }

    /// A cashier opens the first shop's till.
    pub async fn seller(&self, till: usize, n: u128) -> Seller {
        let device = self.company.enrol("cashier", self.company.tills[till], n).await;
        Seller::open(device, self.company.site).await
    }

    /// The owner opens the other shop's till.
    pub async fn seller_elsewhere(&self, n: u128) -> Seller {
        let device = self.company.enrol("owner", self.company.other_till, n).await;
        Seller::open(device, self.company.other_site).await
    }

    /// Someone who reads everything.
    pub async fn auditor(&self) -> Client {
        self.company.sign_in("auditor").await.0
    }

    /// A ticket as the office sees it.
    pub async fn ticket(&self, document: DocumentId) -> TicketDetail {
        let response = self.auditor().await.get(&format!("/api/v1/sales/tickets/{document}")).await;
        assert_eq!(response.status, StatusCode::OK, "{}", String::from_utf8_lossy(&response.body));
        response.json()
    }

    /// The codes of the rulings on a ticket, oldest first.
    pub async fn rulings(&self, document: DocumentId) -> Vec<String> {
        self.ticket(document).await.rulings.into_iter().map(|finding| finding.code).collect()
    }

    /// The codes of the exceptions that a document opened, sorted.
    pub async fn exceptions(&self, document: DocumentId) -> Vec<String> {
        let mut tx = self.company.test.tenant(self.company.tenant).await;
        let statement = "select code from sales_exceptions where document = $1 and resolved_at is null order by code";
        sqlx::query_scalar(statement).bind(document.0).fetch_all(tx.connection()).await.unwrap()
    }

    /// All consumers hear all there is.
    pub async fn hear(&self) {
        Runner::of(&self.company.app).catch_up().await.unwrap();
    }

    /// How many events of each type were published, by type.
    pub async fn published(&self) -> Vec<(String, i64)> {
        let mut tx = self.company.test.tenant(self.company.tenant).await;
        sqlx::query_as("select type, count(*) from events group by type order by type").fetch_all(tx.connection()).await.unwrap()
    }

    /// A day's takings: till, hour's begin, cents, tickets.
    pub async fn takings(&self, day: &str) -> Vec<(TillId, Timestamp, i64, u32)> {
        let response = self.auditor().await.get(&format!("/api/v1/reporting/takings?day={day}")).await;
        assert_eq!(response.status, StatusCode::OK, "{}", String::from_utf8_lossy(&response.body));
        let takings: Takings = response.json();
        let tills = takings.sites.into_iter().flat_map(|site| site.tills);
        tills.flat_map(|till| till.hours.into_iter().map(move |hour| (till.till, hour.began_at, hour.gross.minor, hour.tickets))).collect()
    }

    pub fn tenant(&self) -> TenantId {
        self.company.tenant
    }
}

impl Seller {
    /// Reserves numbers, counts the float.
    pub async fn open(mut till: Till, site: SiteId) -> Self {
        let request = BlockRequest { device: till.chain.device, chain: till.chain.chain, till: till.till };
        let response = till.client.post_json("/api/v1/sales/number-blocks", &request).await;
        assert_eq!(response.status, StatusCode::CREATED, "{}", String::from_utf8_lossy(&response.body));
        let block: ReceiptBlock = response.json();
        let session = till.draw();
        let id = till.till;
        till.act(TILL_SESSION, session, &till_session::Open { till: id, site, currency: EUR, float: Money::new(FLOAT, EUR) });
        Self { till, site, session, next: block.first, block }
    }

    pub fn number(&mut self) -> ReceiptNumber {
        let number = ReceiptNumber { block: self.block.block, number: self.next };
        self.next += 1;
        number
    }

    /// A ticket with these items on it, not paid yet.
    pub fn ring_up(&mut self, items: &[SoldItem]) -> DocumentId {
        let ticket = self.till.draw();
        let open = Open { till: self.till.till, site: self.site, till_session: self.session, currency: EUR };
        self.till.act(TICKET, ticket, &open);
        for item in items {
            self.till.act(TICKET, ticket, &AddLine { item: item.clone() });
        }
        ticket
    }

    /// Cash enough is handed over.
    pub fn pay(&mut self, ticket: DocumentId) {
        let receipt = self.number();
        self.till.act(TICKET, ticket, &PayCash { tendered: Money::new(100_000, EUR), receipt });
    }

    pub fn sell(&mut self, items: &[SoldItem]) -> DocumentId {
        let ticket = self.ring_up(items);
        self.pay(ticket);
        ticket
    }

    pub fn close(&mut self, expected: i64, tickets: u32) {
        let close = till_session::Close { counted: Money::new(expected, EUR), expected: Money::new(expected, EUR), tickets, photos: Vec::new() };
        self.till.act(TILL_SESSION, self.session, &close);
    }

    /// Everything goes up, and all of it is accepted.
    pub async fn push(&mut self) {
        let answers = self.till.push_all().await;
        assert!(answers.iter().all(|answer| matches!(answer, Answer::Accepted { .. })), "{answers:?}");
    }
}

pub fn coffee() -> SoldItem {
    item("Coffee", COFFEE, COFFEE_PRICE, 250)
}

pub fn bread() -> SoldItem {
    item("Bread", BREAD, BREAD_PRICE, 120)
}

fn item(name: &str, product: ProductId, price: PriceId, minor: i64) -> SoldItem {
    SoldItem {
        product,
        name: name.to_owned(),
        barcode: None,
        quantity: Quantity::ONE,
        unit_price: Money::new(minor, EUR),
        price: RowVersion { row: price.0, version: 1 },
        tax: RowVersion { row: STANDARD.0, version: 1 },
        tax_rate: "20".parse().unwrap(),
        discount: Discount::NONE,
    }
}

fn price(product: ProductId, minor: i64, valid_from: Timestamp) -> Price {
    Price { product, amount: Money::new(minor, EUR), valid_from }
}
