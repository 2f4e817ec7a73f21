//! `POST /api/v1/identity/sessions`: signs in.

use super::queries::{self, Credentials};
use super::session;
use super::throttle::Counters;
use super::token::{SESSION_DAYS, Token};
use crate::failure::{Failure, Refusal};
use crate::http::{App, ClientAddress, JsonBody, RequestContext};
use crate::tenancy::TenantScope;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use holdfast_domain::identity::{SessionView, SignIn};
use holdfast_domain::kernel::{TenantId, Timestamp};

/// Longer ones are refused before they cost anything.
const LONGEST_FIELD: usize = 1_024;

pub(super) async fn sign_in(
    State(app): State<App>,
    context: RequestContext,
    ClientAddress(address): ClientAddress,
    JsonBody(sign_in): JsonBody<SignIn>,
) -> Result<Response, Failure> {
    if [&sign_in.tenant, &sign_in.email, &sign_in.password].iter().any(|field| field.len() > LONGEST_FIELD) {
        return Err(wrong().into());
    }
    let now = app.environment.now();
    let counters = Counters::of(&sign_in, address);
    counters.count(&app.database, now).await?;
    let found = find(&app, &sign_in).await?;
    let stored = found.as_ref().filter(|(_, found)| !found.disabled).map(|(_, found)| found.password_hash.clone());
    if !app.identity.passwords().check(sign_in.password, stored).await? {
        let (tenant, account) = found.as_ref().map(|(tenant, found)| (*tenant, found.account)).unzip();
        let (tenant, account) = (tenant.map(tracing::field::display), account.map(tracing::field::display));
        tracing::warn!(tenant.id = tenant, account.id = account, client.address = %address, "sign-in failed");
        return Err(wrong().into());
    }
    let (tenant, found) = found.ok_or_else(wrong)?;
    counters.take_back(&app.database, now).await?;
    let (token, view) = open_session(&app, &context, tenant, &found).await?;
    let mut response = (StatusCode::CREATED, Json(view)).into_response();
    response.headers_mut().insert(header::SET_COOKIE, token.cookie(app.transport));
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/api/v1/identity/session"));
    Ok(response)
}

async fn find(app: &App, sign_in: &SignIn) -> Result<Option<(TenantId, Credentials)>, Failure> {
    let tenant = app.database.before_tenant().await?.tenant_by_slug(&sign_in.tenant.trim().to_lowercase()).await?;
    let Some(tenant) = tenant else { return Ok(None) };
    let mut tx = app.database.tenant(TenantScope::system(tenant)).await?;
    let email = sign_in.email.trim().to_lowercase();
    Ok(queries::credentials(&mut tx, &email).await?.map(|found| (tenant, found)))
}

async fn open_session(app: &App, context: &RequestContext, tenant: TenantId, found: &Credentials) -> Result<(Token, SessionView), Failure> {
    context.note_signed_in(tenant, found.account);
    let token = Token::draw(tenant, &app.environment);
    let scope = TenantScope { account: Some(found.account), ..TenantScope::system(tenant).caused_by(context.cause()) };
    let mut tx = app.database.tenant(scope).await?;
    queries::drop_expired_sessions(&mut tx, found.account).await?;
    queries::insert_session(&mut tx, token.hash(), found.account, expiry(app.environment.now())).await?;
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
