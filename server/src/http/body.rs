//! What a request carries, read strictly: what does not fit is refused with a problem that says where.

use crate::failure::{Failure, Fault, Refusal};
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody, PathRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;

/// A JSON body. The type says `deny_unknown_fields` where it is ours to say.
pub struct JsonBody<T>(pub T);
/// The variables of the route's template.
pub struct PathOf<T>(pub T);
/// The query string.
pub struct QueryOf<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        check_content_type(request.headers())?;
        let bytes = read_body(request, state).await?;
        Ok(Self(read_json(&bytes)?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathOf<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        match Path::<T>::from_request_parts(parts, state).await {
            Ok(Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(error)) => {
                Err(Refusal::new(404, "unknown_id", "There is nothing at this address", error.body_text()).into())
            }
            Err(error) => Err(Fault::new("read the variables of a route", error).into()),
        }
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let read = Query::<T>::from_request_parts(parts, state).await;
        read.map(|Query(value)| Self(value))
            .map_err(|error| Refusal::new(400, "invalid_query", "The query is not what this address takes", error.body_text()).into())
    }
}

/// Reads a whole body, within the route's limit.
pub(crate) async fn read_body<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Failure> {
    Bytes::from_request(request, state).await.map_err(|error| match error {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
            Refusal::new(413, "body_too_large", "The body is too large", "Send less at once.").into()
        }
        _ => Refusal::new(400, "body_cut_off", "The body did not arrive whole", "Send it again.").into(),
    })
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Refusal::new(415, "unsupported_content_type", "This content type is not taken here", "Send application/json."))
}

/// Reads an object. A list of an object's values in the order of its fields is not taken for one, though serde would.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refusal> {
    let value = serde_json::from_slice(bytes).map_err(|error| unreadable_json(bytes, &error))?;
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::new(422, "invalid_body", "The body is not what this address takes", "It takes an object."));
    }
    Ok(value)
}

/// Names the place and never repeats what stood there: it may be a password that was put into the wrong field.
fn unreadable_json(bytes: &[u8], error: &serde_json::Error) -> Refusal {
    let place = format!("line {}, column {}", error.line(), error.column());
    // Where the name of one of several things is expected and a list stands, it is said to be no JSON; it is.
    let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
    match error.classify() {
        serde_json::error::Category::Syntax if is_json() => {
            Refusal::new(422, "invalid_body", "The body is not what this address takes", format!("a value has the wrong type at {place}."))
        }
        serde_json::error::Category::Data => {
            let message = error.to_string();
            let said = if names_a_field(&message) { message } else { format!("a value has the wrong type at {place}") };
            Refusal::new(422, "invalid_body", "The body is not what this address takes", format!("{said}."))
        }
        serde_json::error::Category::Eof => Refusal::new(400, "malformed_json", "The body is not JSON", format!("It ends too early, at {place}.")),
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => {
            Refusal::new(400, "malformed_json", "The body is not JSON", format!("It cannot be read at {place}."))
        }
    }
}

/// These messages hold names of fields only, of ours and of the sender's.
fn names_a_field(message: &str) -> bool {
    ["unknown field `", "missing field `", "duplicate field `"].iter().any(|start| message.starts_with(start))
}
