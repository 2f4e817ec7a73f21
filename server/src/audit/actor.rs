//! Who acts, and from where.

use crate::failure::Failure;
use crate::http::{App, ClientAddress};
use crate::identity::SignedIn;
use crate::openapi::{Carried, SchemasOf, Takes};
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use holdfast_domain::kernel::{AccountId, DeviceId};
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::IpAddr;

/// The most that is kept of what a browser says of itself.
const LONGEST_AGENT: usize = 300;

/// Where a request came from.
pub struct Origin {
    /// Its address.
    pub address: IpAddr,
    /// What the browser or program calls itself.
    pub user_agent: Option<String>,
}

/// Whoever is signed in, with where the request came from.
pub struct Actor {
    /// Who.
    pub signed_in: SignedIn,
    /// From where.
    pub origin: Origin,
}

/// Who an entry says acted.
pub(crate) struct By<'a> {
    /// None where nobody proved who they are.
    pub account: Option<AccountId>,
    pub roles: &'a BTreeSet<String>,
    /// The one that the session works on.
    pub device: Option<DeviceId>,
    /// The session's mark.
    pub session: Option<[u8; 16]>,
    pub origin: &'a Origin,
}

impl Actor {
    pub(super) fn by(&self) -> By<'_> {
        let Self { signed_in, origin } = self;
        By { account: Some(signed_in.account), roles: &signed_in.roles, device: signed_in.device, session: Some(signed_in.session_mark()), origin }
    }
}

impl FromRequestParts<App> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let ClientAddress(address) = ClientAddress::from_request_parts(parts, app).await?;
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self { address, user_agent: agent.map(|agent| agent.chars().take(LONGEST_AGENT).collect()) })
    }
}

impl FromRequestParts<App> for Actor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let Ok(origin) = Origin::from_request_parts(parts, app).await;
        Ok(Self { signed_in, origin })
    }
}

impl Takes for Actor {
    fn takes(into: &mut Carried, schemas: &mut SchemasOf<'_>) {
        SignedIn::takes(into, schemas);
    }
}

impl Takes for Origin {
    fn takes(_: &mut Carried, _: &mut SchemasOf<'_>) {}
}
