//! Bodies in CBOR or JSON, as the sender says; answers in the same.

use crate::failure::{Failure, Refusal};
use crate::http::{read_body, read_json};
use crate::openapi::{Carried, Gives, SchemasOf, Takes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use holdfast_sync::cbor;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// CBOR's major type of a map, in the three highest bits of its first byte.
const CBOR_MAP: u8 = 5;

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
                return Err(Refusal::new(415, "unsupported_content_type", "This content type is not taken here", detail).into());
            }
        };
        let bytes = read_body(request, state).await?;
        let value = match encoding {
            // What stood there is not repeated: it may be a password that was put into the wrong field.
            Encoding::Cbor => {
                let refusal =
                    || Refusal::new(422, "invalid_body", "The body is not what this address takes", "It is not the CBOR of its fields by name.");
                // Like JSON: a map of its fields, and not a list of their values.
                if bytes.first().is_none_or(|first| first >> 5 != CBOR_MAP) {
                    return Err(refusal().into());
                }
                cbor::decode(&bytes).map_err(|_| refusal())?
            }
            Encoding::Json => read_json(&bytes)?,
        };
        Ok(Self(value, encoding))
    }
}

impl<T: JsonSchema> Takes for Wire<T> {
    fn takes(into: &mut Carried, _: &mut SchemasOf<'_>) {
        into.wire_body::<T>();
    }
}

impl<T: JsonSchema> Gives for Wire<T> {
    fn gives(into: &mut Carried) {
        into.wire_answer::<T>();
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
