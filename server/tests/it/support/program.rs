//! The program itself, as a process.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Lines};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

/// A running `holdfast serve`, killed when dropped.
pub struct Program {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// Where it listens, as it says.
    pub url: String,
    /// What it said before.
    pub said: Vec<String>,
}

impl Program {
    /// Starts it and waits until it listens.
    pub fn serve(data: &Path, more: &[&str]) -> Self {
        Self::serve_as(None, data, more)
    }

    /// The same, as the user of that id.
    pub fn serve_as(uid: Option<u32>, data: &Path, more: &[&str]) -> Self {
        let mut command = command(uid);
        command.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]).args(more);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = Vec::new();
        for line in lines.by_ref() {
            let line = line.unwrap();
            if let Some(url) = line.strip_prefix("listening on ") {
                let url = url.to_owned();
                return Self { child, lines, url, said };
            }
            said.push(line);
        }
        panic!("it ended before it listened: {:?} {said:?}", child.wait());
    }

    /// What it says when it cannot serve.
    pub fn refused(data: &Path) -> String {
        Self::refused_with(data, &[])
    }

    /// The same, with more that it is told.
    pub fn refused_with(data: &Path, more: &[&str]) -> String {
        let output = command(None).arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]).args(more).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap(), signal).unwrap();
    }

    /// Waits until it has ended; how, and what else it said.
    pub fn ended(mut self) -> (ExitStatus, Vec<String>) {
        let rest = self.lines.by_ref().map(Result::unwrap).collect();
        (self.child.wait().unwrap(), rest)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Asks until the answer is yes; panics when it stays no for half a minute. For what another process does in its own time.
pub async fn eventually(what: &str, asked: impl AsyncFn() -> bool) {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    for _ in 0..1_500 {
        ticks.tick().await;
        if asked().await {
            return;
        }
    }
    panic!("not within half a minute: {what}");
}

/// The program is copied to where every user can run it: a build folder may lie in somebody's closed home.
fn command(uid: Option<u32>) -> Command {
    let built = PathBuf::from(env!("CARGO_BIN_EXE_holdfast"));
    let Some(uid) = uid else { return clean(Command::new(built)) };
    // One name, so that runs leave one copy; put in place whole, since another run may be about to start it.
    let copy = std::env::temp_dir().join("holdfast-test-program");
    let coming = copy.with_extension(format!("{}-{:?}", std::process::id(), std::thread::current().id()));
    std::fs::copy(built, &coming).unwrap();
    std::fs::rename(&coming, &copy).unwrap();
    let mut command = clean(Command::new(copy));
    command.uid(uid).gid(uid);
    command
}

/// Without what this shell happens to be set to.
fn clean(mut command: Command) -> Command {
    command.env_remove("DATABASE_URL").env_remove("DATABASE_APP_URL").env_remove("HOLDFAST_LOG").env_remove("AMQP_URL");
    command
}
