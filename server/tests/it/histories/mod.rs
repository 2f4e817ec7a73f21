//! The simulator's histories against the real server on Postgres: what the core proves of a server in memory holds of this one, too.
//!
//! The same devices, network, disks and people, and the same model; only the server is the one that ships, asked over its router, looked at in its
//! tables. What it is given beside the product is a document kind of the simulator's, as any module would give it.

mod company;
mod photos;
mod rows;
mod server;
mod tally;

use holdfast_sync::sim::fault::Fault;
use holdfast_sync::sim::history::history;
use holdfast_sync::sim::script::Script;
use holdfast_sync::sim::{Tally, play_on};
use server::PostgresServer;

/// How many seeds a test run plays.
const SEEDS: u64 = 24;

async fn plays(name: String, script: Script) -> Tally {
    let servers = PostgresServer::pair(script.cast).await;
    let played = tokio::task::spawn_blocking(move || play_on(&script, Fault::None, servers)).await.unwrap();
    played.unwrap_or_else(|violation| panic!("{name}:\n{violation}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulators_histories_keep_every_invariant_on_postgres() {
    let mut tally = Tally::new();
    for seed in 0..SEEDS {
        for (what, count) in plays(format!("seed {seed}"), history(seed)).await {
            *tally.entry(what).or_default() += count;
        }
    }
    for what in [
        "accepted",
        "held",
        "refused",
        "waiting",
        "late",
        "lies",
        "repeats",
        "replaced",
        "rulings",
        "server crashes",
        "strays",
        "told again",
        "documents left",
        "photos there",
        "photos refused",
    ] {
        assert!(tally.contains_key(what), "{what} never happens, so nothing is proven of it: {tally:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_before_does_not_fail_on_postgres() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/sync/tests/corpus");
    for entry in std::fs::read_dir(&corpus).unwrap() {
        let path = entry.unwrap().path();
        let script = std::fs::read_to_string(&path).unwrap().parse().unwrap();
        plays(path.display().to_string(), script).await;
    }
}
