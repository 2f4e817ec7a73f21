//! A RabbitMQ of one's own: in a temporary folder, on free ports of this machine, with its own name, cookie and port mapper. It touches no service that the
//! system may run, and dies with whoever started it.

use crate::failure::Fault;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::File;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Where Debian keeps the broker.
const DEBIAN: &str = "/usr/lib/rabbitmq/lib";
/// How long it may take to start: it is Erlang that it starts.
const START_PATIENCE: Duration = Duration::from_secs(90);
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// The most brokers of one user at once.
const SLOTS: u32 = 16;

/// A broker that ends when this is dropped.
pub struct RabbitMq {
    script: PathBuf,
    folder: PathBuf,
    ports: Ports,
    keeper: Keeper,
    mapper: Child,
    broker: Option<Child>,
    _slot: File,
}

#[derive(Clone, Copy)]
struct Ports {
    amqp: u16,
    erlang: u16,
    mapper: u16,
}

impl RabbitMq {
    /// Prepares one, which does not run yet.
    pub fn prepare() -> Result<Self, Fault> {
        let script = installed().ok_or_else(|| Fault::because("RabbitMQ is not installed; on Debian: apt-get install rabbitmq-server"))?;
        let root = std::env::temp_dir().join(format!("holdfast-rabbitmq-{}", rustix::process::geteuid().as_raw()));
        std::fs::create_dir_all(&root).map_err(|error| Fault::new("make a folder for RabbitMQ", error))?;
        let taken = (0..SLOTS).find_map(|slot| take(&root.join(slot.to_string())).transpose());
        let (folder, slot) = taken.transpose()?.ok_or_else(|| Fault::because("too many RabbitMQs are running"))?;
        let ports = Ports::free().map_err(|error| Fault::new("find free ports", error))?;
        let mut mapper = dying_with_us("epmd");
        mapper.args(["-address", "127.0.0.1", "-port", &ports.mapper.to_string(), "-relaxed_command_check"]);
        mapper.stdout(Stdio::null()).stderr(Stdio::null());
        let keeper = Keeper::hire();
        let mapper = keeper.start(mapper)?;
        std::fs::write(folder.join("rabbitmq.conf"), ports.settings()).map_err(|error| Fault::new("write RabbitMQ's settings", error))?;
        Ok(Self { script, folder, ports, keeper, mapper, broker: None, _slot: slot })
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("amqp://guest:guest@127.0.0.1:{}/%2f", self.ports.amqp)
    }

    /// Starts it, where it does not run, and waits until it listens. What it had kept, it has.
    pub fn start(&mut self) -> Result<(), Fault> {
        if self.broker.is_some() {
            return Ok(());
        }
        let failed = |error| Fault::new("start RabbitMQ", error);
        let log = File::options().create(true).append(true).open(self.folder.join("log")).map_err(failed)?;
        let mut command = dying_with_us(&self.script);
        let Ports { erlang, mapper, .. } = self.ports;
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("LANG", "C.UTF-8").env("HOME", &self.folder);
        command.env("RABBITMQ_NODENAME", format!("holdfast-{}@localhost", self.ports.amqp)).env("RABBITMQ_DIST_PORT", erlang.to_string());
        command.env("ERL_EPMD_PORT", mapper.to_string()).env("ERL_EPMD_ADDRESS", "127.0.0.1");
        let places = [
            ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
            ("RABBITMQ_CONF_ENV_FILE", "none"),
            ("RABBITMQ_MNESIA_BASE", "data"),
            ("RABBITMQ_LOG_BASE", "logs"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", "plugins"),
            ("RABBITMQ_PID_FILE", "pid"),
        ];
        for (name, place) in places {
            command.env(name, self.folder.join(place));
        }
        // So that the script gives its place to the broker, and a signal to the one is for the other.
        command.env("RUNNING_UNDER_SYSTEMD", "true");
        command.current_dir(&self.folder).stdin(Stdio::null()).stdout(log.try_clone().map_err(failed)?).stderr(log);
        self.broker = Some(self.keeper.start(command)?);
        self.wait_until_it_listens().inspect_err(|_| self.kill())
    }

    fn wait_until_it_listens(&mut self) -> Result<(), Fault> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.ports.amqp));
        let mut waited = Duration::ZERO;
        while TcpStream::connect(address).is_err() {
            let ended = self.broker.as_mut().is_some_and(|broker| !matches!(broker.try_wait(), Ok(None)));
            if ended || waited > START_PATIENCE {
                let said = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
                let last: Vec<_> = said.lines().rev().take(20).collect();
                return Err(Fault::because(format!("RabbitMQ does not start: {}", last.into_iter().rev().collect::<Vec<_>>().join("\n"))));
            }
            std::thread::sleep(LOOK_EVERY);
            waited += LOOK_EVERY;
        }
        Ok(())
    }

    /// Ends it in order: what it has is written down.
    pub fn stop(&mut self) {
        if let Some(mut broker) = self.broker.take() {
            let pid = i32::try_from(broker.id()).ok().and_then(Pid::from_raw);
            let told = pid.is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok());
            drop(if told { broker.wait() } else { broker.kill().and_then(|()| broker.wait()) });
        }
    }

    /// Kills it as a power cut does.
    pub fn kill(&mut self) {
        if let Some(mut broker) = self.broker.take() {
            // It may have ended already.
            drop(broker.kill());
            drop(broker.wait());
        }
    }
}

impl Drop for RabbitMq {
    fn drop(&mut self) {
        self.kill();
        drop(self.mapper.kill());
        drop(self.mapper.wait());
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

impl Ports {
    /// That nobody has now.
    fn free() -> std::io::Result<Self> {
        let listeners = [TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?, TcpListener::bind("127.0.0.1:0")?];
        let [amqp, erlang, mapper] =
            [&listeners[0], &listeners[1], &listeners[2]].map(|listener| listener.local_addr().map(|address| address.port()));
        Ok(Self { amqp: amqp?, erlang: erlang?, mapper: mapper? })
    }

    fn settings(self) -> String {
        format!("listeners.tcp.1 = 127.0.0.1:{}\nlog.console = true\nlog.file = false\ndisk_free_limit.absolute = 50MB\n", self.amqp)
    }
}

/// The broker's own script, which asks for no particular user.
fn installed() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).ok()?.flatten().map(|entry| entry.path().join("sbin/rabbitmq-server"));
    versions.filter(|script| script.is_file()).max()
}

/// An empty folder, and the lock that makes it ours for as long as this process lives; none where another has it.
fn take(folder: &Path) -> Result<Option<(PathBuf, File)>, Fault> {
    let failed = |error| Fault::new("make a folder for RabbitMQ", error);
    let lock = File::options().create(true).truncate(false).write(true).open(folder.with_extension("lock")).map_err(failed)?;
    if lock.try_lock().is_err() {
        return Ok(None);
    }
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    std::fs::create_dir(folder).map_err(failed)?;
    Ok(Some((folder.to_owned(), lock)))
}

/// A thread that starts programs and lives as long as the value: what it started, the kernel ends with it.
struct Keeper {
    orders: mpsc::Sender<Order>,
}

type Order = (Command, mpsc::Sender<std::io::Result<Child>>);

impl Keeper {
    fn hire() -> Self {
        let (orders, taken) = mpsc::channel::<Order>();
        std::thread::spawn(move || {
            for (mut command, answer) in taken {
                // Whoever does not wait for the answer has gone.
                drop(answer.send(command.spawn()));
            }
        });
        Self { orders }
    }

    fn start(&self, command: Command) -> Result<Child, Fault> {
        let (answer, answered) = mpsc::channel();
        let gone = || Fault::because("the thread that starts RabbitMQ is gone");
        self.orders.send((command, answer)).map_err(|_| gone())?;
        answered.recv().map_err(|_| gone())?.map_err(|error| Fault::new("start a part of RabbitMQ", error))
    }
}

/// The kernel ends it when the thread that starts it ends.
fn dying_with_us(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}
