//! The server's face: one router, to which each module brings its [`Routes`].
//!
//! Around every route lies one guard: it names the request (`x-request-id`, W3C `traceparent`), bounds it (size, time, number at once, pace),
//! refuses unsafe requests that another site's page sent, turns whatever goes wrong into problem+json, counts it, and writes one line of log.
//!
//! Handlers contain no rule. They read a [`JsonBody`], ask `SignedIn` who calls, call their module, and return `Result<_, Failure>`.

mod app;
mod assets;
mod body;
mod caller;
mod connections;
mod context;
mod cross_site;
mod cursor;
mod guard;
mod health;
mod problem;
mod routes;
mod version;

pub use app::{App, Modules, Transport};
pub use body::{JsonBody, PathOf, QueryOf};
pub(crate) use body::{read_body, read_json};
pub(crate) use caller::household;
pub use caller::{Pace, TrustedProxies};
pub(crate) use connections::Doorkeeper;
pub use context::{ClientAddress, RequestContext};
pub(crate) use cursor::Cursor;
pub use guard::Limits;
pub use problem::Problem;
pub use routes::{Route, Routes};
pub(crate) use version::{IfMatch, etag};

use assets::Assets;
use axum::Router;

/// Every module's routes.
pub fn routes() -> Routes {
    Routes::new()
        .merge(health::routes())
        .merge(crate::identity::routes())
        .merge(crate::reference::routes())
        .merge(crate::sync::routes())
        .merge(crate::blobs::routes())
        .merge(crate::catalog::routes())
        .merge(crate::sales::routes())
        .merge(crate::reporting::routes())
        .merge(crate::events::routes())
        .merge(crate::records::routes())
        .merge(crate::audit::routes())
        .merge(crate::openapi::routes())
}

/// The whole of it: the modules' routes, and the app in the browser for every other address.
pub fn router(app: App, limits: Limits) -> Router {
    router_of(routes(), app, limits)
}

/// These routes, behind the guard that stands around every route.
pub fn router_of(routes: Routes, app: App, limits: Limits) -> Router {
    let assets = Assets::new(app.app_folder.clone());
    let router = routes.into_router().fallback(move |request| assets.clone().answer(request));
    guard::around(router.method_not_allowed_fallback(problem::method_not_allowed), &app, limits).with_state(app)
}
