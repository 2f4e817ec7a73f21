//! `/api/v1/identity/session`: who is signed in, and signing out.

use super::queries;
use super::rights::Rights;
use super::sign_in;
use super::signed_in::{Carrier, SignedIn};
use super::token::forget_cookie;
use crate::audit::{self, Actor, Origin};
use crate::failure::{Failure, Fault};
use crate::http::App;
use crate::tenancy::TenantTx;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use holdfast_domain::audit::Action;
use holdfast_domain::identity::{SessionView, SiteView};
use holdfast_domain::kernel::AccountId;

/// `GET`.
pub(super) async fn show(State(app): State<App>, signed_in: SignedIn) -> Result<Json<SessionView>, Failure> {
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    Ok(Json(view(&mut tx, signed_in.account, signed_in.token.csrf()).await?))
}

/// `DELETE`.
pub(super) async fn sign_out(State(app): State<App>, Carrier(signed_in): Carrier, origin: Origin) -> Result<Response, Failure> {
    let actor = Actor { signed_in, origin };
    let signed_in = &actor.signed_in;
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    // Of two requests that end it at once, one does.
    if queries::delete_session(&mut tx, signed_in.token.hash()).await? {
        let entry = sign_in::entry(&app, Action::SignOut, ("identity.account", signed_in.account.0, &signed_in.name));
        audit::write(&mut tx, &actor, std::slice::from_ref(&entry)).await?;
    }
    tx.commit().await?;
    app.movements.rights_changed(signed_in.tenant);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, forget_cookie(app.transport))]).into_response())
}

/// What the account sees of itself.
pub(super) async fn view(tx: &mut TenantTx, account: AccountId, csrf: String) -> Result<SessionView, Failure> {
    let tenant = queries::tenant(tx).await?;
    let about = queries::account(tx, account).await?.ok_or_else(|| Fault::because(format!("the account {account} of a session is not there")))?;
    let rights = Rights::held(&queries::roles(tx, account).await?);
    let workplaces = rights.sites();
    let sites: Vec<SiteView> = queries::sites(tx).await?.into_iter().filter(|site| workplaces.contains(site.id)).collect();
    Ok(SessionView {
        tenant: tx.tenant(),
        tenant_name: tenant.name,
        tenant_slug: tenant.slug,
        currency: tenant.currency,
        account,
        name: about.name,
        email: about.email,
        person: about.person,
        permissions: rights.anywhere().into_iter().collect(),
        fields: rights.fields_anywhere(),
        sites,
        csrf,
    })
}
