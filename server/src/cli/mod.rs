//! The command line: one subcommand per thing the server can be asked to do.

mod books;
mod field_key;
mod migrate;
mod place;
mod restored;
mod seed;
mod serve;
mod storage;

use crate::bench;
use crate::failure::{Failure, Fault};
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tracing_subscriber::EnvFilter;

/// Runs the floor of a company: tills, warehouse, event crews.
#[derive(Parser)]
#[command(name = "holdfast", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app and its API.
    Serve(Box<serve::Serve>),
    /// Bring the database's schema up to date and end.
    Migrate(place::Place),
    /// After the database was restored from a backup, and before serving: devices offer again what they keep, and receipt numbers jump.
    Restored(place::Place),
    /// Add a key that encrypted fields are sealed under from the next start on; what was sealed before opens as ever.
    FieldKey(field_key::FieldKey),
    /// Compare the books with the documents they come from, or write them again.
    Books(books::Books),
    /// Measure the server, on a Postgres of its own: `push`, `push_one`, `flatness`, `slow_client`, `poison`, `ticket_bytes` or `api`.
    Bench {
        /// What to measure.
        name: String,
    },
    /// Give a company as many products as asked, the same ones for the same seed.
    Seed(seed::Seed),
}

/// Does what the command line says. What goes wrong is said once, on standard error, with its causes.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    start_log();
    match run_command(arguments.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tracing::error!(error = %failure, "holdfast ends");
            eprintln!("holdfast: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run_command(command: Command) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Fault::new("start the runtime", error))?;
    runtime.block_on(async {
        match command {
            Command::Serve(serve) => serve.run().await,
            Command::Migrate(place) => Ok(migrate::run(&place).await?),
            Command::Restored(place) => Ok(restored::run(&place).await?),
            Command::FieldKey(field_key) => Ok(field_key.run().await?),
            Command::Books(books) => books.run().await,
            Command::Seed(seed) => seed.run().await,
            Command::Bench { name } => bench::run(&name).await,
        }
    })
}

/// JSON on standard error; how much of it, `HOLDFAST_LOG` says, such as `debug` or `info,holdfast_server::sync=trace`.
fn start_log() {
    // What the line to a message broker goes through is told by whoever needs the line, once. Automerge opens spans of each column that it reads, which took a tenth of
    // the time in which a push is judged.
    let filter = EnvFilter::try_from_env("HOLDFAST_LOG").unwrap_or_else(|_| EnvFilter::new("info,lapin=off,automerge=off,hexane=off"));
    tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false).with_env_filter(filter).with_writer(std::io::stderr).init();
}
