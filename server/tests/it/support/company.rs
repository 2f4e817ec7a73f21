//! A small company to test with: a shop of two tills, another shop, a cashier, an owner.

use super::described::as_described;
use super::{Client, TestDatabase, Till};
use axum::Router;
use holdfast_domain::identity::{SessionView, SignIn, SiteKind};
use holdfast_domain::kernel::{AccountId, Epoch, PersonId, SiteId, TenantId, TillId};
use holdfast_server::http::{App, Limits, Modules, Transport, router};
use holdfast_server::identity::{
    Identity, NewAccount, NewPerson, NewSite, NewTenant, NewTill, Role, create_account, create_person, create_site, create_tenant, create_till,
    give_role,
};
use holdfast_server::presence::Presence;
use holdfast_server::sync::Movements;
use tokio::sync::watch;
use uuid::Uuid;

/// Everybody's.
pub const PASSWORD: &str = "kelp holds to its rock";

/// The company, and the server it lives on.
pub struct Company {
    pub test: TestDatabase,
    pub app: App,
    #[expect(dead_code, reason = "open streams end when it is gone")]
    stop: watch::Sender<bool>,
    pub router: Router,
    pub tenant: TenantId,
    pub slug: String,
    pub site: SiteId,
    pub tills: [TillId; 2],
    pub other_site: SiteId,
    pub other_till: TillId,
}

/// The site of [`Company::open`] that most of what is tested happens at.
pub const FIRST_SITE: SiteId = SiteId(Uuid::from_u128(0xc0_0001));

impl Company {
    /// A server with one company.
    pub async fn open() -> Self {
        let test = TestDatabase::create().await;
        let environment = test.world.environment();
        let identity = Identity::start(&test.database, &environment).await.unwrap();
        let (stop, stopping) = watch::channel(false);
        let database = test.database.clone();
        let app = App {
            database,
            environment,
            identity,
            transport: Transport::Plain,
            movements: Movements::default(),
            presence: Presence::default(),
            modules: Modules::ALL,
            oldest_app: 1,
            blobs: test.blobs(),
            files: test.files(),
            app_folder: None,
            stopping,
        };
        let router = as_described(router(app.clone(), Limits::default()));
        let id = |n: u128| Uuid::from_u128(0xc0_0000 + n);
        let company = Self {
            test,
            app,
            stop,
            router,
            tenant: TenantId(id(0)),
            slug: "kelp".to_owned(),
            site: FIRST_SITE,
            tills: [TillId(id(2)), TillId(id(3))],
            other_site: SiteId(id(4)),
            other_till: TillId(id(5)),
        };
        company.found("kelp", company.tenant, &[(company.site, &company.tills), (company.other_site, &[company.other_till])]).await;
        company
    }

    /// Founds a company with shops and their tills; people are cashier@, owner@ and auditor@ its slug.
    pub async fn found(&self, slug: &str, tenant: TenantId, shops: &[(SiteId, &[TillId])]) {
        let mut tx = self.test.tenant(tenant).await;
        let epoch = Epoch(Uuid::from_u128(tenant.0.as_u128() + 0xe0));
        create_tenant(&mut tx, &NewTenant { slug: slug.to_owned(), name: slug.to_owned(), currency: "EUR".to_owned(), epoch }).await.unwrap();
        for (n, (site, tills)) in shops.iter().enumerate() {
            let new = NewSite { id: *site, name: format!("Shop {n}"), kind: SiteKind::Shop, time_zone: "Europe/Paris".to_owned() };
            create_site(&mut tx, &new).await.unwrap();
            for (m, till) in tills.iter().enumerate() {
                create_till(&mut tx, &NewTill { id: *till, site: *site, name: format!("Till {m}") }).await.unwrap();
            }
        }
        let password_hash = self.app.identity.passwords().hash(PASSWORD).await.unwrap();
        let people = [("cashier", Role::Cashier, Some(shops[0].0)), ("owner", Role::Owner, None), ("auditor", Role::Auditor, None)];
        for (n, (name, role, site)) in people.into_iter().enumerate() {
            let account = AccountId(Uuid::from_u128(tenant.0.as_u128() + 0xa0 + n as u128));
            let new = NewAccount {
                id: account,
                email: format!("{name}@{slug}.example"),
                name: name.to_owned(),
                person: None,
                password_hash: password_hash.clone(),
            };
            create_account(&mut tx, &new).await.unwrap();
            give_role(&mut tx, Uuid::from_u128(tenant.0.as_u128() + 0xb0 + n as u128), account, (role, site)).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Someone more works at the first company, at one of its sites.
    pub async fn hire(&self, name: &str, (role, site): (Role, SiteId)) {
        self.hire_as(name, (role, site), None).await;
    }

    /// The same, as a person of the company's.
    pub async fn hire_person(&self, name: &str, (role, site): (Role, SiteId)) -> PersonId {
        let person: PersonId = self.app.environment.new_id();
        let mut tx = self.test.tenant(self.tenant).await;
        create_person(&mut tx, &NewPerson { id: person, name: name.to_owned() }).await.unwrap();
        tx.commit().await.unwrap();
        self.hire_as(name, (role, site), Some(person)).await;
        person
    }

    async fn hire_as(&self, name: &str, (role, site): (Role, SiteId), person: Option<PersonId>) {
        let mut tx = self.test.tenant(self.tenant).await;
        let password_hash = self.app.identity.passwords().hash(PASSWORD).await.unwrap();
        let id: AccountId = self.app.environment.new_id();
        let new = NewAccount { id, email: format!("{name}@{}.example", self.slug), name: name.to_owned(), person, password_hash };
        create_account(&mut tx, &new).await.unwrap();
        give_role(&mut tx, self.app.environment.new_id(), id, (role, Some(site))).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Whoever held a role at a site holds it at another one from now on.
    pub async fn move_to(&self, name: &str, site: SiteId) {
        let moved = sqlx::query(
            "update account_roles set site = $1 from accounts where accounts.tid = account_roles.tid and accounts.id = account_roles.account and accounts.email = $2 and account_roles.tid = $3",
        );
        let connection = sqlx::PgPool::connect_with(self.test.as_superuser()).await.unwrap();
        let moved = moved.bind(site.0).bind(format!("{name}@{}.example", self.slug)).bind(self.tenant.0).execute(&connection).await.unwrap();
        assert_eq!(moved.rows_affected(), 1);
    }

    /// Signs `name` in and enrols a new device at `till`. `n` tells devices apart.
    pub async fn enrol(&self, name: &str, till: TillId, n: u128) -> Till {
        let (client, session) = self.sign_in(name).await;
        Till::enrol(client, session, till, (n, self.app.environment.now())).await
    }

    /// Signs someone of the first company in.
    pub async fn sign_in(&self, name: &str) -> (Client, SessionView) {
        self.sign_in_at(&self.slug, name).await
    }

    /// Signs someone in.
    pub async fn sign_in_at(&self, slug: &str, name: &str) -> (Client, SessionView) {
        let mut client = Client::of(self.router.clone());
        let sign_in = SignIn { tenant: slug.to_owned(), email: format!("{name}@{slug}.example"), password: PASSWORD.to_owned() };
        let session = client.sign_in(&sign_in).await;
        (client, session)
    }
}
