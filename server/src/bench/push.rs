//! How many changes a second one busy company can push: tickets of ten lines, twenty to a request, everything verified, durable when answered.

use super::print;
use super::shop::{OpenTill, Shop};
use crate::failure::Failure;
use crate::metrics;
use futures::future::join_all;
use serde_json::json;

const TILLS: u128 = 4;
const REQUESTS: usize = 10;
const TICKETS: usize = 20;
const LINES: usize = 10;

pub(super) async fn measure(shop: &Shop) -> Result<(), Failure> {
    let mut tills = Vec::new();
    for n in 0..TILLS {
        let mut till = shop.open_till(n + 1).await;
        // A first sale warms plans and pages.
        till.sell(&shop.items, LINES);
        till.push().await;
        tills.push(till);
    }
    let stages_before = metrics::sync_stages();
    let mut changes = 0;
    let mut took = std::time::Duration::ZERO;
    for _ in 0..REQUESTS {
        for till in &mut tills {
            (0..TICKETS).for_each(|_| till.sell(&shop.items, LINES));
            changes += TICKETS * (LINES + 2);
        }
        let began = shop.app.environment.elapsed();
        join_all(tills.iter_mut().map(OpenTill::push)).await;
        took += shop.app.environment.elapsed().saturating_sub(began);
    }
    let stages: serde_json::Map<_, _> = metrics::sync_stages()
        .into_iter()
        .map(|(stage, seconds)| {
            let before = stages_before.get(&stage).copied().unwrap_or_default();
            (stage, json!(((seconds - before) * 1_000_000.0 / changes as f64).round()))
        })
        .collect();
    let detail = json!({
        "changes": changes, "tills_at_once": TILLS, "tickets_per_request": TICKETS, "lines_per_ticket": LINES,
        "microseconds_per_change_by_stage": stages, "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "includes": "signatures, grants, honesty, settle, projection, feed, events; over the router without a socket; making the changes is not counted",
    });
    print("sync.push_changes_per_s", changes as f64 / took.as_secs_f64(), "changes/s", detail);
    Ok(())
}
