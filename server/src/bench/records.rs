//! Fifty thousand records: how fast they come in out of a file, and how long the office waits for its lists, its changes and its searches among them.

use super::print;
use super::shop::Shop;
use crate::failure::{Failure, Fault};
use crate::rehearsal::Client;
use axum::http::Method;
use futures::future::join_all;
use holdfast_domain::kernel::resource::{ImportLine, Page};
use serde_json::json;
use std::time::Duration;

const SUPPLIERS: &str = "/api/v1/procurement/suppliers";
const ROWS: u32 = 50_000;
const PER_SECOND: u32 = 200;
const SECONDS: u32 = 10;
/// Of this many requests one is a change.
const CHANGE_EVERY: u32 = 5;
const SEARCHES: u32 = 400;
const CITIES: [&str; 8] = ["Bruxelles", "Iași", "Lyon", "München", "Napoli", "İzmir", "Porto", "Gdańsk"];
const TRADES: [&str; 8] = ["Brasserie", "Coffee", "Gemüse", "Latticini", "Panificio", "Pêcherie", "Quarry", "Zeytin"];

pub(super) async fn measure(shop: &Shop) -> Result<(), Failure> {
    let (client, _session) = shop.sign_in().await;
    import(shop, &client).await?;
    search(shop, &client).await?;
    list_and_change(shop, &client).await
}

fn name(n: u32) -> String {
    let (trade, city) = (TRADES[n as usize % TRADES.len()], CITIES[(n / 7) as usize % CITIES.len()]);
    format!("{trade} {city} {n:05}")
}

async fn import(shop: &Shop, client: &Client) -> Result<(), Failure> {
    let line =
        |n: u32| format!("{},{},desk{n}@supplier.example,+33 1 {n:08},{},{}\n", name(n), CITIES[n as usize % CITIES.len()], n % 90, "drinks | local");
    let file: String = std::iter::once("name,city,email,phone,payment_days,tags\n".to_owned()).chain((0..ROWS).map(line)).collect();
    let began = shop.app.environment.elapsed();
    let answer = client.send(Method::POST, &format!("{SUPPLIERS}/import"), (Some("text/csv"), file.into_bytes())).await;
    let took = shop.app.environment.elapsed().saturating_sub(began).as_secs_f64();
    let last = answer.body.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty()).and_then(|line| serde_json::from_slice(line).ok());
    match last {
        Some(ImportLine::Report(report)) if report.created == u64::from(ROWS) => {}
        other => return Err(Fault::because(format!("the file was not taken in: {other:?}")).into()),
    }
    let detail = json!({ "rows": ROWS, "fields": 6, "includes": "checks, search, audit, change events, feed; from the first byte to the report" });
    print("import.rows_per_s", f64::from(ROWS) / took, "rows/s", detail);
    Ok(())
}

/// Three letters of a word, two words, a slip.
async fn search(shop: &Shop, client: &Client) -> Result<(), Failure> {
    let mut times = Vec::new();
    for n in 0..SEARCHES {
        let (trade, city) = (TRADES[n as usize % TRADES.len()], CITIES[(n / 3) as usize % CITIES.len()]);
        let wanted = match n % 4 {
            0 => trade.chars().take(3).collect::<String>(),
            1 => format!("{trade}%20{city}"),
            2 => format!("{:05}", n * 97),
            _ => trade.chars().rev().skip(1).collect::<Vec<_>>().into_iter().rev().chain("x".chars()).collect(),
        };
        let began = shop.app.environment.elapsed();
        let answer = client.get(&format!("{SUPPLIERS}?q={wanted}")).await;
        times.push(shop.app.environment.elapsed().saturating_sub(began).as_secs_f64() * 1_000.0);
        if !answer.status.is_success() {
            return Err(Fault::because("a search failed").into());
        }
    }
    let at = percentiles(&mut times);
    let detail = json!({ "rows": ROWS, "searches": SEARCHES, "one_after_the_other": true, "p50": at(0.5), "p99": at(0.99) });
    print("api.search_p95_ms", at(0.95), "ms", detail);
    Ok(())
}

async fn list_and_change(shop: &Shop, client: &Client) -> Result<(), Failure> {
    let page: Page = client.get(&format!("{SUPPLIERS}?limit=200&sort=name")).await.json();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let mut under_way = Vec::new();
    let (mut changes, mut versions): (u32, Vec<u64>) = (0, page.records.iter().map(|record| record.version).collect());
    for n in 0..PER_SECOND * SECONDS {
        let due = ticks.tick().await;
        let (client, environment) = (client.clone(), shop.app.environment.clone());
        let late = due.elapsed();
        let changed = n.is_multiple_of(CHANGE_EVERY).then(|| {
            let place = changes as usize % page.records.len();
            changes += 1;
            versions[place] += 1;
            (page.records[place].id, versions[place] - 1, changes)
        });
        under_way.push(tokio::spawn(async move {
            let began = environment.elapsed();
            let response = match changed {
                Some((id, version, n)) => {
                    client.if_match(version).patch_json(&format!("{SUPPLIERS}/{id}"), &json!({ "values": { "payment_days": n } })).await
                }
                None => client.get(&format!("{SUPPLIERS}?limit=50&sort={}", ["name", "-name", "address.city", "payment_days"][n as usize % 4])).await,
            };
            (changed.is_some(), response.status.is_success(), (environment.elapsed().saturating_sub(began) + late).as_secs_f64() * 1_000.0)
        }));
    }
    let (mut times, mut of_changes, mut errors) = (Vec::new(), Vec::new(), 0);
    for answered in join_all(under_way).await {
        let (is_change, success, took) = answered.map_err(|error| Fault::new("ask for the list", error))?;
        errors += u32::from(!success);
        times.push(took);
        if is_change {
            of_changes.push(took);
        }
    }
    let change = percentiles(&mut of_changes)(0.95);
    let at = percentiles(&mut times);
    let detail = json!({
        "rows": ROWS, "of": "suppliers", "requests_per_s": PER_SECOND, "changes_among_them": changes, "errors": errors, "page": 50,
        "p50": at(0.5), "p99": at(0.99), "changes_p95": change,
    });
    print("api.records_p95_ms", at(0.95), "ms", detail);
    Ok(())
}

fn percentiles(times: &mut [f64]) -> impl Fn(f64) -> f64 + '_ {
    times.sort_by(f64::total_cmp);
    |share| times[((times.len() as f64 * share) as usize).min(times.len() - 1)]
}
