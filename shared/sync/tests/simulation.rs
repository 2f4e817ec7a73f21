//! A thousand histories, each from its seed; the small ones that were kept; and the proof that a fault in any of them would be found.
//!
//! `cargo xtask sim` goes through more of them, and plays a single script.

use holdfast_sync::sim::fault::Fault;
use holdfast_sync::sim::history::history;
use holdfast_sync::sim::script::Script;
use holdfast_sync::sim::shrink::smallest;
use holdfast_sync::sim::{Tally, Violation, play, run};

/// How many histories a test run goes through.
const SEEDS: u64 = 1_000;
/// Within how many a planted fault must show.
const FOUND_WITHIN: u64 = 1_000;
/// How often a failing history is played again to make it small.
const PLAYS: usize = 1_000;

#[test]
fn a_thousand_histories_keep_every_invariant() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut tally = Tally::new();
    for counted in std::thread::scope(|scope| {
        let run_every = |first| scope.spawn(move || (first..SEEDS).step_by(threads).map(|seed| (seed, run(seed, Fault::None))).collect::<Vec<_>>());
        let running: Vec<_> = (0..SEEDS).take(threads).map(run_every).collect();
        running.into_iter().flat_map(|thread| thread.join().expect("a history's panic is a violation")).collect::<Vec<_>>()
    }) {
        match counted {
            (_, Ok(counted)) => counted.into_iter().for_each(|(what, count)| *tally.entry(what).or_default() += count),
            (seed, Err(violation)) => panic!("seed {seed}:\n{}", smallest(violation, Fault::None, PLAYS)),
        }
    }
    println!("{SEEDS} histories: {tally:?}");
    for what in [
        "accepted",
        "clones",
        "documents left",
        "evictions",
        "fakes",
        "held",
        "late",
        "lies",
        "messages doubled",
        "messages lost",
        "messages stalled",
        "messages truncated",
        "photos refused",
        "photos shown",
        "photos taken",
        "photos there",
        "pieces taken",
        "power failures",
        "rebuilds",
        "refused",
        "rejected",
        "released",
        "repeats",
        "replaced",
        "replays",
        "restores",
        "rulings",
        "server crashes",
        "strays",
        "told again",
        "waiting",
        "writes aborted",
    ] {
        assert!(tally.get(what).is_some_and(|count| *count > SEEDS / 10), "{what} hardly happens, so little is proven of it: {tally:?}");
    }
    for what in ["enrolled again", "taken up"] {
        assert!(tally.get(what).is_some_and(|count| *count > SEEDS / 50), "{what} hardly happens, so little is proven of it: {tally:?}");
    }
}

#[test]
fn every_planted_fault_is_found() {
    let missed: Vec<_> = Fault::ALL.into_iter().filter(|fault| found(*fault).is_none()).collect();
    assert!(missed.is_empty(), "{missed:?} stay unseen in {FOUND_WITHIN} histories");
}

fn found(fault: Fault) -> Option<Violation> {
    let (seed, violation) = (0..FOUND_WITHIN).find_map(|seed| Some((seed, run(seed, fault).err()?)))?;
    println!("{fault:?}: seed {seed}: {}", violation.broken);
    Some(violation)
}

#[test]
fn what_failed_before_does_not_fail_again() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut played = 0;
    for entry in std::fs::read_dir(&corpus).expect("there is a corpus") {
        let path = entry.expect("the corpus can be listed").path();
        let text = std::fs::read_to_string(&path).expect("a script is text");
        let script: Script = text.parse().unwrap_or_else(|bad| panic!("{}: {bad}", path.display()));
        if let Err(violation) = play(&script, Fault::None) {
            panic!("{}:\n{violation}", path.display());
        }
        played += 1;
    }
    assert!(played > 0, "the corpus is empty");
}

#[test]
fn a_history_is_a_script_that_can_be_read_back() {
    for seed in 0..200 {
        let script = history(seed);
        assert_eq!(script.to_string().parse(), Ok(script), "seed {seed}");
    }
}

#[test]
fn a_line_that_is_no_step_is_named() {
    let bad = "cast 2 devices 1 people 1 tabs\n\n# a remark\n+5 device 0 flies\n".parse::<Script>().unwrap_err();
    assert_eq!((bad.number, bad.line.as_str()), (4, "+5 device 0 flies"));
    assert_eq!("+5 device 0 pushes".parse::<Script>().unwrap_err().number, 0, "no cast");
}

#[test]
fn a_failing_history_is_made_small_and_still_fails_alike() {
    let violation = found(Fault::ConfirmedBeforeDurable).expect("a planted fault is found");
    let (before, invariant) = (violation.script.moments.len(), violation.broken.invariant);
    let small = smallest(violation, Fault::ConfirmedBeforeDurable, PLAYS);
    let told = small.to_string();
    println!("{told}");
    assert!(small.script.moments.len() * 5 < before, "{} steps of {before} are left", small.script.moments.len());
    let again = told.parse().expect("what is printed is a script");
    assert_eq!(small.script, again);
    assert_eq!(play(&again, Fault::ConfirmedBeforeDurable).unwrap_err().broken.invariant, invariant);
}
