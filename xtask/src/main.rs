//! The commands of the README: they install what is missing, build, run and test Holdfast.
//!
//! Nothing here is clever: each command is a list of steps, each step is a program with its arguments, shown with its time, its output kept in a
//! log file. What is installed and built lies in one cache folder outside the checkout, so that a second clone on the same machine is quick.

mod app;
mod bench;
mod fault;
mod install;
mod places;
mod postgres;
mod server;
mod sim;
mod sqlx;
mod steps;
mod test;
mod up;

use fault::Fault;
use places::Places;
use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <command>

  up [--lan] [--port N] [--data DIR]   install what is missing, build, start Holdfast with its demo tenant
  test [SUITE …]                       everything, or some of: fmt lint deny unit server api wasm e2e
  test spine                           what the first version promises, alone: the simulation and the scenarios in a browser
  test engine                          what the engine promises, alone: sync in the core, on Postgres, in Chromium, and killed at every point
  test office                          what the office promises, alone: every declared resource on Postgres, at every address, and its pages
  sim [--seeds N] [--from S] [--script FILE] [--fault NAME]
                                       the simulator's histories, or one script; a failing one is made small and printed
  bench [FIGURE …]                     one JSON line per figure
  seed --data DIR [--products N] [--seed S]
                                       a generated catalogue for the demo tenant
  sqlx [--check]                       rewrite .sqlx from migrations/ (or fail if it is not what they yield)
  app [--dev]                          build the app; prints the folder to serve
  install                              only install what the commands above need
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = arguments.split_first() else {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    };
    match run(command, rest) {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("\nxtask: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, rest: &[String]) -> Result<ExitCode, Fault> {
    let places = Places::find()?;
    match command {
        "up" => up::up(&places, rest).map(|()| ExitCode::SUCCESS),
        "test" => test::test(&places, rest),
        "sim" => sim::sim(&places, rest),
        "bench" => bench::bench(&places, rest),
        "seed" => server::seed(&places, rest).map(|()| ExitCode::SUCCESS),
        "sqlx" => sqlx::sqlx(&places, rest).map(|()| ExitCode::SUCCESS),
        "app" => app::print_folder(&places, rest).map(|()| ExitCode::SUCCESS),
        "install" => install::everything(&places).map(|()| ExitCode::SUCCESS),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        unknown => Err(Fault::Usage(format!("no command is called {unknown:?}\n\n{USAGE}"))),
    }
}
