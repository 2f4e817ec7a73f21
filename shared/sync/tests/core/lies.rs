//! What a device may say with a valid signature and is not believed: each row is a lie and what comes of it.

use crate::forge::{container, genesis_actor, honest, key, put, restated, with_bytes, with_change};
use crate::support::{NOON, TALLY_ID, deed, device, header, intent, judge, lane, mark, offer, only, open, outcomes, short};
use automerge::legacy::{ElementId, Key, MarkData, ObjectId, Op, OpId, OpType};
use automerge::transaction::Transactable;
use automerge::{ActorId, Author, AutoCommit, Change, ChangeHash, ExpandedChange, ObjType, ROOT, ScalarValue};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::document::{HOLD_FACTOR, LoadedDocument, MAX_FACTS};
use holdfast_sync::envelope::{BadEnvelope, Envelope, MAX_CHANGE_BYTES, MAX_HEADER_BYTES, Principal};
use holdfast_sync::hub::{Closed, Lane};
use holdfast_sync::ids::{ChainId, FactId};
use holdfast_sync::kind::NewFact;
use holdfast_sync::sim::device::Device;
use holdfast_sync::sim::tally::{MarkAll, Marked, TALLY, TallyIntent};
use holdfast_sync::verify::{Known, Offer};
use std::num::NonZeroU64;

/// A till that opened the tally (intent 1, accepted) and is about to mark three (intent 2).
pub struct Scene {
    pub till: Device,
    pub opened: Offer,
    pub marking: Envelope,
}

pub fn scene() -> Scene {
    let mut till = device(1);
    let opened = deed(&mut till, intent(1), open());
    let marking = honest(&till, intent(2), mark(3));
    Scene { till, opened, marking }
}

/// What comes of the lie after the opening, with the document as it is then. Nothing of a lie that is not accepted may be in it.
pub fn tell(scene: &Scene, lie: Offer) -> (&'static str, Closed) {
    let mut lane = lane();
    lane.offer(vec![scene.opened.clone()], Vec::new()).expect("no fault");
    lane.offer(vec![lie], Vec::new()).expect("a lie is no fault of ours");
    let closed = lane.close();
    let outcome = short(&closed.outcomes[1].result);
    let saved = closed.saved.as_deref().expect("the opening was merged");
    let stored = LoadedDocument::load(TALLY_ID, &TALLY, saved).expect("whatever came, the document loads again");
    assert_eq!(*stored.facts(), closed.facts);
    if outcome != "accepted" {
        assert_eq!(closed.facts.len(), 1, "{outcome}, yet merged");
    }
    (outcome, closed)
}

fn told(alter: impl FnOnce(&mut ExpandedChange)) -> &'static str {
    let scene = scene();
    let lie = with_change(&scene.till, &scene.marking, alter);
    tell(&scene, lie).0
}

fn marked(count: i64) -> Vec<u8> {
    holdfast_sync::cbor::encode(&Marked { count, by: Principal::Account(device(1).identity.account), at: NOON, photo: None, handed: None })
}

#[test]
fn the_honest_change_is_accepted() {
    assert_eq!(told(|_| {}), "accepted", "otherwise none of the rows below says anything");
}

#[test]
fn a_change_that_does_more_than_add_facts_is_refused() {
    type Alter = fn(&mut ExpandedChange);
    let rows: [(&str, Alter); 17] = [
        ("a container replaced by its copy", |change| {
            let copy = ObjectId::Id(OpId::new(change.start_op.get(), &change.actor_id));
            change.operations = vec![make(ObjectId::Root, "marks", ObjType::Map), put(copy, &key(intent(2), 0), marked(3))];
        }),
        ("a fact overwritten", |change| change.operations.push(naming(put(container(1), &key(intent(1), 0), marked(9)), 5))),
        ("a fact deleted", |change| change.operations.push(naming(Op { action: OpType::Delete, ..put(container(1), &key(intent(1), 0), 0) }, 5))),
        ("a fact hidden under an unknown key", |change| change.operations[0].key = Key::Map("hidden".into())),
        ("a fact under its key in capitals", |change| change.operations[0].key = Key::Map(key(intent(2), 0).to_uppercase().into())),
        ("a write into the root", |change| change.operations[0].obj = ObjectId::Root),
        ("a write beyond the containers", |change| change.operations[0].obj = container(5)),
        ("a write into an object of one's own", |change| change.operations[0].obj = ObjectId::Id(OpId::new(2, &change.actor_id))),
        ("a container within a container", |change| change.operations[0].action = OpType::Make(ObjType::Map)),
        ("a list", |change| change.operations[0].action = OpType::Make(ObjType::List)),
        ("a text", |change| change.operations[0].action = OpType::Make(ObjType::Text)),
        ("a string", |change| change.operations[0].action = OpType::Put("three".into())),
        ("a counter", |change| change.operations[0].action = OpType::Put(ScalarValue::counter(3))),
        ("an increment", |change| change.operations[0].action = OpType::Increment(3)),
        ("a mark", |change| {
            let mark = MarkData { name: "bold".into(), value: true.into(), expand: false };
            change.operations[0] =
                Op { action: OpType::MarkBegin(mark), key: Key::Seq(ElementId::Head), insert: true, ..change.operations[0].clone() };
        }),
        ("an insertion", |change| change.operations[0].insert = true),
        ("no fact at all", |change| change.operations.clear()),
    ];
    for (lie, alter) in rows {
        assert_eq!(told(alter), "change_not_facts", "{lie}");
    }
}

#[test]
fn a_fact_that_is_there_is_never_written_again_even_as_an_insert() {
    assert_eq!(told(|change| change.operations.push(put(container(1), &key(intent(1), 0), marked(9)))), "fact_overwritten");
    assert_eq!(told(|change| change.operations.push(change.operations[0].clone())), "fact_overwritten", "nor twice in one change");
}

#[test]
fn a_change_with_ornaments_is_refused() {
    assert_eq!(told(|change| change.message = Some("hello".to_owned())), "change_ornamented");
    assert_eq!(told(|change| change.time = 1), "change_ornamented");
    assert_eq!(told(|change| change.extra_bytes = vec![1, 2, 3]), "change_ornamented");
    let scene = scene();
    let mut authored = AutoCommit::load(&scene.till.store.documents[&TALLY_ID].saved.0).unwrap().with_actor(ActorId::from([0x77; 16]));
    authored.set_author(Some(Author::from(&b"me"[..]).into_owned()));
    let (_, marks) = automerge::ReadDoc::get(&authored, ROOT, "marks").unwrap().unwrap();
    authored.put(marks, key(intent(2), 0), ScalarValue::Bytes(marked(3))).unwrap();
    let bytes = authored.get_last_local_change().unwrap().raw_bytes().to_vec();
    assert_eq!(tell(&scene, with_bytes(&scene.till, &scene.marking, bytes)).0, "change_ornamented");
}

#[test]
fn facts_that_the_intent_does_not_yield_are_held() {
    type Alter = fn(&mut ExpandedChange);
    let rows: [(&str, Alter); 5] = [
        ("a payload that differs from its facts", |change| change.operations[0].action = OpType::Put(ScalarValue::Bytes(marked(4)))),
        ("a fact too many", |change| change.operations.push(put(container(2), &key(intent(2), 1), marked(3)))),
        ("a fact of another intent's", |change| change.operations[0].key = Key::Map(key(intent(3), 0).into())),
        ("a fact in another container", |change| change.operations[0].obj = container(3)),
        ("a ruling in the server's name", |change| change.operations[0].obj = container(4)),
    ];
    for (lie, alter) in rows {
        assert_eq!(told(alter), "facts_differ_from_intent", "{lie}");
    }
}

#[test]
fn a_fact_left_out_is_held() {
    let scene = scene();
    let both = honest(&scene.till, intent(2), TallyIntent::MarkAll(MarkAll { counts: vec![1, 2] }).call());
    let lie = with_change(&scene.till, &both, |change| {
        change.operations.pop();
    });
    assert_eq!(tell(&scene, lie).0, "facts_differ_from_intent");
}

#[test]
fn the_document_holds_what_the_change_says_and_not_what_the_payload_says() {
    let scene = scene();
    let honest = tell(&scene, offer(&scene.till, &scene.marking)).1;
    assert_eq!(honest.facts.of("marks").map(|(_, bytes)| bytes.to_vec()).collect::<Vec<_>>(), [marked(3)]);
    let lie = restated(&scene.till, &scene.marking, |header| header.intent = mark(1_000_000));
    assert_eq!(tell(&scene, lie).0, "facts_differ_from_intent");
}

#[test]
fn dependencies_moved_back_behind_ones_own_last_change_are_held() {
    let mut scene = scene();
    let stale = scene.till.clone();
    let first = deed(&mut scene.till, intent(3), mark(1));
    // The device's next envelope, by number and chain, but its change rests on the opening only.
    let back = honest(&stale, intent(2), mark(3));
    let next = honest(&scene.till, intent(2), mark(3));
    let lie = restated(&scene.till, &Envelope { change: back.change.clone(), ..next.clone() }, |said| said.change_hash = header(&back).change_hash);
    let results = outcomes(&judge(vec![scene.opened.clone(), first.clone(), lie.clone()]).outcomes);
    assert_eq!(results[&intent(2)], "dependencies_moved_back");
    let results = outcomes(&judge(vec![scene.opened, lie, first]).outcomes);
    assert_eq!(results[&intent(3)], "dependencies_moved_back", "in the other order it is the earlier number that contradicts the later");
}

#[test]
fn a_change_that_rests_on_nothing_or_on_another_documents_genesis_is_never_merged() {
    assert_eq!(told(|change| change.deps.clear()), "change_without_genesis");
    assert_eq!(told(|change| change.deps = vec![ChangeHash([7; 32])]), "waiting");
}

#[test]
fn numbers_that_do_not_continue_what_the_change_rests_on_are_refused() {
    type Alter = fn(&mut ExpandedChange);
    let rows: [(&str, Alter); 6] = [
        ("a number skipped", |change| change.seq = 2),
        ("number nought", |change| change.seq = 0),
        ("the last number there is", |change| change.seq = u64::from(u32::MAX)),
        ("an operation number skipped", |change| change.start_op = NonZeroU64::new(7).unwrap()),
        ("an operation number used before", |change| change.start_op = NonZeroU64::new(1).unwrap()),
        ("the last operation number there is, after which nobody could write", |change| {
            change.start_op = NonZeroU64::new(u64::from(u32::MAX)).unwrap()
        }),
    ];
    for (lie, alter) in rows {
        assert_eq!(told(alter), "change_not_mergeable", "{lie}");
    }
}

#[test]
fn an_actors_number_used_twice_is_refused() {
    let scene = scene();
    let (mut first, mut second) = (scene.till.clone(), scene.till.clone());
    second.store.chain.chain = ChainId::from_bytes([9; 16]);
    second.store.chain.next_seq = 1;
    second.store.chain.prev = None;
    let offers = vec![scene.opened.clone(), deed(&mut first, intent(2), mark(1)), deed(&mut second, intent(3), mark(2))];
    assert_eq!(outcomes(&judge(offers).outcomes)[&intent(3)], "change_not_mergeable");
}

#[test]
fn an_actors_next_change_rests_on_its_last_even_from_another_chain() {
    let scene = scene();
    let mut other = scene.till.clone();
    (other.store.chain.chain, other.store.chain.next_seq, other.store.chain.prev) = (ChainId::from_bytes([9; 16]), 1, None);
    let first = honest(&scene.till, intent(2), mark(1));
    let second = honest(&other, intent(3), mark(2));
    let skipping = with_change(&other, &second, |change| change.seq = 2);
    let results = outcomes(&judge(vec![scene.opened.clone(), offer(&scene.till, &first), skipping]).outcomes);
    assert_eq!((results[&intent(2)], results[&intent(3)]), ("accepted", "change_not_mergeable"));
}

#[test]
fn an_actor_of_another_device_is_refused() {
    let (mut till, mut phone) = (device(1), device(2));
    let opened = deed(&mut till, intent(1), open());
    let forged = honest(&phone, intent(2), open());
    let theirs = ActorId::from(header(&opened.envelope).actor.0.as_slice());
    let lie = with_change(&phone, &forged, |change| change.actor_id = theirs.clone());
    assert_eq!(outcomes(&judge(vec![opened.clone(), lie]).outcomes)[&intent(2)], "actor_of_another_device");
    let owned = deed(&mut phone, intent(3), open());
    assert_eq!(outcomes(&judge(vec![opened, owned]).outcomes)[&intent(3)], "accepted", "its own it may use");
}

#[test]
fn an_actor_other_than_the_header_names_is_refused_and_so_is_that_of_genesis() {
    let scene = scene();
    let other = restated(&scene.till, &scene.marking, |header| header.actor.0[0] ^= 1);
    assert_eq!(tell(&scene, other).0, "actor_differs");
    let genesis = with_change(&scene.till, &scene.marking, |change| {
        change.actor_id = genesis_actor();
        change.seq = 2;
    });
    assert_eq!(tell(&scene, genesis).0, "actor_differs");
    for length in [0, 8, 17, 4_000] {
        let odd = with_change(&scene.till, &scene.marking, |change| change.actor_id = ActorId::from(vec![3; length]));
        assert_eq!(tell(&scene, odd).0, "actor_malformed", "an actor is 16 bytes");
    }
}

#[test]
fn a_change_whose_hash_is_another_than_the_headers_is_refused() {
    let scene = scene();
    let lie = restated(&scene.till, &scene.marking, |header| header.change_hash = Digest32([1; 32]));
    assert_eq!(tell(&scene, lie).0, "change_hash_differs");
}

#[test]
fn bytes_in_another_form_than_automerge_writes_are_refused() {
    let scene = scene();
    let bytes = &scene.marking.change.0;
    let mut checksum = bytes.clone();
    checksum[5] ^= 1;
    assert_eq!(tell(&scene, with_bytes(&scene.till, &scene.marking, checksum)).0, "change_not_canonical");
    let twice = with_change(&scene.till, &scene.marking, |change| change.deps.push(change.deps[0]));
    assert_eq!(tell(&scene, twice).0, "change_not_canonical");
    let trailing = [bytes.as_slice(), &[0]].concat();
    let saved = scene.till.store.documents[&TALLY_ID].saved.0.clone();
    for malformed in [trailing, saved, Vec::new(), b"hello".to_vec(), bytes[..bytes.len() - 1].to_vec()] {
        assert_eq!(tell(&scene, with_bytes(&scene.till, &scene.marking, malformed)).0, "change_malformed");
    }
}

#[test]
fn a_compressed_chunk_is_refused_unread() {
    let scene = scene();
    let many = honest(&scene.till, intent(2), TallyIntent::MarkAll(MarkAll { counts: (0..40).collect() }).call());
    let mut change = Change::from_bytes(many.change.0.clone()).unwrap();
    let compressed = change.bytes().into_owned();
    assert_eq!(compressed[8], 2, "it is large enough to be compressed");
    assert_eq!(tell(&scene, with_bytes(&scene.till, &many, compressed)).0, "change_compressed");
}

#[test]
fn a_hundred_bytes_that_claim_a_trillion_operations_are_refused_unread() {
    const ONE_PUT: &[u8] = &[0x7f, 1];
    const NO_PREDECESSORS: &[u8] = &[0x7f, 0];
    const TRILLION_PUTS: &[u8] = &[0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 1];
    const TRILLION_TIMES_NO_PREDECESSORS: &[u8] = &[0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 0];
    const A_TRILLION_PREDECESSORS: &[u8] = &[0x7f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20];
    let scene = scene();
    assert_eq!(with_columns(&scene.marking.change.0, ONE_PUT, NO_PREDECESSORS), scene.marking.change.0, "this is how the columns are written");
    let rows = [
        (TRILLION_PUTS, NO_PREDECESSORS, "change_not_facts"),
        (TRILLION_PUTS, TRILLION_TIMES_NO_PREDECESSORS, "change_malformed"),
        (ONE_PUT, A_TRILLION_PREDECESSORS, "change_not_facts"),
    ];
    for (actions, predecessors, expected) in rows {
        let bomb = with_columns(&scene.marking.change.0, actions, predecessors);
        let lie = restated(&scene.till, &Envelope { change: bomb.into(), ..scene.marking.clone() }, |_| {});
        assert_eq!(tell(&scene, lie).0, expected);
    }
}

/// A change of one put with other bytes in its columns for actions and predecessors; its length is set right.
fn with_columns(change: &[u8], actions: &[u8], predecessors: &[u8]) -> Vec<u8> {
    let directory = change.windows(4).position(|window| window == [0x34, 1, 0x42, 2]).expect("the lengths of: inserted or not, action");
    let action = change.windows(3).rposition(|window| window == [1, 0x7f, 1]).expect("one not inserted, one put") + 1;
    let mut bytes = [&change[..action], actions, &change[action + 2..change.len() - 2], predecessors].concat();
    bytes[directory + 3] = u8::try_from(actions.len()).expect("short");
    let predecessors_at = directory + bytes[directory..].iter().position(|byte| *byte == 0x70).expect("the column of predecessors");
    bytes[predecessors_at + 1] = u8::try_from(predecessors.len()).expect("short");
    let length = bytes.len() - 11;
    (bytes[9], bytes[10]) = (u8::try_from(length & 0x7f).expect("short") | 0x80, u8::try_from(length >> 7).expect("short"));
    bytes
}

#[test]
fn an_act_that_its_rule_had_refused_is_held() {
    let scene = scene();
    let lie = restated(&scene.till, &scene.marking, |header| header.intent = open());
    assert_eq!(tell(&scene, lie).0, "intent_refused_at_its_time");
}

#[test]
fn a_malformed_payload_is_refused() {
    let scene = scene();
    for payload in [vec![], b"\xff".to_vec(), [mark(3).payload.0.as_slice(), &[0]].concat(), holdfast_sync::cbor::encode(&"three")] {
        let lie = restated(&scene.till, &scene.marking, |header| header.intent.payload = payload.into());
        assert_eq!(tell(&scene, lie).0, "payload_malformed");
    }
}

#[test]
fn a_document_beyond_ten_times_its_cap_is_held() {
    let mut till = device(1);
    let opened = deed(&mut till, intent(1), open());
    let filler = |index| (FactId::of(intent(9), index), NewFact { container: "rulings", bytes: vec![0] });
    let most = MAX_FACTS * HOLD_FACTOR;
    for (already, expected) in [(most - 1, "accepted"), (most, "document_full")] {
        let mut document = LoadedDocument::genesis(TALLY_ID, &TALLY);
        document.record(&[9; 16], &(0..u16::try_from(already).unwrap()).map(filler).collect::<Vec<_>>());
        let mut lane = Lane::open(TALLY_ID, &TALLY, Some(&document.save()), Known::default()).unwrap();
        lane.offer(vec![opened.clone()], Vec::new()).unwrap();
        assert_eq!(only(&lane.close()), expected);
    }
}

#[test]
fn parts_beyond_their_limits_are_not_read() {
    let scene = scene();
    let header = Envelope { header: vec![0; MAX_HEADER_BYTES + 1].into(), ..scene.marking.clone() };
    assert_eq!(header.read_header(), Err(BadEnvelope::TooLarge("header")));
    let change = Envelope { change: vec![0; MAX_CHANGE_BYTES + 1].into(), ..scene.marking };
    assert_eq!(change.read_header(), Err(BadEnvelope::TooLarge("change")));
}

fn make(object: ObjectId, key: &str, kind: ObjType) -> Op {
    Op { action: OpType::Make(kind), ..put(object, key, 0) }
}

/// The operation, naming what it replaces: the operation of that number by the till's actor.
fn naming(op: Op, counter: u64) -> Op {
    let actor = ActorId::from([1; 16]);
    Op { pred: vec![OpId::new(counter, &actor)].into(), ..op }
}
