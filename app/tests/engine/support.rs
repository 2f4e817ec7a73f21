//! A till in a database of its own, enrolled without a server.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_app::device::store::{Access, CHAIN, PersonalStore, Records, Store, StoreError};
use holdfast_app::device::{clock, ids};
use holdfast_app::engine::core::Core;
use holdfast_app::engine::protocol::{EnrolledTill, FromEngine};
use holdfast_app::engine::records::{DeviceRecord, GrantRecord, NumberBlock, PersonRecord, SessionRecord, name};
use holdfast_domain::catalog::{Category, Picture, Price, Product, TaxRate, Unit};
use holdfast_domain::identity::{GrantClaims, SessionView};
use holdfast_domain::kernel::{
    AccountId, BlockId, CategoryId, ChainId, Currency, DeviceId, GrantId, Money, ProductId, Reference, SiteId, TaxRateId, TenantId, TillId, Timestamp,
};
use holdfast_domain::sales::{self, ReceiptBlock};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::replica::{ChainHead, Clocks, OutboxRow};
use holdfast_sync::wire::ReferenceRow;
use uuid::Uuid;

/// The shop that every till stands in.
pub const SITE: SiteId = SiteId(Uuid::from_u128(0x51));

/// A till and what is known of it.
pub struct Till {
    pub core: Core,
    pub store: Store,
    pub account: AccountId,
    pub tenant: TenantId,
}

fn ignore(_: &FromEngine) {}

/// A till that is enrolled, with a cashier signed in, ten receipt numbers from 41 on, and two products.
pub async fn enrolled() -> Till {
    enrolled_with(10).await
}

/// The same with so many receipt numbers.
pub async fn enrolled_with(numbers: u64) -> Till {
    let tenant = TenantId::from(ids::fresh());
    let core = Core::open(ignore).await.unwrap();
    let store = core.use_tenant(tenant).await.unwrap();
    let account = AccountId::from(ids::fresh());
    let (device, chain) = (DeviceId::from(ids::fresh()), ChainId::from(ids::fresh()));
    let (site, till) = (SITE, TillId::from(ids::fresh()));
    let record = DeviceRecord {
        device,
        tenant,
        till: Some(EnrolledTill {
            till,
            till_name: "Till 1".to_owned(),
            site,
            site_name: "Harbour Street".to_owned(),
            tenant_name: "Lighthouse".to_owned(),
            currency: "EUR".to_owned(),
            time_zone: "Europe/Paris".to_owned(),
        }),
    };
    let person = PersonRecord {
        account,
        name: "Ana".to_owned(),
        email: "ana@example.org".to_owned(),
        permissions: Vec::new(),
        grant: Some(grant(account, (tenant, device, site))),
        pin: None,
    };
    let block = ReceiptBlock { block: BlockId::from(ids::fresh()), device, chain, first: 41, last: 40 + numbers };
    let stores = [Records::Meta, Records::People, Records::Numbers];
    store
        .transact(&stores, Access::Strict, async |transaction| {
            transaction.put(Records::Meta, CHAIN, &ChainHead::begin(device, chain))?;
            transaction.put(Records::Meta, name::DEVICE, &record)?;
            transaction.put(Records::Meta, name::SIGNED_IN, &account)?;
            transaction.put(Records::People, account.to_string().as_str(), &person)?;
            transaction.put(Records::Meta, name::SESSION, &session(account, tenant))?;
            if numbers > 0 {
                transaction.put(Records::Numbers, block.block.to_string().as_str(), &NumberBlock::fresh(block))?;
            }
            Ok::<_, StoreError>(())
        })
        .await
        .unwrap();
    let till = Till { core, store, account, tenant };
    till.stock(&products()).await;
    till
}

impl Till {
    /// Puts rows into the catalogue in memory.
    pub async fn stock(&self, rows: &[ReferenceRow]) {
        let mut catalogue = self.core.catalogue.lock().await;
        rows.iter().for_each(|row| catalogue.put(row));
    }

    /// What is the cashier's own.
    pub fn own(&self) -> PersonalStore {
        PersonalStore::of(&self.store, self.account)
    }

    /// Another tab of the same till.
    pub async fn another_tab(&self) -> Self {
        let core = Core::open(ignore).await.unwrap();
        let store = core.use_tenant(self.tenant).await.unwrap();
        let tab = Self { core, store, account: self.account, tenant: self.tenant };
        tab.stock(&products()).await;
        tab
    }
}

/// The whole outbox, in the order of the chain.
pub async fn load_queue(store: &Store) -> Result<Vec<OutboxRow>, StoreError> {
    store.transact(&[Records::Outbox], Access::Read, async |transaction| transaction.all(Records::Outbox).await).await
}

/// A tap.
pub fn tap() -> Uuid {
    ids::fresh()
}

fn session(account: AccountId, tenant: TenantId) -> SessionRecord {
    let view = SessionView {
        tenant,
        tenant_name: "Lighthouse".to_owned(),
        tenant_slug: "lighthouse".to_owned(),
        currency: "EUR".to_owned(),
        account,
        name: "Ana".to_owned(),
        email: "ana@example.org".to_owned(),
        person: None,
        permissions: Vec::new(),
        fields: std::collections::BTreeMap::new(),
        sites: Vec::new(),
        csrf: String::new(),
    };
    SessionRecord { view, lost: false }
}

/// What a server grants on a device at a site.
pub fn grant(account: AccountId, (tenant, device, site): (TenantId, DeviceId, SiteId)) -> GrantRecord {
    let claims = GrantClaims {
        jti: GrantId::from(ids::fresh()),
        sub: account,
        person: None,
        tid: tenant,
        whid: vec![site],
        permissions: sales::PERMISSIONS.iter().map(|permission| (*permission).clone()).collect(),
        device,
        name: "Ana".to_owned(),
        iat: 0,
        exp: 0,
        cnf: None,
    };
    let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap());
    GrantRecord::read(format!("e30.{payload}.x"), Timestamp(0)).unwrap()
}

/// The first version of a row.
pub fn row<R: Reference>(n: u128, body: &R) -> ReferenceRow {
    ReferenceRow { kind: R::KIND.to_owned(), id: Uuid::from_u128(n), version: 1, body: Some(Bytes(body.to_body())) }
}

/// A tax rate, a category, and a baguette (1.10) and an espresso (1.80) in it.
pub fn products() -> Vec<ReferenceRow> {
    let picture = || Picture { hue: 40, glyph: "🥖".to_owned() };
    let mut rows = vec![
        row(800, &TaxRate { name: "Reduced".to_owned(), rate: "10".parse().unwrap() }),
        row(900, &Category { name: "Bakery".to_owned(), place: 1, picture: picture() }),
    ];
    rows.extend(product((1, "Baguette"), ("9521234543213", 110)));
    rows.extend(product((2, "Espresso"), ("96385074", 180)));
    rows
}

/// A product's row and its price's.
pub fn product((n, name): (u128, &str), (code, minor): (&str, i64)) -> [ReferenceRow; 2] {
    let product = Product {
        name: name.to_owned(),
        category: CategoryId(Uuid::from_u128(900)),
        unit: Unit::Piece,
        tax_rate: TaxRateId(Uuid::from_u128(800)),
        picture: Picture { hue: 40, glyph: "🥖".to_owned() },
        barcodes: vec![code.to_owned()],
    };
    let price = Price { product: ProductId(Uuid::from_u128(n)), amount: Money::new(minor, Currency::EUR), valid_from: Timestamp(0) };
    [row(n, &product), row(1_000_000 + n, &price)]
}

/// Now, by both clocks.
pub fn clocks() -> Clocks {
    Clocks { device: clock::now(), server: clock::now() }
}
