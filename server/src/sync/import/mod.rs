//! `POST /api/v1/sync/import`: a line of another device's outbox file. Opened, it is a push like any other, and goes the very same way.

mod queries;

use super::{feed, push};
use crate::audit::{self, Actor, Origin};
use crate::events::{NewEvent, event_id};
use crate::failure::{Failure, Fault, Refusal};
use crate::http::{App, JsonBody};
use crate::identity::{self, Carrier, Unopened};
use crate::tenancy::{TenantScope, TenantTx};
use axum::Json;
use axum::extract::State;
use holdfast_domain::audit::Action;
use holdfast_domain::import::{ImportTally, Imported, OutboxImported, OutsideTheBooks};
use holdfast_domain::kernel::TenantId;
use holdfast_sync::bytes::Digest32;
use holdfast_sync::cbor;
use holdfast_sync::envelope::{Envelope, Header};
use holdfast_sync::outbox_file::{FILE_VERSION, MAX_PARTS, Part, SealedPart};
use holdfast_sync::wire::{Answer, DEVICE_UNKNOWN};
use serde::Deserialize;
use serde_json::json;

/// What is said of an envelope for which nobody vouches; see [`admission`](super::admission).
const AT_THE_DOOR: [&str; 6] =
    ["envelope_too_large", "envelope_malformed", "wire_version_unknown", "foreign_tenant", DEVICE_UNKNOWN, "signature_wrong"];

/// Takes in a line. Whoever is signed in carries it, whoever made it, also from a device that was revoked: as with a push.
pub(super) async fn import(
    State(app): State<App>,
    Carrier(signed_in): Carrier,
    origin: Origin,
    JsonBody(sealed): JsonBody<SealedPart>,
) -> Result<Json<Imported>, Failure> {
    let actor = Actor { signed_in, origin };
    let signed_in = &actor.signed_in;
    let opened = app.identity.unseal((&app.database, &app.environment), &sealed).await?.map_err(refusal)?;
    let part = read(&opened, signed_in.tenant)?;
    let scope = TenantScope::system(signed_in.tenant).caused_by(signed_in.cause.clone());
    let request = part.clone().into_push();
    push::check_size(&request)?;
    let answers = push::take_in(&app, &scope, (signed_in.device, request)).await?;
    let (tally, outside) = count(&part.envelopes, &answers);
    // A line that the server could not take whole is handed in again, and written down then. One for which no device of ours vouches is nobody's.
    if tally.again == 0 && is_vouched_for(&answers) {
        note(&app, &actor, Digest32::of(&opened), (&part, tally)).await?;
    }
    let mut tx = app.database.tenant(scope).await?;
    let device_name = identity::device_names(&mut tx, &[part.device.0]).await?.remove(&part.device);
    tx.commit().await?;
    let ImportTally { accepted, waiting, held, refused, again, known } = tally;
    tracing::info!(device.id = %part.device, account.id = %signed_in.account, accepted, waiting, held, refused, again, known, "an outbox was handed in");
    Ok(Json(Imported { device: part.device, device_name, exported_at: part.exported_at_ms, part: part.part, parts: part.parts, tally, outside }))
}

/// The version is read by itself: what a later one says beside it is not known here.
#[derive(Deserialize)]
struct Versioned {
    v: u8,
}

fn read(opened: &[u8], tenant: TenantId) -> Result<Part, Refusal> {
    let malformed = || Refusal::new(422, "import_malformed", "This is no part of a file of ours", "What is sealed in it cannot be read.");
    if cbor::decode::<Versioned>(opened).map_err(|_| malformed())?.v != FILE_VERSION {
        let detail = "It was written by a newer version of the app. Update the server, and hand the file in again.";
        return Err(Refusal::new(422, "import_version_unknown", "The file is newer than this server", detail));
    }
    let part: Part = cbor::decode(opened).map_err(|_| malformed())?;
    if part.tenant != tenant {
        let detail = "Hand it in where the company whose device wrote it is signed in.";
        return Err(Refusal::new(403, "import_of_another_company", "The file is another company's", detail));
    }
    let of_another = |envelope: &Envelope| envelope.read_header().is_ok_and(|header| header.device != part.device);
    if part.part == 0 || part.part > part.parts || part.parts > MAX_PARTS || part.envelopes.is_empty() || part.envelopes.iter().any(of_another) {
        return Err(malformed());
    }
    Ok(part)
}

fn refusal(unopened: Unopened) -> Refusal {
    match unopened {
        Unopened::Foreign => {
            let detail = "It is not sealed as Holdfast seals. Choose the file that the device saved.";
            Refusal::new(422, "import_malformed", "This is no part of a file of ours", detail)
        }
        Unopened::KeyUnknown => {
            let detail =
                "It is sealed to a key that this server does not have: it was written for another server, or before this one was set up anew.";
            Refusal::new(409, "import_key_unknown", "This server cannot open the file", detail)
        }
        Unopened::Damaged => {
            let detail = "Something in it was changed or is missing. Copy the file from the device once more.";
            Refusal::new(422, "import_damaged", "The file is damaged", detail)
        }
    }
}

/// What became of each envelope, counted, and those that are not in the books.
fn count(envelopes: &[Envelope], answers: &[Answer]) -> (ImportTally, Vec<OutsideTheBooks>) {
    let (mut tally, mut outside) = (ImportTally::default(), Vec::new());
    for (envelope, answer) in envelopes.iter().zip(answers) {
        let (last, known) = match answer {
            Answer::Duplicate { first } => (first.as_ref(), true),
            answer => (answer, false),
        };
        tally.known += u32::from(known);
        match last {
            Answer::Accepted { .. } => tally.accepted += 1,
            Answer::Waiting { .. } => tally.waiting += 1,
            Answer::Held { code } => {
                tally.held += 1;
                outside.push(told(envelope, true, code));
            }
            Answer::Refused { code } => {
                tally.refused += 1;
                outside.push(told(envelope, false, code));
            }
            // A first answer is no repeat.
            Answer::Retry | Answer::Duplicate { .. } => tally.again += 1,
        }
    }
    (tally, outside)
}

/// Whether the device that the line names signed any of it: whoever has an account can seal what they like.
fn is_vouched_for(answers: &[Answer]) -> bool {
    answers.iter().any(|answer| !matches!(answer, Answer::Refused { code } if AT_THE_DOOR.contains(&code.as_str())))
}

fn told(envelope: &Envelope, held: bool, code: &str) -> OutsideTheBooks {
    let header: Option<Header> = envelope.read_header().ok();
    let (intent, document) = (header.as_ref().map(|header| header.intent_id), header.as_ref().map(|header| header.document));
    let at = header.as_ref().map(|header| header.wall_time_ms);
    OutsideTheBooks { intent, name: header.map(|header| header.intent.name).unwrap_or_default(), document, at, held, code: code.to_owned() }
}

/// Who handed it in is written down the first time, and told.
async fn note(app: &App, actor: &Actor, digest: Digest32, (part, tally): (&Part, ImportTally)) -> Result<(), Fault> {
    let signed_in = &actor.signed_in;
    let scope = signed_in.scope();
    app.database
        .in_tenant(&scope, async |mut tx| {
            if queries::insert_import(&mut tx, digest, (part, &tally, signed_in.account)).await? {
                write_entry(app, &mut tx, actor, (part, tally)).await?;
                let body = OutboxImported {
                    device: part.device,
                    exported_at_ms: part.exported_at_ms,
                    part: part.part,
                    parts: part.parts,
                    tally,
                    by: signed_in.account,
                };
                let event = NewEvent {
                    id: event_id(OutboxImported::KIND, cause(digest)),
                    kind: OutboxImported::KIND,
                    subject: part.device.to_string(),
                    site: None,
                    occurred_at: tx.now(),
                    data: serde_json::to_value(body).expect("an event's body has no map whose keys are not text"),
                };
                feed::append(&mut tx, &[], vec![event]).await?;
            }
            Ok::<_, Fault>(tx.done(()))
        })
        .await
}

async fn write_entry(app: &App, tx: &mut TenantTx, actor: &Actor, (part, tally): (&Part, ImportTally)) -> Result<(), Fault> {
    let name = identity::device_names(tx, &[part.device.0]).await?.remove(&part.device).unwrap_or_default();
    let ImportTally { accepted, waiting, held, refused, again: _, known } = tally;
    let after = audit::fields([
        ("part", json!(part.part)),
        ("parts", json!(part.parts)),
        ("exported_at", json!(part.exported_at_ms)),
        ("accepted", json!(accepted)),
        ("waiting", json!(waiting)),
        ("held", json!(held)),
        ("refused", json!(refused)),
        ("known", json!(known)),
    ]);
    let entry = audit::Entry {
        id: app.environment.new_id(),
        action: Action::HandIn,
        record: ("identity.device", part.device.0, &name),
        site: None,
        before: None,
        after: Some(&after),
        reason: None,
    };
    audit::write(tx, actor, std::slice::from_ref(&entry)).await
}

fn cause(Digest32(digest): Digest32) -> uuid::Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Uuid::from_bytes(bytes)
}
