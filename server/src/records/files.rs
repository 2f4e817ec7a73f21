//! A field's files: `POST <path>/files/<field>` uploads one, `GET <path>/{id}/files/<field>` is the one that a record has.

use super::about::UNKNOWN;
use super::{queries, refusal, schema};
use crate::failure::{Failure, Refusal};
use crate::files;
use crate::http::{App, PathOf, QueryOf, Routes};
use crate::identity::{SignedIn, Subject};
use crate::openapi::About;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;
use holdfast_domain::kernel::resource::{Field, FieldProblem, Resource, Wrong};
use holdfast_domain::kernel::{MediaType, StoredFile};
use serde::Deserialize;
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;
use uuid::Uuid;

/// What an upload's `Content-Type` is: what the bytes are, they say themselves.
const BYTES: &str = "application/octet-stream";
/// How long an upload may take to arrive: it holds one of few places.
const ARRIVES: Duration = Duration::from_secs(20);
/// Whoever's rights end reads nothing more of it: each time, the browser asks whether it still may.
const CACHE: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Shown by itself, it runs nothing and asks for nothing.
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// What is said of an upload beside its bytes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Called {
    /// What somebody calls it.
    #[serde(default)]
    name: String,
}

/// Which file of the record is meant.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Meant {
    /// The one of that hash; without it, whichever there is.
    sha256: Option<String>,
}

holdfast_sync::schema_of!(Meant, {
    "type": "object",
    "properties": { "sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$", "description": "The file that is meant: there is none if the record has another one by now.", "examples": ["2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"] } },
});

holdfast_sync::schema_of!(Called, {
    "type": "object",
    "properties": { "name": { "type": "string", "description": "What it is called. Of a path the last part is kept, without what cannot be printed; its end becomes what the file is.", "examples": ["chai.jpg"] } },
});

/// Those of a resource's fields that are files.
pub(super) fn routes(resource: &'static Resource) -> Routes {
    resource.fields.iter().filter(|field| field.shape.is_file()).fold(Routes::new(), |routes, field| routes.merge(routes_of(resource, field)))
}

fn routes_of(resource: &'static Resource, field: &'static Field) -> Routes {
    Routes::new()
        .post(
            format!("{}/files/{}", resource.path, field.name).leak(),
            move |State(app): State<App>, signed_in: SignedIn, QueryOf(called): QueryOf<Called>, request: Request| async move {
                upload((resource, field), (&app, &signed_in), called, request).await
            },
        )
        .told(
            About::new(format!("{}.{}.upload", resource.kind, field.name), format!("Uploads a file for {}", field.name))
                .detail("What it is, is found in its bytes. The answer is what a record says of it: send it as the field's value, within a month, by the account that uploaded it. What stands behind a picture's end is not kept.")
                .takes(BYTES, json!({ "type": "string", "format": "binary", "minLength": 1, "maxLength": field.most }), json!("the bytes"))
                .answers_as(200, "application/json", schema::value(&Field { required: true, ..*field }))
                .refuses(&[(400, "body_cut_off"), (403, "field_forbidden"), (413, "file_too_large"), (415, "unsupported_content_type")])
                .refuses(&[(422, "file_empty"), (422, "file_type_refused"), (422, "file_broken"), (422, "image_too_large")])
                .refuses(&[(503, "files_unavailable"), (503, "uploads_busy"), (507, "file_account_limit"), (507, "file_quota_reached")]),
        )
        .get(
            format!("{}/{{id}}/files/{}", resource.path, field.name).leak(),
            move |State(app): State<App>, signed_in: SignedIn, PathOf(id): PathOf<Uuid>, QueryOf(meant): QueryOf<Meant>, headers: HeaderMap| async move {
                download((resource, field), (&app, &signed_in), (id, meant), &headers).await
            },
        )
        .told(
            field
                .accepts
                .iter()
                .fold(About::new(format!("{}.{}.read", resource.kind, field.name), format!("The file that a record has as {}", field.name)), |about, media_type| {
                    about.answers_as(200, media_type.as_str(), json!({}))
                })
                .detail("For whoever reads the record and the field. `ETag` is the file's SHA-256.")
                .with_header("etag", "The SHA-256 of the bytes, for `If-None-Match`.")
                .answers_nothing(304)
                .refuses(&[(403, "field_forbidden"), UNKNOWN, (404, "file_unknown"), (404, "file_lost"), (503, "files_unavailable")]),
        )
}

/// Takes a file in, for a record that is going to name it.
async fn upload(
    (resource, field): (&'static Resource, &'static Field),
    (app, signed_in): (&App, &SignedIn),
    called: Called,
    request: Request,
) -> Result<Response, Failure> {
    may_write(resource, field, signed_in)?;
    if !request.headers().get(header::CONTENT_TYPE).is_some_and(|said| said.as_bytes().eq_ignore_ascii_case(BYTES.as_bytes())) {
        let detail = format!("Send {BYTES}: what it is, is found in the file.");
        return Err(Refusal::new(415, "unsupported_content_type", "This content type is not taken here", detail).into());
    }
    let _place = files::place()?;
    let arrived = tokio::time::timeout(ARRIVES, arrived(field, request)).await;
    let bytes = arrived.map_err(|_| cut_off())??;
    let file = files::keep((&app.database, &app.files), signed_in, field, (called.name, bytes)).await?;
    Ok(Json(file).into_response())
}

/// Whoever may write the field of no record has nothing to upload for.
fn may_write(resource: &'static Resource, field: &Field, signed_in: &SignedIn) -> Result<(), Refusal> {
    let rights = &signed_in.rights;
    let writing: Vec<_> =
        [&resource.rights.create, &resource.rights.update].into_iter().filter(|right| rights.require_somewhere(right).is_ok()).collect();
    if writing.is_empty() {
        rights.require_somewhere(&resource.rights.update)?;
    }
    if writing.into_iter().any(|right| rights.fields(resource, right).of_all(field.name).writes()) { Ok(()) } else { Err(forbidden(field)) }
}

/// The body, counted as it comes: what it was said to weigh is looked at first, and not believed.
async fn arrived(field: &Field, request: Request) -> Result<Bytes, Failure> {
    let most = field.most as usize;
    let said = request.headers().get(header::CONTENT_LENGTH).and_then(|said| said.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|said| said > most) {
        return Err(too_large(field).into());
    }
    let mut come = Vec::with_capacity(said.unwrap_or_default());
    let mut body = request.into_body().into_data_stream();
    while let Some(part) = body.next().await {
        let part = part.map_err(|_| cut_off())?;
        if come.len() + part.len() > most {
            return Err(too_large(field).into());
        }
        come.extend_from_slice(&part);
    }
    Ok(come.into())
}

/// The file, for whoever reads the record and the field.
async fn download(
    (resource, field): (&'static Resource, &'static Field),
    (app, signed_in): (&App, &SignedIn),
    (id, meant): (Uuid, Meant),
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let mut tx = app.database.tenant(signed_in.scope_for(&resource.rights.read)?).await?;
    let fields = signed_in.rights.fields(resource, &resource.rights.read);
    let record = queries::reached(&mut tx, &fields, id).await?.ok_or_else(|| refusal::unknown(resource))?;
    tx.commit().await?;
    if !fields.of(&Subject::of(resource, &record))(field.name).reads() {
        return Err(forbidden(field).into());
    }
    let none = || Refusal::new(404, "file_unknown", "The record has no such file", "Read the record: somebody may have taken it away.");
    let file = record.values.get(field.name).and_then(|value| StoredFile::deserialize(value).ok());
    let file = file.filter(|file| meant.sha256.is_none_or(|hash| hash == file.sha256.to_string())).ok_or_else(none)?;
    let tag = format!("\"{}\"", file.sha256);
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|said| said.to_str().ok()).flat_map(|said| said.split(','));
    let is_known = known.map(str::trim).any(|said| said == "*" || said.trim_start_matches("W/") == tag);
    let mut response =
        if is_known { StatusCode::NOT_MODIFIED.into_response() } else { files::read(&app.files, signed_in.tenant, &file).await?.into_response() };
    let headers = response.headers_mut();
    if !is_known {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.media_type.as_str()));
        headers.insert(header::CONTENT_DISPOSITION, disposition(&file));
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    }
    headers.insert(header::ETAG, HeaderValue::try_from(tag).expect("hex digits and quotes can stand in a header"));
    headers.insert(header::CACHE_CONTROL, CACHE);
    headers.insert(header::VARY, HeaderValue::from_static("cookie"));
    Ok(response)
}

/// A picture is looked at, anything else is saved (RFC 6266); its name in the one form that every browser reads.
fn disposition(file: &StoredFile) -> HeaderValue {
    let way = if file.media_type.is_image() { "inline" } else { "attachment" };
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let mut name = String::new();
    for byte in file.name.as_bytes() {
        if plain(byte) { name.push(char::from(*byte)) } else { write!(name, "%{byte:02X}").expect("a text takes what is written to it") }
    }
    let fallback = format!("file.{}", MediaType::extension(file.media_type));
    HeaderValue::try_from(format!("{way}; filename=\"{fallback}\"; filename*=UTF-8''{name}")).expect("all of it is plain ASCII")
}

fn forbidden(field: &Field) -> Refusal {
    let errors = vec![FieldProblem::new(field.name, Wrong::Forbidden)];
    let detail = format!("Your role does not let you do that with {}.", field.name);
    Refusal { errors, ..Refusal::new(403, "field_forbidden", "Your role does not reach that field", detail) }
}

fn too_large(field: &Field) -> Refusal {
    Refusal::new(413, "file_too_large", "The file is too large", format!("At most {} bytes are taken here. Make it smaller.", field.most))
}

fn cut_off() -> Refusal {
    Refusal::new(400, "body_cut_off", "The body did not arrive whole", "Send it again.")
}
