//! What is known of a request while it is served.

use crate::environment::Environment;
use crate::failure::{Failure, Fault};
use crate::tenancy::Cause;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use holdfast_domain::kernel::{AccountId, TenantId};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// One request. Clones are the same request.
#[derive(Clone)]
pub struct RequestContext(Arc<Known>);

struct Known {
    request: Uuid,
    trace: String,
    span: String,
    signed_in: OnceLock<(TenantId, AccountId)>,
    renewed: OnceLock<HeaderValue>,
}

/// Where the request came from, as the guard found out; no address in particular where a program calls the router itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl RequestContext {
    /// Continues the trace that the caller began, or begins one.
    pub(super) fn begin(headers: &HeaderMap, environment: &Environment) -> Self {
        let trace = headers.get("traceparent").and_then(|value| trace_id(value.to_str().ok()?));
        Self(Arc::new(Known {
            request: environment.new_id(),
            trace: trace.unwrap_or_else(|| hex::encode(environment.bytes::<16>())),
            span: hex::encode(environment.bytes::<8>()),
            signed_in: OnceLock::new(),
            renewed: OnceLock::new(),
        }))
    }

    /// The request's id.
    pub fn request_id(&self) -> Uuid {
        self.0.request
    }

    /// The trace's id, 32 hex digits.
    pub fn trace_id(&self) -> &str {
        &self.0.trace
    }

    /// For the header `traceparent` of what this request sets off, and of its answer.
    pub fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.0.trace, self.0.span)
    }

    /// For a transaction.
    pub fn cause(&self) -> Cause {
        Cause { request: Some(self.0.request), traceparent: Some(self.traceparent()) }
    }

    /// For the log: who turned out to be signed in.
    pub(crate) fn note_signed_in(&self, tenant: TenantId, account: AccountId) {
        self.0.signed_in.get_or_init(|| (tenant, account));
    }

    /// Its session lasts longer from now on: the answer sets this cookie, so that the browser keeps it as long. Only then: an answer that came later than a colleague's
    /// sign-in would bring back the session of the one before.
    pub(crate) fn note_renewed(&self, cookie: HeaderValue) {
        self.0.renewed.get_or_init(|| cookie);
    }

    pub(super) fn renewed(&self) -> Option<&HeaderValue> {
        self.0.renewed.get()
    }

    pub(super) fn signed_in(&self) -> Option<(TenantId, AccountId)> {
        self.0.signed_in.get().copied()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Fault::because("a route stands outside the guard").into())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

/// The trace id in a `traceparent` of version 00, where it is well formed.
fn trace_id(traceparent: &str) -> Option<String> {
    let mut parts = traceparent.split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length| text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let sound = version == "00" && is_hex(trace, 32) && is_hex(parent, 16) && is_hex(flags, 2) && parts.next().is_none();
    (sound && trace.bytes().any(|byte| byte != b'0') && parent.bytes().any(|byte| byte != b'0')).then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_traceparent_is_continued() {
        assert_eq!(trace_id("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    }

    #[test]
    fn an_unsound_traceparent_is_not() {
        for unsound in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            assert_eq!(trace_id(unsound), None, "{unsound}");
        }
    }
}
