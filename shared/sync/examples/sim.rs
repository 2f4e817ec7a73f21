//! Plays many histories on all cores, or one script; `cargo xtask sim` builds and runs it.

use holdfast_sync::sim::fault::Fault;
use holdfast_sync::sim::history::history;
use holdfast_sync::sim::script::Script;
use holdfast_sync::sim::shrink::smallest;
use holdfast_sync::sim::{Violation, play};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const USAGE: &str = "\
sim [--seeds N] [--from S] [--fault NAME]   play N histories (1000), the first of seed S (0)
sim --script FILE [--fault NAME]            play one script
sim --figure [--seeds N]                    the same histories, and how many a second as a JSON line

--fault plants a fault, which a failing history then shows; --list names them";

/// How often a failing history is played again to make it small.
const PLAYS: usize = 4_000;

struct Wanted {
    seeds: u64,
    from: u64,
    fault: Fault,
    script: Option<String>,
    figure: bool,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        Fault::ALL.iter().for_each(|fault| println!("{fault:?}"));
        return ExitCode::SUCCESS;
    }
    let Some(wanted) = wanted(&arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match &wanted.script {
        Some(path) => play_file(path, wanted.fault),
        None => play_seeds(&wanted),
    }
}

fn wanted(arguments: &[String]) -> Option<Wanted> {
    let mut wanted = Wanted { seeds: 1_000, from: 0, fault: Fault::None, script: None, figure: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--seeds" => wanted.seeds = rest.next()?.parse().ok().filter(|seeds| *seeds > 0)?,
            "--from" => wanted.from = rest.next()?.parse().ok()?,
            "--fault" => wanted.fault = Fault::named(rest.next()?)?,
            "--script" => wanted.script = Some(rest.next()?.clone()),
            "--figure" => wanted.figure = true,
            _ => return None,
        }
    }
    Some(wanted)
}

fn play_file(path: &str, fault: Fault) -> ExitCode {
    let script = std::fs::read_to_string(path).map_err(|error| error.to_string());
    match script.and_then(|text| text.parse::<Script>().map_err(|bad| bad.to_string())) {
        Err(cause) => {
            eprintln!("{path}: {cause}");
            ExitCode::from(2)
        }
        Ok(script) => match play(&script, fault) {
            Ok(tally) => {
                println!("{path} keeps every invariant: {tally:?}");
                ExitCode::SUCCESS
            }
            Err(violation) => {
                println!("{violation}");
                ExitCode::FAILURE
            }
        },
    }
}

#[expect(clippy::disallowed_methods, reason = "an example has no Environment; it measures")]
fn play_seeds(wanted: &Wanted) -> ExitCode {
    let began = Instant::now();
    let (next, played) = (AtomicU64::new(0), AtomicU64::new(0));
    let found: Mutex<Option<(u64, Violation)>> = Mutex::new(None);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= wanted.seeds {
                return;
            }
            let seed = wanted.from + number;
            if let Err(violation) = play(&history(seed), wanted.fault) {
                next.store(wanted.seeds, Ordering::Relaxed);
                let mut found = found.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                if found.as_ref().is_none_or(|(other, _)| seed < *other) {
                    *found = Some((seed, violation));
                }
            }
            played.fetch_add(1, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        show_progress(wanted.seeds, &|| played.load(Ordering::Relaxed), &|| running.iter().all(|thread| thread.is_finished()), &|| began.elapsed());
    });
    let (played, seconds) = (played.into_inner(), began.elapsed().as_secs_f64());
    #[expect(clippy::cast_precision_loss, reason = "there are few histories")]
    let rate = played as f64 / seconds;
    let found = found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    match found {
        Some((seed, violation)) => show(seed, violation, wanted.fault),
        None if wanted.figure => {
            println!(
                "{{\"name\":\"sim.histories_per_s\",\"value\":{rate:.1},\"unit\":\"1/s\",\"detail\":{{\"histories\":{played},\"threads\":{threads}}}}}"
            );
            ExitCode::SUCCESS
        }
        None => {
            println!("{played} histories keep every invariant, in {seconds:.1} s, {rate:.0} a second");
            ExitCode::SUCCESS
        }
    }
}

/// A line that is drawn over on a terminal, and a line every ten seconds elsewhere.
fn show_progress(of: u64, played: &dyn Fn() -> u64, done: &dyn Fn() -> bool, passed: &dyn Fn() -> Duration) {
    let terminal = std::io::stderr().is_terminal();
    let every = Duration::from_millis(if terminal { 200 } else { 10_000 });
    let mut next = every;
    while !done() {
        std::thread::sleep(Duration::from_millis(20));
        if passed() < next {
            continue;
        }
        next += every;
        let line = format!("{} of {of} histories, {:.0} s", played(), passed().as_secs_f64());
        if terminal {
            eprint!("\r\x1b[2K{line}");
        } else {
            eprintln!("{line}");
        }
        drop(std::io::stderr().flush());
    }
    if terminal {
        eprint!("\r\x1b[2K");
    }
}

/// Makes the history small, prints it, keeps it in a file, and says how to play it again.
fn show(seed: u64, violation: Violation, fault: Fault) -> ExitCode {
    eprintln!("seed {seed}: {}; making it small", violation.broken);
    // What panics here has panicked before, and was told.
    std::panic::set_hook(Box::new(|_| {}));
    let small = smallest(violation, fault, PLAYS);
    let planted = if fault == Fault::None { String::new() } else { format!(" --fault {fault:?}") };
    let text = format!("# found in seed {seed}{planted}\n{small}\n");
    println!("{text}");
    let path = std::env::temp_dir().join(format!("holdfast-sim-{seed}.script"));
    match std::fs::write(&path, text) {
        Ok(()) => println!("play it again: cargo xtask sim --script {}{planted}", path.display()),
        Err(error) => eprintln!("{}: {error}", path.display()),
    }
    println!("play the whole: cargo xtask sim --from {seed} --seeds 1{planted}");
    ExitCode::FAILURE
}
