//! The simulator: devices, a network and a server, driven by a seed, checked against a model that calls none of our code.
//!
//! A history is a seed. [`run`] lets a few dozen things happen, each drawn from the seed: people act in one tab or the other, pushes and pulls are
//! lost, doubled and overtake each other, the power fails between any two transactions of a device, the server dies before or after a commit, clocks
//! lie, grants are taken back, rights change, a disk is cloned, the server is a version behind and is upgraded. After each, what the core made of it
//! is compared with the [`model`]; then the faults stop, and everything must come to rest in agreement.
//!
//! It lies behind the feature `sim`, so that the server's tests run the same histories on Postgres: they implement [`server::Server`].
//! Left out on purpose: how signatures are made, HTTP, SQL, IndexedDB. Those have tests of their own, on the real thing.

pub mod device;
pub mod fault;
pub mod memory;
pub mod model;
pub mod rate;
pub mod server;
pub mod tally;
pub mod world;

mod checks;
mod names;
mod network;
mod party;

pub use checks::Broken;
pub use names::{TENANT, registry};

use fault::Fault;
use memory::MemoryServer;
use server::Server;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use world::World;

/// How many things happen in a history before the faults stop.
pub const STEPS: usize = 150;

/// A history in which an invariant broke.
#[derive(Debug)]
pub struct Violation {
    /// The history's seed.
    pub seed: u64,
    /// What broke.
    pub broken: Broken,
    /// What had happened, a line each.
    pub told: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, line) in (1..).zip(&self.told) {
            writeln!(f, "{number:4}  {line}")?;
        }
        writeln!(f, "seed {}: {}", self.seed, self.broken.0)?;
        write!(f, "replay: HOLDFAST_SIM_SEED={} cargo test --package holdfast-sync --test simulation", self.seed)
    }
}

/// Runs the history of a seed on the server in memory, and counts what it came to.
pub fn run(seed: u64, fault: Fault) -> Result<BTreeMap<&'static str, u64>, Violation> {
    run_on(seed, fault, MemoryServer::new(TENANT, registry(), fault))
}

/// Runs the history of a seed on a server that knows [`registry`] and nothing else.
pub fn run_on<S: Server>(seed: u64, fault: Fault, server: S) -> Result<BTreeMap<&'static str, u64>, Violation> {
    let mut world = World::new(seed, fault, server);
    let ran = catch_unwind(AssertUnwindSafe(|| {
        (0..STEPS).try_for_each(|_| world.step())?;
        world.come_to_rest()?;
        world.check_at_rest()
    }));
    match ran {
        Ok(Ok(())) => Ok(world.tally),
        Ok(Err(broken)) => Err(Violation { seed, broken, told: world.told }),
        Err(_) => Err(Violation { seed, broken: Broken("it panicked, as said above".to_owned()), told: world.told }),
    }
}
