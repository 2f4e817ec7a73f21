//! The program.

use holdfast_server::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
