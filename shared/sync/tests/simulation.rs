//! A thousand histories, each from its seed; and the proof that a fault in them would be found.
//!
//! `HOLDFAST_SIM_SEED=7` replays one and prints it.

use holdfast_sync::sim::fault::Fault;
use holdfast_sync::sim::run;
use std::collections::BTreeMap;

/// How many histories a test run goes through.
const SEEDS: u64 = 1_000;
/// Within how many a planted fault must show.
const FOUND_WITHIN: u64 = 200;

#[test]
fn a_thousand_histories_keep_every_invariant() {
    if let Ok(seed) = std::env::var("HOLDFAST_SIM_SEED") {
        let seed = seed.parse().expect("HOLDFAST_SIM_SEED is a number");
        match run(seed, Fault::None) {
            Ok(tally) => println!("seed {seed} keeps every invariant: {tally:?}"),
            Err(violation) => panic!("{violation}"),
        }
        return;
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut tally: BTreeMap<&str, u64> = BTreeMap::new();
    for counted in std::thread::scope(|scope| {
        let run_every = |first| scope.spawn(move || (first..SEEDS).step_by(threads).map(|seed| run(seed, Fault::None)).collect::<Vec<_>>());
        let running: Vec<_> = (0..SEEDS).take(threads).map(run_every).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a history's panic is a violation")).collect::<Vec<_>>()
    }) {
        match counted {
            Ok(counted) => counted.into_iter().for_each(|(what, count)| *tally.entry(what).or_default() += count),
            Err(violation) => panic!("{violation}"),
        }
    }
    println!("{SEEDS} histories: {tally:?}");
    for what in
        ["accepted", "waiting", "held", "refused", "repeats", "rulings", "messages lost", "messages doubled", "server crashes", "power failures"]
    {
        assert!(tally.get(what).is_some_and(|count| *count > SEEDS / 10), "{what} hardly happens, so little is proven of it: {tally:?}");
    }
}

#[test]
fn a_server_that_forgets_its_answers_is_found() {
    assert_found(Fault::AnswersForgotten);
}

#[test]
fn a_server_that_forgets_what_waits_is_found() {
    assert_found(Fault::WaitingForgotten);
}

#[test]
fn a_server_that_answers_before_it_commits_is_found() {
    assert_found(Fault::AnsweredBeforeCommit);
}

#[test]
fn a_cursor_that_runs_ahead_of_its_page_is_found() {
    assert_found(Fault::CursorRunsAhead);
}

#[test]
fn a_device_that_confirms_before_it_is_durable_is_found() {
    assert_found(Fault::RecordsNotDurable);
}

#[test]
fn a_device_that_lets_a_snapshot_replace_its_document_is_found() {
    assert_found(Fault::SnapshotReplaces);
}

fn assert_found(fault: Fault) {
    let found = (0..FOUND_WITHIN).find_map(|seed| run(seed, fault).err());
    let violation = found.unwrap_or_else(|| panic!("{fault:?} stays unseen in {FOUND_WITHIN} histories"));
    println!("{fault:?}: seed {}: {}", violation.seed, violation.broken.0);
}
