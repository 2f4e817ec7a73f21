//! The demo company on a throw-away Postgres, and tills that sell its products.

use super::companies;
use crate::blobs::{BlobFiles, Blobs, DEFAULT_QUOTA_BYTES};
use crate::environment::Environment;
use crate::failure::{Failure, Fault};
use crate::field_keys::FieldKeys;
use crate::files::{Files, ObjectFiles};
use crate::http::{App, Limits, Modules, Transport, router};
use crate::identity::Identity;
use crate::postgres::PrivatePostgres;
use crate::presence::Presence;
use crate::rehearsal::{Client, Till};
use crate::sync::Movements;
use crate::tenancy::{Database, TenantScope, TenantTx};
use crate::{demo, metrics, reference};
use axum::Router;
use holdfast_domain::catalog::{Price, Product, TaxRate};
use holdfast_domain::identity::{SessionView, SignIn};
use holdfast_domain::kernel::{Discount, DocumentId, Money, Quantity, Rate, Reference as _, RowVersion, SiteId, TenantId, TillId};
use holdfast_domain::sales::exceptions::ExceptionsPage;
use holdfast_domain::sales::ticket::{AddLine, Open, PayCash, SoldItem};
use holdfast_domain::sales::{BlockRequest, ReceiptBlock, ReceiptNumber, till_session};
use holdfast_sync::wire::{Answer, ReferenceRow};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;
use uuid::Uuid;

/// The company's short name.
const COMPANY: &str = "seahorse";

/// A server with the demo company.
pub(super) struct Shop {
    pub app: App,
    pub router: Router,
    pub items: Arc<[SoldItem]>,
    folder: PathBuf,
    postgres: Option<PrivatePostgres>,
    _stop: watch::Sender<bool>,
}

/// A till that is open, with numbers for its receipts.
pub(super) struct OpenTill {
    pub till: Till,
    /// What it sells.
    pub items: Arc<[SoldItem]>,
    site: SiteId,
    session: DocumentId,
    block: ReceiptBlock,
    next: u64,
}

impl Shop {
    pub(super) async fn open() -> Result<Self, Failure> {
        metrics::start();
        let environment = Environment::system();
        let folder = std::env::temp_dir().join(format!("holdfast-bench-{}", environment.new_id::<Uuid>()));
        let data = folder.clone();
        let started =
            tokio::task::spawn_blocking(move || PrivatePostgres::start(&data, &[])).await.map_err(|error| Fault::new("start Postgres", error))?;
        let postgres = started.map_err(|error| Fault::new("start Postgres", error))?;
        postgres.provision().await?;
        Database::migrate(&postgres.connections().owner).await?;
        let database = Database::connect(postgres.connections(), FieldKeys::passing(&environment), environment.clone()).await?;
        let identity = Identity::start(&database, &environment).await?;
        demo::plant(&database, &environment, identity.passwords()).await?;
        let (stop, stopping) = watch::channel(false);
        let app = App {
            database,
            environment,
            identity,
            transport: Transport::Plain,
            movements: Movements::default(),
            presence: Presence::default(),
            modules: Modules::ALL,
            oldest_app: 1,
            files: Files { store: ObjectFiles::in_folder(&folder.join("files"))?, quota_bytes: DEFAULT_QUOTA_BYTES },
            blobs: Blobs { files: BlobFiles::in_folder(folder.join("blobs")), quota_bytes: DEFAULT_QUOTA_BYTES },
            app_folder: None,
            stopping,
        };
        let router = router(app.clone(), Limits::default());
        let items = items(&app, COMPANY).await?;
        Ok(Self { app, router, items, folder, postgres: Some(postgres), _stop: stop })
    }

    pub(super) async fn close(mut self) {
        self.app.database.close().await;
        let postgres = self.postgres.take();
        // What is left is a folder below the system's temporary one.
        let ended = tokio::task::spawn_blocking(move || drop(postgres)).await;
        drop(ended);
        drop(std::fs::remove_dir_all(&self.folder));
    }

    /// Signs the owner in.
    pub(super) async fn sign_in(&self) -> (Client, SessionView) {
        let owner = demo::sign_ins().into_iter().find(|person| person.tenant == COMPANY).expect("the demo has people");
        let mut client = Client::of(self.router.clone());
        let sign_in = SignIn { tenant: COMPANY.to_owned(), email: owner.email.to_owned(), password: owner.password.to_owned() };
        let session = client.sign_in(&sign_in).await;
        (client, session)
    }

    /// Enrols a device at one of the company's tills and opens it.
    pub(super) async fn open_till(&self, n: u128) -> OpenTill {
        let (client, session) = self.sign_in().await;
        open((client, session), n, (self.app.environment.clone(), Arc::clone(&self.items))).await
    }

    /// Founds companies, each with a till that is open.
    pub(super) async fn open_companies(&self, count: u32) -> Result<Vec<OpenTill>, Failure> {
        let hash = self.app.identity.passwords().hash(companies::PASSWORD).await?;
        let mut tills = Vec::new();
        for n in 0..count {
            let slug = companies::found(&self.app, n, &hash).await?;
            let items = items(&self.app, &slug).await?;
            let mut client = Client::of(self.router.clone());
            let session = client.sign_in(&companies::sign_in(&slug)).await;
            tills.push(open((client, session), 1, (self.app.environment.clone(), items)).await);
        }
        Ok(tills)
    }

    /// The process of its Postgres.
    pub(super) fn postgres_pid(&self) -> Option<u32> {
        self.postgres.as_ref()?.pid()
    }

    /// A transaction of the company's.
    pub(super) async fn tenant_tx(&self) -> Result<TenantTx, Failure> {
        let tenant = tenant(&self.app, COMPANY).await?;
        Ok(self.app.database.tenant(TenantScope::system(tenant)).await?)
    }

    /// An honest sale leaves nothing to rule on; else something else would be measured.
    pub(super) async fn expect_no_rulings(&self) -> Result<(), Failure> {
        let (client, _session) = self.sign_in().await;
        let page: ExceptionsPage = client.get("/api/v1/sales/exceptions").await.json();
        if page.exceptions.is_empty() { Ok(()) } else { Err(Fault::because("honest sales were ruled on").into()) }
    }
}

/// Enrols a device at one of the tills of whoever is signed in and opens it.
async fn open((client, session): (Client, SessionView), n: u128, (environment, items): (Environment, Arc<[SoldItem]>)) -> OpenTill {
    let tills: Vec<(SiteId, TillId)> = session.sites.iter().flat_map(|site| site.tills.iter().map(|till| (site.id, till.id))).collect();
    let (site, till) = tills[usize::try_from(n).unwrap_or(0) % tills.len()];
    let mut till = Till::enrol(client, session, till, (n, environment.now())).await;
    // Whoever sells has the grant by then.
    till.now = environment.now();
    let request = BlockRequest { device: till.chain.device, chain: till.chain.chain, till: till.till };
    let block: ReceiptBlock = till.client.post_json("/api/v1/sales/number-blocks", &request).await.json();
    let document = till.draw();
    let currency = items[0].unit_price.currency;
    let open = till_session::Open { till: till.till, site, currency, float: Money::new(10_000, currency) };
    till.act("sales.till_session", document, &open);
    OpenTill { till, items, site, session: document, next: block.first, block }
}

async fn tenant(app: &App, slug: &str) -> Result<TenantId, Failure> {
    Ok(app.database.before_tenant().await?.tenant_by_slug(slug).await?.ok_or_else(|| Fault::because(format!("the company {slug} is missing")))?)
}

impl OpenTill {
    /// Sells `lines` products to one customer: `lines` + 2 changes.
    pub(super) fn sell(&mut self, items: &[SoldItem], lines: usize) {
        let ticket = self.till.draw();
        let currency = items[0].unit_price.currency;
        let open = Open { till: self.till.till, site: self.site, till_session: self.session, currency };
        self.till.act("sales.ticket", ticket, &open);
        for n in 0..lines {
            let place = usize::try_from(self.next).unwrap_or(0) * 7 + n;
            self.till.act("sales.ticket", ticket, &AddLine { item: items[place % items.len()].clone() });
        }
        let receipt = ReceiptNumber { block: self.block.block, number: self.next };
        self.next += 1;
        self.till.act("sales.ticket", ticket, &PayCash { tendered: Money::new(100_000_000, currency), receipt });
    }

    /// Pushes what was sold and forgets it once it is accepted.
    ///
    /// # Panics
    /// When an honest sale is not accepted: then there is nothing to measure.
    pub(super) async fn push(&mut self) {
        let answers = self.till.push_all().await;
        let bad = answers.iter().find(|answer| !matches!(answer, Answer::Accepted { .. }));
        assert!(bad.is_none(), "an honest sale was answered {bad:?}");
        self.till.outbox.clear();
    }
}

/// The company's products with the rows their prices and rates come from.
async fn items(app: &App, slug: &str) -> Result<Arc<[SoldItem]>, Failure> {
    let tenant = tenant(app, slug).await?;
    let mut tx = app.database.tenant(TenantScope::system(tenant)).await?;
    let rows: Vec<ReferenceRow> =
        reference::rows_after(&mut tx, reference::RowsOf::Tenant, 0, 5_000).await?.into_iter().map(|(_, row)| row).collect();
    tx.commit().await?;
    let mut products = BTreeMap::new();
    let mut rates: BTreeMap<Uuid, (RowVersion, Rate)> = BTreeMap::new();
    let mut prices = Vec::new();
    for row in &rows {
        let version = RowVersion { row: row.id, version: row.version };
        if let Some(Ok(product)) = Product::of(row) {
            products.insert(row.id, product);
        } else if let Some(Ok(rate)) = TaxRate::of(row) {
            rates.insert(row.id, (version, rate.rate));
        } else if let Some(Ok(price)) = Price::of(row) {
            prices.push((version, price));
        }
    }
    let item = |(version, price): (RowVersion, Price)| {
        let product = products.get(&price.product.0)?;
        let (tax, tax_rate) = rates.get(&product.tax_rate.0).copied()?;
        Some(SoldItem {
            product: price.product,
            name: product.name.clone(),
            barcode: product.barcodes.first().cloned(),
            quantity: Quantity::ONE,
            unit_price: price.amount,
            price: version,
            tax,
            tax_rate,
            discount: Discount::NONE,
        })
    };
    Ok(prices.into_iter().filter_map(item).collect())
}
