//! `holdfast bench`: figures of the server, each one line of JSON on standard output. On a private Postgres in a folder of its own, with the demo
//! company; durable as in production (`fsync` on).

mod api;
mod companies;
mod others;
mod publish;
mod push;
mod queries;
mod records;
mod shop;
mod size;
mod usage;

use crate::failure::{Failure, Fault};
use serde_json::json;

/// What can be measured.
pub(crate) const NAMES: &[&str] = &["push", "push_one", "flatness", "slow_client", "poison", "ticket_bytes", "api", "records", "publish"];

/// Measures one of [`NAMES`].
pub(crate) async fn run(name: &str) -> Result<(), Failure> {
    let shop = shop::Shop::open().await?;
    let measured = match name {
        "push" => push::measure(&shop).await,
        "push_one" => push::measure_one(&shop).await,
        "flatness" => size::measure_flatness(&shop).await,
        "slow_client" => others::measure_slow_client(&shop).await,
        "poison" => others::measure_poison(&shop).await,
        "ticket_bytes" => size::measure_ticket(&shop).await,
        "api" => api::measure(&shop).await,
        "records" => records::measure(&shop).await,
        "publish" => publish::measure(&shop).await,
        unknown => Err(Fault::because(format!("no bench is called {unknown:?}; there are: {}", NAMES.join(", "))).into()),
    };
    shop.close().await;
    measured
}

/// One figure.
fn print(name: &str, value: f64, unit: &str, detail: serde_json::Value) {
    let rounded = (value * 100.0).round() / 100.0;
    println!("{}", json!({ "name": name, "value": rounded, "unit": unit, "detail": detail }));
}
