//! `PUT` and `PATCH /api/v1/blobs/{sha256}/upload`: a blob in chunks, which may break off anywhere.

use super::Blobs;
use super::files::{Appended, UploadKey};
use super::hash::Hash;
use super::queries;
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, JsonBody, PathOf, read_body};
use crate::identity::{self, SignedIn};
use crate::tenancy::TenantTx;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use holdfast_domain::blobs::{CHUNK_TYPE, UPLOAD_OFFSET, UploadBegin, UploadState};
use holdfast_domain::kernel::{BlobRef, MAX_BLOB_BYTES, MediaType};
use holdfast_sync::blob::taking::{Begin, Chunk, Differs, NoRoom, Room, Said, Upload};
use holdfast_sync::blob::{OFFSET_DIFFERS, UPLOAD_UNKNOWN};
use holdfast_sync::bytes::Digest32;

/// How many blobs that no document names an account may have here, and what they may weigh.
const MAX_UNNAMED: u64 = 100;
const MAX_UNNAMED_BYTES: u64 = 256 * 1024 * 1024;

/// Begins an upload, or tells how far it is. Asked again, it changes nothing.
pub(super) async fn begin(
    State(app): State<App>,
    signed_in: SignedIn,
    PathOf(Hash(sha256)): PathOf<Hash>,
    JsonBody(UploadBegin { bytes, media_type }): JsonBody<UploadBegin>,
) -> Result<Response, Failure> {
    let wanted = BlobRef { sha256, bytes, media_type };
    if !wanted.has_sound_size() {
        return Err(too_large(bytes).into());
    }
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    let state = begun(&mut tx, &app.blobs, &signed_in, wanted).await?;
    tx.commit().await?;
    Ok(answer(state))
}

/// Appends a chunk.
pub(super) async fn append(
    State(app): State<App>,
    signed_in: SignedIn,
    PathOf(Hash(sha256)): PathOf<Hash>,
    request: Request,
) -> Result<Response, Failure> {
    let offset = offset(request.headers())?;
    let chunk = read_body(request, &app).await?;
    let outcome = finish(async move { append_in_turn(&app, &signed_in, sha256, (offset, chunk)).await }).await?;
    match outcome {
        Outcome::At(state) => Ok(answer(state)),
        Outcome::Elsewhere(true_offset) => {
            let detail = format!("The next chunk begins at {true_offset}, as the header Upload-Offset says.");
            let refusal = Refusal::new(409, OFFSET_DIFFERS, "The chunk does not go there", detail);
            let mut response = refusal.into_response();
            response.headers_mut().insert(UPLOAD_OFFSET, true_offset.into());
            Ok(response)
        }
        Outcome::Discarded(refusal) => Err(refusal.into()),
    }
}

/// What became of a chunk, where something was written down.
enum Outcome {
    At(UploadState),
    /// The next chunk goes elsewhere.
    Elsewhere(u32),
    /// The whole is not what it was said to be, and is gone.
    Discarded(Refusal),
}

/// Runs to its end even where nobody waits for it any more, so that no other append begins while this one still writes.
async fn finish<T: Send + 'static>(work: impl Future<Output = Result<T, Failure>> + Send + 'static) -> Result<T, Failure> {
    tokio::spawn(work).await.map_err(|error| Fault::new("take in a part of a blob", error))?
}

async fn begun(tx: &mut TenantTx, blobs: &Blobs, signed_in: &SignedIn, wanted: BlobRef) -> Result<UploadState, Failure> {
    let tenant = signed_in.tenant;
    let here = queries::held_blob(tx, wanted.sha256, signed_in.account).await?;
    if let Some(bytes) = here
        && blocking(blobs.clone(), move |blobs| Ok(blobs.files.has(tenant, wanted.sha256, bytes))).await?
    {
        hold(tx, signed_in, wanted.sha256).await?;
        return Ok(UploadState { offset: bytes, complete: true });
    }
    let said = Said { bytes: wanted.bytes, media_type: wanted.media_type };
    let under_way = queries::upload(tx, signed_in.account, wanted.sha256).await?;
    if let Begin::At(offset) = Upload::begin(under_way.as_ref(), &said) {
        return Ok(UploadState { offset, complete: false });
    }
    if under_way.is_some() {
        queries::delete_upload(tx, signed_in.account, wanted.sha256).await?;
    }
    check_room(tx, blobs, signed_in, wanted.bytes).await?;
    queries::insert_upload(tx, signed_in.account, wanted).await?;
    Ok(UploadState { offset: 0, complete: false })
}

/// One after another within a company, so that two who begin at once do not both take the last place.
async fn check_room(tx: &mut TenantTx, blobs: &Blobs, signed_in: &SignedIn, bytes: u32) -> Result<(), Failure> {
    let used = queries::lock_and_weigh(tx, signed_in.account).await?;
    let room = Room { bytes: blobs.quota_bytes, unnamed: MAX_UNNAMED, unnamed_bytes: MAX_UNNAMED_BYTES };
    let (code, title, detail) = match room.takes(&used, bytes) {
        Ok(()) => return Ok(()),
        Err(NoRoom::Account) => {
            let detail = "You have sent many files that nothing names. Send what names them first.";
            ("blob_account_limit", "There are too many files of yours that nothing names", detail)
        }
        Err(NoRoom::Company) => {
            let detail =
                "Your company has used up its room for photos and files. Whoever runs the server can give it more; nothing else waits for it.";
            ("blob_quota_reached", "There is no room for more files", detail)
        }
    };
    Err(Refusal::new(507, code, title, detail).into())
}

async fn append_in_turn(app: &App, signed_in: &SignedIn, sha256: Digest32, (offset, chunk): (u32, Bytes)) -> Result<Outcome, Failure> {
    let mut tx = app.database.tenant(signed_in.scope()).await?;
    let Some(upload) = queries::lock_upload(&mut tx, signed_in.account, sha256).await? else {
        let bytes = queries::held_blob(&mut tx, sha256, signed_in.account).await?;
        return bytes.map(|bytes| Outcome::At(UploadState { offset: bytes, complete: true })).ok_or_else(|| not_begun().into());
    };
    let taken = upload.chunk(offset, chunk.len());
    match taken {
        Chunk::Elsewhere(received) => return Ok(Outcome::Elsewhere(received)),
        Chunk::Beyond => return Err(longer_than_said(upload.said.bytes).into()),
        Chunk::Goes(_) | Chunk::Ends => {}
    }
    let key = key(signed_in, sha256);
    let appended = blocking(app.blobs.clone(), move |blobs| blobs.files.append(key, offset, &chunk)).await?;
    if let Appended::Short(length) = appended {
        tracing::warn!(tenant.id = %signed_in.tenant, blob.sha256 = %sha256, length, "less of an upload is left than was written down");
        queries::set_received(&mut tx, signed_in.account, sha256, length).await?;
        tx.commit().await?;
        return Ok(Outcome::Elsewhere(length));
    }
    if let Chunk::Goes(received) = taken {
        queries::set_received(&mut tx, signed_in.account, sha256, received).await?;
        tx.commit().await?;
        return Ok(Outcome::At(UploadState { offset: received, complete: false }));
    }
    let come = blocking(app.blobs.clone(), move |blobs| blobs.files.look_at_coming(key)).await?;
    let outcome = match upload.check(sha256, &come) {
        Ok(()) => {
            let Said { bytes, media_type } = upload.said;
            queries::insert_blob(&mut tx, BlobRef { sha256, bytes, media_type }).await?;
            hold(&mut tx, signed_in, sha256).await?;
            blocking(app.blobs.clone(), move |blobs| blobs.files.keep(key)).await?;
            Outcome::At(UploadState { offset: bytes, complete: true })
        }
        Err(differs) => {
            blocking(app.blobs.clone(), move |blobs| blobs.files.discard(key)).await?;
            Outcome::Discarded(not_that(differs, upload.said.media_type))
        }
    };
    queries::delete_upload(&mut tx, signed_in.account, sha256).await?;
    tx.commit().await?;
    Ok(outcome)
}

/// Whoever sent all of it has it; and so has everybody who works on that device, for one carries up what another took.
async fn hold(tx: &mut TenantTx, signed_in: &SignedIn, sha256: Digest32) -> Result<(), Fault> {
    let mut holders = vec![signed_in.account];
    if let Some(device) = signed_in.device {
        holders.extend(identity::accounts_on(tx, device).await?);
    }
    queries::insert_holders(tx, sha256, &holders).await
}

fn key(signed_in: &SignedIn, sha256: Digest32) -> UploadKey {
    UploadKey { tenant: signed_in.tenant, account: signed_in.account, sha256 }
}

async fn blocking<T: Send + 'static>(blobs: Blobs, work: impl FnOnce(&Blobs) -> std::io::Result<T> + Send + 'static) -> Result<T, Fault> {
    let done = tokio::task::spawn_blocking(move || work(&blobs)).await.map_err(|error| Fault::new("work on a blob's file", error))?;
    done.map_err(|error| Fault::new("read or write a blob's file", error))
}

fn answer(state: UploadState) -> Response {
    let mut response = Json(state).into_response();
    response.headers_mut().insert(UPLOAD_OFFSET, HeaderValue::from(state.offset));
    response
}

fn offset(headers: &HeaderMap) -> Result<u32, Refusal> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    if !text(header::CONTENT_TYPE.as_str()).trim().eq_ignore_ascii_case(CHUNK_TYPE) {
        let detail = format!("Send {CHUNK_TYPE}.");
        return Err(Refusal::new(415, "unsupported_content_type", "This content type is not taken here", detail));
    }
    let offset = Some(text(UPLOAD_OFFSET)).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit())).and_then(|text| text.parse().ok());
    offset.ok_or_else(|| {
        let detail = "Say in the header Upload-Offset where the chunk goes, in bytes.";
        Refusal::new(400, "upload_offset_invalid", "It is not said where the chunk goes", detail)
    })
}

fn not_that(differs: Differs, said: MediaType) -> Refusal {
    match differs {
        Differs::Hash => {
            let detail = "What came has another SHA-256 than its address says. It was thrown away; begin again.";
            Refusal::new(422, "blob_hash_differs", "The file is not the one that was named", detail)
        }
        Differs::Type => {
            let detail = format!("It does not begin as {} does. It was thrown away.", said.as_str());
            Refusal::new(422, "blob_type_differs", "The file is not of the type that was named", detail)
        }
    }
}

fn not_begun() -> Refusal {
    Refusal::new(404, UPLOAD_UNKNOWN, "This upload was not begun", "Begin it with PUT at the same address.")
}

fn too_large(bytes: u32) -> Refusal {
    let detail = format!("A file has 1 to {MAX_BLOB_BYTES} bytes; this one is said to have {bytes}.");
    Refusal::new(413, "blob_too_large", "The file is too large, or empty", detail)
}

fn longer_than_said(bytes: u32) -> Refusal {
    let detail = format!("It was said to have {bytes} bytes. The chunk was not taken.");
    Refusal::new(413, "blob_longer_than_said", "The chunk reaches beyond the file's end", detail)
}
