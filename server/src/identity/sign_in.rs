//! `POST /api/v1/identity/sessions`: signs in.

use super::queries::{self, Credentials};
use super::session;
use super::throttle::Counters;
use super::token::{SESSION_DAYS, Token};
use crate::audit::{self, By, Origin};
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, JsonBody, RequestContext};
use crate::tenancy::TenantScope;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use holdfast_domain::audit::Action;
use holdfast_domain::identity::{SessionView, SignIn};
use holdfast_domain::kernel::{TenantId, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Longer ones are refused before they cost anything.
const LONGEST_FIELD: usize = 1_024;

pub(super) async fn sign_in(
    State(app): State<App>,
    context: RequestContext,
    origin: Origin,
    JsonBody(sign_in): JsonBody<SignIn>,
) -> Result<Response, Failure> {
    if [&sign_in.tenant, &sign_in.email, &sign_in.password].iter().any(|field| field.len() > LONGEST_FIELD) {
        return Err(wrong().into());
    }
    let now = app.environment.now();
    let counters = Counters::of(&sign_in, origin.address);
    // Whoever comes too soon is turned away here, and leaves no entry: that bounds how many a stranger can cause.
    counters.count(&app.database, now).await?;
    let (tenant, found) = find(&app, &sign_in).await?;
    let stored = found.as_ref().filter(|found| !found.disabled).map(|found| found.password_hash.clone());
    if !app.identity.passwords().check(sign_in.password, stored).await? {
        note_failed(&app, &context, tenant, (found.as_ref(), &origin)).await?;
        return Err(wrong().into());
    }
    let (tenant, found) = tenant.zip(found).ok_or_else(wrong)?;
    counters.take_back(&app.database, now).await?;
    let (token, view) = open_session(&app, &context, tenant, (&found, &origin)).await?;
    let mut response = (StatusCode::CREATED, Json(view)).into_response();
    response.headers_mut().insert(header::SET_COOKIE, token.cookie(app.transport));
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/api/v1/identity/session"));
    Ok(response)
}

/// The company and, in it, the account, as far as they are there.
async fn find(app: &App, sign_in: &SignIn) -> Result<(Option<TenantId>, Option<Credentials>), Failure> {
    let tenant = app.database.before_tenant().await?.tenant_by_slug(&sign_in.tenant.trim().to_lowercase()).await?;
    let Some(tenant) = tenant else { return Ok((None, None)) };
    let mut tx = app.database.tenant(TenantScope::system(tenant)).await?;
    let email = sign_in.email.trim().to_lowercase();
    Ok((Some(tenant), queries::credentials(&mut tx, &email).await?))
}

/// That somebody was turned away stands in the company's audit, and who they said to be where that is one of its accounts; nothing of what they typed.
async fn note_failed(
    app: &App,
    context: &RequestContext,
    tenant: Option<TenantId>,
    (found, origin): (Option<&Credentials>, &Origin),
) -> Result<(), Fault> {
    let account = found.map(|found| found.account);
    let (told_tenant, told_account) = (tenant.map(tracing::field::display), account.map(tracing::field::display));
    tracing::warn!(tenant.id = told_tenant, account.id = told_account, client.address = %origin.address, "sign-in failed");
    let Some(tenant) = tenant else { return Ok(()) };
    let mut tx = app.database.tenant(TenantScope::system(tenant).caused_by(context.cause())).await?;
    let record = found.map_or(("identity.account", Uuid::nil(), ""), |found| ("identity.account", found.account.0, &found.name));
    let by = By { account: None, roles: &BTreeSet::new(), device: None, session: None, origin };
    audit::write_as(&mut tx, &by, &entry(app, Action::SignInFailed, record)).await?;
    tx.commit().await
}

/// An entry of signing in or out.
pub(super) fn entry<'a>(app: &App, action: Action, record: (&'static str, Uuid, &'a str)) -> audit::Entry<'a> {
    audit::Entry { id: app.environment.new_id(), action, record, site: None, before: None, after: None, reason: None }
}

async fn open_session(
    app: &App,
    context: &RequestContext,
    tenant: TenantId,
    (found, origin): (&Credentials, &Origin),
) -> Result<(Token, SessionView), Failure> {
    context.note_signed_in(tenant, found.account);
    let token = Token::draw(tenant, &app.environment);
    let scope = TenantScope { account: Some(found.account), ..TenantScope::system(tenant).caused_by(context.cause()) };
    let mut tx = app.database.tenant(scope).await?;
    queries::drop_expired_sessions(&mut tx, found.account).await?;
    queries::insert_session(&mut tx, token.hash(), found.account, expiry(app.environment.now())).await?;
    let roles = queries::roles(&mut tx, found.account).await?.into_iter().map(|held| held.role.called().to_owned()).collect();
    let by = By { account: Some(found.account), roles: &roles, device: None, session: Some(token.mark()), origin };
    audit::write_as(&mut tx, &by, &entry(app, Action::SignIn, ("identity.account", found.account.0, &found.name))).await?;
    let view = session::view(&mut tx, found.account, token.csrf()).await?;
    tx.commit().await?;
    Ok((token, view))
}

/// When a session that is used now ends.
pub(super) fn expiry(now: Timestamp) -> Timestamp {
    now.plus_ms(SESSION_DAYS * 24 * 60 * 60 * 1_000)
}

/// The same whatever is wrong, so that nobody learns which companies and accounts there are.
fn wrong() -> Refusal {
    let detail = "The company, the e-mail address or the password is wrong. Check them and try again.";
    Refusal::new(401, "sign_in_failed", "Sign-in failed", detail)
}
