//! How much processor time the server and its Postgres took, from the kernel's own books.

use super::shop::Shop;
use crate::failure::Fault;

/// In which the kernel counts there, on every machine that Linux runs the server on.
const TICKS_PER_SECOND: f64 = 100.0;

/// Processor time, in seconds.
#[derive(Default)]
pub(super) struct Usage {
    pub server_s: f64,
    /// Of all its processes.
    pub postgres_s: f64,
}

impl Usage {
    /// So far.
    pub(super) fn of(shop: &Shop) -> Result<Self, Fault> {
        let postmaster = shop.postgres_pid().ok_or_else(|| Fault::because("Postgres is gone"))?;
        let processes = std::fs::read_dir("/proc").map_err(|error| Fault::new("list the processes", error))?;
        let pids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let stats = pids.filter_map(|pid| Some((pid, Stat::read(pid)?)));
        let of_postgres = stats.filter(|(pid, stat)| *pid == postmaster || stat.parent == postmaster);
        let postgres_s = of_postgres.map(|(_, stat)| stat.seconds).sum();
        let server_s = Stat::read(std::process::id()).map_or(0.0, |stat| stat.seconds);
        Ok(Self { server_s, postgres_s })
    }

    /// Adds what was taken between two moments.
    pub(super) fn add(&mut self, now: &Self, before: &Self) {
        self.server_s += now.server_s - before.server_s;
        self.postgres_s += now.postgres_s - before.postgres_s;
    }
}

/// A line of `/proc/<pid>/stat`.
struct Stat {
    parent: u32,
    seconds: f64,
}

impl Stat {
    fn read(pid: u32) -> Option<Self> {
        let line = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name in brackets may hold blanks; what follows does not. State, parent, …, user and system time, in ticks.
        let fields: Vec<&str> = line.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        Some(Self { parent: fields.get(1)?.parse().ok()?, seconds: ticks as f64 / TICKS_PER_SECOND })
    }
}
