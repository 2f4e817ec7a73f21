//! Asks the server from the page: the office's screens, and sign-in. Field screens ask the engine instead.

use crate::device::json;
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::ReadableStreamDefaultReader;
use web_sys::js_sys::{Reflect, Uint8Array};

/// Slower than this is no network.
const PATIENCE_MS: u32 = 15_000;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiFailure {
    /// The server was not reached.
    Unreachable,
    /// The server says no, or says that it failed.
    Problem(Problem),
}

/// What the server says of it (RFC 9457).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// HTTP status.
    pub status: u16,
    /// Stable code; empty where something between us and the server answered.
    pub code: String,
    /// Seconds to wait before the next try.
    pub retry_after_s: Option<u32>,
    /// All of what was said, for whoever knows more of it than the code.
    pub said: String,
}

impl ApiFailure {
    /// Whether nobody is signed in.
    pub fn is_signed_out(&self) -> bool {
        matches!(self, Self::Problem(problem) if problem.status == 401)
    }

    /// The stable code, for the small print.
    pub fn code(&self) -> &str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Problem(problem) => &problem.code,
        }
    }
}

/// Reads.
pub async fn get<T: DeserializeOwned>(path: &str) -> Result<T, ApiFailure> {
    answer(send(Request::get(path), None).await?).await
}

/// Reads a file of the build.
pub async fn text(path: &str) -> Result<String, ApiFailure> {
    let response = send(Request::get(path), None).await?;
    if !response.ok() {
        return Err(problem(&response, "").into());
    }
    response.text().await.map_err(|_| ApiFailure::Unreachable)
}

/// Sends a body; `csrf` is the session's token, once there is a session.
pub async fn post<B: Serialize, T: DeserializeOwned>(path: &str, body: &B, csrf: Option<&str>) -> Result<T, ApiFailure> {
    let builder = with_csrf(Request::post(path), csrf).header("content-type", "application/json");
    answer(send(builder, serde_json::to_string(body).ok()).await?).await
}

/// Tells something to which there is no answer but that it was heard.
pub async fn tell<B: Serialize>(path: &str, body: &B, csrf: Option<&str>) -> Result<(), ApiFailure> {
    let builder = with_csrf(Request::post(path), csrf).header("content-type", "application/json");
    let response = send(builder, serde_json::to_string(body).ok()).await?;
    if response.ok() { Ok(()) } else { Err(problem(&response, "").into()) }
}

/// Changes what is there: with `post`, something is done to it, else it is patched. `version` is the one that was looked at, and the server refuses to
/// change another.
pub async fn change<B: Serialize, T: DeserializeOwned>(path: &str, body: &B, of: Versioned<'_>) -> Result<T, ApiFailure> {
    let builder = if of.post { Request::post(path) } else { Request::patch(path) };
    let builder = with_csrf(builder, of.csrf).header("content-type", "application/json").header("if-match", &format!("\"{}\"", of.version));
    answer(send(builder, serde_json::to_string(body).ok()).await?).await
}

/// How something that has versions is changed.
#[derive(Debug, Clone, Copy)]
pub struct Versioned<'a> {
    /// The one that was looked at.
    pub version: u64,
    /// Whether something is done to it instead of patching it.
    pub post: bool,
    /// The session's token.
    pub csrf: Option<&'a str>,
}

/// Sends a file and hears the answer line by line, as it comes. Nobody is impatient: how long it takes depends on the file, and the answer says how far it is.
pub async fn post_file(path: &str, (media_type, bytes): (&str, &[u8]), csrf: Option<&str>, mut heard: impl FnMut(&str)) -> Result<(), ApiFailure> {
    let builder = with_csrf(Request::post(path), csrf).header("content-type", media_type);
    let request = builder.body(Uint8Array::from(bytes)).map_err(|_| ApiFailure::Unreachable)?;
    let response = request.send().await.map_err(|_| ApiFailure::Unreachable)?;
    if !response.ok() {
        let text = response.text().await.map_err(|_| ApiFailure::Unreachable)?;
        return Err(problem(&response, &text).into());
    }
    let mut lines = Lines::of(&response).ok_or(ApiFailure::Unreachable)?;
    while let Some(line) = lines.next().await? {
        heard(&line);
    }
    Ok(())
}

/// The lines of an answer.
struct Lines {
    reader: ReadableStreamDefaultReader,
    come: Vec<u8>,
}

impl Lines {
    fn of(response: &Response) -> Option<Self> {
        Some(Self { reader: response.body()?.get_reader().dyn_into().ok()?, come: Vec::new() })
    }

    /// The next one that is not empty; none at the end.
    async fn next(&mut self) -> Result<Option<String>, ApiFailure> {
        loop {
            while let Some(end) = self.come.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.come.drain(..=end).collect();
                let line = String::from_utf8_lossy(&line).trim().to_owned();
                if !line.is_empty() {
                    return Ok(Some(line));
                }
            }
            let part = JsFuture::from(self.reader.read()).await.map_err(|_| ApiFailure::Unreachable)?;
            let told = |name: &str| Reflect::get(&part, &name.into()).map_err(|_| ApiFailure::Unreachable);
            if told("done")?.is_truthy() {
                return Ok(None);
            }
            let bytes: Uint8Array = told("value")?.dyn_into().map_err(|_| ApiFailure::Unreachable)?;
            self.come.extend(bytes.to_vec());
        }
    }
}

/// Puts something in the place of what is there.
pub async fn put<B: Serialize, T: DeserializeOwned>(path: &str, body: &B, csrf: Option<&str>) -> Result<T, ApiFailure> {
    let builder = with_csrf(Request::put(path), csrf).header("content-type", "application/json");
    answer(send(builder, serde_json::to_string(body).ok()).await?).await
}

/// Sets a mark, or takes away what is there.
pub async fn mark(path: &str, on: bool, csrf: Option<&str>) -> Result<(), ApiFailure> {
    let builder = if on { Request::put(path) } else { Request::delete(path) };
    let response = send(with_csrf(builder, csrf), None).await?;
    if response.ok() { Ok(()) } else { Err(problem(&response, "").into()) }
}

/// Deletes.
pub async fn delete(path: &str, csrf: &str) -> Result<(), ApiFailure> {
    let response = send(with_csrf(Request::delete(path), Some(csrf)), None).await?;
    if response.ok() { Ok(()) } else { Err(problem(&response, "").into()) }
}

fn with_csrf(builder: RequestBuilder, csrf: Option<&str>) -> RequestBuilder {
    match csrf {
        Some(csrf) => builder.header("x-holdfast-csrf", csrf),
        None => builder,
    }
}

async fn send(builder: RequestBuilder, body: Option<String>) -> Result<Response, ApiFailure> {
    let patience = web_sys::AbortSignal::timeout_with_u32(PATIENCE_MS);
    let builder = builder.header("accept", "application/json").abort_signal(Some(&patience));
    let request = match body {
        Some(body) => builder.body(body),
        None => builder.build(),
    };
    request.map_err(|_| ApiFailure::Unreachable)?.send().await.map_err(|_| ApiFailure::Unreachable)
}

async fn answer<T: DeserializeOwned>(response: Response) -> Result<T, ApiFailure> {
    let text = response.text().await.map_err(|_| ApiFailure::Unreachable)?;
    if !response.ok() {
        return Err(problem(&response, &text).into());
    }
    json::read(&text).map_err(|error| {
        leptos::logging::error!("the server's answer cannot be read: {error}");
        Problem { status: response.status(), code: "answer_unreadable".to_owned(), retry_after_s: None, said: String::new() }.into()
    })
}

fn problem(response: &Response, text: &str) -> Problem {
    #[derive(serde::Deserialize)]
    struct Said {
        code: String,
    }
    let code = json::read::<Said>(text).map(|said| said.code).unwrap_or_default();
    let retry_after_s = response.headers().get("retry-after").and_then(|seconds| seconds.parse().ok());
    Problem { status: response.status(), code, retry_after_s, said: text.to_owned() }
}

impl From<Problem> for ApiFailure {
    /// A gateway that finds no server behind it is as good as no network.
    fn from(problem: Problem) -> Self {
        if matches!(problem.status, 502..=504) && problem.code.is_empty() { Self::Unreachable } else { Self::Problem(problem) }
    }
}
