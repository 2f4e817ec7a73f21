//! The API, tried by Schemathesis: a real server with the demo company, its owner signed in, thousands of requests made of the server's own description of
//! itself, sound and unsound ones. No answer may be a fault or other than described.

use super::Tally;
use crate::fault::Fault;
use crate::install;
use crate::places::Places;
use crate::server;
use crate::steps;
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Lines};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// How it is run, and what it is to know.
const FILES: [(&str, &str); 2] = [("schemathesis.toml", include_str!("api/schemathesis.toml")), ("hooks.py", include_str!("api/hooks.py"))];

/// Runs it; each operation counts as one.
pub fn api(places: &Places) -> Result<Tally, Fault> {
    let schemathesis = install::for_api_tests(places)?;
    let program = server::build(places)?;
    let serving = Serving::start(places, &program)?;
    let report = places.cache.join("logs").join(format!("{}-api.xml", std::process::id()));
    let mut run = places.command(schemathesis);
    // In a folder of its own: what it remembers of one run is nothing to the next.
    for (name, text) in FILES {
        let file = serving.folder.join(name);
        std::fs::write(&file, text).map_err(Fault::io("writing", &file))?;
    }
    run.current_dir(&serving.folder).env("HOLDFAST_URL", &serving.url).env("PYTHONDONTWRITEBYTECODE", "1");
    run.args(["--config-file", "schemathesis.toml", "run"]).arg(format!("{}/api/v1/openapi.json", serving.url));
    run.args(["--url", &serving.url, "--no-color", "--report-junit-path"]).arg(&report);
    let finished = steps::run(places, "the API, tried by Schemathesis", run)?;
    let log = serving.log.clone();
    drop(serving);
    let mut tally = Tally::of_junit(&std::fs::read_to_string(&report).unwrap_or_default(), finished.status.success());
    let log = std::fs::read_to_string(&log).map_err(Fault::io("reading", &log))?;
    let faults: Vec<&str> = log.lines().filter(|line| line.contains("\"level\":\"ERROR\"")).collect();
    faults.iter().for_each(|fault| steps::say(&format!("FAILED           the server had a fault: {fault}")));
    tally.add(Tally::check(faults.is_empty()));
    let turned_away = log.lines().filter(|line| line.contains("\"code\":\"too_many_requests\"")).count();
    if turned_away > 0 {
        steps::say(&format!("FAILED           {turned_away} requests were turned away for their pace, and tried nothing"));
    }
    tally.add(Tally::check(turned_away == 0));
    Ok(tally)
}

/// A running server with the demo in a folder of its own; both are gone when it is dropped.
struct Serving {
    child: Child,
    folder: PathBuf,
    log: PathBuf,
    url: String,
    /// Kept open: what it says later must go somewhere.
    _said: Lines<BufReader<ChildStdout>>,
}

impl Serving {
    fn start(places: &Places, program: &Path) -> Result<Self, Fault> {
        // Its Postgres runs as somebody who must reach the folder.
        let folder = PathBuf::from("/var/tmp").join(format!("holdfast-api-{}", std::process::id()));
        let data = folder.join("data");
        for folder in [&folder, &data] {
            std::fs::create_dir(folder).map_err(Fault::io("creating", folder))?;
            std::fs::set_permissions(folder, Permissions::from_mode(0o755)).map_err(Fault::io("opening", folder))?;
        }
        let log = places.cache.join("logs").join(format!("{}-api-server.log", std::process::id()));
        let errors = std::fs::File::create(&log).map_err(Fault::io("creating", &log))?;
        let mut serve = places.command(program);
        serve.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data"]).arg(&data).stdout(Stdio::piped()).stderr(errors);
        for name in ["DATABASE_URL", "DATABASE_APP_URL", "AMQP_URL"] {
            serve.env_remove(name);
        }
        let mut child = serve.spawn().map_err(Fault::io("starting", program))?;
        let mut said = child.stdout.take().map(BufReader::new).ok_or_else(|| Fault::Unexpected("the server says nothing".to_owned()))?.lines();
        let url = said.by_ref().map_while(Result::ok).find_map(|line| line.strip_prefix("listening on ").map(str::to_owned));
        let serving = Self { child, folder, log, url: url.unwrap_or_default(), _said: said };
        if serving.url.is_empty() { Err(Fault::Unexpected("the server ended before it listened".to_owned())) } else { Ok(serving) }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Asked to end, it takes its Postgres along. It may have ended already; a folder that stays behind is in nobody's way.
        drop(Command::new("kill").arg(self.child.id().to_string()).status());
        drop(self.child.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}
