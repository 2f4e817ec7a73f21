//! `holdfast serve`: opens its place, listens, and ends when told to, after what is under way.

use super::place::{OpenPlace, Place};
use super::storage::Storage;
use crate::audit;
use crate::blobs::{BlobFiles, Blobs};
use crate::demo;
use crate::environment::Environment;
use crate::events::{Broker, BrokerAddress, Runner};
use crate::failure::{Failure, Fault};
use crate::files::Files;
use crate::http::{self, App, Doorkeeper, Limits, Modules, Transport, TrustedProxies};
use crate::identity::Identity;
use crate::lan::{self, Lan};
use crate::metrics;
use crate::presence::{self, Presence};
use crate::sync::{self, Movements, Relay, Retention};
use axum_server::Handle;
use clap::Args;
use hyper_util::rt::TokioTimer;
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// How long requests under way may take to finish when the server is told to end.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a request's head may take to arrive.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
/// How long the other servers are waited for to be told that nobody is here any more.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What `serve` takes.
#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    storage: Storage,
    /// Folder of the built app; without it only the API is served.
    #[arg(long, value_name = "DIR")]
    app: Option<PathBuf>,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A proxy in front of the server, as an address or a network such as 10.0.0.0/8; may be given several times. Only theirs is the word on where
    /// a request came from (`X-Forwarded-For`).
    #[arg(long, value_name = "NETWORK", value_parser = network, env = "HOLDFAST_TRUSTED_PROXIES", value_delimiter = ',')]
    trusted_proxy: Vec<IpNet>,
    /// Who may read `/metrics`, as an address or a network; may be given several times. This machine alone, where none is given.
    #[arg(long, value_name = "NETWORK", value_parser = network, env = "HOLDFAST_METRICS_FROM", value_delimiter = ',')]
    metrics_from: Vec<IpNet>,
    /// What the photos and files of one company may weigh together, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 10 * 1024)]
    blob_quota_mib: u32,
    /// The oldest version of the app that is told news; an older one only hands in its work until it is updated. Raise it only with an app folder that is new
    /// enough.
    #[arg(long, value_name = "VERSION", default_value_t = 1)]
    oldest_app: u32,
    /// A RabbitMQ to publish every event to, such as amqps://user:password@broker.example/vhost.
    #[arg(long, value_name = "URL", env = "AMQP_URL", hide_env_values = true)]
    amqp_url: Option<String>,
    /// Create the demo tenants where they are missing.
    #[arg(long)]
    demo: bool,
    /// Serve HTTPS on the local network, with a certificate authority of our own.
    #[arg(long)]
    lan: bool,
}

impl Serve {
    pub(super) async fn run(self) -> Result<(), Failure> {
        metrics::start();
        // An empty value is none: so a deployment can leave it out.
        let broker = self.amqp_url.as_deref().filter(|url| !url.is_empty()).map(BrokerAddress::read).transpose()?;
        let store = self.storage.open(self.place.folder()?)?;
        let environment = Environment::system();
        let OpenPlace { database, postgres } = self.place.open(environment.clone()).await?;
        let identity = Identity::start(&database, &environment).await?;
        if self.demo {
            demo::plant(&database, &environment, identity.passwords()).await?;
        }
        let quota_bytes = u64::from(self.blob_quota_mib) << 20;
        let (stop, stopping) = watch::channel(false);
        let transport = if self.lan { Transport::Tls } else { Transport::Plain };
        let app = App {
            database: database.clone(),
            environment,
            identity,
            transport,
            movements: Movements::default(),
            presence: Presence::default(),
            modules: Modules::ALL,
            oldest_app: self.oldest_app,
            blobs: Blobs { files: BlobFiles::in_folder(self.place.folder()?.join("blobs")), quota_bytes },
            files: Files { store, quota_bytes },
            app_folder: self.app.clone(),
            stopping,
        };
        let handle = Handle::new();
        tokio::spawn(stop_when_told(Told::listen()?, stop, handle.clone()));
        let hearing = tokio::spawn(Runner::of(&app).run(app.stopping.clone()));
        let publishing = broker.map(|address| tokio::spawn(Broker::of(&app, address).run(app.stopping.clone())));
        let relaying = tokio::spawn(Relay::of(&app).run(app.stopping.clone()));
        let meeting = tokio::spawn(presence::Relay::of(&app).run(app.stopping.clone()));
        let looking = tokio::spawn(sync::keep_looking(app.clone()));
        let dropping = tokio::spawn(Retention::of(&app).run(app.stopping.clone()));
        let paging = tokio::spawn(audit::keep_months(app.clone(), app.stopping.clone()));
        let counting = tokio::spawn(metrics::keep());
        let served = self.listen(&app, handle).await;
        looking.abort();
        counting.abort();
        hearing.abort();
        if let Some(publishing) = publishing {
            publishing.abort();
        }
        relaying.abort();
        // It ends by itself, with a last word to the other servers.
        let _ended = tokio::time::timeout(LAST_WORDS, meeting).await;
        dropping.abort();
        paging.abort();
        // What is asked of the database now belongs to no request; whatever holds a connection must not hold up the end.
        if tokio::time::timeout(PATIENCE, database.close()).await.is_err() {
            tracing::warn!("database connections were still in use at the end");
        }
        let ended = tokio::task::spawn_blocking(move || drop(postgres)).await;
        served?;
        Ok(ended.map_err(|error| Fault::new("stop the private Postgres", error))?)
    }

    async fn listen(&self, app: &App, handle: Handle<SocketAddr>) -> Result<(), Fault> {
        let cannot = |error| Fault::new(format!("listen on {}", self.listen), error);
        let listener = TcpListener::bind(self.listen).map_err(cannot)?;
        listener.set_nonblocking(true).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let proxies = TrustedProxies::new(self.trusted_proxy.clone());
        let door = Doorkeeper::new(proxies.clone());
        let mut limits = Limits { proxies, ..Limits::default() };
        if !self.metrics_from.is_empty() {
            limits.metrics_from = self.metrics_from.clone().into();
        }
        let router = http::router(app.clone(), limits);
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let failed = |error| Fault::new("serve", error);
        if self.lan {
            let lan = Lan::prepare(self.place.folder()?, address, &app.environment)?;
            let listening = axum_server::from_tcp_rustls(listener, lan.tls_config()?).map_err(cannot)?;
            let mut server = listening.map(|tls| tls.acceptor(door)).handle(handle.clone());
            bound_head(&mut server);
            lan.announce();
            self.announce(&lan.url());
            let page = tokio::spawn(lan::serve_page(lan.into_page(), handle));
            server.serve(service).await.map_err(failed)?;
            return page.await.map_err(|error| Fault::new("serve the certificate's page", error))?;
        }
        let mut server = axum_server::from_tcp(listener).map_err(cannot)?.acceptor(door).handle(handle);
        bound_head(&mut server);
        self.announce(&format!("http://{address}"));
        server.serve(service).await.map_err(failed)
    }

    /// The first line is what programs wait for.
    fn announce(&self, url: &str) {
        println!("listening on {url}");
        if self.demo {
            println!("Sign in to the demo as (company, e-mail address, password):");
            for sign_in in demo::sign_ins() {
                println!("  {:<12} {:<32} {:<20} {}, {}", sign_in.tenant, sign_in.email, sign_in.password, sign_in.name, sign_in.role);
            }
        }
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let network = text.trim().parse::<IpNet>().or_else(|_| text.trim().parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| "give an address or a network such as 10.0.0.0/8".to_owned())
}

/// A connection that never says what it wants is closed.
fn bound_head<A>(server: &mut axum_server::Server<SocketAddr, A>) {
    server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
}

/// SIGTERM and SIGINT, which no longer end the process by themselves.
struct Told {
    terminate: Signal,
    interrupt: Signal,
}

impl Told {
    fn listen() -> Result<Self, Fault> {
        let failed = |error| Fault::new("listen for signals", error);
        Ok(Self { terminate: signal(SignalKind::terminate()).map_err(failed)?, interrupt: signal(SignalKind::interrupt()).map_err(failed)? })
    }
}

/// Takes no more, lets streams end, waits for the rest.
async fn stop_when_told(mut told: Told, stop: watch::Sender<bool>, handle: Handle<SocketAddr>) {
    tokio::select! {
        _ = told.terminate.recv() => {}
        _ = told.interrupt.recv() => {}
    }
    tracing::info!("the server was told to end");
    stop.send_replace(true);
    handle.graceful_shutdown(Some(PATIENCE));
}
