//! A record's version, as `ETag` and `If-Match` say it (RFC 9110, 8.8.3 and 13.1.1).

use crate::failure::{Failure, Refusal};
use crate::openapi::{Carried, SchemasOf, Takes};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use serde_json::json;

/// The version that a request means to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IfMatch(pub u64);

impl IfMatch {
    fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('"')?.strip_suffix('"')?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
        digits.parse().ok().filter(|version| plain && i64::try_from(*version).is_ok()).map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let Some(said) = parts.headers.get(header::IF_MATCH) else {
            let detail = "Send the version that you read in If-Match, such as \"3\", so that nobody's change is lost.";
            return Err(Refusal::new(428, "if_match_missing", "It takes the version that you read", detail).into());
        };
        let read = said.to_str().ok().and_then(Self::read);
        read.ok_or_else(|| Refusal::new(400, "if_match_malformed", "If-Match says no version", "Send what ETag said, such as \"3\".").into())
    }
}

impl Takes for IfMatch {
    fn takes(into: &mut Carried, _: &mut SchemasOf<'_>) {
        let header = json!({
            "name": "If-Match",
            "in": "header",
            "required": true,
            "description": "The version that was read, as `ETag` said it: nobody's change is lost.",
            "schema": { "type": "string", "pattern": "^\"[1-9][0-9]{0,17}\"$" },
            "example": "\"3\"",
        });
        into.header(header, &[(400, "if_match_malformed"), (412, "version_stale"), (428, "if_match_missing")]);
    }
}

/// For the header `ETag`.
pub(crate) fn etag(version: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).expect("digits and quotes can stand in a header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_in_one_form_only() {
        assert_eq!(IfMatch::read("\"3\""), Some(IfMatch(3)));
        for text in
            ["", "3", "\"\"", "\"03\"", "\"+3\"", "\"-3\"", "W/\"3\"", "*", "\"3\", \"4\"", "\"99999999999999999999\"", "\"9223372036854775808\""]
        {
            assert_eq!(IfMatch::read(text), None, "{text:?}");
        }
    }
}
