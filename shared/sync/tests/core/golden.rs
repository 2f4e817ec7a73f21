//! The wire, frozen: bytes that devices have signed, sent and stored must be written and read the same way for ever.
//!
//! Each file in `tests/golden` begins with what breaks if it changes. `HOLDFAST_GOLDEN=write` writes them anew; a change of a file that is in use
//! needs a new wire version, not a new file.

use crate::forge::honest;
use crate::support::{NOON, TALLY_ID, TENANT, act, device, header, intent, mark, open};
use automerge::Automerge;
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::cbor;
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::envelope::{Author, BadEnvelope, Basis, BasisSource, Envelope, Header, Principal};
use holdfast_sync::ids::{AccountId, DeviceId, Epoch, FactId, GrantId};
use holdfast_sync::kind::Audience;
use holdfast_sync::outbox_file::{FILE_VERSION, Part, Point, Protected};
use holdfast_sync::replica::{FeedState, OutboxState, WitnessLog, proven};
use holdfast_sync::sim::tally::TALLY;
use holdfast_sync::time::Timestamp;
use holdfast_sync::wire::{
    Answer, BootstrapManifest, Entry, NamedGrant, Proof, PullRequest, PullResponse, PushRequest, PushResponse, ReferenceRow, Snapshot,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::path::PathBuf;

const SIGNED: &str =
    "Signatures cover these bytes and `prev` hashes them: if they change, envelopes that wait on devices are refused and chains break.";
const BETWEEN: &str = "Devices and servers of different versions exchange this: if it changes, an app that has not updated cannot sync any more.";
const HASHED: &str = "Every document begins with or contains this: if it changes, documents of old and new devices no longer merge.";
const CARRIED: &str = "Somebody carries a file of this: if it changes, what a dead device left can no longer be handed in.";
const STORED: &str = "Devices keep this in their database across app updates: if it changes, unsent work cannot be read any more.";

/// The file's content, hex or text, without its comment.
fn golden(name: &str, why: &str, content: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let text = format!("# {why}\n{content}\n");
    if std::env::var("HOLDFAST_GOLDEN").is_ok_and(|value| value == "write") {
        std::fs::write(&path, &text).expect("the folder is there");
    }
    let frozen = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}; HOLDFAST_GOLDEN=write writes it", path.display()));
    assert_eq!(frozen, text, "{name} is frozen. {why}");
}

fn hex_lines(bytes: &[u8]) -> String {
    bytes.chunks(64).map(hex::encode).collect::<Vec<_>>().join("\n")
}

/// Freezes the CBOR of a value, and that it is read back from there; nothing may follow it.
fn golden_cbor<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, why: &str, value: &T) {
    let bytes = cbor::encode(value);
    golden(&format!("{name}.cbor.hex"), why, &hex_lines(&bytes));
    assert_eq!(cbor::decode::<T>(&bytes).as_ref(), Ok(value), "{name} reads back");
    let trailing = [bytes.as_slice(), &[0]].concat();
    assert!(cbor::decode::<T>(&trailing).is_err(), "{name}: bytes follow the value");
    assert!(cbor::decode::<T>(&bytes[..bytes.len() - 1]).is_err(), "{name}: bytes are missing");
}

/// Freezes the JSON of a value as well.
fn golden_wire<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, value: &T) {
    golden_cbor(name, BETWEEN, value);
    let json = serde_json::to_string_pretty(value).expect("a wire value");
    golden(&format!("{name}.json.txt"), BETWEEN, &json);
    assert_eq!(serde_json::from_str::<T>(&json).expect("it reads back"), *value);
}

fn full_header() -> Header {
    let mut till = device(1);
    act(&mut till, intent(1), open());
    till.store.chain.clock_offset_ms = -250;
    till.store.chain.feed = FeedState {
        epoch: Some(Epoch::from_bytes([5; 16])),
        cursors: [(Audience::Tenant, 300), (Audience::Site(uuid::Uuid::nil()), 70_000)].into(),
        ..FeedState::default()
    };
    header(&honest(&till, intent(2), mark(3)))
}

#[test]
fn a_header_is_these_bytes() {
    let header = full_header();
    golden_cbor("header", SIGNED, &header);
    golden("header.sha256", SIGNED, &Digest32::of(&header.to_bytes()).to_string());
}

#[test]
fn a_header_with_two_authors_is_these_bytes() {
    let second = Author { account: Principal::Account(AccountId::from_bytes([0xa2; 16])), grant: Some(GrantId::from_bytes([0xb2; 16])) };
    golden_cbor("header_co_author", SIGNED, &Header { co_author: Some(second), ..full_header() });
}

#[test]
fn the_servers_own_header_is_these_bytes() {
    let header = Header {
        device: DeviceId::SERVER,
        chain: None,
        device_seq: 0,
        prev: None,
        author: Author { account: Principal::System("sales".to_owned()), grant: None },
        ..full_header()
    };
    golden_cbor("header_server", SIGNED, &header);
    let invited = Author { account: Principal::Invitation(uuid::Uuid::from_bytes([7; 16])), grant: None };
    let basis = Basis { source: BasisSource::Relay, ..header.basis.clone() };
    golden_cbor("header_invitation", SIGNED, &Header { author: invited, basis, ..header });
}

#[test]
fn a_header_with_an_unknown_field_or_trailing_bytes_is_refused() {
    let header = full_header();
    let with = |name: &str| {
        let mut fields: ciborium::Value = cbor::decode(&header.to_bytes()).unwrap();
        fields.as_map_mut().unwrap().push((name.into(), 1.into()));
        let envelope = Envelope { header: Bytes(cbor::encode(&fields)), change: Bytes(Vec::new()), signature: Bytes(Vec::new()) };
        envelope.read_header()
    };
    assert!(matches!(with("total"), Err(BadEnvelope::Header(_))));
    assert!(matches!(with("v"), Err(BadEnvelope::Header(_))), "nor one field twice");
    let envelope = |bytes: Vec<u8>| Envelope { header: Bytes(bytes), change: Bytes(Vec::new()), signature: Bytes(Vec::new()) };
    assert_eq!(envelope(header.to_bytes()).read_header(), Ok(header.clone()));
    assert!(matches!(envelope([header.to_bytes(), vec![0]].concat()).read_header(), Err(BadEnvelope::Header(_))));
}

#[test]
fn a_header_in_another_order_or_another_encoding_is_refused() {
    let bytes = full_header().to_bytes();
    let mut fields: ciborium::Value = cbor::decode(&bytes).unwrap();
    fields.as_map_mut().unwrap().swap(0, 1);
    // The same map, begun with its length in two bytes instead of one.
    let longer = [&[0xb8, bytes[0] & 0x1f], &bytes[1..]].concat();
    for other in [cbor::encode(&fields), longer] {
        let envelope = Envelope { header: Bytes(other), change: Bytes(Vec::new()), signature: Bytes(Vec::new()) };
        assert_eq!(envelope.read_header(), Err(BadEnvelope::Header("it is not in its one form".to_owned())));
    }
}

#[test]
fn a_header_of_a_later_version_is_told_by_its_version() {
    let mut fields: ciborium::Value = cbor::decode(&full_header().to_bytes()).unwrap();
    fields.as_map_mut().unwrap()[0].1 = 2.into();
    fields.as_map_mut().unwrap().push(("news".into(), 1.into()));
    let envelope = Envelope { header: Bytes(cbor::encode(&fields)), change: Bytes(Vec::new()), signature: Bytes(Vec::new()) };
    assert_eq!(envelope.read_header(), Err(BadEnvelope::Version(2)));
}

#[test]
fn genesis_is_these_bytes() {
    let saved = LoadedDocument::genesis(TALLY_ID, &TALLY).save();
    let changes = Automerge::load(&saved).unwrap().get_changes(&[]);
    let [genesis] = changes.as_slice() else { panic!("genesis is one change") };
    golden("genesis.hex", HASHED, &hex_lines(genesis.raw_bytes()));
    golden("genesis.sha256", HASHED, &genesis.hash().to_string());
}

#[test]
fn a_change_is_these_bytes() {
    let mut till = device(1);
    act(&mut till, intent(1), open());
    let envelope = honest(&till, intent(2), mark(3));
    golden("change.hex", HASHED, &hex_lines(&envelope.change.0));
    golden("change.sha256", HASHED, &header(&envelope).change_hash.to_string());
}

#[test]
fn fact_ids_derive_from_their_intent_like_this() {
    let ids = [(1, 0), (1, 1), (1, u16::MAX), (2, 0)].map(|(n, index)| format!("{} {index} {}", intent(n), FactId::of(intent(n), index).key()));
    golden(
        "fact_ids.txt",
        "A fact written twice under two ids counts twice: if the derivation changes, a rebuilt change doubles what was sold.",
        &ids.join("\n"),
    );
}

#[test]
fn an_envelope_and_a_push_are_this() {
    let mut till = device(1);
    let envelope = act(&mut till, intent(1), open());
    golden_wire("envelope", &envelope);
    golden_wire("push_request", &PushRequest { grants: vec!["header.claims.signature".to_owned()], envelopes: vec![envelope] });
}

#[test]
fn a_line_of_an_outbox_file_holds_this() {
    let mut till = device(1);
    let envelope = act(&mut till, intent(1), open());
    let (device, grants) = (till.store.chain.device, vec!["header.claims.signature".to_owned()]);
    let part = Part { v: FILE_VERSION, tenant: TENANT, device, exported_at_ms: NOON, part: 2, parts: 3, grants, envelopes: vec![envelope] };
    golden_cbor("outbox_part", CARRIED, &part);
    let point = Point { crv: "P-256".to_owned(), kty: "EC".to_owned(), x: "A".repeat(43), y: "E".repeat(42) + "A" };
    golden("outbox_part_header.json.txt", CARRIED, &serde_json::to_string(&Protected::to(&point, point.clone())).expect("it is text"));
}

#[test]
fn the_answers_to_a_push_are_this() {
    let answers = vec![
        Answer::Accepted { position: 42 },
        Answer::Duplicate { first: Box::new(Answer::Held { code: "grant_revoked".to_owned() }) },
        Answer::Waiting { missing: vec![Digest32([0xab; 32])] },
        Answer::Held { code: "chain_forked".to_owned() },
        Answer::Refused { code: "not_permitted".to_owned() },
        Answer::Retry,
    ];
    golden_wire("push_response", &PushResponse { answers, server_time_ms: NOON });
}

#[test]
fn a_pull_and_its_page_are_this() {
    let cursors = [Audience::Tenant, Audience::Site(uuid::Uuid::from_bytes([2; 16])), Audience::Person(uuid::Uuid::from_bytes([3; 16]))];
    let cursors: std::collections::BTreeMap<_, _> = cursors.into_iter().zip(7..).collect();
    let epoch = Epoch::from_bytes([5; 16]);
    golden_wire("pull_request_first", &PullRequest { epoch: None, cursors: [].into(), device: None, till: None, limit: 1_000 });
    golden_wire(
        "pull_request",
        &PullRequest {
            epoch: Some(epoch),
            cursors: cursors.clone(),
            device: Some(DeviceId::from_bytes([1; 16])),
            till: Some(uuid::Uuid::from_bytes([4; 16])),
            limit: 500,
        },
    );
    golden_wire("pull_response", &PullResponse { epoch, entries: entries(), cursors, more: true, server_time_ms: NOON, grants: Vec::new() });
    golden_wire("pull_response_proven", &proven_page());
    golden_wire("pull_response_snapshot_proven", &snapshot_proven_page());
}

/// A change with what proves it.
fn proven_page() -> PullResponse {
    let mut till = device(1);
    let envelope = act(&mut till, intent(1), open());
    let proof = Some(Proof { header: envelope.header, signature: envelope.signature });
    let entry = Entry::Change {
        position: 8,
        document: TALLY_ID,
        kind: "test.tally".to_owned(),
        change: envelope.change,
        intent_id: intent(1),
        audiences: None,
        proof,
    };
    let grants = vec![NamedGrant { id: till.identity.grant, token: "header.claims.signature".to_owned() }];
    PullResponse { epoch: Epoch::from_bytes([5; 16]), entries: vec![entry], cursors: [].into(), more: false, server_time_ms: NOON, grants }
}

/// A document as it stands, with what proves the change in it.
fn snapshot_proven_page() -> PullResponse {
    let page = proven_page();
    let Some(Entry::Change { document, kind, intent_id, proof, .. }) = page.entries.into_iter().next() else { panic!("it is a change") };
    let proofs = proof.into_iter().collect();
    let documents = vec![Snapshot { document, kind, saved: Bytes(vec![1, 2, 3]), intents: vec![intent_id], position: None, proofs }];
    let entry = Entry::Enter { audience: Audience::Tenant, position: 12, documents, bootstrap: None };
    PullResponse { entries: vec![entry], ..page }
}

#[test]
fn what_a_device_stores_is_this() {
    let mut till = device(1);
    act(&mut till, intent(1), open());
    let row = till.store.outbox[&1].clone();
    golden_cbor("chain_head_outside", STORED, &till.store.chain);
    // As it was before a device knew what lies outside of what it follows, and as it is where nothing does.
    till.store.chain.feed.outside.clear();
    golden_cbor("chain_head", STORED, &till.store.chain);
    golden_cbor("outbox_row", STORED, &row);
    let states = vec![
        OutboxState::Saved,
        OutboxState::Sent,
        OutboxState::Waiting,
        OutboxState::Attention(Answer::Refused { code: "not_permitted".to_owned() }),
        OutboxState::Accepted { at: NOON },
    ];
    golden_cbor("outbox_states", STORED, &states);
    let mut log = WitnessLog::default();
    let kept: Vec<_> = proven(&proven_page(), NOON).into_iter().map(|seen| log.keep(seen)).collect();
    golden_cbor("witnessed", STORED, &kept[0]);
    log.begin_epoch();
    golden_cbor("witness_log", STORED, &log);
    let stored = &till.store.documents[&TALLY_ID];
    assert_eq!(cbor::decode::<holdfast_sync::replica::StoredDocument>(&cbor::encode(stored)).as_ref(), Ok(stored));
}

fn entries() -> Vec<Entry> {
    let mut till = device(1);
    let envelope = act(&mut till, intent(1), open());
    let kind = || "test.tally".to_owned();
    let row = |body| ReferenceRow { kind: "catalog.product".to_owned(), id: uuid::Uuid::from_bytes([6; 16]), version: 9, body };
    vec![
        Entry::Change { position: 8, document: TALLY_ID, kind: kind(), change: envelope.change, intent_id: intent(1), audiences: None, proof: None },
        Entry::Row { position: 9, row: row(Some(Bytes(vec![0xa0]))), audience: None },
        Entry::Row { position: 10, row: row(None), audience: None },
        Entry::Answer { position: 11, intent_id: intent(2), answer: Answer::Refused { code: "depends_on_refused".to_owned() } },
        Entry::Enter {
            audience: Audience::Till(uuid::Uuid::from_bytes([4; 16])),
            position: 12,
            documents: vec![Snapshot {
                document: TALLY_ID,
                kind: kind(),
                saved: Bytes(vec![1, 2, 3]),
                intents: vec![intent(1)],
                position: None,
                proofs: Vec::new(),
            }],
            bootstrap: Some(BootstrapManifest { pages: vec!["/api/v1/sync/bootstrap/1".to_owned()], rows: 500 }),
        },
        Entry::Departed { position: 12, document: TALLY_ID },
        Entry::Leave { audience: Audience::Person(uuid::Uuid::from_bytes([3; 16])) },
        Entry::MinimumVersion { position: 13, version: 2 },
    ]
}

#[test]
fn an_instant_and_a_tenant_are_this() {
    assert_eq!(cbor::encode(&Timestamp(-1)), [0x20]);
    assert_eq!(cbor::encode(&TENANT), [&[0x50][..], &[1; 16]].concat());
}

/// Whoever writes a client from the documentation writes these bytes.
#[test]
fn the_bytes_that_the_documentation_shows_are_the_frozen_ones() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let solid = |text: String| text.split_whitespace().collect::<String>();
    let page = solid(std::fs::read_to_string(root.join("../../docs/SYNC.md")).expect("the page is there"));
    for name in ["genesis.hex", "genesis.sha256", "header.sha256", "pull_request_first.cbor.hex"] {
        let frozen = std::fs::read_to_string(root.join("tests/golden").join(name)).expect("it was frozen");
        let (_, content) = frozen.split_once('\n').expect("its first line says why");
        assert!(page.contains(&solid(content.to_owned())), "{name}");
    }
    for place in [0, 1] {
        assert!(page.contains(&FactId::of(intent(1), place).key()), "fact {place}");
    }
}
