//! `cargo xtask up`: from a bare machine to a running till.

use crate::app::{self, Variant};
use crate::fault::Fault;
use crate::install;
use crate::places::Places;
use crate::server;
use crate::steps;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;

#[derive(Debug, PartialEq, Eq)]
struct Options {
    lan: bool,
    port: u16,
    data: Option<PathBuf>,
}

/// Installs, builds, and becomes the server, so that ctrl-c ends it and its Postgres as it ends any program.
pub fn up(places: &Places, arguments: &[String]) -> Result<(), Fault> {
    let options = parse(arguments)?;
    install::packages_for_up(places)?;
    let app = app::build(places, Variant::Release)?;
    let program = server::build(places)?;
    let data = match options.data {
        Some(data) => std::path::absolute(&data).map_err(Fault::io("finding", &data))?,
        None => server::default_data()?,
    };
    let host = if options.lan { "0.0.0.0" } else { "127.0.0.1" };
    let mut serve = places.command(&program);
    serve.arg("serve").arg("--data").arg(&data).arg("--app").arg(&app).args(["--listen", &format!("{host}:{}", options.port), "--demo"]);
    if options.lan {
        serve.arg("--lan");
    }
    // Whoever types this reads the addresses, not a line of JSON per request.
    if std::env::var_os("HOLDFAST_LOG").is_none() {
        serve.env("HOLDFAST_LOG", "warn");
    }
    steps::say(&format!("start            {} with its data in {}", program.display(), data.display()));
    Err(Fault::io("starting", &program)(serve.exec()))
}

fn parse(arguments: &[String]) -> Result<Options, Fault> {
    let mut options = Options { lan: false, port: 0, data: None };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| Fault::Usage(format!("{argument} needs a value")));
        match argument.as_str() {
            "--lan" => options.lan = true,
            "--port" => {
                let text = value()?;
                options.port = text.parse().map_err(|_| Fault::Usage(format!("{text:?} is no port")))?;
            }
            "--data" => options.data = Some(PathBuf::from(value()?)),
            other => return Err(Fault::Usage(format!("up knows --lan, --port N and --data DIR, not {other:?}"))),
        }
    }
    if options.port == 0 {
        options.port = if options.lan { 8443 } else { 8080 };
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options, Fault> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn up_listens_on_8080_and_on_the_lan_on_8443() {
        assert_eq!(parsed("").unwrap().port, 8080);
        assert_eq!(parsed("--lan").unwrap().port, 8443);
        assert_eq!(parsed("--lan --port 9000").unwrap(), Options { lan: true, port: 9000, data: None });
    }

    #[test]
    fn an_unknown_option_or_a_missing_value_is_refused() {
        for line in ["--wan", "--port", "--port eighty", "--data"] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
