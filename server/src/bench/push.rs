//! How many changes a second can be pushed: tickets of ten lines, twenty to a request, everything verified, durable when answered. By one busy
//! company, and over fifty; and how long one ticket takes.

use super::print;
use super::shop::{OpenTill, Shop};
use super::usage::Usage;
use crate::failure::{Failure, Fault};
use crate::metrics;
use futures::future::join_all;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const TILLS: u128 = 4;
const REQUESTS: usize = 10;
const TICKETS: usize = 20;
const LINES: usize = 10;
const COMPANIES: u32 = 50;
const SPREAD_REQUESTS: usize = 2;
const SINGLES: usize = 300;

/// What was pushed, and what it took.
pub(super) struct Pushed {
    pub changes: usize,
    pub took: Duration,
    wall: BTreeMap<String, f64>,
    processor: BTreeMap<String, f64>,
    usage: Usage,
}

impl Pushed {
    pub(super) fn per_second(&self) -> f64 {
        self.changes as f64 / self.took.as_secs_f64()
    }

    fn per_change(&self, seconds: f64) -> f64 {
        (seconds * 1_000_000.0 / self.changes as f64).round()
    }

    fn by_stage(&self, stages: &BTreeMap<String, f64>) -> Value {
        stages.iter().map(|(stage, seconds)| (stage.clone(), json!(self.per_change(*seconds)))).collect::<Map<_, _>>().into()
    }

    fn detail(&self, tills: usize) -> Map<String, Value> {
        let mut detail = Map::new();
        detail.insert("changes".to_owned(), json!(self.changes));
        detail.insert("tills_at_once".to_owned(), json!(tills));
        detail.insert("tickets_per_request".to_owned(), json!(TICKETS));
        detail.insert("lines_per_ticket".to_owned(), json!(LINES));
        detail.insert("wall_microseconds_per_change_by_stage".to_owned(), self.by_stage(&self.wall));
        detail.insert("cpu_microseconds_per_change_by_stage".to_owned(), self.by_stage(&self.processor));
        let cpu = json!({ "server": self.per_change(self.usage.server_s), "postgres": self.per_change(self.usage.postgres_s) });
        detail.insert("cpu_microseconds_per_change".to_owned(), cpu);
        detail.insert("cores".to_owned(), json!(std::thread::available_parallelism().map_or(0, usize::from)));
        let includes =
            "signatures, grants, honesty, settle, projection, feed, events; over the router without a socket; making the changes is not counted";
        detail.insert("includes".to_owned(), json!(includes));
        detail
    }
}

/// Both shapes, each a figure.
pub(super) async fn measure(shop: &Shop) -> Result<(), Failure> {
    let mut tills = Vec::new();
    for n in 0..TILLS {
        tills.push(shop.open_till(n + 1).await);
    }
    warm(&mut tills).await;
    let hot = rounds(shop, &mut tills, REQUESTS).await?;
    let mut detail = hot.detail(tills.len());
    detail.insert("companies".to_owned(), json!(1));
    shop.expect_no_rulings().await?;
    print("sync.push_changes_per_s", hot.per_second(), "changes/s", detail.into());
    let mut tills = shop.open_companies(COMPANIES).await?;
    warm(&mut tills).await;
    let spread = rounds(shop, &mut tills, SPREAD_REQUESTS).await?;
    let mut detail = spread.detail(TILLS as usize);
    detail.insert("companies".to_owned(), json!(COMPANIES));
    print("sync.push_changes_per_s_50_tenants", spread.per_second(), "changes/s", detail.into());
    Ok(())
}

/// A ticket of ten lines by itself, one after the other.
pub(super) async fn measure_one(shop: &Shop) -> Result<(), Failure> {
    let mut tills = vec![shop.open_till(1).await];
    warm(&mut tills).await;
    let mut times = Vec::with_capacity(SINGLES);
    for _ in 0..SINGLES {
        tills[0].sell(&shop.items, LINES);
        let began = shop.app.environment.elapsed();
        tills[0].push().await;
        times.push(shop.app.environment.elapsed().saturating_sub(began).as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)];
    let detail = json!({ "tickets": SINGLES, "lines_per_ticket": LINES, "p50": at(0.5), "p99": at(0.99), "worst": at(1.0) });
    print("sync.push_p95_ms", at(0.95), "ms", detail);
    Ok(())
}

/// First sales warm plans and pages.
pub(super) async fn warm(tills: &mut [OpenTill]) {
    for till in tills {
        let items = till.items.clone();
        till.sell(&items, LINES);
        till.push().await;
    }
}

/// Every till pushes `requests` times; at any time four of them push, each in a task of its own, as the requests of devices come.
pub(super) async fn rounds(shop: &Shop, tills: &mut Vec<OpenTill>, requests: usize) -> Result<Pushed, Failure> {
    let [wall, processor] = metrics::sync_stages();
    let mut pushed = Pushed { changes: 0, took: Duration::ZERO, wall, processor, usage: Usage::default() };
    for _ in 0..requests {
        for till in tills.iter_mut() {
            let items = till.items.clone();
            (0..TICKETS).for_each(|_| till.sell(&items, LINES));
            pushed.changes += TICKETS * (LINES + 2);
        }
        let lanes = split(std::mem::take(tills));
        let (before, began) = (Usage::of(shop)?, shop.app.environment.elapsed());
        let under_way: Vec<_> = lanes.into_iter().map(|lane| tokio::spawn(push_in_turn(lane))).collect();
        for lane in join_all(under_way).await {
            tills.extend(lane.map_err(|error| Fault::new("push", error))?);
        }
        pushed.took += shop.app.environment.elapsed().saturating_sub(began);
        pushed.usage.add(&Usage::of(shop)?, &before);
    }
    let [wall, processor] = metrics::sync_stages();
    pushed.wall = since(wall, &pushed.wall);
    pushed.processor = since(processor, &pushed.processor);
    Ok(pushed)
}

fn since(now: BTreeMap<String, f64>, before: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let spent = |(stage, seconds): (String, f64)| {
        let earlier = before.get(&stage).copied().unwrap_or_default();
        (stage, seconds - earlier)
    };
    now.into_iter().map(spent).collect()
}

async fn push_in_turn(mut tills: Vec<OpenTill>) -> Vec<OpenTill> {
    for till in &mut tills {
        till.push().await;
    }
    tills
}

fn split(tills: Vec<OpenTill>) -> Vec<Vec<OpenTill>> {
    let mut lanes: Vec<Vec<OpenTill>> = (0..TILLS).map(|_| Vec::new()).collect();
    let count = lanes.len();
    for (place, till) in tills.into_iter().enumerate() {
        lanes[place % count].push(till);
    }
    lanes
}
