//! Lies with valid signatures: an honest change, taken apart, altered, put together again, and stated in a header that fits it.

use crate::support::{NOON, TALLY_ID, header, offer};
use automerge::legacy::{Key, ObjectId, Op, OpId, OpType};
use automerge::{ActorId, Change, ExpandedChange, ScalarValue};
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::envelope::{Envelope, Header, IntentCall};
use holdfast_sync::ids::{FactId, IntentId};
use holdfast_sync::sim::device::{Act, Device, sign};
use holdfast_sync::sim::tally::TALLY;
use holdfast_sync::verify::Offer;

/// What the device would honestly offer, without recording it.
pub fn honest(device: &Device, intent_id: IntentId, call: IntentCall) -> Envelope {
    let actor = vec![0x77; 16];
    let mut twin = device.clone();
    let seq = twin.record(&TALLY, Act { document: TALLY_ID, intent_id, call, actor, now: NOON }).expect("the act is allowed");
    twin.sign(seq);
    twin.envelope(seq).expect("it was signed just now")
}

/// The honest offer with its change altered, and the header made to fit.
pub fn with_change(device: &Device, envelope: &Envelope, alter: impl FnOnce(&mut ExpandedChange)) -> Offer {
    let mut expanded = Change::from_bytes(envelope.change.0.clone()).expect("it was recorded").decode();
    alter(&mut expanded);
    let change = Change::from(expanded);
    let stated = |header: &mut Header| {
        header.change_hash = Digest32(change.hash().0);
        header.actor = Bytes(change.actor_id().to_bytes().to_vec());
    };
    restated(device, &Envelope { change: Bytes(change.raw_bytes().to_vec()), ..envelope.clone() }, stated)
}

/// The honest offer with other bytes as its change, their hash stated rightly where they have one.
pub fn with_bytes(device: &Device, envelope: &Envelope, bytes: Vec<u8>) -> Offer {
    let hash = Change::from_bytes(bytes.clone()).map(|change| Digest32(change.hash().0)).unwrap_or_default();
    restated(device, &Envelope { change: Bytes(bytes), ..envelope.clone() }, |header| header.change_hash = hash)
}

/// The envelope with its header altered and signed again.
pub fn restated(device: &Device, envelope: &Envelope, alter: impl FnOnce(&mut Header)) -> Offer {
    let mut header = header(envelope);
    alter(&mut header);
    let bytes = header.to_bytes();
    let signature = Bytes(sign(&device.identity.key, &bytes));
    offer(device, &Envelope { header: Bytes(bytes), change: envelope.change.clone(), signature })
}

/// The object of the `n`-th container, counted from 1.
pub fn container(n: u64) -> ObjectId {
    ObjectId::Id(OpId::new(n, &genesis_actor()))
}

/// The actor of the document's genesis.
pub fn genesis_actor() -> ActorId {
    ActorId::from(TALLY_ID.as_bytes().as_slice())
}

/// A put as Automerge writes it.
pub fn put(object: ObjectId, key: &str, value: impl Into<ScalarValue>) -> Op {
    Op { action: OpType::Put(value.into()), obj: object, key: Key::Map(key.into()), pred: Vec::new().into(), insert: false }
}

/// The key of an intent's `index`-th fact.
pub fn key(intent_id: IntentId, index: u16) -> String {
    FactId::of(intent_id, index).key()
}
