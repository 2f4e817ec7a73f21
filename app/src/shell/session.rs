//! Who is signed in with the server. Field work goes on without it; the office needs it.

use super::api::{self, ApiFailure};
use holdfast_domain::identity::{SessionView, SignIn};
use holdfast_domain::kernel::Timestamp;
use std::sync::Arc;

const SIGN_OUT_OWED: &str = "holdfast.sign-out-owed";
/// Where the session is asked for.
pub(super) const SESSION: &str = "/api/v1/identity/session";
/// Where one is begun.
pub(super) const SESSIONS: &str = "/api/v1/identity/sessions";

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

/// Asks the server who is signed in. A sign-out that it has not heard of yet is made good first.
pub async fn ask() -> Session {
    match api::get::<SessionView>(SESSION).await {
        Ok(view) if owes_sign_out() => match sign_out(&view.csrf).await {
            Ok(()) => {
                owe_sign_out(false);
                Session::SignedOut
            }
            Err(_) => Session::Unreachable,
        },
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

/// Ends the session with the server, or remembers that it has to be ended.
pub async fn leave(session: Session) {
    let told = match session {
        Session::SignedIn(view) => sign_out(&view.csrf).await.is_ok(),
        // What is owed by who was here before is still owed.
        Session::SignedOut => return,
        Session::Asking | Session::Unreachable => false,
    };
    owe_sign_out(!told);
}

/// Notes whether the server has yet to hear of a sign-out: without a network the browser keeps the cookie of whoever left.
pub(super) fn owe_sign_out(owed: bool) {
    let Some(storage) = storage() else { return };
    // A browser that keeps nothing forgets the cookie as well.
    let _noted = if owed { storage.set_item(SIGN_OUT_OWED, "1") } else { storage.remove_item(SIGN_OUT_OWED) };
}

fn owes_sign_out() -> bool {
    storage().and_then(|storage| storage.get_item(SIGN_OUT_OWED).ok().flatten()).is_some()
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Now, by this device's clock.
pub fn now() -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 are whole and below 2^53")]
    Timestamp(js_sys::Date::now() as i64)
}
