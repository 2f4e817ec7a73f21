//! A record's live line: what the feed's line tells, and who else has the record open. Who may not read the record gets no line, and who may not read it any more
//! cannot answer when it asks, and loses it.

use super::{queries, refusal};
use crate::failure::{Failure, Refusal};
use crate::http::App;
use crate::identity::SignedIn;
use crate::presence::{Place, Seat, Sitter, Told};
use crate::sync;
use axum::http::StatusCode;
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt as _, future, stream};
use holdfast_domain::kernel::resource::{Resource, StillHere};
use uuid::Uuid;

/// `GET <path>/<id>/live`: `moved` as on the feed's line; `asked` with the line's id, to be answered with [`still_here`]; `present` with who else is there.
pub(super) async fn live(resource: &'static Resource, app: App, signed_in: SignedIn, id: Uuid) -> Result<Response, Failure> {
    if !is_readable(resource, &app, &signed_in, id).await? {
        return Err(refusal::unknown(resource).into());
    }
    let sitter = Sitter { account: signed_in.account, name: signed_in.name.clone() };
    let seat = app.presence.sit(&place(resource, &signed_in, id), sitter, app.environment.new_id())?;
    let moves = sync::moves(app, signed_in).await?;
    Ok(sync::kept_open(while_both(moves, told(seat)).map(Ok)).into_response())
}

/// `POST <path>/<id>/here`: somebody is still at the line.
pub(super) async fn still_here(
    resource: &'static Resource,
    (app, signed_in): (&App, &SignedIn),
    (id, said): (Uuid, StillHere),
) -> Result<Response, Failure> {
    let place = place(resource, signed_in, id);
    let readable = is_readable(resource, app, signed_in, id).await;
    if !matches!(readable, Ok(true)) {
        app.presence.show_out(&place, signed_in.account, said.line);
    }
    if readable? && app.presence.still_here(&place, signed_in.account, (said.line, said.editing)) {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(no_line().into())
    }
}

async fn is_readable(resource: &'static Resource, app: &App, signed_in: &SignedIn, id: Uuid) -> Result<bool, Failure> {
    let mut tx = app.database.tenant(signed_in.scope_for(&resource.rights.read)?).await?;
    let there = queries::reached(&mut tx, &signed_in.rights.fields(resource, &resource.rights.read), id).await?;
    tx.commit().await?;
    Ok(there.is_some())
}

fn place(resource: &Resource, signed_in: &SignedIn, id: Uuid) -> Place {
    Place { tenant: signed_in.tenant, kind: resource.kind.to_owned(), record: id }
}

fn told(seat: Seat) -> impl Stream<Item = Event> + Send + 'static {
    stream::unfold(seat, |mut seat| async move {
        let event = match seat.next().await? {
            Told::Others(others) => Event::default().event("present").json_data(others).expect("people have no keys that are no texts"),
            Told::Asked => Event::default().event("asked").data(seat.line().to_string()),
        };
        Some((event, seat))
    })
}

/// Both, until either ends.
fn while_both<T: Send + 'static>(
    one: impl Stream<Item = T> + Send + 'static,
    other: impl Stream<Item = T> + Send + 'static,
) -> impl Stream<Item = T> + Send + 'static {
    let ending = || stream::once(future::ready(None));
    let both = stream::select(one.map(Some).chain(ending()), other.map(Some).chain(ending()));
    both.take_while(|event| future::ready(event.is_some())).filter_map(future::ready)
}

fn no_line() -> Refusal {
    Refusal::new(404, "line_unknown", "There is no such line", "It ended, or it is at another record. Open it anew.")
}
