//! `cargo xtask bench`: the figures, one JSON line each on stdout: `{"name","value","unit","detail"}`.

use crate::app::{self, Variant};
use crate::fault::Fault;
use crate::install;
use crate::places::Places;
use crate::server;
use crate::sim;
use std::process::{Command, ExitCode};

/// What the simulator measures: it needs neither server nor app.
const SIMULATOR: &str = "sim";
/// What needs a message broker.
const PUBLISH: &str = "publish";
/// What the server's own program measures.
const SERVER: &[&str] = &["push", "push_one", "flatness", "slow_client", "poison", "ticket_bytes", "api", "records", PUBLISH];

/// Runs the named benches, or all. A bench that fails does not keep the others from running.
pub fn bench(places: &Places, names: &[String]) -> Result<ExitCode, Fault> {
    let scripts = browser_benches(places);
    let known: Vec<String> = SERVER.iter().chain(&[SIMULATOR]).map(|name| (*name).to_owned()).chain(scripts.iter().cloned()).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(Fault::Usage(format!("no bench is called {unknown:?}; there are: {}", known.join(", "))));
    }
    let chosen = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    let mut failed = 0_u32;
    let mut run = |mut command: Command| {
        if !command.status().is_ok_and(|status| status.success()) {
            failed += 1;
        }
    };
    if chosen(SIMULATOR) {
        let mut command = places.command(sim::build(places)?);
        command.arg("--figure");
        run(command);
    }
    if known.iter().any(|name| name != SIMULATOR && chosen(name)) {
        let wanted: Vec<&str> = known.iter().map(String::as_str).filter(|name| chosen(name)).collect();
        measure_the_server(places, &wanted, &mut run)?;
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The benches that need the built server, and those that need the built app as well.
fn measure_the_server(places: &Places, wanted: &[&str], run: &mut dyn FnMut(Command)) -> Result<(), Fault> {
    let node = install::for_e2e(places)?;
    if wanted.contains(&PUBLISH) {
        install::for_server_tests(places)?;
    }
    let app = app::build(places, Variant::Release)?;
    let program = server::build(places)?;
    for name in SERVER.iter().filter(|name| wanted.contains(name)) {
        let mut command = places.command(&program);
        command.args(["bench", name]);
        run(command);
    }
    let browser: Vec<&&str> = wanted.iter().filter(|name| **name != SIMULATOR && !SERVER.contains(name)).collect();
    if !browser.is_empty() {
        let mut command = places.command("node");
        command.current_dir(places.root.join("e2e")).arg(node.playwright).args(["test", "--config", "bench.config.ts"]);
        command.args(browser.iter().map(|name| format!("bench/{name}.bench.ts")));
        command.env("HOLDFAST_SERVER", &program).env("HOLDFAST_APP", &app).env("HOLDFAST_E2E_RESULTS", places.cache.join("e2e-results"));
        run(command);
    }
    Ok(())
}

/// Each `e2e/bench/<name>.bench.ts` is a bench of that name.
fn browser_benches(places: &Places) -> Vec<String> {
    let entries = std::fs::read_dir(places.root.join("e2e/bench")).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter_map(|name| name.strip_suffix(".bench.ts").map(str::to_owned)).collect();
    names.sort();
    names
}
