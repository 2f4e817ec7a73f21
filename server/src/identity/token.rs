//! The session's token: what the cookie holds, what is stored of it, and what proves that a request comes from our own page.

use crate::environment::Environment;
use crate::http::Transport;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_domain::kernel::TenantId;
use holdfast_sync::bytes::Digest32;

/// The cookie's name.
const COOKIE: &str = "hf_session";
/// How long a session lasts without being used.
pub(super) const SESSION_DAYS: i64 = 45;
const SECRET_BYTES: usize = 32;

/// A session's token: whose session, and the secret. Never logged; it has no `Debug`.
pub(super) struct Token {
    pub(super) tenant: TenantId,
    secret: [u8; SECRET_BYTES],
}

impl Token {
    /// A new one.
    pub(super) fn draw(tenant: TenantId, environment: &Environment) -> Self {
        Self { tenant, secret: environment.bytes() }
    }

    /// The one in the request's cookie.
    pub(super) fn from_cookies(headers: &HeaderMap) -> Option<Self> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let value = cookies.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
        let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
        let (tenant, secret) = bytes.split_at_checked(16)?;
        Some(Self { tenant: TenantId::from_bytes(tenant.try_into().ok()?), secret: secret.try_into().ok()? })
    }

    /// What is stored: from it the token cannot be found.
    pub(super) fn hash(&self) -> Digest32 {
        Digest32::of(&self.secret)
    }

    /// Tells one session from another in the audit, and opens none: the first half of the hash that it is stored under.
    pub(super) fn mark(&self) -> [u8; 16] {
        let mut mark = [0; 16];
        mark.copy_from_slice(&self.hash().0[..16]);
        mark
    }

    /// What our own pages send along in `x-holdfast-csrf`; other sites' pages cannot read it.
    pub(super) fn csrf(&self) -> String {
        URL_SAFE_NO_PAD.encode(Digest32::of(&[b"holdfast csrf".as_slice(), &self.secret].concat()).0)
    }

    /// Whether `given` is [`Token::csrf`].
    pub(super) fn is_csrf(&self, given: &str) -> bool {
        verify_slices_are_equal(given.as_bytes(), self.csrf().as_bytes()).is_ok()
    }

    /// For `Set-Cookie`.
    pub(super) fn cookie(&self, transport: Transport) -> HeaderValue {
        let value = URL_SAFE_NO_PAD.encode([self.tenant.as_bytes().as_slice(), &self.secret].concat());
        set_cookie(&value, SESSION_DAYS * 24 * 60 * 60, transport)
    }
}

/// Has the browser forget the cookie.
pub(super) fn forget_cookie(transport: Transport) -> HeaderValue {
    set_cookie("", 0, transport)
}

fn set_cookie(value: &str, max_age_s: i64, transport: Transport) -> HeaderValue {
    let secure = if transport == Transport::Tls { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}");
    HeaderValue::try_from(text).expect("base64 and attributes are ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token { tenant: TenantId(uuid::Uuid::from_u128(7)), secret: [9; SECRET_BYTES] }
    }

    fn sent_back(set: &HeaderValue) -> HeaderMap {
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(format!("a=b; {pair}; c=d")).unwrap())])
    }

    #[test]
    fn the_cookie_that_was_set_is_read_back() {
        let read = Token::from_cookies(&sent_back(&token().cookie(Transport::Plain))).unwrap();
        assert_eq!(read.tenant, token().tenant);
        assert_eq!(read.hash(), token().hash());
    }

    #[test]
    fn no_script_and_no_other_site_gets_the_cookie() {
        let plain = token().cookie(Transport::Plain).to_str().unwrap().to_owned();
        assert!(plain.contains("; HttpOnly") && plain.contains("; SameSite=Strict") && !plain.contains("Secure"), "{plain}");
        assert!(token().cookie(Transport::Tls).to_str().unwrap().ends_with("; Secure"));
    }

    #[test]
    fn a_cookie_of_another_shape_is_no_session() {
        for bad in ["hf_session=", "hf_session=AAAA", "hf_session=!!!!", "hf_sessions=AAAA", "other=1"] {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_static(bad))]);
            assert!(Token::from_cookies(&headers).is_none(), "{bad}");
        }
    }

    #[test]
    fn only_the_sessions_own_csrf_token_counts() {
        assert!(token().is_csrf(&token().csrf()));
        assert!(!token().is_csrf(""));
        assert!(!token().is_csrf(&Token { secret: [8; SECRET_BYTES], ..token() }.csrf()));
    }
}
