//! Whether the server lives, whether it can serve, and how it has been doing.

use super::{App, Routes};
use crate::failure::{Failure, Refusal};
use crate::metrics;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);

/// Where the measurements are; the guard lets only some addresses in.
pub(super) const METRICS: &str = "/metrics";

pub(super) fn routes() -> Routes {
    Routes::new().get("/health/live", live).get("/health/ready", ready).get(METRICS, measured)
}

/// The process answers.
async fn live() -> &'static str {
    "live"
}

/// It can serve: its database answers and it has not been asked to stop.
async fn ready(State(app): State<App>) -> Result<&'static str, Failure> {
    let not_ready = |detail| Failure::from(Refusal::new(503, "not_ready", "The server cannot serve now", detail));
    if *app.stopping.borrow() {
        return Err(not_ready("It is shutting down."));
    }
    match tokio::time::timeout(PATIENCE, app.database.ping()).await {
        Ok(Ok(())) => Ok("ready"),
        Ok(Err(_)) | Err(_) => Err(not_ready("Its database does not answer.")),
    }
}

/// For Prometheus.
async fn measured() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::render())
}
