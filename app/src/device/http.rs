//! Requests to the server: JSON for people's matters, CBOR for sync. Each ends, one way or another, within its time.

use futures::future::{Either, select};
use gloo_net::http::{Request, RequestBuilder, Response};
use holdfast_sync::cbor;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::pin::pin;
use web_sys::{AbortController, AbortSignal};

use super::{clock, json};

/// How long one request may take.
const TIMEOUT_MS: u32 = 30_000;
const CBOR: &str = "application/cbor";
const CSRF: &str = "x-holdfast-csrf";
/// No room at the server: it says whose, and nothing failed.
const INSUFFICIENT_STORAGE: u16 = 507;

/// Why there is no answer to work with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The server was not reached, or something else answered in its place.
    #[error("the server was not reached: {0}")]
    Unreachable(String),
    /// Nobody is signed in with the server.
    #[error("the session with the server has ended")]
    SessionLost,
    /// The server says no, and why.
    #[error("the server refused: {0}")]
    Refused(String),
    /// The server failed; it may do better later.
    #[error("the server failed with status {0}")]
    Failed(u16),
}

#[derive(serde::Deserialize)]
struct Problem {
    #[serde(default)]
    code: Option<String>,
}

/// `GET`, JSON back.
pub async fn get_json<T: DeserializeOwned>(url: &str) -> Result<T, HttpError> {
    within(async |signal| read(send(Request::get(url).header("accept", "application/json").abort_signal(Some(&signal)).build()).await?).await).await
}

/// `GET`, the bytes back.
pub async fn get_bytes(url: &str) -> Result<Vec<u8>, HttpError> {
    let get = async |signal: AbortSignal| {
        let response = send(Request::get(url).header("accept", CBOR).abort_signal(Some(&signal)).build()).await?;
        response.binary().await.map_err(unreadable)
    };
    within(get).await
}

/// `POST` of JSON with the session's token, JSON back.
pub async fn post_json<B: Serialize, T: DeserializeOwned>(url: &str, csrf: &str, body: &B) -> Result<T, HttpError> {
    within(async |signal| read(send(post(url, csrf).header("accept", "application/json").abort_signal(Some(&signal)).json(body)).await?).await).await
}

/// `POST` of CBOR with the session's token, CBOR back.
pub async fn post_cbor<B: Serialize, T: DeserializeOwned>(url: &str, csrf: &str, body: &B) -> Result<T, HttpError> {
    let body = js_sys::Uint8Array::from(cbor::encode(body).as_slice());
    let post = async |signal: AbortSignal| {
        let request = post(url, csrf).header("content-type", CBOR).header("accept", CBOR).abort_signal(Some(&signal)).body(body);
        send(request).await?.binary().await.map_err(unreadable)
    };
    cbor::decode(&within(post).await?).map_err(unreadable)
}

/// `PUT` of JSON with the session's token, JSON back.
pub async fn put_json<B: Serialize, T: DeserializeOwned>(url: &str, csrf: &str, body: &B) -> Result<T, HttpError> {
    let put = async |signal: AbortSignal| read(send(Request::put(url).header(CSRF, csrf).abort_signal(Some(&signal)).json(body)).await?).await;
    within(put).await
}

/// `PATCH` of bytes with these headers and the session's token, JSON back.
pub async fn patch_bytes<T: DeserializeOwned>(url: &str, csrf: &str, (headers, bytes): (&[(&str, String)], &[u8])) -> Result<T, HttpError> {
    let patch = async |signal: AbortSignal| {
        let request = headers.iter().fold(Request::patch(url).header(CSRF, csrf), |request, (name, value)| request.header(name, value));
        read(send(request.abort_signal(Some(&signal)).body(js_sys::Uint8Array::from(bytes))).await?).await
    };
    within(patch).await
}

fn post(url: &str, csrf: &str) -> RequestBuilder {
    Request::post(url).header(CSRF, csrf)
}

/// The whole exchange has its time, the body too: a line that stalls after the first bytes would hold up sync for ever.
async fn within<T>(exchange: impl AsyncFnOnce(AbortSignal) -> Result<T, HttpError>) -> Result<T, HttpError> {
    let controller = AbortController::new().map_err(|error| HttpError::Unreachable(format!("{error:?}")))?;
    let done = match select(pin!(exchange(controller.signal())), pin!(clock::sleep(TIMEOUT_MS))).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    };
    done.unwrap_or_else(|| {
        controller.abort();
        Err(HttpError::Unreachable("it did not answer in time".to_owned()))
    })
}

async fn send(request: Result<Request, gloo_net::Error>) -> Result<Response, HttpError> {
    let answer = request.map_err(unreadable)?.send().await.map_err(unreadable)?;
    match answer.status() {
        200..=299 => Ok(answer),
        401 => Err(HttpError::SessionLost),
        // Whatever stands before the server while it restarts.
        502..=504 => Err(HttpError::Unreachable(format!("status {}", answer.status()))),
        status @ 500..=599 if status != INSUFFICIENT_STORAGE => Err(HttpError::Failed(status)),
        status => {
            let problem: Option<Problem> = read(answer).await.ok();
            Err(HttpError::Refused(problem.and_then(|problem| problem.code).unwrap_or_else(|| format!("status_{status}"))))
        }
    }
}

async fn read<T: DeserializeOwned>(response: Response) -> Result<T, HttpError> {
    json::read(&response.text().await.map_err(unreadable)?).map_err(unreadable)
}

fn unreadable(error: impl std::fmt::Display) -> HttpError {
    HttpError::Unreachable(error.to_string())
}
