//! System packages: installed as root, or with sudo, or else the line to run is said.

use crate::fault::Fault;
use crate::places::{Places, is_root, on_path};
use crate::postgres;
use crate::steps;
use std::io::IsTerminal;
use std::process::Stdio;

/// Something that only the system's installer provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// PostgreSQL's server programs.
    Postgres,
    /// The browser that the tests drive.
    Chromium,
    /// Drives the browser for the wasm tests.
    Chromedriver,
    /// Node and npm.
    Node,
    /// The message broker that the tests publish to.
    RabbitMq,
    /// Python, with what makes environments of its own.
    Python,
    /// What the examples of docs/API.md are written for.
    Curl,
}

impl Need {
    fn is_met(self, places: &Places) -> bool {
        match self {
            Self::Postgres => postgres::programs(places).is_some(),
            Self::Chromium => on_path(places, "chromium").is_some(),
            Self::Chromedriver => on_path(places, "chromedriver").is_some(),
            Self::Node => on_path(places, "node").is_some() && on_path(places, "npm").is_some(),
            Self::Python => {
                let output = places.command("python3").args(["-c", "import venv, ensurepip"]).output();
                output.is_ok_and(|output| output.status.success())
            }
            Self::Curl => on_path(places, "curl").is_some(),
            Self::RabbitMq => {
                let versions = std::fs::read_dir("/usr/lib/rabbitmq/lib").into_iter().flatten().flatten();
                versions.into_iter().any(|version| version.path().join("sbin/rabbitmq-server").is_file())
            }
        }
    }

    /// The packages of Debian and its kin. The font is for what the browser draws: without one, all text is boxes.
    fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Postgres => &["postgresql"],
            Self::Chromium => &["chromium", "fonts-dejavu-core"],
            Self::Chromedriver => &["chromium-driver"],
            Self::Node => &["nodejs", "npm"],
            Self::RabbitMq => &["rabbitmq-server"],
            Self::Python => &["python3-venv"],
            Self::Curl => &["curl"],
        }
    }

    /// What goes before the installation, which ends badly where the service cannot start.
    fn beforehand(self) -> &'static str {
        match self {
            Self::RabbitMq => "systemctl mask rabbitmq-server || true; ",
            Self::Postgres | Self::Chromium | Self::Chromedriver | Self::Node | Self::Python | Self::Curl => "",
        }
    }

    /// What follows the installation. RabbitMQ's package starts a service, which nobody asked for, and Erlang's a port mapper: the tests run brokers of their own.
    fn afterwards(self) -> &'static str {
        match self {
            Self::RabbitMq => {
                "; done=$?; { systemctl disable --now rabbitmq-server epmd.socket epmd.service && systemctl unmask rabbitmq-server || service rabbitmq-server stop; } || true; exit $done"
            }
            Self::Postgres | Self::Chromium | Self::Chromedriver | Self::Node | Self::Python | Self::Curl => "",
        }
    }
}

/// Installs what is missing of `needs`.
pub fn ensure(places: &Places, needs: &[Need]) -> Result<(), Fault> {
    let missing: Vec<Need> = needs.iter().copied().filter(|need| !need.is_met(places)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.iter().flat_map(|need| need.packages()).copied().collect::<Vec<_>>().join(" ");
    let afterwards: String = missing.iter().map(|need| need.afterwards()).collect();
    let beforehand: String = missing.iter().map(|need| need.beforehand()).collect();
    let line = format!("{beforehand}apt-get update && apt-get install --yes --no-install-recommends {packages}{afterwards}");
    let has_apt = on_path(places, "apt-get").is_some();
    let mut command = match privilege(places) {
        Some(Privilege::Root) if has_apt => places.command("sh"),
        Some(Privilege::Sudo) if has_apt => {
            let mut sudo = places.command("sudo");
            sudo.arg("sh");
            sudo
        }
        _ if has_apt => return Err(Fault::Needs { missing: packages, line: format!("sudo sh -c '{line}'") }),
        _ => return Err(Fault::Needs { line: format!("# as your system installs what Debian calls: {packages}"), missing: packages }),
    };
    command.args(["-c", &line]).env("DEBIAN_FRONTEND", "noninteractive");
    steps::must(places, &format!("install {packages}"), command)?;
    match needs.iter().find(|need| !need.is_met(places)) {
        None => Ok(()),
        Some(need) => Err(Fault::Unexpected(format!("{need:?} is still not found after installing {packages}"))),
    }
}

enum Privilege {
    Root,
    Sudo,
}

/// How this user may install packages. Where sudo wants a password it is asked for here, because a step's output goes to a log.
fn privilege(places: &Places) -> Option<Privilege> {
    if is_root() {
        return Some(Privilege::Root);
    }
    on_path(places, "sudo")?;
    let mut sudo = places.command("sudo");
    if std::io::stdin().is_terminal() {
        sudo.arg("--validate");
    } else {
        sudo.args(["--non-interactive", "true"]).stderr(Stdio::null());
    }
    sudo.status().is_ok_and(|status| status.success()).then_some(Privilege::Sudo)
}
