//! A module's routes, and the list of them with what they say of themselves, so that a test can knock at every one and the API is described.

use super::App;
use crate::openapi::{About, Carried, Described, SchemasOf};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodRouter, on};

/// One route, as it was declared.
#[derive(Clone)]
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its template, such as `/api/v1/sales/tickets/{ticket}`.
    pub path: &'static str,
    /// What its handler's types say.
    pub(crate) carries: Carries,
    /// What it says of itself.
    pub about: Option<About>,
}

/// Says what a handler's types say.
type Carries = fn(&mut Carried, &mut SchemasOf<'_>);

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
    pub fn get<H: Handler<T, App> + Described<T>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::GET, path, (on(axum::routing::MethodFilter::GET, handler), H::described))
    }

    /// Answers `POST` at `path`.
    #[must_use]
    pub fn post<H: Handler<T, App> + Described<T>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::POST, path, (on(axum::routing::MethodFilter::POST, handler), H::described))
    }

    /// Answers `PUT` at `path`.
    #[must_use]
    pub fn put<H: Handler<T, App> + Described<T>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::PUT, path, (on(axum::routing::MethodFilter::PUT, handler), H::described))
    }

    /// Answers `PATCH` at `path`.
    #[must_use]
    pub fn patch<H: Handler<T, App> + Described<T>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::PATCH, path, (on(axum::routing::MethodFilter::PATCH, handler), H::described))
    }

    /// Answers `DELETE` at `path`.
    #[must_use]
    pub fn delete<H: Handler<T, App> + Described<T>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add(Method::DELETE, path, (on(axum::routing::MethodFilter::DELETE, handler), H::described))
    }

    /// What the route before says of itself, for the description of the API.
    #[must_use]
    pub fn told(mut self, about: About) -> Self {
        if let Some(last) = self.listed.last_mut() {
            last.about = Some(about);
        }
        self
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

    fn add(mut self, method: Method, path: &'static str, (handler, carries): (MethodRouter<App>, Carries)) -> Self {
        self.listed.push(Route { method, path, carries, about: None });
        Self { router: self.router.route(path, handler), listed: self.listed }
    }
}
