//! How long the office waits for its list of tickets at a hundred requests a second.

use super::print;
use super::shop::Shop;
use crate::failure::{Failure, Fault};
use futures::future::join_all;
use serde_json::json;
use std::time::Duration;

const TICKETS: usize = 2_000;
const PER_SECOND: u32 = 100;
const SECONDS: u32 = 10;

pub(super) async fn measure(shop: &Shop) -> Result<(), Failure> {
    let mut till = shop.open_till(1).await;
    for _ in 0..TICKETS {
        till.sell(&shop.items, 3);
    }
    till.till.push_all().await;
    let (client, session) = shop.sign_in().await;
    let path = "/api/v1/sales/tickets?limit=50";
    let first = client.get(path).await;
    if !first.status.is_success() {
        return Err(Fault::because(format!("{path} answers {}", first.status)).into());
    }
    drop(session);
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut under_way = Vec::new();
    for _ in 0..PER_SECOND * SECONDS {
        let due = ticks.tick().await;
        let (client, environment) = (client.clone(), shop.app.environment.clone());
        let late = due.elapsed();
        under_way.push(tokio::spawn(async move {
            let began = environment.elapsed();
            let response = client.get(path).await;
            (response.status.is_success(), environment.elapsed().saturating_sub(began) + late)
        }));
    }
    let mut times = Vec::new();
    for answered in join_all(under_way).await {
        let (success, took) = answered.map_err(|error| Fault::new("ask for the list", error))?;
        if !success {
            return Err(Fault::because("a request failed under load").into());
        }
        times.push(took.as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)];
    let detail = json!({ "requests_per_s": PER_SECOND, "requests": times.len(), "tickets": TICKETS, "page": 50, "p50": at(0.5), "p99": at(0.99) });
    print("api.p95_ms", at(0.95), "ms", detail);
    Ok(())
}
