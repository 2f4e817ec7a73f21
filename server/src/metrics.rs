//! What the server counts, for Prometheus. One function per measurement, so that its name and labels are written once; labels are templates
//! and codes, never an id.

use crate::environment::Environment;
use crate::processor;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

/// Upper bounds of the latency buckets, in seconds.
const LATENCY_BUCKETS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Begins to count. The process has one recorder; doing it again does nothing.
pub fn start() {
    RECORDER.get_or_init(|| {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), LATENCY_BUCKETS)
            .expect("there are buckets")
            .install_recorder()
            .expect("nothing else in this process installs a recorder");
        describe();
        recorder
    });
}

/// Lets go of what was measured and is counted by now, again and again. Without it samples pile up where nobody scrapes.
pub async fn keep() {
    const EVERY: Duration = Duration::from_secs(5);
    let mut turn = tokio::time::interval(EVERY);
    loop {
        turn.tick().await;
        if let Some(recorder) = RECORDER.get() {
            recorder.run_upkeep();
        }
    }
}

/// In Prometheus' text format.
pub(crate) fn render() -> String {
    RECORDER.get().map(PrometheusHandle::render).unwrap_or_default()
}

pub(crate) fn count_request(method: &str, route: &str, status: u16, took: Duration) {
    let (method, route) = (method.to_owned(), route.to_owned());
    metrics::counter!("holdfast_http_requests_total", "method" => method.clone(), "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("holdfast_http_request_seconds", "method" => method, "route" => route).record(took);
}

/// An envelope was answered.
pub fn count_sync_outcome(outcome: &'static str) {
    metrics::counter!("holdfast_sync_outcomes_total", "outcome" => outcome).increment(1);
}

/// Times the stages of taking in a push: `admit` (headers and signatures), `load`, `judge` (verify and merge), `settle`, `project`, `store`;
/// `lanes` is all of these but the first, with the lanes' transactions around them. Each in wall time, and in processor time of this server (Postgres has its own)
/// where the push is metered.
pub(crate) struct Stages<'a> {
    environment: &'a Environment,
    since: Duration,
    taken: Option<Duration>,
}

impl<'a> Stages<'a> {
    /// The first stage begins.
    pub(crate) fn start(environment: &'a Environment) -> Self {
        Self { environment, since: environment.elapsed(), taken: processor::taken() }
    }

    /// The stage of that name ends, and the next begins.
    pub(crate) fn end(&mut self, stage: &'static str) {
        let now = self.environment.elapsed();
        metrics::histogram!("holdfast_sync_stage_seconds", "stage" => stage).record(now.saturating_sub(self.since));
        let taken = processor::taken();
        if let (Some(before), Some(taken)) = (self.taken, taken) {
            metrics::histogram!("holdfast_sync_stage_processor_seconds", "stage" => stage).record(taken.saturating_sub(before));
        }
        (self.since, self.taken) = (now, taken);
    }
}

/// The seconds spent in each stage of taking in pushes so far: by the clock on the wall, and of this server's processor time.
pub(crate) fn sync_stages() -> [BTreeMap<String, f64>; 2] {
    let all = render();
    ["holdfast_sync_stage_seconds", "holdfast_sync_stage_processor_seconds"].map(|name| {
        let sum = |line: &str| {
            let stage = line.strip_prefix(name)?.strip_prefix("_sum{stage=\"")?;
            let (stage, value) = stage.split_once("\"} ")?;
            Some((stage.to_owned(), value.parse().ok()?))
        };
        all.lines().filter_map(sum).collect()
    })
}

/// Old entries of feeds were dropped.
pub fn count_feed_dropped(entries: u64) {
    metrics::counter!("holdfast_feed_dropped_total").increment(entries);
}

/// How far a device that pulled was behind the feed's head, in positions.
pub fn record_feed_lag(positions: u64) {
    // Beyond 2^53 positions precision no longer matters.
    metrics::histogram!("holdfast_feed_lag_positions").record(positions as f64);
}

/// How long the oldest event that a consumer has not consumed has been waiting.
pub fn set_outbox_lag(consumer: &'static str, lag: Duration) {
    metrics::gauge!("holdfast_outbox_lag_seconds", "consumer" => consumer).set(lag.as_secs_f64());
}

/// How many events a consumer has not consumed: they wait for another try, or behind one that does, or for the database.
pub fn set_consumer_lag(consumer: &'static str, events: u64) {
    metrics::gauge!("holdfast_consumer_lag_events", "consumer" => consumer).set(events as f64);
}

/// How many events a consumer gave up on, which wait for a person.
pub fn set_parked_events(consumer: &'static str, events: u64) {
    metrics::gauge!("holdfast_events_parked", "consumer" => consumer).set(events as f64);
}

/// Whether there is a line to the message broker.
pub fn set_broker_connected(connected: bool) {
    metrics::gauge!("holdfast_broker_connected").set(u8::from(connected));
}

/// How many events the message broker does not have yet, and how long the oldest of them has been waiting.
pub fn set_broker_lag(events: u64, lag: Duration) {
    metrics::gauge!("holdfast_broker_lag_events").set(events as f64);
    metrics::gauge!("holdfast_broker_lag_seconds").set(lag.as_secs_f64());
}

/// The message broker confirmed events.
pub fn count_broker_published(events: usize) {
    metrics::counter!("holdfast_broker_published_total").increment(events as u64);
}

/// A consumer worked through events.
pub fn count_consumed(consumer: &'static str, events: u32) {
    metrics::counter!("holdfast_events_consumed_total", "consumer" => consumer).increment(u64::from(events));
}

/// A ruling opened an exception.
pub fn count_exception(code: &'static str) {
    metrics::counter!("holdfast_sales_exceptions_total", "code" => code).increment(1);
}

fn describe() {
    metrics::describe_counter!("holdfast_http_requests_total", "Requests answered, by route template and status.");
    metrics::describe_histogram!("holdfast_http_request_seconds", metrics::Unit::Seconds, "Time until the answer began.");
    metrics::describe_counter!("holdfast_sync_outcomes_total", "Envelopes answered, by outcome.");
    metrics::describe_histogram!("holdfast_sync_stage_seconds", metrics::Unit::Seconds, "Stages of taking in a push, per lane or push.");
    let processor = "Processor time of this server in the same stages.";
    metrics::describe_histogram!("holdfast_sync_stage_processor_seconds", metrics::Unit::Seconds, processor);
    metrics::describe_histogram!("holdfast_feed_lag_positions", "How far a pulling device was behind the head.");
    metrics::describe_counter!("holdfast_feed_dropped_total", "Old feed entries dropped.");
    metrics::describe_gauge!("holdfast_outbox_lag_seconds", metrics::Unit::Seconds, "Age of the oldest event not yet consumed.");
    metrics::describe_gauge!(
        "holdfast_consumer_lag_events",
        "Events that wait for a consumer's next try, behind one that does, or for the database."
    );
    metrics::describe_gauge!("holdfast_events_parked", "Events that a consumer gave up on, and that wait for a person.");
    metrics::describe_gauge!("holdfast_broker_connected", "Whether there is a line to the message broker, where one is configured.");
    metrics::describe_gauge!("holdfast_broker_lag_events", "Events that the message broker does not have yet.");
    metrics::describe_gauge!("holdfast_broker_lag_seconds", "How long the oldest event has been waiting for the message broker.");
    metrics::describe_counter!("holdfast_broker_published_total", "Events that the message broker confirmed.");
    metrics::describe_counter!("holdfast_events_consumed_total", "Events consumed.");
    metrics::describe_counter!("holdfast_sales_exceptions_total", "Exceptions opened, by the code of the ruling.");
}
