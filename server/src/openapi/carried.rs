//! What a handler's types say of its route: what it takes, what it answers, whom it lets in.

use super::about::Content;
use super::schemas::{SchemaOf, Schemas, Way};
use crate::failure::Failure;
use crate::http::{JsonBody, PathOf, QueryOf};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Response, Sse};
use schemars::JsonSchema;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What was found out of a handler's types.
#[derive(Default)]
pub struct Carried {
    /// Schemas of the variables in the address, in their order.
    pub(super) variables: Vec<Value>,
    /// The query's parameters: an object of them.
    pub(super) query: Option<Value>,
    /// Headers that it must have.
    pub(super) headers: Vec<Value>,
    pub(super) bodies: Vec<Content>,
    pub(super) answers: Vec<Content>,
    pub(super) refusals: BTreeSet<(u16, &'static str)>,
    /// Whether it takes a session.
    pub(super) session: bool,
}

impl Carried {
    fn body<T: JsonSchema>(&mut self, media_types: &[&'static str]) {
        self.refusals.extend([
            (400, "malformed_json"),
            (400, "body_cut_off"),
            (413, "body_too_large"),
            (415, "unsupported_content_type"),
            (422, "invalid_body"),
        ]);
        let content = |media_type: &&'static str| Content { media_type: (*media_type).into(), schema: SchemaOf::of::<T>(Way::Sent), example: None };
        self.bodies.extend(media_types.iter().map(content));
    }

    fn answer(&mut self, media_types: &[&'static str], schema: &SchemaOf) {
        let content = |media_type: &&'static str| Content { media_type: (*media_type).into(), schema: schema.clone(), example: None };
        self.answers.extend(media_types.iter().map(content));
    }

    /// It is for whoever is signed in.
    pub(crate) fn for_a_session(&mut self) {
        self.session = true;
        self.refusals.extend([(401, "not_signed_in"), (401, "session_expired")]);
    }

    /// It is refused to whoever lacks a right, and to a device that was revoked.
    pub(crate) fn for_who_may(&mut self) {
        self.for_a_session();
        self.refusals.extend([(403, "permission_missing"), (403, "device_revoked")]);
    }

    /// It takes a header, as OpenAPI describes it, and refuses what it cannot read.
    pub(crate) fn header(&mut self, header: Value, refusals: &[(u16, &'static str)]) {
        self.headers.push(header);
        self.refusals.extend(refusals);
    }

    /// A body of sync, in either encoding.
    pub(crate) fn wire_body<T: JsonSchema>(&mut self) {
        self.body::<T>(&["application/json", "application/cbor"]);
    }

    /// An answer of sync, in the request's encoding.
    pub(crate) fn wire_answer<T: JsonSchema>(&mut self) {
        self.answer(&["application/json", "application/cbor"], &SchemaOf::of::<T>(Way::Told));
    }
}

/// An argument of a handler.
pub trait Takes {
    /// Says what it takes of a request.
    fn takes(into: &mut Carried, schemas: &mut SchemasOf<'_>);
}

/// The schemas of the document under construction.
pub struct SchemasOf<'a>(pub(super) &'a mut Schemas);

/// What a handler answers.
pub trait Gives {
    /// Says what that is.
    fn gives(into: &mut Carried);
}

/// A handler, whose types say what its route carries. `T` is as in [`axum::handler::Handler`].
pub trait Described<T> {
    /// Says it.
    fn described(into: &mut Carried, schemas: &mut SchemasOf<'_>);
}

impl<F, Fut> Described<((),)> for F
where
    F: FnOnce() -> Fut,
    Fut: Future<Output: Gives>,
{
    fn described(into: &mut Carried, _: &mut SchemasOf<'_>) {
        Fut::Output::gives(into);
    }
}

macro_rules! described {
    ($($argument:ident)+) => {
        impl<F, Fut, M, $($argument),+> Described<(M, $($argument,)+)> for F
        where
            F: FnOnce($($argument),+) -> Fut,
            Fut: Future<Output: Gives>,
            $($argument: Takes,)+
        {
            fn described(into: &mut Carried, schemas: &mut SchemasOf<'_>) {
                $($argument::takes(into, schemas);)+
                Fut::Output::gives(into);
            }
        }
    };
}

described!(A);
described!(A B);
described!(A B C);
described!(A B C D);
described!(A B C D E);

/// What takes nothing of a request that anybody decides.
macro_rules! takes_nothing {
    ($($argument:ty),*) => {$(
        impl Takes for $argument {
            fn takes(_: &mut Carried, _: &mut SchemasOf<'_>) {}
        }
    )*};
}

takes_nothing!(Request, HeaderMap, crate::http::RequestContext);

impl<S> Takes for State<S> {
    fn takes(_: &mut Carried, _: &mut SchemasOf<'_>) {}
}

impl<T: JsonSchema> Takes for PathOf<T> {
    fn takes(into: &mut Carried, schemas: &mut SchemasOf<'_>) {
        into.refusals.insert((404, "unknown_id"));
        let own = schemas.0.own::<T>();
        match own.get("prefixItems").and_then(Value::as_array) {
            Some(several) => into.variables.extend(several.iter().cloned()),
            None => into.variables.push(own),
        }
    }
}

impl<T: JsonSchema> Takes for QueryOf<T> {
    fn takes(into: &mut Carried, schemas: &mut SchemasOf<'_>) {
        into.refusals.insert((400, "invalid_query"));
        into.query = Some(schemas.0.own::<T>());
    }
}

impl<T: JsonSchema> Takes for JsonBody<T> {
    fn takes(into: &mut Carried, _: &mut SchemasOf<'_>) {
        into.body::<T>(&["application/json"]);
    }
}

impl<T: JsonSchema> Gives for Json<T> {
    fn gives(into: &mut Carried) {
        into.answer(&["application/json"], &SchemaOf::of::<T>(Way::Told));
    }
}

impl<T: Gives> Gives for (StatusCode, T) {
    fn gives(into: &mut Carried) {
        T::gives(into);
    }
}

impl<T: Gives> Gives for Result<T, Failure> {
    fn gives(into: &mut Carried) {
        T::gives(into);
    }
}

/// What an answer that is made by hand is, [`About`](super::About) says.
impl Gives for Response {
    fn gives(_: &mut Carried) {}
}

impl Gives for &'static str {
    fn gives(into: &mut Carried) {
        into.answer(&["text/plain"], &SchemaOf::of::<String>(Way::Told));
    }
}

impl<S> Gives for Sse<S> {
    fn gives(into: &mut Carried) {
        into.answer(&["text/event-stream"], &SchemaOf::Given(json!({})));
    }
}
