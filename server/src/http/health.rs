//! Whether the server lives, whether it can serve, and how it has been doing.

use super::{App, Routes};
use crate::failure::{Failure, Refusal};
use crate::metrics;
use crate::openapi::About;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(2);

/// Where the measurements are; the guard lets only some addresses in.
pub(super) const METRICS: &str = "/metrics";

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/health/live", live)
        .told(About::new("server.live", "The process answers"))
        .get("/health/ready", ready)
        .told(About::new("server.ready", "It can serve").refuses(&[(503, "not_ready")]))
        .get(METRICS, measured)
        .told(
            About::new("server.metrics", "Measurements, for Prometheus")
                .detail("For this machine alone, and for whom the operator named.")
                .answers_as(200, "text/plain", json!({ "type": "string" }))
                .refuses(&[(403, "metrics_not_for_this_address")]),
        )
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
async fn measured() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::render()).into_response()
}
