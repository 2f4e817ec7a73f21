//! How long the office waits for its list of tickets at a hundred requests a second.

use super::print;
use super::shop::Shop;
use crate::failure::{Failure, Fault};
use crate::rehearsal::Client;
use crate::tenancy::{from_stored_day, to_stored};
use futures::future::join_all;
use holdfast_domain::kernel::Timestamp;
use holdfast_domain::sales::office::TicketsPage;
use serde_json::json;
use std::time::Duration;

const TICKETS: usize = 2_000;
const TICKETS_A_PUSH: usize = 50;
const LINES: usize = 3;
const PAGE: usize = 50;
const PER_SECOND: u32 = 100;
const SECONDS: u32 = 10;

pub(super) async fn measure(shop: &Shop) -> Result<(), Failure> {
    let mut till = shop.open_till(1).await;
    for _ in 0..TICKETS / TICKETS_A_PUSH {
        (0..TICKETS_A_PUSH).for_each(|_| till.sell(&shop.items, LINES));
        till.push().await;
    }
    let (client, _session) = shop.sign_in().await;
    let path = day_of_the_sales(&client, shop.app.environment.now()).await?;
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut under_way = Vec::new();
    for _ in 0..PER_SECOND * SECONDS {
        let due = ticks.tick().await;
        let (client, environment, path) = (client.clone(), shop.app.environment.clone(), path.clone());
        let late = due.elapsed();
        under_way.push(tokio::spawn(async move {
            let began = environment.elapsed();
            let response = client.get(&path).await;
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
    let detail = json!({ "requests_per_s": PER_SECOND, "requests": times.len(), "tickets": TICKETS, "page": PAGE, "p50": at(0.5), "p99": at(0.99) });
    print("api.p95_ms", at(0.95), "ms", detail);
    Ok(())
}

/// The list of the day whose page is full of sales: which day it is at the shop depends on its time zone.
async fn day_of_the_sales(client: &Client, now: Timestamp) -> Result<String, Fault> {
    let today = from_stored_day(to_stored(now).date()).ok_or_else(|| Fault::because("the clock shows no day"))?;
    for day in [Some(today), today.previous(), today.next()].into_iter().flatten() {
        let path = format!("/api/v1/sales/tickets?day={day}&limit={PAGE}");
        let page: TicketsPage = client.get(&path).await.json();
        if page.tickets.len() == PAGE {
            return Ok(path);
        }
    }
    Err(Fault::because("no day has a page full of sales"))
}
