//! Who acts, and from where.

use crate::failure::Failure;
use crate::http::{App, ClientAddress};
use crate::identity::SignedIn;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use std::net::IpAddr;

/// The most that is kept of what a browser says of itself.
const LONGEST_AGENT: usize = 300;

/// Whoever is signed in, with where the request came from.
pub struct Actor {
    /// Who.
    pub signed_in: SignedIn,
    /// Where the request came from.
    pub address: IpAddr,
    /// What the browser or program calls itself.
    pub user_agent: Option<String>,
}

impl FromRequestParts<App> for Actor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let signed_in = SignedIn::from_request_parts(parts, app).await?;
        let Ok(ClientAddress(address)) = ClientAddress::from_request_parts(parts, app).await;
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        Ok(Self { signed_in, address, user_agent: agent.map(|agent| agent.chars().take(LONGEST_AGENT).collect()) })
    }
}
