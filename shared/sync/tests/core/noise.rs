//! Whatever bytes come, nothing panics, the document loads again, and nothing is in it but what an intent yields.

use crate::forge::{container, honest, put, with_bytes, with_change};
use crate::support::{TALLY_ID, deed, device, intent, lane, mark, offer, open, short};
use automerge::{Change, ChangeHash, ExpandedChange};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::envelope::{Envelope, Header};
use holdfast_sync::hub::Closed;
use holdfast_sync::sim::device::Device;
use holdfast_sync::sim::tally::{MarkAll, TALLY, TallyIntent};
use holdfast_sync::verify::Offer;
use holdfast_sync::{cbor, wire};
use proptest::prelude::*;
use proptest::sample::Index;
use std::num::NonZeroU64;

/// A till's opening and two marks, and the two facts that may come on top if the third act is believed.
struct Scene {
    till: Device,
    before: Vec<Offer>,
    next: Envelope,
}

fn scene() -> Scene {
    let mut till = device(1);
    let before = vec![deed(&mut till, intent(1), open()), deed(&mut till, intent(2), mark(1)), deed(&mut till, intent(3), mark(2))];
    let next = honest(&till, intent(4), TallyIntent::MarkAll(MarkAll { counts: vec![5, 6] }).call());
    Scene { till, before, next }
}

fn told(scene: &Scene, said: Offer) -> (&'static str, Closed) {
    let mut lane = lane();
    lane.offer(scene.before.clone(), Vec::new()).expect("no fault");
    lane.offer(vec![said], Vec::new()).expect("noise is no fault of ours");
    let closed = lane.close();
    (short(&closed.outcomes[3].result), closed)
}

/// The document after the noise is either what it was or what the honest act had made of it, and it can be stored.
fn assert_nothing_else(scene: &Scene, said: Offer) {
    let (outcome, closed) = told(scene, said);
    let expected = match outcome {
        "accepted" => told(scene, offer(&scene.till, &scene.next)).1.facts,
        _ => LoadedDocument::load(TALLY_ID, &TALLY, &scene.till.store.documents[&TALLY_ID].saved.0).expect("it was saved").facts().clone(),
    };
    assert_eq!(closed.facts, expected, "{outcome}");
    let stored = LoadedDocument::load(TALLY_ID, &TALLY, &closed.saved.expect("the first three were merged")).expect("it loads again");
    assert_eq!(*stored.facts(), closed.facts);
}

/// Some bytes replaced, some cut out, some put in.
fn noisy(mut bytes: Vec<u8>, edits: &[(Index, u8, u8)]) -> Vec<u8> {
    for (place, how, byte) in edits {
        let at = place.index(bytes.len() + 1);
        match how {
            0 if at < bytes.len() => bytes[at] = *byte,
            1 if at < bytes.len() => bytes[at] ^= 1 << (byte % 8),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            3 => bytes.insert(at, *byte),
            _ => bytes.truncate(at),
        }
    }
    bytes
}

fn edits() -> impl Strategy<Value = Vec<(Index, u8, u8)>> {
    // Mostly replaced: a length that no longer fits is found at once and proves little.
    let how = prop_oneof![4 => Just(0_u8), 4 => Just(1), 1 => Just(2), 1 => Just(3), 1 => Just(4)];
    proptest::collection::vec((any::<Index>(), how, any::<u8>()), 1..4)
}

/// The checksum of a change set right again, so that what follows it is looked at.
fn with_right_checksum(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Ok(Ok(change)) = std::panic::catch_unwind(|| Change::from_bytes(bytes.clone())) {
        bytes[4..8].copy_from_slice(&change.hash().0[..4]);
    }
    bytes
}

fn altered(change: &mut ExpandedChange, (what, n, place): (u8, u64, Index)) {
    let at = place.index(change.operations.len());
    match what {
        0 => change.seq = n,
        1 => change.start_op = NonZeroU64::new(n % u64::from(u32::MAX)).unwrap_or(NonZeroU64::MIN),
        2 => change.deps = vec![change.deps[0], ChangeHash([n as u8; 32])],
        3 => change.operations[at].obj = container(n % 7),
        4 => drop(change.operations.remove(at)),
        5 => change.operations.push(put(container(n % 7), &format!("{n:032x}"), vec![n as u8])),
        6 => change.operations[at].insert = n.is_multiple_of(2),
        7 => change.operations.swap(0, at),
        _ => change.time = n as i64,
    }
    if change.operations.is_empty() {
        change.operations.push(put(container(1), &format!("{n:032x}"), vec![n as u8]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn noise_in_a_change_adds_nothing_of_its_own(edits in edits()) {
        let scene = scene();
        let bytes = with_right_checksum(noisy(scene.next.change.0.clone(), &edits));
        let said = std::panic::catch_unwind(|| with_bytes(&scene.till, &scene.next, bytes.clone()));
        let said = said.unwrap_or_else(|_| offer(&scene.till, &Envelope { change: Bytes(bytes), ..scene.next.clone() }));
        assert_nothing_else(&scene, said);
    }

    #[test]
    fn an_altered_change_adds_nothing_of_its_own(steps in proptest::collection::vec((0..9_u8, prop_oneof![0..6_u64, any::<u64>()], any::<Index>()), 1..4)) {
        let scene = scene();
        let said = with_change(&scene.till, &scene.next, |change| {
            for step in steps {
                altered(change, step);
            }
        });
        assert_nothing_else(&scene, said);
    }

    #[test]
    fn noise_in_a_header_is_unreadable_or_read_as_what_it_says(edits in edits()) {
        let scene = scene();
        let header = Bytes(noisy(scene.next.header.0.clone(), &edits));
        let envelope = Envelope { header, ..scene.next.clone() };
        if let Ok(header) = envelope.read_header() {
            prop_assert_eq!(&header.to_bytes(), &envelope.header.0, "a header has one form only");
            assert_nothing_else(&scene, offer(&scene.till, &envelope));
        }
    }

    #[test]
    fn noise_in_a_push_is_an_error_and_no_panic(edits in edits(), as_json in any::<bool>()) {
        let scene = scene();
        let request = wire::PushRequest { grants: vec!["grant".to_owned()], envelopes: vec![scene.next.clone()] };
        if as_json {
            let bytes = noisy(serde_json::to_vec(&request).unwrap(), &edits);
            let _ = serde_json::from_slice::<wire::PushRequest>(&bytes);
        } else {
            let bytes = noisy(cbor::encode(&request), &edits);
            if let Ok(read) = cbor::decode::<wire::PushRequest>(&bytes) {
                let _: Vec<Result<Header, _>> = read.envelopes.iter().map(Envelope::read_header).collect();
            }
        }
    }
}
