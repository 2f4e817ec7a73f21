//! The suites: what each installs and runs.

use super::Tally;
use super::api::api;
use crate::app::{self, Variant};
use crate::fault::Fault;
use crate::install;
use crate::places::Places;
use crate::server;
use crate::sqlx;
use crate::steps;
use std::process::Command;

/// A suite of checks.
pub struct Suite {
    /// How it is asked for.
    pub name: &'static str,
    /// Runs it.
    pub run: fn(&Places) -> Result<Tally, Fault>,
}

/// All there are, the quick ones first; `test` without a name runs these.
const ALL: &[Suite] = &[
    Suite { name: "fmt", run: fmt },
    Suite { name: "deny", run: deny },
    Suite { name: "lint", run: lint },
    Suite { name: "unit", run: unit },
    Suite { name: "server", run: server_tests },
    Suite { name: "api", run: api },
    Suite { name: "wasm", run: wasm },
    Suite { name: "e2e", run: e2e },
];

/// What is not Rust.
const SCRIPTS: &[&str] = &["e2e/**/*.{ts,mjs,json}", "public/*.{js,webmanifest}", "xtask/**/*.mjs"];

/// What an issue promises, by its name: parts of the suites above, so never run beside them.
const PROMISES: &[Suite] = &[Suite { name: "spine", run: spine }, Suite { name: "engine", run: engine }, Suite { name: "office", run: office }];

/// The suites of these names, or all.
pub fn choose(names: &[String]) -> Result<Vec<&'static Suite>, Fault> {
    if names.is_empty() {
        return Ok(ALL.iter().collect());
    }
    let find = |name: &String| {
        let known = ALL.iter().chain(PROMISES);
        known.clone().find(|suite| suite.name == name).ok_or_else(|| {
            let all: Vec<&str> = known.map(|suite| suite.name).collect();
            Fault::Usage(format!("no suite is called {name:?}; there are: {}", all.join(", ")))
        })
    };
    names.iter().map(find).collect()
}

fn fmt(places: &Places) -> Result<Tally, Fault> {
    let mut cargo = places.cargo();
    cargo.args(["fmt", "--all", "--check"]);
    let mut tally = check(places, "formatting", cargo)?;
    let node = install::for_scripts(places)?;
    let mut prettier = places.command("node");
    prettier.arg(node.prettier).args(["--log-level", "warn", "--check"]).args(SCRIPTS);
    tally.add(check(places, "formatting of scripts", prettier)?);
    Ok(tally)
}

/// Licences, bans and sources always; advisories only where their database can be reached, and it is said which happened.
fn deny(places: &Places) -> Result<Tally, Fault> {
    install::for_lint(places)?;
    let mut always = places.cargo();
    always.args(["deny", "--all-features", "check", "licenses", "bans", "sources"]);
    let mut tally = check(places, "licences, bans and sources of the dependencies", always)?;
    let mut fetch = places.cargo();
    fetch.args(["deny", "fetch", "db"]);
    let reached = fetch.output().is_ok_and(|output| output.status.success());
    if reached {
        let mut advisories = places.cargo();
        advisories.args(["deny", "--all-features", "check", "advisories"]);
        tally.add(check(places, "advisories on the dependencies", advisories)?);
    } else {
        steps::say("skipped          advisories on the dependencies: their database cannot be reached from here");
        tally.skipped += 1;
    }
    Ok(tally)
}

fn lint(places: &Places) -> Result<Tally, Fault> {
    install::for_lint(places)?;
    let mut host = places.cargo();
    host.args(["clippy", "--workspace", "--exclude", "holdfast-app", "--all-targets", "--locked", "--", "--deny", "warnings"]);
    let mut tally = check(places, "clippy, server and shared code", host)?;
    let mut app = places.cargo();
    app.args(["clippy", "--package", "holdfast-app", "--all-targets", "--locked", "--target", "wasm32-unknown-unknown", "--", "--deny", "warnings"]);
    tally.add(check(places, "clippy, app", app)?);
    let node = install::for_scripts(places)?;
    let mut types = places.command("node");
    types.arg(node.typescript).args(["--project", "e2e"]);
    tally.add(check(places, "types of the end-to-end tests", types)?);
    Ok(tally)
}

/// The shared crates, with the simulation, these commands themselves, and what of the app needs no browser.
fn unit(places: &Places) -> Result<Tally, Fault> {
    let mut cargo = places.cargo();
    cargo.args(["test", "--package", "holdfast-sync", "--package", "holdfast-domain", "--package", "xtask", "--no-fail-fast", "--locked"]);
    let mut tally = rust_tests(places, "unit tests and simulation", cargo)?;
    let mut app = places.cargo();
    app.args(["test", "--package", "holdfast-app", "--lib", "--no-fail-fast", "--locked"]);
    tally.add(rust_tests(places, "unit tests of the app's rules", app)?);
    Ok(tally)
}

/// The server against a real Postgres, and that its SQL was compiled against what the migrations yield.
fn server_tests(places: &Places) -> Result<Tally, Fault> {
    install::for_server_tests(places)?;
    let current = sqlx::sqlx(places, &["--check".to_owned()]);
    if let Err(fault) = &current {
        steps::say(&format!("FAILED           {fault}"));
    }
    let mut tally = Tally::check(current.is_ok());
    let mut cargo = places.cargo();
    cargo.args(["test", "--package", "holdfast-server", "--no-fail-fast", "--locked"]);
    tally.add(rust_tests(places, "server tests", cargo)?);
    Ok(tally)
}

/// What the app's code does in a real browser: IndexedDB, WebCrypto, workers.
fn wasm(places: &Places) -> Result<Tally, Fault> {
    install::for_wasm_tests(places)?;
    let mut cargo = places.cargo();
    cargo.args(["test", "--package", "holdfast-app", "--lib", "--tests", "--target", "wasm32-unknown-unknown", "--no-fail-fast", "--locked"]);
    cargo.env("CHROMEDRIVER", crate::places::on_path(places, "chromedriver").unwrap_or_default());
    rust_tests(places, "app in headless Chromium", cargo)
}

fn e2e(places: &Places) -> Result<Tally, Fault> {
    playwright(places, "end to end", &["tests"])
}

fn spine(places: &Places) -> Result<Tally, Fault> {
    let mut cargo = places.cargo();
    cargo.args(["test", "--package", "holdfast-sync", "--test", "simulation", "--no-fail-fast", "--locked"]);
    let mut tally = rust_tests(places, "simulation", cargo)?;
    tally.add(playwright(places, "the spine, end to end", &["tests/spine"])?);
    Ok(tally)
}

/// The sync core with its simulation, the server's side of sync on Postgres, the device's in Chromium, and the kill matrix.
fn engine(places: &Places) -> Result<Tally, Fault> {
    let mut core = places.cargo();
    core.args(["test", "--package", "holdfast-sync", "--no-fail-fast", "--locked"]);
    let mut tally = rust_tests(places, "sync core and simulation", core)?;
    let subjects = ["sync", "held", "revocation", "histories", "import", "blobs", "audiences", "restored", "retention"];
    tally.add(on_postgres(places, "sync on Postgres", &subjects)?);
    install::for_wasm_tests(places)?;
    let mut app = places.cargo();
    app.args(["test", "--package", "holdfast-app", "--test", "engine", "--target", "wasm32-unknown-unknown", "--no-fail-fast", "--locked"]);
    app.env("CHROMEDRIVER", crate::places::on_path(places, "chromedriver").unwrap_or_default());
    tally.add(rust_tests(places, "the engine in headless Chromium", app)?);
    tally.add(playwright(places, "killed at every point", &["tests/kill", "tests/device"])?);
    Ok(tally)
}

/// What every declared resource does: its declaration, its side on Postgres and at every address, its words, its pages.
fn office(places: &Places) -> Result<Tally, Fault> {
    let mut domain = places.cargo();
    domain.args(["test", "--package", "holdfast-domain", "--no-fail-fast", "--locked", "--", "resource"]);
    let mut tally = rust_tests(places, "declarations", domain)?;
    tally.add(on_postgres(
        places,
        "records on Postgres",
        &["records", "audit", "every_route", "role", "tenancy", "events", "parked", "broker", "openapi", "api_page"],
    )?);
    tally.add(api(places)?);
    let mut app = places.cargo();
    app.args(["test", "--package", "holdfast-app", "--lib", "--no-fail-fast", "--locked", "--", "records", "audit", "language"]);
    tally.add(rust_tests(places, "the rules of lists and forms", app)?);
    tally.add(playwright(places, "the office, end to end", &["tests/office"])?);
    Ok(tally)
}

/// The server's rules and its tests against a real Postgres, of these subjects.
fn on_postgres(places: &Places, name: &str, subjects: &[&str]) -> Result<Tally, Fault> {
    install::for_server_tests(places)?;
    let mut cargo = places.cargo();
    cargo.args(["test", "--package", "holdfast-server", "--lib", "--test", "it", "--no-fail-fast", "--locked", "--"]).args(subjects);
    rust_tests(places, name, cargo)
}

/// Runs Playwright's tests in these folders of `e2e/`, against the built server and app.
fn playwright(places: &Places, name: &str, folders: &[&str]) -> Result<Tally, Fault> {
    let node = install::for_e2e(places)?;
    let app = app::build(places, Variant::Release)?;
    let program = server::build(places)?;
    let results = places.cache.join("e2e-results");
    let report = results.join(format!("report-{}.json", std::process::id()));
    let mut run = places.command("node");
    run.current_dir(places.root.join("e2e")).arg(node.playwright).arg("test").args(folders);
    run.env("HOLDFAST_SERVER", program).env("HOLDFAST_APP", app);
    run.env("HOLDFAST_E2E_RESULTS", &results).env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    let finished = steps::run(places, name, run)?;
    let tally = Tally::of_playwright(&std::fs::read_to_string(&report).unwrap_or_default(), finished.status.success());
    Ok(tally)
}

fn check(places: &Places, name: &str, command: Command) -> Result<Tally, Fault> {
    Ok(Tally::check(steps::run(places, name, command)?.status.success()))
}

fn rust_tests(places: &Places, name: &str, command: Command) -> Result<Tally, Fault> {
    let finished = steps::run(places, name, command)?;
    Ok(Tally::of_rust(&finished.output()?, finished.status.success()))
}
