//! What is said when something is not done: RFC 9457 problem+json.

use crate::failure::{Failure, Fault, Refusal};
use axum::Json;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use holdfast_domain::kernel::resource::FieldProblem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The body. `code` is stable and what programs look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(example = example())]
pub struct Problem {
    /// `urn:holdfast:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Stable code.
    pub code: String,
    /// What happened, the same for every problem of this code.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened here, and what to do.
    pub detail: String,
    /// Which fields are not as they must be, where fields are the matter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
}

fn example() -> serde_json::Value {
    serde_json::json!({
        "type": "urn:holdfast:problem:version_stale",
        "code": "version_stale",
        "title": "Somebody changed it meanwhile",
        "status": 412,
        "detail": "It is at version 4 now. Read it again, and decide what shall stand.",
    })
}

/// Travels with the response to the guard, which logs it with the request's id.
#[derive(Clone)]
pub(super) struct LoggedFault(pub Arc<Fault>);

/// Travels with the response to the guard, so that the log's line names the code.
#[derive(Clone, Copy)]
pub(super) struct RefusalCode(pub &'static str);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Refusal(refusal) => refusal.into_response(),
            Self::Fault(fault) => fault.into_response(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let problem = Problem {
            kind: format!("urn:holdfast:problem:{}", self.code),
            code: self.code.to_owned(),
            title: self.title.to_owned(),
            status: status.as_u16(),
            detail: self.detail,
            errors: self.errors,
        };
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(RefusalCode(self.code));
        response
    }
}

impl IntoResponse for Fault {
    /// Says that it is our doing, and nothing of what it is.
    fn into_response(self) -> Response {
        let mut said = Refusal::new(
            500,
            "internal_fault",
            "Something went wrong on our side",
            "Nothing was changed. Try again; if it stays, tell us the x-request-id.",
        );
        if self.is_busy() {
            said = Refusal::new(503, "database_busy", "The server has too much to do", "Nothing was changed. Try again in a moment.");
            said.retry_after_s = Some(1);
        }
        let mut response = said.into_response();
        response.extensions_mut().insert(LoggedFault(Arc::new(self)));
        response
    }
}

/// There is nothing at this address.
pub(super) fn unknown_route(uri: &Uri) -> Refusal {
    Refusal::new(404, "unknown_route", "There is nothing at this address", format!("{} is not an address of this API.", uri.path()))
}

/// Something is there, but it does not answer this method.
pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Failure {
    let detail = format!("{} does not answer {method}; the header Allow says what it answers.", uri.path());
    Refusal::new(405, "method_not_allowed", "This address does not answer this method", detail).into()
}
