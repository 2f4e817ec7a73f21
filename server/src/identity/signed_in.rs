//! Who calls. A handler that takes [`SignedIn`] runs for nobody else; one that takes [`Carrier`] also for someone whose device was revoked.

use super::device;
use super::queries::{self, Session};
use super::rights::{self, Rights};
use super::sign_in::expiry;
use super::token::Token;
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, RequestContext};
use crate::openapi::{Carried, SchemasOf, Takes};
use crate::tenancy::{Cause, Sites, TenantScope};
use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use holdfast_domain::identity::Permission;
use holdfast_domain::kernel::{AccountId, DeviceId, PersonId, SiteId, TenantId, Timestamp};
use std::collections::BTreeSet;

/// The header that proves that an unsafe request comes from our own page.
const CSRF_HEADER: &str = "x-holdfast-csrf";
/// A session's end is moved at most this often.
const SLIDE_EVERY_MS: i64 = 60 * 60 * 1_000;

/// The signed-in account, as of this request.
pub struct SignedIn {
    /// The company.
    pub tenant: TenantId,
    /// The account.
    pub account: AccountId,
    /// Its name, as shown and printed.
    pub name: String,
    /// The person behind it.
    pub person: Option<PersonId>,
    /// What it may do, and where.
    pub rights: Rights,
    /// What it is, somewhere; for the audit.
    pub roles: BTreeSet<String>,
    /// The device it works on, once it has enrolled one or asked for a grant on one.
    pub device: Option<DeviceId>,
    /// What its request sets off.
    pub cause: Cause,
    pub(super) token: Token,
}

/// Someone signed in, also on a device that was revoked: such a one may still send up what waits there, and sign out.
pub struct Carrier(pub SignedIn);

impl SignedIn {
    /// For a transaction that sees the sites the account works at.
    pub fn scope(&self) -> TenantScope {
        self.scope_at(self.rights.sites())
    }

    /// For a transaction that sees the sites at which the account may do `permission`; refuses who may nowhere. What lists use.
    pub fn scope_for(&self, permission: &Permission) -> Result<TenantScope, Refusal> {
        Ok(self.scope_at(self.rights.require_somewhere(permission)?))
    }

    /// Refuses what the account may not do at that site; at no site in particular, where it must hold everywhere.
    pub fn require(&self, permission: &Permission, site: Option<SiteId>) -> Result<(), Refusal> {
        self.rights.require(permission, site)
    }

    /// Refuses what the account may not do to a record. What is at a site takes the permission there, or everywhere where the site is not yet; what belongs to the whole
    /// company takes it anywhere.
    pub(crate) fn require_for(&self, permission: &Permission, site: Option<SiteId>, at_sites: bool) -> Result<(), Refusal> {
        if at_sites { self.require(permission, site) } else { self.rights.require_somewhere(permission).map(drop) }
    }

    /// Whether a request of the same session would still be heard.
    pub async fn still_stands(&self, app: &App) -> Result<bool, Fault> {
        let mut tx = app.database.tenant(TenantScope::system(self.tenant)).await?;
        let session = queries::session(&mut tx, self.token.hash()).await?;
        Ok(session.is_some_and(|session| !session.disabled && !session.device_revoked && session.expires_at > app.environment.now()))
    }

    /// What its session's pages send along; a device's proof of its key is bound to it.
    pub(super) fn csrf(&self) -> String {
        self.token.csrf()
    }

    /// Tells one session from another in the audit, and opens none.
    pub fn session_mark(&self) -> [u8; 16] {
        self.token.mark()
    }

    fn scope_at(&self, sites: Sites) -> TenantScope {
        TenantScope { tenant: self.tenant, account: Some(self.account), sites, cause: self.cause.clone() }
    }
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        match identify(parts, app).await? {
            (signed_in, DeviceState::Standing) => Ok(signed_in),
            (_, DeviceState::Revoked) => Err(device::revoked().into()),
        }
    }
}

impl Takes for SignedIn {
    fn takes(into: &mut Carried, _: &mut SchemasOf<'_>) {
        into.for_who_may();
    }
}

impl Takes for Carrier {
    fn takes(into: &mut Carried, _: &mut SchemasOf<'_>) {
        into.for_a_session();
    }
}

impl FromRequestParts<App> for Carrier {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let (signed_in, _) = identify(parts, app).await?;
        Ok(Self(signed_in))
    }
}

/// Whether the session's device still counts; a session without one has none to lose.
enum DeviceState {
    Standing,
    Revoked,
}

async fn identify(parts: &mut Parts, app: &App) -> Result<(SignedIn, DeviceState), Failure> {
    let context = RequestContext::from_request_parts(parts, app).await?;
    let token = Token::from_cookies(&parts.headers).ok_or_else(not_signed_in)?;
    let now = app.environment.now();
    let mut tx = app.database.tenant(TenantScope::system(token.tenant).caused_by(context.cause())).await?;
    let session = queries::session(&mut tx, token.hash()).await?.filter(|session| !session.disabled).ok_or_else(not_signed_in)?;
    if session.expires_at <= now {
        return Err(expired().into());
    }
    context.note_signed_in(token.tenant, session.account);
    if !parts.method.is_safe() {
        check_csrf(&token, &parts.headers)?;
    }
    if is_due(session.seen_at, now) {
        queries::slide_session(&mut tx, token.hash(), expiry(now)).await?;
        context.note_renewed(token.cookie(app.transport));
    }
    let held = queries::roles(&mut tx, session.account).await?;
    let roles = held.iter().map(|held| held.role.called().to_owned()).collect();
    let rights = rights::of_held(&mut tx, session.account, &held).await?;
    tx.commit().await?;
    let state = if session.device_revoked { DeviceState::Revoked } else { DeviceState::Standing };
    let Session { account, name, person, device, .. } = session;
    Ok((SignedIn { tenant: token.tenant, account, name, person, rights, roles, device, cause: context.cause(), token }, state))
}

fn is_due(seen_at: Timestamp, now: Timestamp) -> bool {
    seen_at.plus_ms(SLIDE_EVERY_MS) <= now
}

fn check_csrf(token: &Token, headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok());
    let refused = |code, detail| Err(Refusal::new(403, code, "The request does not prove that it comes from Holdfast", detail));
    match given {
        None => refused("csrf_token_missing", "Send the session's csrf value in the header x-holdfast-csrf."),
        Some(given) if !token.is_csrf(given) => {
            refused("csrf_token_wrong", "The header x-holdfast-csrf belongs to another session. Reload the page.")
        }
        Some(_) => Ok(()),
    }
}

fn not_signed_in() -> Refusal {
    Refusal::new(401, "not_signed_in", "You are not signed in", "Sign in and try again.")
}

fn expired() -> Refusal {
    Refusal::new(401, "session_expired", "Your session has ended", "It was not used for a long time. Sign in again; what waits on this device stays.")
}
