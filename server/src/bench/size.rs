//! What grows with a company: whether pushing costs the same with a hundred times the documents and the feed, and what a ticket weighs.

use super::push::{rounds, warm};
use super::shop::Shop;
use super::{print, queries};
use crate::failure::Failure;
use serde_json::json;

const TILLS: u128 = 4;
const REQUESTS: usize = 3;
/// What 1, 10 and 100 are multiples of.
const TICKETS: usize = 240;
const TIMES: [i64; 3] = [1, 10, 100];
const LINES: usize = 10;

/// Pushes at once, ten and a hundred times the documents and the feed.
pub(super) async fn measure_flatness(shop: &Shop) -> Result<(), Failure> {
    let mut tills = Vec::new();
    for n in 0..TILLS {
        tills.push(shop.open_till(n + 1).await);
    }
    warm(&mut tills).await;
    let requests = TICKETS / (20 * tills.len());
    rounds(shop, &mut tills, requests).await?;
    let mut steps = Vec::new();
    for times in TIMES {
        let mut tx = shop.tenant_tx().await?;
        let (tickets, _) = queries::tickets(&mut tx).await?;
        // What there is, as often as is missing.
        let copies = (TICKETS as i64 * times / tickets - 1).max(0);
        if copies > 0 {
            queries::multiply_tickets(&mut tx, i32::try_from(copies).unwrap_or(i32::MAX)).await?;
        }
        let (tickets, _) = queries::tickets(&mut tx).await?;
        tx.commit().await?;
        let pushed = rounds(shop, &mut tills, REQUESTS).await?;
        steps.push((times, tickets, pushed.per_second()));
    }
    let slowest = steps.iter().map(|(_, _, rate)| rate / steps[0].2).fold(f64::INFINITY, f64::min);
    let shown: Vec<_> =
        steps.iter().map(|(times, tickets, rate)| json!({ "times": times, "tickets": tickets, "changes_per_s": rate.round() })).collect();
    print("sync.push_flatness", slowest, "throughput, slowest ÷ at 1×", json!({ "steps": shown, "of": "documents and feed entries alike" }));
    Ok(())
}

/// A sale of ten lines, paid, as the server keeps it: one compressed Automerge document.
pub(super) async fn measure_ticket(shop: &Shop) -> Result<(), Failure> {
    let mut till = shop.open_till(1).await;
    (0..100).for_each(|_| till.sell(&shop.items, LINES));
    till.push().await;
    let mut tx = shop.tenant_tx().await?;
    let (tickets, bytes) = queries::tickets(&mut tx).await?;
    tx.commit().await?;
    print(
        "store.bytes_per_ticket",
        bytes,
        "B",
        json!({ "tickets": tickets, "lines_per_ticket": LINES, "state": "paid", "of": "the document alone" }),
    );
    Ok(())
}
