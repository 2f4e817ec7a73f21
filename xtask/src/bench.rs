//! `cargo xtask bench`: the figures, one JSON line each on stdout: `{"name","value","unit","detail"}`.

use crate::app::{self, Variant};
use crate::fault::Fault;
use crate::install;
use crate::places::Places;
use crate::server;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// What the server's own program measures.
const SERVER: &[&str] = &["push", "api"];

/// Runs the named benches, or all. A bench that fails does not keep the others from running.
pub fn bench(places: &Places, names: &[String]) -> Result<ExitCode, Fault> {
    let scripts = browser_benches(places)?;
    let known: Vec<String> = SERVER.iter().map(|name| (*name).to_owned()).chain(scripts.iter().map(|(name, _)| name.clone())).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(Fault::Usage(format!("no bench is called {unknown:?}; there are: {}", known.join(", "))));
    }
    let chosen = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
    install::for_e2e(places)?;
    let app = app::build(places, Variant::Release)?;
    let program = server::build(places)?;
    let mut failed = 0_u32;
    let mut run = |mut command: Command| {
        if !command.status().is_ok_and(|status| status.success()) {
            failed += 1;
        }
    };
    for name in SERVER.iter().filter(|name| chosen(name)) {
        let mut command = places.command(&program);
        command.args(["bench", name]);
        run(command);
    }
    for (_, script) in scripts.iter().filter(|(name, _)| chosen(name)) {
        let mut command = places.command("node");
        command.current_dir(places.root.join("e2e")).arg(script).env("HOLDFAST_SERVER", &program).env("HOLDFAST_APP", &app);
        run(command);
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Each script in `e2e/bench` is a bench of its name.
fn browser_benches(places: &Places) -> Result<Vec<(String, PathBuf)>, Fault> {
    let folder = places.root.join("e2e/bench");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let scripts = entries.filter(|path| path.extension().is_some_and(|end| end == "mjs"));
    let mut named: Vec<(String, PathBuf)> = scripts.map(|path| (path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), path)).collect();
    named.sort();
    Ok(named)
}
