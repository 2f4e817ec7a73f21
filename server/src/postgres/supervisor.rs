//! The thread that keeps Postgres running. Postgres is bound to the life of the thread that started it, so it gets a thread of its own.

use super::StartError;
use super::cluster::Cluster;
use super::process::{self, Postmaster};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Between two looks at whether it is ready.
const LOOK_PAUSE: Duration = Duration::from_millis(10);
/// How often it may fail to start before that is said; a killed one's last children may need a moment to be gone.
const START_ATTEMPTS: u32 = 8;
/// Before it is started again; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a fast shutdown may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keeps Postgres running until dropped.
pub(super) struct Supervisor {
    state: Arc<Mutex<State>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    /// The running one.
    pid: Option<u32>,
    /// How many ended without being asked to.
    deaths: u32,
    /// It shall not be started again.
    stopping: bool,
}

struct Keeper {
    command: Command,
    start_log: PathBuf,
    state: Arc<Mutex<State>>,
}

impl Supervisor {
    /// Starts Postgres and waits until it accepts connections.
    pub(super) fn start(command: Command, cluster: &Cluster) -> Result<Self, StartError> {
        let state = Arc::<Mutex<State>>::default();
        let keeper = Keeper { command, start_log: cluster.start_log.clone(), state: state.clone() };
        let thread = std::thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || keeper.keep())
            .map_err(StartError::io("start a thread for", &cluster.folder))?;
        let supervisor = Self { state, thread: Some(thread) };
        while !supervisor.is_ready(&cluster.folder) {
            if supervisor.thread.as_ref().is_none_or(JoinHandle::is_finished) || lock(&supervisor.state).deaths >= START_ATTEMPTS {
                return Err(StartError::NotReady { folder: cluster.folder.clone(), output: end_of(&cluster.start_log) });
            }
            std::thread::sleep(LOOK_PAUSE);
        }
        Ok(supervisor)
    }

    /// The running process.
    pub(super) fn pid(&self) -> Option<u32> {
        lock(&self.state).pid
    }

    /// Whether the one that accepts connections is the one we started.
    fn is_ready(&self, cluster: &Path) -> bool {
        let running = self.pid();
        running.is_some() && Postmaster::read(cluster).is_some_and(|found| found.ready && Some(found.pid) == running)
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        let mut state = lock(&self.state);
        state.stopping = true;
        state.pid.into_iter().for_each(process::shut_down);
        drop(state);
        let mut waited = Duration::ZERO;
        while !thread.is_finished() {
            if waited > PATIENCE {
                self.pid().into_iter().for_each(process::kill);
                waited = Duration::ZERO;
            }
            thread.thread().unpark();
            std::thread::sleep(LOOK_PAUSE);
            waited += LOOK_PAUSE;
        }
    }
}

impl Keeper {
    /// Starts Postgres, again whenever it ends, until told to stop.
    fn keep(mut self) {
        let mut pause = FIRST_PAUSE;
        while let Some(mut child) = self.spawn() {
            let began_well = child.wait().is_ok_and(|status| status.success());
            let mut state = lock(&self.state);
            state.pid = None;
            if state.stopping {
                return;
            }
            state.deaths += 1;
            let deaths = state.deaths;
            drop(state);
            tracing::error!(deaths, clean = began_well, "the private Postgres ended and is started again");
            std::thread::park_timeout(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// None when it shall not, or cannot, be started.
    fn spawn(&mut self) -> Option<Child> {
        let mut state = lock(&self.state);
        if state.stopping {
            return None;
        }
        match File::create(&self.start_log).and_then(|log| process::spawn_bound(self.command.stderr(log))) {
            Ok(child) => {
                state.pid = Some(child.id());
                Some(child)
            }
            Err(error) => {
                tracing::error!(%error, "the private Postgres cannot be started");
                None
            }
        }
    }
}

/// The state is plain data, whole after every step; a panic elsewhere does not spoil it.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn end_of(log: &Path) -> String {
    const LINES: usize = 5;
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("; ")
}
