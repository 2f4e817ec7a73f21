//! Who is signed in with the server. Field work goes on without it; the office needs it.

use super::api::{self, ApiFailure};
use holdfast_domain::identity::{SessionView, SignIn};
use holdfast_domain::kernel::Timestamp;
use std::sync::Arc;

const SESSION: &str = "/api/v1/identity/session";
const SESSIONS: &str = "/api/v1/identity/sessions";

/// The session with the server.
#[derive(Debug, Clone, PartialEq)]
pub enum Session {
    /// Being asked for.
    Asking,
    /// Someone is signed in.
    SignedIn(Arc<SessionView>),
    /// Nobody is.
    SignedOut,
    /// The server is out of reach: it may still stand.
    Unreachable,
}

impl Session {
    /// Whoever is signed in.
    pub fn view(&self) -> Option<&Arc<SessionView>> {
        match self {
            Self::SignedIn(view) => Some(view),
            Self::Asking | Self::SignedOut | Self::Unreachable => None,
        }
    }
}

/// Asks the server who is signed in.
pub async fn ask() -> Session {
    match api::get::<SessionView>(SESSION).await {
        Ok(view) => Session::SignedIn(Arc::new(view)),
        Err(failure) if failure.is_signed_out() => Session::SignedOut,
        Err(_) => Session::Unreachable,
    }
}

/// Signs in.
pub async fn sign_in(body: &SignIn) -> Result<SessionView, ApiFailure> {
    api::post(SESSIONS, body, None).await
}

/// Signs out of the server.
pub async fn sign_out(csrf: &str) -> Result<(), ApiFailure> {
    api::delete(SESSION, csrf).await
}

/// Now, by this device's clock.
pub fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are whole and below 2^53")]
    Timestamp(js_sys::Date::now() as i64)
}
