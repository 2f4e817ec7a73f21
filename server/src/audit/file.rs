//! `GET /api/v1/audit/entries/file`: what was asked for as CSV (RFC 4180), in UTF-8 with a byte order mark. It goes out as it is read, so that its length is nobody's burden.

use super::asked::{AuditQuery, Wanted, invalid_query};
use super::place::Place;
use super::{Actor, Entry, fields, queries, read, told};
use crate::failure::{Failure, Fault};
use crate::http::{App, QueryOf};
use crate::identity::{self, Rights};
use crate::records::harmless;
use crate::tenancy::{Sites, TenantScope, to_stored};
use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use holdfast_domain::audit::{Action, EXPORT, EntryView, READ};
use holdfast_domain::kernel::Timestamp;
use serde_json::{Value, json};
use std::io;
use time::format_description::well_known::Rfc3339;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Entries read at once.
const STEP: u32 = 500;
const MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const HEAD: [&str; 21] = [
    "at",
    "done_at",
    "who",
    "account",
    "roles",
    "action",
    "result",
    "code",
    "kind",
    "record",
    "title",
    "site",
    "device",
    "reason",
    "before",
    "after",
    "address",
    "user_agent",
    "session",
    "request",
    "trace",
];

/// Of so many files at once a server reads; whoever takes theirs slowly keeps nobody waiting.
static PLACES: Semaphore = Semaphore::const_new(4);

/// A file on its way.
struct Outgoing {
    app: App,
    actor: Actor,
    scope: TenantScope,
    wanted: Wanted,
    next: Next,
}

enum Next {
    Head,
    Behind(Option<Place>),
    Nothing,
}

/// Begins the file. That it was taken out is written down before its first byte goes: whoever breaks off has had what they have had.
pub(super) async fn file(State(app): State<App>, actor: Actor, QueryOf(query): QueryOf<AuditQuery>) -> Result<Response, Failure> {
    let signed_in = &actor.signed_in;
    signed_in.rights.require_somewhere(&READ)?;
    let scope = signed_in.scope_for(&EXPORT)?;
    if query.after.is_some() || query.limit.is_some() {
        return Err(invalid_query("A file holds all that is asked for: leave after and limit out.").into());
    }
    let may = readable_at(&signed_in.rights);
    let mut tx = app.database.tenant(scope.clone()).await?;
    let mut wanted = query.wanted(&mut tx, (signed_in, may)).await?;
    // What comes while the file goes out is not in it.
    wanted.until = Some(wanted.until.map_or(tx.now(), |until| until.min(tx.now())));
    let after = fields([("narrowed", json!(query.told()))]);
    let entry = Entry {
        id: app.environment.new_id(),
        action: Action::Export,
        record: ("audit.entry", Uuid::nil(), "entries"),
        site: None,
        before: None,
        after: Some(&after),
        reason: None,
    };
    queries::write(&mut tx, &actor, std::slice::from_ref(&entry)).await?;
    tx.commit().await?;
    let outgoing = Outgoing { app, actor, scope, wanted, next: Next::Head };
    let bytes = futures::stream::try_unfold(outgoing, |mut outgoing| async move {
        let bytes = outgoing.bytes().await?;
        Ok::<_, io::Error>(bytes.map(|bytes| (bytes, outgoing)))
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(bytes)).into_response())
}

impl Outgoing {
    /// The next piece; none at the end. Where it cannot be read the file breaks off, so that nobody takes part of it for the whole.
    async fn bytes(&mut self) -> Result<Option<Vec<u8>>, io::Error> {
        let after = match self.next {
            Next::Head => {
                self.next = Next::Behind(None);
                return Ok(Some([MARK, &written([HEAD.map(str::to_owned)])?].concat()));
            }
            Next::Behind(after) => after,
            Next::Nothing => return Ok(None),
        };
        match self.step(after).await {
            Ok((entries, next)) => {
                self.next = next.map_or(Next::Nothing, |place| Next::Behind(Some(place)));
                Ok(Some(written(entries.iter().map(line))?))
            }
            Err(fault) => {
                tracing::error!(error = %fault, "a file of the audit broke off");
                Err(io::Error::other("the file broke off"))
            }
        }
    }

    async fn step(&self, after: Option<Place>) -> Result<(Vec<EntryView>, Option<Place>), Fault> {
        if !self.actor.signed_in.still_stands(&self.app).await? {
            return Err(Fault::because("whoever took it out is not signed in any more"));
        }
        let _place = PLACES.acquire().await.map_err(|error| Fault::new("wait for a place", error))?;
        let mut tx = self.app.database.tenant(self.scope.clone()).await?;
        // A role that ended meanwhile ends the file.
        let rights = identity::rights_of(&mut tx, self.actor.signed_in.account).await?;
        if readable_at(&rights) != readable_at(&self.actor.signed_in.rights) {
            return Err(Fault::because("whoever took it out may not any more"));
        }
        let part = read::part(&mut tx, &self.wanted, after, STEP).await?;
        let (entries, _) = told::all(&mut tx, &rights, part.found).await?;
        tx.commit().await?;
        Ok((entries, part.next))
    }
}

/// The sites whose entries may be taken out.
fn readable_at(rights: &Rights) -> Sites {
    rights.sites_for(&EXPORT).and(&rights.sites_for(&READ))
}

fn written(lines: impl IntoIterator<Item = [String; HEAD.len()]>) -> Result<Vec<u8>, io::Error> {
    let mut file = csv::Writer::from_writer(Vec::new());
    for line in lines {
        file.write_record(line)?;
    }
    file.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

fn line(entry: &EntryView) -> [String; HEAD.len()] {
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.as_deref().map(harmless).unwrap_or_default();
    let side = |of: fn(&holdfast_domain::kernel::resource::Changes) -> &Value| {
        let values: serde_json::Map<String, Value> =
            entry.changes.iter().filter(|change| !of(change).is_null()).map(|change| (change.field.clone(), of(change).clone())).collect();
        if values.is_empty() { String::new() } else { harmless(&Value::Object(values).to_string()) }
    };
    [
        instant(entry.at),
        entry.done_at.map(instant).unwrap_or_default(),
        text(&entry.name),
        id(entry.account.map(|account| account.0)),
        harmless(&entry.roles.join(" ")),
        harmless(&entry.action),
        entry.result.name().to_owned(),
        text(&entry.code),
        harmless(&entry.kind),
        id(entry.record),
        harmless(&entry.title),
        id(entry.site.map(|site| site.0)),
        id(entry.device.map(|device| device.0)),
        text(&entry.reason),
        side(|change| &change.before),
        side(|change| &change.after),
        text(&entry.address),
        text(&entry.user_agent),
        text(&entry.session),
        id(entry.request),
        text(&entry.trace),
    ]
}

fn instant(at: Timestamp) -> String {
    to_stored(at).format(&Rfc3339).expect("an instant of the years 1 to 9999 is written as RFC 3339 has it")
}
