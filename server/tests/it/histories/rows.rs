//! What rows of the real tables say, in the simulator's words.

use holdfast_domain::kernel::{DeviceId, IntentId};
use holdfast_server::sync::FeedBody;
use holdfast_server::tenancy::from_stored;
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::cbor;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::sim::server::{FeedItem, Filed};
use holdfast_sync::sim::tally::Note;
use holdfast_sync::wire::Answer;
use std::collections::BTreeSet;
use uuid::Uuid;

/// An envelope's row.
pub type Row = (Uuid, Vec<u8>, String, Option<String>, Option<i64>, time::OffsetDateTime, bool, Vec<u8>);

/// What a row says, and the changes that its own rests on.
pub fn filed((intent, hash, standing, code, position, effective_at, late, change): Row) -> (Filed, BTreeSet<Digest32>) {
    let code = code.unwrap_or_default();
    let (answer, counted) = match (standing.as_str(), position) {
        ("accepted", Some(position)) => (Answer::Accepted { position: position.cast_unsigned() }, Some((from_stored(effective_at), late))),
        ("held", _) => (Answer::Held { code }, None),
        ("refused", _) => (Answer::Refused { code }, None),
        _ => (Answer::Waiting { missing: Vec::new() }, None),
    };
    let rests_on = automerge::Change::from_bytes(change).map(|change| change.deps().iter().map(|hash| Digest32(hash.0)).collect());
    (Filed { intent_id: IntentId(intent), change_hash: digest(&hash), answer, counted }, rests_on.unwrap_or_default())
}

/// An entry of the feed, as the checks look at it.
pub fn item(body: &[u8], header: Option<Vec<u8>>) -> FeedItem {
    match cbor::decode(body).unwrap() {
        // No envelope is on file at that position: it was told at another.
        FeedBody::Change { document, intent_id, .. } if header.is_none() => FeedItem::Again(document, intent_id),
        FeedBody::Change { document, intent_id, .. } => {
            let header = Envelope { header: Bytes(header.unwrap()), change: Bytes(Vec::new()), signature: Bytes(Vec::new()) }.read_header().unwrap();
            let note = (header.device == DeviceId::SERVER).then(|| cbor::decode::<Note>(&header.intent.payload.0).unwrap());
            FeedItem::Change(document, intent_id, note.map(|note| note.text.parse().unwrap()))
        }
        FeedBody::Answer { intent_id, .. } => FeedItem::Answer(intent_id),
        FeedBody::Row(row) => panic!("nobody changed {row:?}"),
    }
}

/// A hash as the tables keep it.
pub fn digest(bytes: &[u8]) -> Digest32 {
    Digest32(bytes.try_into().unwrap())
}
