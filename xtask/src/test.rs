//! `cargo xtask test`: every check there is, or some; the last line is the total of all runners.

mod api;
mod suites;
mod tally;

use crate::fault::Fault;
use crate::install;
use crate::places::Places;
use crate::steps;
use std::process::ExitCode;
use std::time::Instant;

pub use tally::Tally;

/// Runs the named suites, or all. A failing suite does not keep the others from running.
pub fn test(places: &Places, names: &[String]) -> Result<ExitCode, Fault> {
    let chosen = suites::choose(names)?;
    let started = Instant::now();
    if names.is_empty() {
        install::packages_for_test(places)?;
    }
    let mut total = Tally::default();
    for suite in chosen {
        match (suite.run)(places) {
            Ok(tally) => total.add(tally),
            Err(fault) => {
                steps::say(&format!("FAILED           {}: {fault}", suite.name));
                total.add(Tally::failed(1));
            }
        }
    }
    steps::say(&format!("                 in {:.0} s, {} skipped", started.elapsed().as_secs_f64(), total.skipped));
    println!("{} passed, {} failed", total.passed, total.failed);
    Ok(if total.failed == 0 && total.passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
