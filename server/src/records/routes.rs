//! The addresses of every resource.

use super::about::Told;
use super::alike::merge;
use super::bulk::{self, bulk};
use super::export::export;
use super::import::{MOST_BYTES, import};
use super::list::list;
use super::live::{live, still_here};
use super::read::read;
use super::timeline::{TimelineQuery, timeline};
use super::write::Hand;
use super::{files, search, views, write};
use crate::audit::Actor;
use crate::http::{App, IfMatch, JsonBody, PathOf, QueryOf, Routes, read_body};
use crate::identity::SignedIn;
use crate::openapi::About;
use axum::Json;
use axum::extract::{Request, State};
use holdfast_domain::RESOURCES;
use holdfast_domain::kernel::resource::{BulkEdit, MergeRecords, NewRecord, Reason, RecordChange, Resource, StillHere};
use std::sync::LazyLock;
use uuid::Uuid;

/// A resource's addresses below its own.
struct Addresses {
    resource: &'static Resource,
    one: &'static str,
    export: &'static str,
    import: &'static str,
    bulk: &'static str,
    archive: &'static str,
    restore: &'static str,
    merge: &'static str,
    timeline: &'static str,
    live: &'static str,
    here: &'static str,
}

/// Made once and kept as long as the program runs, as everything that is declared is.
static ADDRESSES: LazyLock<Vec<Addresses>> = LazyLock::new(|| {
    let below = |resource: &Resource, rest: &str| -> &'static str { format!("{}/{{id}}{rest}", resource.path).leak() };
    let of = |resource| Addresses {
        resource,
        one: below(resource, ""),
        export: format!("{}/export", resource.path).leak(),
        import: format!("{}/import", resource.path).leak(),
        bulk: format!("{}/bulk", resource.path).leak(),
        archive: below(resource, "/archive"),
        restore: below(resource, "/restore"),
        merge: below(resource, "/merge"),
        timeline: below(resource, "/timeline"),
        live: below(resource, "/live"),
        here: below(resource, "/here"),
    };
    RESOURCES.iter().map(of).collect()
});

/// `/api/v1/<module>/<plural>` of every resource, and `/api/v1/search`.
pub fn routes() -> Routes {
    ADDRESSES.iter().fold(
        Routes::new()
            .get("/api/v1/search", search::everywhere)
            .told(About::new("search.everywhere", "Finds records of every kind, the nearest first"))
            .merge(views::routes()),
        |routes, addresses| routes.merge(routes_of(addresses)),
    )
}

/// What concerns many records at once.
fn routes_of_many((addresses, told): (&Addresses, &Told)) -> Routes {
    let resource = addresses.resource;
    let taking_files = Routes::new()
        .post(
            addresses.import,
            move |State(app): State<App>, actor: Actor, QueryOf(query): QueryOf<Vec<(String, String)>>, request: Request| async move {
                let headers = request.headers().clone();
                let body = read_body(request, &()).await?;
                import(resource, (app, actor), (&query, &headers, body)).await
            },
        )
        .told(told.import())
        .body_limit(MOST_BYTES);
    let changing = Routes::new()
        .post(addresses.bulk, move |State(app): State<App>, actor: Actor, JsonBody(asked): JsonBody<BulkEdit>| async move {
            bulk(&Hand { resource, app: &app, actor: &actor }, asked).await.map(Json)
        })
        .told(told.bulk())
        .body_limit(bulk::MOST_BYTES);
    taking_files.merge(changing)
}

/// What makes one record of two, where they can be told to be the same.
fn routes_of_two((addresses, told): (&Addresses, &Told)) -> Routes {
    let resource = addresses.resource;
    if !resource.merges() {
        return Routes::new();
    }
    Routes::new()
        .post(addresses.merge, move |State(app): State<App>, actor: Actor, PathOf(id): PathOf<Uuid>, version: IfMatch, JsonBody(asked): JsonBody<MergeRecords>| async move {
            merge(&Hand { resource, app: &app, actor: &actor }, (id, version), asked).await
        })
        .told(told.merge())
}

fn routes_of(addresses: &Addresses) -> Routes {
    let resource = addresses.resource;
    let told = Told::of(resource);
    routes_of_many((addresses, &told))
        .merge(routes_of_two((addresses, &told)))
        .merge(files::routes(resource))
        .get(resource.path, move |State(app): State<App>, signed_in: SignedIn, QueryOf(query): QueryOf<Vec<(String, String)>>| async move {
            list(resource, &app, &signed_in, &query).await.map(Json)
        })
        .told(told.list())
        .get(addresses.export, move |State(app): State<App>, actor: Actor, QueryOf(query): QueryOf<Vec<(String, String)>>| async move {
            export(resource, &app, &actor, &query).await
        })
        .told(told.export())
        .get(addresses.one, move |State(app): State<App>, signed_in: SignedIn, PathOf(id): PathOf<Uuid>| async move {
            read(resource, &app, &signed_in, id).await
        })
        .told(told.read())
        .get(addresses.timeline, move |State(app): State<App>, signed_in: SignedIn, PathOf(id): PathOf<Uuid>, QueryOf(query): QueryOf<TimelineQuery>| async move {
            timeline(resource, &app, &signed_in, (id, &query)).await.map(Json)
        })
        .told(told.timeline())
        .get(addresses.live, move |State(app): State<App>, signed_in: SignedIn, PathOf(id): PathOf<Uuid>| async move { live(resource, app, signed_in, id).await })
        .told(told.live())
        .post(addresses.here, move |State(app): State<App>, signed_in: SignedIn, PathOf(id): PathOf<Uuid>, JsonBody(said): JsonBody<StillHere>| async move {
            still_here(resource, (&app, &signed_in), (id, said)).await
        })
        .told(told.here())
        .post(resource.path, move |State(app): State<App>, actor: Actor, JsonBody(new): JsonBody<NewRecord>| async move {
            write::create(&Hand { resource, app: &app, actor: &actor }, new).await
        })
        .told(told.create())
        .patch(addresses.one, move |State(app): State<App>, actor: Actor, PathOf(id): PathOf<Uuid>, version: IfMatch, JsonBody(change): JsonBody<RecordChange>| async move {
            write::update(&Hand { resource, app: &app, actor: &actor }, (id, version), change).await
        })
        .told(told.update())
        .post(addresses.archive, move |State(app): State<App>, actor: Actor, PathOf(id): PathOf<Uuid>, version: IfMatch, JsonBody(reason): JsonBody<Reason>| async move {
            write::archive(&Hand { resource, app: &app, actor: &actor }, (id, version), reason).await
        })
        .told(told.archive())
        .post(addresses.restore, move |State(app): State<App>, actor: Actor, PathOf(id): PathOf<Uuid>, version: IfMatch, JsonBody(reason): JsonBody<Reason>| async move {
            write::restore(&Hand { resource, app: &app, actor: &actor }, (id, version), reason).await
        })
        .told(told.restore())
}
