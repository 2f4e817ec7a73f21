//! The simulator: devices, a network and a server, driven by a seed, checked against a model that calls none of our code.
//!
//! A seed becomes a [`script`]: who takes part, and a few dozen things that happen, one readable line each. People act in one tab or the other,
//! pushes and pulls are lost, doubled, cut short and overtake each other, lines stall or carry one way only, the power fails between any two
//! transactions of a device, disks are full, handles dead and databases evicted, the server dies before or after a commit, clocks lie by a year,
//! grants end or are taken back, rights change, a disk is cloned, somebody sends forgeries, apps and the server are versions apart and are
//! upgraded; and photos go up in pieces beside all that. After each step, what the core made of it is compared with the [`model`]; then the faults stop, and everything must come to
//! rest in agreement. A history that breaks an [`invariant`] is made as small as it gets and printed as a script that plays it again.
//!
//! It lies behind the feature `sim`, so that the server's tests run the same histories on Postgres: they implement [`server::Server`].
//! Left out on purpose: how signatures are made, HTTP, SQL, IndexedDB. Those have tests of their own, on the real thing.

pub mod deed;
pub mod device;
pub mod fault;
pub mod history;
pub mod invariant;
pub mod memory;
pub mod model;
pub mod names;
pub mod photos;
pub mod rate;
pub mod script;
pub mod server;
pub mod shrink;
pub mod tally;
pub mod world;

mod checks;
mod leaving;
mod lies;
mod network;
mod office;
mod party;
mod people;
mod recovery;
mod rest;
mod restore;
mod traffic;

use fault::Fault;
use history::history;
use invariant::{Broken, Invariant};
use memory::MemoryServer;
use script::{Company, Script};
use server::Server;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use world::World;

/// What a history came to, counted.
pub type Tally = BTreeMap<&'static str, u64>;

/// A history in which an invariant broke.
#[derive(Debug)]
pub struct Violation {
    /// What broke.
    pub broken: Broken,
    /// The history up to there; all of it where the break showed only at rest.
    pub script: Script,
    /// The same with remarks on what each step came to: still a script.
    pub told: Vec<String>,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.script.cast)?;
        self.told.iter().try_for_each(|line| writeln!(f, "{line}"))?;
        write!(f, "# {}", self.broken)
    }
}

/// Plays the history of a seed on the server in memory, and counts what it came to.
pub fn run(seed: u64, fault: Fault) -> Result<Tally, Violation> {
    play(&history(seed), fault)
}

/// Plays a script on the server in memory.
pub fn play(script: &Script, fault: Fault) -> Result<Tally, Violation> {
    play_on(script, fault, MemoryServer::pair(script.cast, fault))
}

/// Plays a script on the servers of two companies, each of which knows the cast's [`names::registry`] and nothing else.
pub fn play_on<S: Server>(script: &Script, fault: Fault, servers: [S; 2]) -> Result<Tally, Violation> {
    let [ours, neighbours] = servers;
    let mut worlds = [(names::TENANT, ours), (names::NEIGHBOUR, neighbours)].map(|(tenant, server)| World::new(tenant, script.cast, fault, server));
    let (mut played, mut told) = (0, Vec::new());
    let ran = catch_unwind(AssertUnwindSafe(|| {
        for moment in &script.moments {
            played += 1;
            told.push(moment.to_string());
            let [ours, neighbour] = &mut worlds;
            ours.passes(moment.after_ms);
            neighbour.passes(moment.after_ms);
            let (here, there) = if moment.company == Company::Ours { (ours, neighbour) } else { (neighbour, ours) };
            let ran = here.play(&moment.step, there);
            told.append(&mut here.told);
            ran?;
        }
        worlds.iter_mut().try_for_each(World::come_to_rest)?;
        worlds.iter().try_for_each(World::check_at_rest)
    }));
    let [ours, neighbour] = &mut worlds;
    told.append(&mut ours.told);
    told.append(&mut neighbour.told);
    let broken = match ran {
        Ok(Ok(())) => {
            neighbour.tally.iter().for_each(|(what, count)| *ours.tally.entry(what).or_default() += count);
            return Ok(std::mem::take(&mut ours.tally));
        }
        Ok(Err(broken)) => broken,
        Err(panic) => Invariant::NoPanic.broke(said(panic.as_ref())),
    };
    let script = Script { cast: script.cast, moments: script.moments[..played].to_vec() };
    Err(Violation { broken, script, told })
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it panicked").to_owned()
}
