//! Postgres as a process: the one we start, and the one that a killed server may have left behind.

use rustix::process::{Pid, Signal, kill_process};
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command};

/// Starts `command` so that the kernel tells it to shut down (a fast shutdown: SIGINT) when the calling *thread* ends.
#[expect(unsafe_code, reason = "the wish must be uttered between fork and exec, which is what pre_exec is for")]
pub(super) fn spawn_bound(command: &mut Command) -> io::Result<Child> {
    let parent = rustix::process::getpid();
    // SAFETY: the closure makes two system calls and allocates nothing, as async-signal-safety after fork asks.
    unsafe {
        command.pre_exec(move || {
            rustix::process::set_parent_process_death_signal(Some(Signal::INT))?;
            // The parent may have died before the wish was uttered.
            if rustix::process::getppid() == Some(parent) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
        });
    }
    command.spawn()
}

/// What `postmaster.pid` says.
pub(super) struct Postmaster {
    /// Its process.
    pub pid: u32,
    /// Whether it accepts connections.
    pub ready: bool,
}

impl Postmaster {
    /// Reads the file; none where there is none, or where it is half written.
    pub(super) fn read(cluster: &Path) -> Option<Self> {
        const STATUS_LINE: usize = 7;
        let text = std::fs::read_to_string(cluster.join(PID_FILE)).ok()?;
        let pid = text.lines().next()?.trim().parse().ok()?;
        let ready = text.lines().nth(STATUS_LINE).is_some_and(|status| status.trim() == "ready");
        Some(Self { pid, ready })
    }

    /// Whether that process is alive and works on that cluster, rather than being some other process to which the number fell since.
    pub(super) fn is_running(&self, cluster: &Path) -> bool {
        works_in(&format!("/proc/{}", self.pid), cluster)
    }

    /// Whether its number fell to some other process since, while nobody, not even a child that it left behind, works on that cluster. Postgres
    /// itself only sees that somebody of the same user has the number, and would not start for as long as that one lives.
    pub(super) fn is_a_strangers(&self, cluster: &Path) -> bool {
        let someone_has_it = Path::new(&format!("/proc/{}", self.pid)).exists();
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        someone_has_it && !processes.filter_map(|process| process.path().to_str().map(str::to_owned)).any(|process| works_in(&process, cluster))
    }

    /// Forgets a number that is a stranger's.
    pub(super) fn forget(cluster: &Path) -> io::Result<()> {
        std::fs::remove_file(cluster.join(PID_FILE))
    }
}

const PID_FILE: &str = "postmaster.pid";

fn works_in(process: &str, cluster: &Path) -> bool {
    std::fs::read_link(format!("{process}/cwd")).is_ok_and(|works_in| works_in == cluster)
}

/// Asks for a fast shutdown: open transactions are rolled back.
pub(super) fn shut_down(pid: u32) {
    signal(pid, Signal::INT);
}

/// Ends it at once; it will recover at the next start.
pub(super) fn kill(pid: u32) {
    signal(pid, Signal::QUIT);
}

fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // A process that is gone already is what is wanted.
        let _ = kill_process(pid, signal);
    }
}
