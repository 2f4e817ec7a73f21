//! What others must not cost: a reader that stalls, a document that is poisonous.

use super::print;
use super::push::{rounds, warm};
use super::shop::{OpenTill, Shop};
use crate::failure::{Failure, Fault};
use holdfast_sync::envelope::Envelope;
use holdfast_sync::wire::{Answer, MAX_PUSH};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

const TILLS: u128 = 4;
const PAIRS: usize = 5;
const REQUESTS: usize = 3;
const UNREAD: usize = 200;
const POISON: usize = 470;
const TRIES: usize = 20;

/// Throughput with a reader that stalls, divided by that without.
pub(super) async fn measure_slow_client(shop: &Shop) -> Result<(), Failure> {
    let mut tills = Vec::new();
    for n in 0..TILLS {
        tills.push(shop.open_till(n + 1).await);
    }
    warm(&mut tills).await;
    rounds(shop, &mut tills, REQUESTS).await?;
    let failed = |error| Fault::new("stall", error);
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let serving = tokio::spawn(axum::serve(listener, shop.router.clone()).into_future());
    let cookie = tills[0].till.client.cookie().unwrap_or_default().to_owned();
    let mut ratios = Vec::new();
    for pair in 0..PAIRS {
        let mut rates = [0.0; 2];
        // Alternating, so that what a run leaves behind counts for neither.
        for with in if pair % 2 == 0 { [false, true] } else { [true, false] } {
            let stalled = if with { Some(stall(address, &cookie).await.map_err(failed)?) } else { None };
            rates[usize::from(with)] = rounds(shop, &mut tills, REQUESTS).await?.per_second();
            drop(stalled);
        }
        ratios.push(rates[1] / rates[0]);
    }
    serving.abort();
    ratios.sort_by(f64::total_cmp);
    let detail = json!({ "pairs": ratios, "stalled": format!("a live line, and {UNREAD} answers asked for at once, of which nothing is read") });
    print("sync.slow_client_cost", ratios[PAIRS / 2], "with ÷ without", detail);
    Ok(())
}

/// Two connections that ask and never read.
async fn stall(address: std::net::SocketAddr, cookie: &str) -> std::io::Result<[TcpStream; 2]> {
    let ask = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: holdfast.test\r\ncookie: {cookie}\r\n\r\n");
    let mut line = TcpStream::connect(address).await?;
    line.write_all(ask("/api/v1/sync/live").as_bytes()).await?;
    let mut list = TcpStream::connect(address).await?;
    list.write_all(ask("/api/v1/sales/tickets?limit=200").repeat(UNREAD).as_bytes()).await?;
    Ok([line, list])
}

/// How long a good ticket takes in a push that also brings one more change for a document with as many waiting as there can be, which are all judged again.
pub(super) async fn measure_poison(shop: &Shop) -> Result<(), Failure> {
    let mut tills = vec![shop.open_till(1).await];
    warm(&mut tills).await;
    let mut till = tills.remove(0);
    let mut poison = poison(&mut till, shop);
    for some in poison.drain(..POISON).collect::<Vec<_>>().chunks(MAX_PUSH) {
        till.till.push(some.to_vec()).await;
    }
    let mut times = Vec::with_capacity(TRIES);
    for one_more in poison {
        till.sell(&shop.items, 10);
        let good: Vec<_> = till.till.outbox.drain(..).map(envelope).collect();
        let beside = [vec![one_more], good].concat();
        let began = shop.app.environment.elapsed();
        let answers = till.till.push(beside).await;
        times.push(shop.app.environment.elapsed().saturating_sub(began).as_secs_f64() * 1_000.0);
        if matches!(answers[0], Answer::Accepted { .. }) || answers[1..].iter().any(|answer| !matches!(answer, Answer::Accepted { .. })) {
            return Err(Fault::because(format!("a good ticket beside a poisonous one was answered {answers:?}")).into());
        }
    }
    times.sort_by(f64::total_cmp);
    let detail = json!({ "waiting_there": POISON, "tries": times.len(), "median": times[times.len() / 2], "of": "a ticket of ten lines, worst" });
    print("sync.poison_delay_ms", times[times.len() - 1], "ms", detail);
    Ok(())
}

/// Changes of a ticket whose first one never comes.
fn poison(till: &mut OpenTill, shop: &Shop) -> Vec<Envelope> {
    till.sell(&shop.items, POISON + TRIES);
    till.till.outbox.drain(..).skip(1).take(POISON + TRIES).map(envelope).collect()
}

fn envelope(row: holdfast_sync::replica::OutboxRow) -> Envelope {
    Envelope { header: row.header, change: row.change, signature: row.signature.expect("the till signs at once") }
}
