//! A server in a test's world: its router, called without a socket between.

use super::actor::Actor;
use super::described::as_described;
use super::{TestDatabase, companies};
use axum::Router;
use holdfast_server::http::{self, App, Limits, Modules, Routes, Transport};
use holdfast_server::identity::Identity;
use holdfast_server::metrics;
use holdfast_server::presence::Presence;
use holdfast_server::sync::Movements;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use tokio::sync::watch;

/// The server, with the two companies in it.
pub struct TestServer {
    pub test: TestDatabase,
    pub app: App,
    pub router: Router,
    pub stop: watch::Sender<bool>,
}

impl TestServer {
    /// As it is delivered.
    pub async fn start() -> Self {
        Self::with(http::routes(), Limits::default(), None).await
    }

    /// With routes, limits or files of the test's own.
    pub async fn with(routes: Routes, limits: Limits, app_folder: Option<PathBuf>) -> Self {
        metrics::start();
        let test = TestDatabase::create().await;
        let environment = test.world.environment();
        let identity = Identity::start(&test.database, &environment).await.unwrap();
        companies::settle(&test, &identity).await;
        let (stop, stopping) = watch::channel(false);
        let app = App {
            database: test.database.clone(),
            environment,
            identity,
            transport: Transport::Plain,
            movements: Movements::default(),
            presence: Presence::default(),
            modules: Modules::ALL,
            oldest_app: 1,
            blobs: test.blobs(),
            files: test.files(),
            app_folder,
            stopping,
        };
        Self { router: as_described(http::router_of(routes, app.clone(), limits)), app, test, stop }
    }

    /// Someone who has not signed in.
    pub fn stranger(&self) -> Actor {
        self.stranger_at(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)))
    }

    /// Someone who has not signed in, elsewhere.
    pub fn stranger_at(&self, address: IpAddr) -> Actor {
        Actor::new(self.router.clone(), address)
    }

    /// Someone who has signed in.
    pub async fn signed_in(&self, tenant: &str, name: &str) -> Actor {
        let mut actor = self.stranger();
        let answer = actor.sign_in(tenant, &format!("{name}@example.com"), companies::PASSWORD).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        actor
    }
}
