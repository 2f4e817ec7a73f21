//! Bodies in CBOR or JSON, as the sender says; answers in the same.

use crate::failure::{Failure, Refusal};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use holdfast_sync::cbor;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/cbor`.
    Cbor,
    /// `application/json`, bytes as base64.
    Json,
}

/// A body of sync, with the encoding it came in and is answered in.
pub struct Wire<T>(pub T, pub Encoding);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Wire<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let encoding = match content_type.split(';').next().unwrap_or_default().trim() {
            "application/cbor" => Encoding::Cbor,
            "application/json" => Encoding::Json,
            _ => {
                let detail = "Send application/cbor or application/json.";
                return Err(Refusal::new(415, "content_type_unsupported", "The content type is not supported", detail).into());
            }
        };
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            let status = rejection.status().as_u16();
            let code = if status == 413 { "body_too_large" } else { "body_unreadable" };
            Failure::from(Refusal::new(status, code, "The body cannot be read", rejection.body_text()))
        })?;
        let malformed = |cause: String| Failure::from(Refusal::new(400, "body_malformed", "The body is not what this address expects", cause));
        let value = match encoding {
            Encoding::Cbor => cbor::decode(&bytes).map_err(|bad| malformed(bad.to_string()))?,
            Encoding::Json => serde_json::from_slice(&bytes).map_err(|bad| malformed(bad.to_string()))?,
        };
        Ok(Self(value, encoding))
    }
}

impl<T: Serialize> IntoResponse for Wire<T> {
    fn into_response(self) -> Response {
        let Self(value, encoding) = self;
        match encoding {
            Encoding::Cbor => ([(CONTENT_TYPE, "application/cbor")], cbor::encode(&value)).into_response(),
            Encoding::Json => axum::Json(value).into_response(),
        }
    }
}
