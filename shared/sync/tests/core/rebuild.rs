//! The way back of a refusal: what falls, what stands, what is replayed, and how the server takes it.

use crate::support::{NOON, SITE, TALLY_ID, act, close, device, grant, header, intent, judge, mark, offer, open, outcomes, short, total};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::cbor;
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::envelope::{Envelope, Header};
use holdfast_sync::hub::{Buried, Lane, OutcomeResult};
use holdfast_sync::ids::IntentId;
use holdfast_sync::kind::Audience;
use holdfast_sync::replica::{Clocks, OutboxRow, OutboxState};
use holdfast_sync::sim::device::Device;
use holdfast_sync::sim::tally::{KINDS, TALLY};
use holdfast_sync::verify::{FirstAnswer, GrantState, Known, Offer};
use holdfast_sync::wire::{Answer, DEPENDS_ON_HELD, DEPENDS_ON_REFUSED, Entry, PullResponse, Snapshot};
use std::collections::BTreeMap;

fn refused(code: &str) -> Answer {
    Answer::Refused { code: code.to_owned() }
}

fn held(code: &str) -> Answer {
    Answer::Held { code: code.to_owned() }
}

/// A till that opened a tally and made marks of 1, 2, 4 …, one per intent from 2 on.
fn till_with_marks(marks: u8) -> Device {
    let mut till = device(1);
    act(&mut till, intent(1), open());
    (0..marks).for_each(|n| drop(act(&mut till, intent(2 + n), mark(1 << n))));
    till
}

fn row(till: &Device, of: IntentId) -> OutboxRow {
    till.store.outbox.values().find(|row| row.intent_id == of && !row.replaced).cloned().expect("it was recorded")
}

fn stated(row: &OutboxRow) -> Header {
    cbor::decode(&row.header.0).expect("the device wrote it")
}

/// The tally as the device has it.
fn here(till: &Device) -> i64 {
    total(&TALLY, &till.store.documents[&TALLY_ID].saved.0)
}

/// All that the device would send, signed.
fn sent(till: &mut Device) -> Vec<Offer> {
    let numbers: Vec<_> = till.store.outbox.keys().copied().collect();
    numbers.into_iter().for_each(|seq| till.sign(seq));
    let envelopes = till.next_push().expect("something is to be sent").envelopes;
    envelopes.iter().map(|envelope| offer(till, envelope)).collect()
}

fn answer(till: &mut Device, of: IntentId, answer: &Answer) {
    let seq = row(till, of).seq;
    till.answered(&KINDS, (seq, answer), Clocks { device: NOON, server: NOON });
}

/// A page of the feed, made at noon, after which there is no more.
fn page(entries: Vec<Entry>) -> PullResponse {
    let epoch = holdfast_sync::ids::Epoch::from_bytes([5; 16]);
    PullResponse { epoch, entries, cursors: [(Audience::Site(SITE), 9)].into(), more: false, server_time_ms: NOON, grants: Vec::new() }
}

#[test]
fn what_rested_on_a_refused_change_is_replayed_and_accepted_without_it() {
    let mut till = till_with_marks(4);
    let before: BTreeMap<_, _> = [1, 2, 4, 5].map(|n| (intent(n), stated(&row(&till, intent(n))))).into();
    answer(&mut till, intent(3), &refused("not_permitted"));
    assert_eq!(here(&till), 1 + 4 + 8);
    assert_eq!(row(&till, intent(3)).fallen.as_deref(), Some("not_permitted"));
    for n in [1, 2] {
        assert_eq!(stated(&row(&till, intent(n))), before[&intent(n)], "what was done before the refused change keeps its envelope");
    }
    let mut numbers = Vec::new();
    for n in [4, 5] {
        let (was, is) = (&before[&intent(n)], stated(&row(&till, intent(n))));
        assert_eq!((&is.intent, &is.author, is.wall_time_ms, &is.basis), (&was.intent, &was.author, was.wall_time_ms, &was.basis));
        assert!(is.actor != was.actor && is.change_hash != was.change_hash);
        assert_eq!(row(&till, intent(n)).state, OutboxState::Saved);
        numbers.push(is.device_seq);
    }
    assert_eq!(numbers, [6, 7], "the chain goes on");
    let closed = judge(sent(&mut till));
    assert!(closed.outcomes.iter().all(|outcome| short(&outcome.result) == "accepted"), "{:?}", outcomes(&closed.outcomes));
    assert_eq!(total(&TALLY, &closed.saved.expect("changes were merged")), 13);
    assert_eq!(till.store.chain.prev, Some(Digest32::of(&row(&till, intent(5)).header.0)));
}

#[test]
fn a_held_change_falls_too_and_comes_back_when_the_feed_brings_it() {
    let mut till = till_with_marks(2);
    let change = row(&till, intent(2)).change;
    answer(&mut till, intent(1), &Answer::Accepted { position: 1 });
    answer(&mut till, intent(2), &held("facts_differ_from_intent"));
    assert_eq!(here(&till), 2, "it is merged nowhere, and the next mark does not wait for the office");
    let entry =
        Entry::Change { position: 9, document: TALLY_ID, kind: "test.tally".to_owned(), change, intent_id: intent(2), audiences: None, proof: None };
    assert!(till.receive(&KINDS, &page(vec![entry]), NOON).is_empty(), "nothing falls by it");
    assert_eq!(here(&till), 3);
    assert!(matches!(row(&till, intent(2)).state, OutboxState::Accepted { .. }));
}

#[test]
fn what_cannot_be_replayed_falls_with_its_reason_and_its_old_envelope_is_still_sent() {
    let mut till = till_with_marks(1);
    let old = row(&till, intent(2));
    answer(&mut till, intent(1), &refused("not_permitted"));
    let fallen = row(&till, intent(2));
    assert_eq!(fallen, OutboxRow { fallen: Some("tally_not_open".to_owned()), ..old });
    assert!(LoadedDocument::load(TALLY_ID, &TALLY, &till.store.documents[&TALLY_ID].saved.0).unwrap().facts().is_empty());
    assert!(till.store.views.is_empty(), "nothing is left to show");
    assert_eq!(sent(&mut till).len(), 1);
    answer(&mut till, intent(2), &refused(DEPENDS_ON_REFUSED));
    assert_eq!(row(&till, intent(2)).state, OutboxState::Attention(refused(DEPENDS_ON_REFUSED)));
}

#[test]
fn whoever_writes_on_after_a_rebuild_writes_under_another_actor() {
    let mut till = till_with_marks(2);
    let was = stated(&row(&till, intent(3))).actor;
    answer(&mut till, intent(2), &refused("not_permitted"));
    let after = header(&act(&mut till, intent(9), mark(100))).actor;
    assert!(after != was && after != stated(&row(&till, intent(3))).actor);
    let closed = judge(sent(&mut till));
    assert!(closed.outcomes.iter().all(|outcome| short(&outcome.result) == "accepted"), "{:?}", outcomes(&closed.outcomes));
}

#[test]
fn nothing_is_rebuilt_while_what_explains_a_blocked_change_is_undecided() {
    let mut till = till_with_marks(2);
    let before = till.store.documents.clone();
    answer(&mut till, intent(3), &refused(DEPENDS_ON_REFUSED));
    assert_eq!((row(&till, intent(3)).state, &till.store.documents), (OutboxState::Sent, &before));
    answer(&mut till, intent(2), &refused("not_permitted"));
    assert_eq!((row(&till, intent(3)).state, row(&till, intent(3)).fallen), (OutboxState::Saved, None));
    assert_eq!(here(&till), 2);
}

#[test]
fn a_blocked_change_that_nothing_here_explains_falls_itself() {
    let mut till = till_with_marks(2);
    let opened = Entry::Change {
        position: 1,
        document: TALLY_ID,
        kind: "test.tally".to_owned(),
        change: row(&till, intent(1)).change,
        intent_id: intent(1),
        audiences: Some(vec![Audience::Site(SITE)]),
        proof: None,
    };
    till.receive(&KINDS, &page(vec![opened]), NOON);
    answer(&mut till, intent(2), &Answer::Accepted { position: 2 });
    answer(&mut till, intent(3), &refused(DEPENDS_ON_REFUSED));
    let page = |more, at| PullResponse { more, server_time_ms: at, ..page(Vec::new()) };
    for (page, why) in [(page(true, NOON), "there is more to tell"), (page(false, NOON.plus_ms(-1)), "it was made before the answer")] {
        assert!(till.receive(&KINDS, &page, NOON).is_empty(), "{why}");
        assert_eq!((row(&till, intent(3)).state, here(&till)), (OutboxState::Sent, 3), "{why}");
    }
    till.receive(&KINDS, &page(false, NOON), NOON);
    assert_eq!(row(&till, intent(3)).state, OutboxState::Attention(refused(DEPENDS_ON_REFUSED)));
    assert_eq!(here(&till), 1);
}

#[test]
fn what_rests_on_a_replay_that_a_release_made_void_is_replayed_once_more() {
    let mut till = till_with_marks(2);
    let [held_change, behind] = [2, 3].map(|n| row(&till, intent(n)).change);
    answer(&mut till, intent(1), &Answer::Accepted { position: 1 });
    answer(&mut till, intent(2), &held("grant_revoked"));
    answer(&mut till, intent(3), &held(DEPENDS_ON_HELD));
    act(&mut till, intent(9), mark(100));
    // The office releases the first mark, and the second follows it in its first envelope, before the replay is sent.
    answer(&mut till, intent(3), &Answer::Duplicate { first: Box::new(Answer::Accepted { position: 3 }) });
    answer(&mut till, intent(9), &refused(DEPENDS_ON_REFUSED));
    assert_eq!((row(&till, intent(9)).fallen, here(&till)), (None, 102), "nothing falls before the feed has told why");
    let change = |n: u8, change| Entry::Change {
        position: u64::from(n),
        document: TALLY_ID,
        kind: "test.tally".to_owned(),
        change,
        intent_id: intent(n),
        audiences: None,
        proof: None,
    };
    assert_eq!(till.receive(&KINDS, &page(vec![change(2, held_change), change(3, behind)]), NOON).len(), 1);
    let again = row(&till, intent(9));
    assert_eq!((again.state, again.fallen, again.resting, here(&till)), (OutboxState::Saved, None, None, 103));
}

#[test]
fn a_change_whose_intent_is_in_the_books_in_another_one_gives_way_to_it() {
    let mut till = till_with_marks(0);
    let mut twin = till.clone();
    twin.entropy = [9; 32];
    let ours = act(&mut till, intent(2), mark(5));
    act(&mut till, intent(3), mark(7));
    let theirs = crate::support::act_as(&mut twin, intent(2), mark(5), vec![0x66; 16]);
    assert!(header(&ours).change_hash != header(&theirs).change_hash);
    let entry = |change, n| Entry::Change {
        position: u64::from(n),
        document: TALLY_ID,
        kind: "test.tally".to_owned(),
        change,
        intent_id: intent(n),
        audiences: None,
        proof: None,
    };
    let opened = row(&till, intent(1)).change;
    let page = page(vec![entry(opened, 1), entry(theirs.change.clone(), 2)]);
    assert_eq!(till.receive(&KINDS, &page, NOON).len(), 1);
    let document = LoadedDocument::load(TALLY_ID, &TALLY, &till.store.documents[&TALLY_ID].saved.0).unwrap();
    assert!(!document.holds(header(&ours).change_hash) && document.holds(header(&theirs).change_hash));
    assert_eq!(here(&till), 12, "the mark that rested on it is replayed");
    assert_eq!(row(&till, intent(2)).state, OutboxState::Sent, "it is sent once more, so that the server learns which change it did not take");
}

#[test]
fn what_is_brought_twice_does_not_keep_the_replay_that_it_stands_for_from_being_sent() {
    let mut till = till_with_marks(2);
    let opened = row(&till, intent(1)).change;
    let [held_change, behind] = [2, 3].map(|n| row(&till, intent(n)).change);
    let canonical = till.store.documents[&TALLY_ID].saved.clone();
    answer(&mut till, intent(1), &Answer::Accepted { position: 1 });
    answer(&mut till, intent(2), &held("grant_revoked"));
    let replay = stated(&row(&till, intent(3))).change_hash;
    let change = |n: u8, change| Entry::Change {
        position: u64::from(n),
        document: TALLY_ID,
        kind: "test.tally".to_owned(),
        change,
        intent_id: intent(n),
        audiences: None,
        proof: None,
    };
    let told = vec![change(1, opened), change(2, held_change), change(3, behind)];
    let intents = vec![intent(1), intent(2), intent(3)];
    let documents =
        vec![Snapshot { document: TALLY_ID, kind: "test.tally".to_owned(), saved: canonical, intents, position: None, proofs: Vec::new() }];
    let entered = vec![Entry::Enter { audience: Audience::Site(SITE), position: 9, documents, bootstrap: None }];
    for entries in [told, entered] {
        let mut till = till.clone();
        assert_eq!(till.receive(&KINDS, &page(entries.clone()), NOON).len(), 1);
        assert!(till.receive(&KINDS, &page(entries), NOON).is_empty());
        assert!(matches!(row(&till, intent(2)).state, OutboxState::Accepted { .. }), "the feed brought its own change");
        let sends: Vec<_> = sent(&mut till).into_iter().map(|offer| offer.header.change_hash).collect();
        assert!(sends.contains(&replay) && here(&till) == 3, "what rests on it would wait for it");
        answer(&mut till, intent(3), &Answer::Duplicate { first: Box::new(Answer::Accepted { position: 3 }) });
        assert!(matches!(row(&till, intent(3)).state, OutboxState::Accepted { .. }));
    }
}

/// A lane over what a till sent before: [open, mark 1, mark 2], where mark 1 was refused and mark 2 rested on it.
fn lane_after_a_refusal(till: &Device, code: &str) -> Lane {
    let known = |n: u8, answer: Answer| (intent(n), FirstAnswer::to(&stated(&row(till, intent(n))), answer));
    let answers = [known(2, refused("not_permitted")), known(3, refused(code))].into();
    Lane::open(TALLY_ID, &TALLY, None, Known { answers, ..Known::default() }).expect("genesis is a document")
}

#[test]
fn an_answer_about_what_an_envelope_rests_on_is_not_its_intents_last() {
    for code in [DEPENDS_ON_REFUSED, DEPENDS_ON_HELD] {
        let mut till = till_with_marks(2);
        let mut lane = lane_after_a_refusal(&till, code);
        answer(&mut till, intent(2), &refused("not_permitted"));
        lane.offer(sent(&mut till), Vec::new()).unwrap();
        let closed = lane.close();
        assert_eq!(outcomes(&closed.outcomes), BTreeMap::from([(intent(1), "accepted"), (intent(3), "accepted")]));
        assert_eq!(closed.buried, [Buried::Filed(intent(3))]);
    }
}

#[test]
fn a_refusal_of_the_intent_itself_is_its_last_whatever_is_sent_after_it() {
    let mut till = till_with_marks(2);
    let mut lane = lane_after_a_refusal(&till, "payload_malformed");
    answer(&mut till, intent(2), &refused("not_permitted"));
    lane.offer(sent(&mut till), Vec::new()).unwrap();
    assert_eq!(outcomes(&lane.close().outcomes)[&intent(3)], "duplicate");
}

#[test]
fn an_earlier_envelope_that_comes_late_changes_nothing_and_what_rests_on_it_does_not_wait() {
    let mut till = till_with_marks(3);
    let [late, on_late]: [Offer; 2] = [3, 4].map(|n| {
        let row = row(&till, intent(n));
        let envelope = Envelope { header: row.header, change: row.change, signature: row.signature.unwrap_or_default() };
        offer(&till, &envelope)
    });
    answer(&mut till, intent(2), &refused("not_permitted"));
    let mut lane = crate::support::lane();
    lane.offer(vec![on_late], Vec::new()).unwrap();
    let mut replayed = sent(&mut till);
    replayed.retain(|offer| offer.header.intent_id != intent(4));
    lane.offer(replayed, Vec::new()).unwrap();
    lane.offer(vec![late.clone()], Vec::new()).unwrap();
    let closed = lane.close();
    assert!(matches!(&closed.outcomes.last().unwrap().result, OutcomeResult::Duplicate(Answer::Accepted { .. })));
    assert_eq!(closed.buried, [Buried::Offered(Box::new((late.header, late.envelope)))]);
    assert_eq!(total(&TALLY, &closed.saved.unwrap()), 2);
}

#[test]
fn another_device_cannot_take_the_place_of_what_waits_under_an_intent() {
    let mut till = till_with_marks(1);
    let mut thief = device(2);
    let waiting = sent(&mut till).remove(1);
    act(&mut thief, intent(1), open());
    let stolen = act(&mut thief, intent(2), mark(99));
    let mut lane = crate::support::lane();
    lane.offer(vec![waiting.clone(), offer(&thief, &stolen)], Vec::new()).unwrap();
    let closed = lane.close();
    let of = |device| closed.outcomes.iter().find(|outcome| outcome.header.device == device).map(|outcome| outcome.result.clone());
    assert!(matches!(of(till.identity.device), Some(OutcomeResult::Waiting(_))));
    assert!(matches!(of(thief.identity.device), Some(OutcomeResult::Duplicate(Answer::Waiting { .. }))));
    assert!(closed.buried.is_empty(), "it is a repeat like any other, and makes nobody's evidence");
}

#[test]
fn a_grant_taken_back_holds_all_and_leaves_nothing_behind() {
    let mut till = till_with_marks(2);
    let revoked = GrantState::Known(holdfast_sync::verify::Grant { revoked_at: Some(NOON), ..grant(&till) });
    let offers = sent(&mut till).into_iter().map(|offer| Offer { grant: revoked.clone(), ..offer }).collect();
    for (of, code) in outcomes(&judge(offers).outcomes) {
        if till.store.outbox.values().any(|row| row.intent_id == of) {
            answer(&mut till, of, &held(code));
        }
    }
    assert!(till.store.outbox.values().all(|row| row.fallen.is_some()), "{:?}", till.store.outbox);
    let refused = till
        .record(&TALLY, holdfast_sync::sim::device::Act { document: TALLY_ID, intent_id: intent(9), call: close(), actor: vec![1; 16], now: NOON });
    assert!(refused.is_err(), "there is nothing to close any more");
}
