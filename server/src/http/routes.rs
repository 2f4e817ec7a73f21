//! A module's routes, and the list of them, so that a test can knock at every one.

use super::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, on};

/// One route, as it was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its template, such as `/api/v1/sales/tickets/{ticket}`.
    pub path: &'static str,
}

/// Routes, to be merged into the server's.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    listed: Vec<Route>,
}

impl Routes {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers `GET` (and so `HEAD`) at `path`.
    #[must_use]
    pub fn get<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::GET, path, on(axum::routing::MethodFilter::GET, handler))
    }

    /// Answers `POST` at `path`.
    #[must_use]
    pub fn post<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::POST, path, on(axum::routing::MethodFilter::POST, handler))
    }

    /// Answers `PUT` at `path`.
    #[must_use]
    pub fn put<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::PUT, path, on(axum::routing::MethodFilter::PUT, handler))
    }

    /// Answers `PATCH` at `path`.
    #[must_use]
    pub fn patch<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::PATCH, path, on(axum::routing::MethodFilter::PATCH, handler))
    }

    /// Answers `DELETE` at `path`.
    #[must_use]
    pub fn delete<H: Handler<T, App>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::DELETE, path, on(axum::routing::MethodFilter::DELETE, handler))
    }

    /// Lets the routes so far receive bodies of up to `bytes`, where the default is [`Limits::body_bytes`](super::Limits).
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        Self { router: self.router.layer(DefaultBodyLimit::max(bytes)), ..self }
    }

    /// These and those.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.listed.extend(other.listed);
        Self { router: self.router.merge(other.router), listed: self.listed }
    }

    /// What there is.
    pub fn list(&self) -> &[Route] {
        &self.listed
    }

    pub(super) fn into_router(self) -> Router<App> {
        self.router
    }

    fn add(mut self, method: Method, path: &'static str, handler: MethodRouter<App>) -> Self {
        self.listed.push(Route { method, path });
        Self { router: self.router.route(path, handler), listed: self.listed }
    }
}
