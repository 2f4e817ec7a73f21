//! A step: a program with its arguments, shown as one line with its time; its output goes to a log file, whose tail is shown when it fails.

use crate::fault::Fault;
use crate::places::Places;
use std::fs::File;
use std::io::{IsTerminal, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const POLL: Duration = Duration::from_millis(100);
const HEARTBEAT: Duration = Duration::from_secs(60);
const TAIL_LINES: usize = 60;
const WIDTH: usize = 100;

/// What a step's program left behind.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// Everything it said.
    pub log: PathBuf,
}

impl Finished {
    /// Everything the program said.
    pub fn output(&self) -> Result<String, Fault> {
        let bytes = std::fs::read(&self.log).map_err(Fault::io("reading", &self.log))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Runs a step that must succeed.
pub fn must(places: &Places, name: &str, command: Command) -> Result<Finished, Fault> {
    let finished = run(places, name, command)?;
    if finished.status.success() { Ok(finished) } else { Err(Fault::Step { name: name.to_owned(), log: finished.log }) }
}

/// Runs a step, and shows the tail of its log where it failed.
pub fn run(places: &Places, name: &str, mut command: Command) -> Result<Finished, Fault> {
    let log = places.cache.join("logs").join(log_name(name));
    let file = File::create(&log).map_err(Fault::io("creating", &log))?;
    let same = file.try_clone().map_err(Fault::io("opening", &log))?;
    let started = Instant::now();
    let program = PathBuf::from(command.get_program());
    let mut child = command.stdin(Stdio::null()).stdout(file).stderr(same).spawn().map_err(Fault::io("starting", &program))?;
    let status = wait(&mut child, &Line { name, started, log: &log }).map_err(Fault::io("waiting for", &program))?;
    let mark = if status.success() { "ok    " } else { "FAILED" };
    say(&format!("{mark} {:>7.1} s  {name}", started.elapsed().as_secs_f64()));
    if !status.success() {
        eprintln!("{}", tail(&log, TAIL_LINES));
    }
    Ok(Finished { status, log })
}

/// Says one line that is not a step's, such as what was found already.
pub fn say(line: &str) {
    // The carriage return and the erasure take away the line that shows a running step.
    if std::io::stderr().is_terminal() {
        eprintln!("\r\x1b[2K{line}");
    } else {
        eprintln!("{line}");
    }
}

struct Line<'a> {
    name: &'a str,
    started: Instant,
    log: &'a Path,
}

/// Waits for the program; a terminal sees the newest line of its output, anyone else a sign of life a minute.
fn wait(child: &mut Child, line: &Line<'_>) -> std::io::Result<ExitStatus> {
    let terminal = std::io::stderr().is_terminal();
    let mut next = if terminal { POLL } else { HEARTBEAT };
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(POLL);
        let elapsed = line.started.elapsed();
        if elapsed < next {
            continue;
        }
        let newest = tail(line.log, 1);
        if terminal {
            let text: String = format!("…      {:>7.1} s  {}  {newest}", elapsed.as_secs_f64(), line.name).chars().take(WIDTH).collect();
            eprint!("\r\x1b[2K{text}");
            std::io::stderr().flush()?;
            next = elapsed + 5 * POLL;
        } else {
            eprintln!("…      {:>7.1} s  {}  {}", elapsed.as_secs_f64(), line.name, newest.chars().take(WIDTH).collect::<String>());
            next = elapsed + HEARTBEAT;
        }
    }
}

/// The last lines of a log, as far as its last 16 KiB hold them.
fn tail(log: &Path, lines: usize) -> String {
    const WINDOW: u64 = 16 * 1024;
    let mut bytes = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(WINDOW)))?;
        file.read_to_end(&mut bytes)
    });
    if read.is_err() {
        return String::new();
    }
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n").trim().to_owned()
}

fn log_name(step: &str) -> String {
    let name: String = step.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("{}-{name}.log", std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_of_a_log_is_its_last_lines() {
        let log = std::env::temp_dir().join(format!("holdfast-xtask-tail-{}", std::process::id()));
        std::fs::write(&log, "one\ntwo\nthree\n").unwrap();
        assert_eq!(tail(&log, 2), "two\nthree");
        assert_eq!(tail(&log, 9), "one\ntwo\nthree");
        std::fs::remove_file(&log).unwrap();
    }
}
