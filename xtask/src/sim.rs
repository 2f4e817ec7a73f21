//! `cargo xtask sim`: builds the simulator optimised, and hands it its arguments.

use crate::fault::Fault;
use crate::places::Places;
use crate::server::target_folder;
use crate::steps;
use std::path::PathBuf;
use std::process::ExitCode;

/// Builds the simulator; the answer is the program.
pub fn build(places: &Places) -> Result<PathBuf, Fault> {
    let mut cargo = places.cargo();
    cargo.args(["build", "--package", "holdfast-sync", "--example", "sim", "--profile", "server", "--locked"]);
    steps::must(places, "build the simulator", cargo)?;
    Ok(target_folder(places)?.join("server").join("examples").join("sim"))
}

/// Plays histories. Files are named as seen from where the command was typed.
pub fn sim(places: &Places, arguments: &[String]) -> Result<ExitCode, Fault> {
    let program = build(places)?;
    let mut sim = places.command(program);
    let here = std::env::current_dir().map_err(|source| Fault::Io { doing: "asking where this is".to_owned(), source })?;
    let status = sim.current_dir(here).args(arguments).status();
    let status = status.map_err(|source| Fault::Io { doing: "running the simulator".to_owned(), source })?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
