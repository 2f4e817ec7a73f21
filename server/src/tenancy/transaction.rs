//! Transactions that know whose they are.

use super::queries;
use crate::failure::Fault;
use crate::field_keys::FieldKeys;
use holdfast_domain::kernel::{AccountId, SiteId, TenantId, Timestamp};
use sqlx::{PgConnection, Postgres, Transaction};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// Which sites' rows a transaction sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sites {
    /// All of the tenant's.
    All,
    /// These, and what belongs to no site.
    Only(Vec<SiteId>),
}

/// What set a piece of work off, carried from request to transaction to event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cause {
    /// The request's id; becomes an event's `correlationid`.
    pub request: Option<uuid::Uuid>,
    /// W3C trace context, as it is written in the header `traceparent`.
    pub traceparent: Option<String>,
}

/// Whose transaction it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantScope {
    /// The company.
    pub tenant: TenantId,
    /// Who acts; none for the server itself.
    pub account: Option<AccountId>,
    /// The sites whose rows are seen.
    pub sites: Sites,
    /// What set it off.
    pub cause: Cause,
}

/// A transaction of one tenant. Dropped without [`TenantTx::commit`], it is rolled back.
pub struct TenantTx {
    inner: Transaction<'static, Postgres>,
    scope: TenantScope,
    now: Timestamp,
    field_keys: Arc<FieldKeys>,
}

/// Work that is done and waits for its commit.
pub struct Done<T> {
    tx: TenantTx,
    value: T,
}

/// A transaction from before the tenant is known: it sees no row of any tenant table.
pub struct BeforeTenant {
    inner: Transaction<'static, Postgres>,
}

impl Sites {
    /// Whether rows of that site are seen.
    pub fn contains(&self, site: SiteId) -> bool {
        match self {
            Self::All => true,
            Self::Only(sites) => sites.contains(&site),
        }
    }

    /// Those that are among the others, too.
    #[must_use]
    pub fn and(self, others: &Self) -> Self {
        match (self, others) {
            (sites, Self::All) => sites,
            (Self::All, Self::Only(_)) => others.clone(),
            (Self::Only(sites), Self::Only(others)) => Self::Only(sites.into_iter().filter(|site| others.contains(site)).collect()),
        }
    }

    /// As `app.all_sites` and `app.sites`.
    pub(super) fn as_settings(&self) -> (&'static str, String) {
        match self {
            Self::All => ("on", "{}".to_owned()),
            Self::Only(sites) => ("off", format!("{{{}}}", sites.iter().map(SiteId::to_string).collect::<Vec<_>>().join(","))),
        }
    }
}

impl TenantScope {
    /// The server itself, at work in that tenant, at all its sites.
    pub fn system(tenant: TenantId) -> Self {
        Self { tenant, account: None, sites: Sites::All, cause: Cause::default() }
    }

    /// The same, set off by `cause`.
    #[must_use]
    pub fn caused_by(self, cause: Cause) -> Self {
        Self { cause, ..self }
    }
}

impl TenantTx {
    /// Binds a transaction that has just begun.
    pub(super) async fn bind(
        mut inner: Transaction<'static, Postgres>,
        scope: TenantScope,
        (now, field_keys): (Timestamp, Arc<FieldKeys>),
    ) -> Result<Self, Fault> {
        queries::bind(&mut inner, &scope, now).await?;
        Ok(Self { inner, scope, now, field_keys })
    }

    /// For a statement.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// Whose transaction it is.
    pub fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.scope.tenant
    }

    /// What encrypted fields are sealed and opened with.
    pub(crate) fn field_keys(&self) -> &FieldKeys {
        &self.field_keys
    }

    /// From here on, what is done was set off by `cause`.
    pub fn set_cause(&mut self, cause: Cause) {
        self.scope.cause = cause;
    }

    /// When it began, by the server's clock; what `created_at` and `modified_at` say.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// From here on, what is done can be taken back without ending the transaction, until it is [kept](Self::keep). There is one mark at a time.
    pub async fn mark(&mut self) -> Result<(), Fault> {
        Ok(queries::mark(&mut self.inner).await?)
    }

    /// Keeps what was done since the mark, and forgets it.
    pub async fn keep(&mut self) -> Result<(), Fault> {
        Ok(queries::keep(&mut self.inner).await?)
    }

    /// Takes back what was done since the mark, also after a statement that failed, and forgets it.
    pub async fn back_to_mark(&mut self) -> Result<(), Fault> {
        Ok(queries::back_to_mark(&mut self.inner).await?)
    }

    /// Ends the work of [`Database::in_tenant`](super::Database::in_tenant), which commits it and returns `value`.
    pub fn done<T>(self, value: T) -> Done<T> {
        Done { tx: self, value }
    }

    /// Makes what was done lasting.
    pub async fn commit(self) -> Result<(), Fault> {
        Ok(self.inner.commit().await?)
    }

    /// Takes back what was done, and waits for it: its locks are free then. Dropping does the same some time later.
    pub async fn undo(self) {
        // A connection that broke has nothing left to take back.
        drop(self.inner.rollback().await);
    }
}

impl<T> Done<T> {
    /// The same work, with something else to say of it.
    pub fn map<U>(self, tell: impl FnOnce(T) -> U) -> Done<U> {
        Done { tx: self.tx, value: tell(self.value) }
    }

    /// Only the value: what was done is rolled back.
    pub fn undone(self) -> T {
        self.value
    }

    pub(super) async fn commit(self) -> Result<T, Fault> {
        self.tx.commit().await?;
        Ok(self.value)
    }
}

impl BeforeTenant {
    pub(super) fn new(inner: Transaction<'static, Postgres>) -> Self {
        Self { inner }
    }

    /// For a statement.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.inner
    }

    /// The tenant of that short name.
    pub async fn tenant_by_slug(&mut self, slug: &str) -> Result<Option<TenantId>, Fault> {
        Ok(queries::tenant_by_slug(&mut self.inner, slug).await?)
    }

    /// All tenants, for work that goes through them one transaction after the other.
    pub async fn tenants(&mut self) -> Result<Vec<TenantId>, Fault> {
        Ok(queries::tenant_ids(&mut self.inner).await?)
    }

    /// Makes what was done lasting.
    pub async fn commit(self) -> Result<(), Fault> {
        Ok(self.inner.commit().await?)
    }
}

impl Deref for TenantTx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.inner
    }
}

impl DerefMut for TenantTx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.inner
    }
}
