//! The straight road: what honest devices do arrives in the document, once, whatever the order.

use crate::support::{
    NOON, TALLY_ID, TENANT, act, act_as, close, deed, device, header, intent, judge, lane, mark, offer, only, open, outcomes, short, total,
};
use holdfast_sync::document::LoadedDocument;
use holdfast_sync::envelope::{Basis, BasisSource, Principal};
use holdfast_sync::hub::{Closed, Lane, MAX_WAITING, OutcomeResult, ServerAct};
use holdfast_sync::ids::{Epoch, IntentId};
use holdfast_sync::kind::{Audience, IntentError};
use holdfast_sync::replica::RecordError;
use holdfast_sync::sim::device::Act;
use holdfast_sync::sim::tally::{MarkAll, Note, OLD_TALLY, TALLY, TallyIntent};
use holdfast_sync::verify::{FirstAnswer, GrantState, Known, KnownEntry, Offer, Standing};
use holdfast_sync::wire::{Answer, Entry, PullResponse};
use std::collections::BTreeMap;

#[test]
fn what_a_device_recorded_is_accepted_and_saved() {
    let mut till = device(1);
    let offers = [(1, open()), (2, mark(3)), (3, mark(4)), (4, close())].map(|(n, call)| {
        let envelope = act(&mut till, intent(n), call);
        offer(&till, &envelope)
    });
    let closed = judge(offers.to_vec());
    assert!(outcomes(&closed.outcomes).values().all(|outcome| *outcome == "accepted"), "{:?}", closed.outcomes);
    let saved = closed.saved.expect("changes were merged");
    assert_eq!(total(&TALLY, &saved), 7);
    let here = LoadedDocument::load(TALLY_ID, &TALLY, &till.store.documents[&TALLY_ID].saved.0).unwrap();
    assert_eq!(*here.facts(), closed.facts, "the device and the server hold the same facts");
    assert_eq!(here.save(), saved, "and the same bytes");
}

#[test]
fn genesis_is_byte_identical_wherever_it_is_made() {
    let bytes = LoadedDocument::genesis(TALLY_ID, &TALLY).save();
    assert_eq!(bytes, LoadedDocument::genesis(TALLY_ID, &OLD_TALLY).save());
    let loaded = LoadedDocument::load(TALLY_ID, &TALLY, &bytes).unwrap();
    assert_eq!(loaded.heads(), LoadedDocument::genesis(TALLY_ID, &TALLY).heads());
    assert!(loaded.facts().is_empty());
}

#[test]
fn an_intent_that_was_answered_is_answered_again_with_the_first_answer() {
    let mut till = device(1);
    let envelope = act(&mut till, intent(1), open());
    let first = Answer::Accepted { position: 42 };
    let known = Known { answers: [(intent(1), FirstAnswer::to(&header(&envelope), first.clone()))].into(), ..Known::default() };
    let mut lane = Lane::open(TALLY_ID, &TALLY, None, known).unwrap();
    lane.offer(vec![offer(&till, &envelope)], Vec::new()).unwrap();
    let closed = lane.close();
    let OutcomeResult::Duplicate(answer) = &closed.outcomes[0].result else { panic!("{:?}", closed.outcomes) };
    assert_eq!(*answer, first);
    assert!(closed.saved.is_none(), "nothing was merged");
}

#[test]
fn an_envelope_doubled_within_one_push_is_merged_once() {
    let mut till = device(1);
    let envelope = act(&mut till, intent(1), open());
    let closed = judge(vec![offer(&till, &envelope), offer(&till, &envelope)]);
    let results: Vec<_> = closed.outcomes.iter().map(|outcome| short(&outcome.result)).collect();
    assert_eq!(results, ["accepted", "duplicate"]);
    assert_eq!(closed.facts.len(), 1);
}

#[test]
fn a_refusal_doubled_within_one_push_tells_the_same_code_twice() {
    let mut till = device(1);
    let envelope = act(&mut till, intent(1), open());
    let ungranted = Offer { grant: GrantState::Missing, ..offer(&till, &envelope) };
    let closed = judge(vec![ungranted.clone(), ungranted]);
    let OutcomeResult::Duplicate(Answer::Refused { code }) = &closed.outcomes[1].result else { panic!("{:?}", closed.outcomes) };
    assert_eq!(code, "grant_missing");
}

#[test]
fn what_rests_on_nothing_that_is_there_waits_up_to_a_number_and_is_held_beyond() {
    let mut adrift = Vec::new();
    for n in 1..=4 {
        let mut till = device(n);
        act(&mut till, intent(n), open());
        adrift.extend((0..300).map(|mark_n| {
            let intent_id = IntentId(uuid::Uuid::from_u128(u128::from(n) << 64 | mark_n << 32));
            let envelope = act(&mut till, intent_id, mark(1));
            offer(&till, &envelope)
        }));
    }
    adrift.truncate(MAX_WAITING + 1);
    let (excess, fitting) = adrift.split_last().unwrap();
    let outcome_of = |closed: &Closed, offer: &Offer| {
        let outcome = closed.outcomes.iter().find(|outcome| outcome.header.intent_id == offer.header.intent_id).unwrap();
        short(&outcome.result)
    };
    let closed = judge(adrift.clone());
    assert!(fitting.iter().all(|offer| outcome_of(&closed, offer) == "waiting"));
    assert_eq!(outcome_of(&closed, excess), "too_many_waiting");
}

#[test]
fn a_change_waits_for_what_it_rests_on_and_says_what_that_is() {
    let mut till = device(1);
    let first = act(&mut till, intent(1), open());
    let second = act(&mut till, intent(2), mark(1));
    let closed = judge(vec![offer(&till, &second)]);
    let OutcomeResult::Waiting(missing) = &closed.outcomes[0].result else { panic!("{:?}", closed.outcomes) };
    assert_eq!(*missing, [header(&first).change_hash]);
    assert!(closed.saved.is_none());
}

#[test]
fn a_whole_session_in_reverse_order_is_accepted_in_one_push() {
    let mut till = device(1);
    let mut envelopes = vec![act(&mut till, intent(0), open())];
    envelopes.extend((1..50).map(|n| act(&mut till, intent(n), mark(1))));
    let offers: Vec<_> = envelopes.iter().rev().map(|envelope| offer(&till, envelope)).collect();
    let closed = judge(offers);
    assert_eq!(closed.outcomes.len(), 50);
    assert!(outcomes(&closed.outcomes).values().all(|outcome| *outcome == "accepted"));
    assert_eq!(total(&TALLY, &closed.saved.unwrap()), 49);
}

#[test]
fn what_waited_is_judged_when_the_missing_change_arrives_in_a_later_push() {
    let mut till = device(1);
    let first = act(&mut till, intent(1), open());
    let second = act(&mut till, intent(2), mark(5));
    let mut lane = lane();
    lane.offer(vec![offer(&till, &first)], vec![offer(&till, &second)]).unwrap();
    let closed = lane.close();
    assert_eq!(outcomes(&closed.outcomes), BTreeMap::from([(intent(1), "accepted"), (intent(2), "accepted")]));
}

#[test]
fn what_waits_and_is_sent_again_waits_once() {
    let mut till = device(1);
    act(&mut till, intent(1), open());
    let second = act(&mut till, intent(2), mark(5));
    let mut lane = lane();
    lane.offer(vec![offer(&till, &second)], vec![offer(&till, &second)]).unwrap();
    assert_eq!(only(&lane.close()), "waiting");
}

#[test]
fn an_intent_of_a_newer_app_waits_until_the_server_knows_it() {
    let mut till = device(1);
    let first = act(&mut till, intent(1), open());
    let newer = act(&mut till, intent(2), TallyIntent::MarkAll(MarkAll { counts: vec![2, 3] }).call());
    let mut old = Lane::open(TALLY_ID, &OLD_TALLY, None, Known::default()).unwrap();
    old.offer(vec![offer(&till, &first), offer(&till, &newer)], Vec::new()).unwrap();
    let closed = old.close();
    assert_eq!(outcomes(&closed.outcomes), BTreeMap::from([(intent(1), "accepted"), (intent(2), "waiting")]));
    let known = Known {
        entries: vec![KnownEntry {
            change_hash: header(&first).change_hash,
            device: till.identity.device,
            chain: header(&first).chain,
            device_seq: 1,
            standing: Standing::Accepted,
        }],
        ..Known::default()
    };
    let mut upgraded = Lane::open(TALLY_ID, &TALLY, closed.saved.as_deref(), known).unwrap();
    upgraded.offer(Vec::new(), vec![offer(&till, &newer)]).unwrap();
    let closed = upgraded.close();
    assert_eq!(only(&closed), "accepted");
    assert_eq!(total(&TALLY, &closed.saved.unwrap()), 5);
}

#[test]
fn what_rests_on_a_refused_change_is_refused_and_on_a_held_one_held() {
    for (standing, expected) in [(Standing::Refused, "depends_on_refused"), (Standing::Held, "depends_on_held")] {
        let mut till = device(1);
        let first = header(&act(&mut till, intent(1), open()));
        let second = act(&mut till, intent(2), mark(1));
        let entry = KnownEntry { change_hash: first.change_hash, device: first.device, chain: first.chain, device_seq: first.device_seq, standing };
        let known = Known { entries: vec![entry], ..Known::default() };
        let mut lane = Lane::open(TALLY_ID, &TALLY, None, known).unwrap();
        lane.offer(vec![offer(&till, &second)], Vec::new()).unwrap();
        assert_eq!(only(&lane.close()), expected);
    }
}

#[test]
fn what_waited_for_a_change_follows_its_refusal_in_the_same_lane() {
    let mut till = device(1);
    let first = act(&mut till, intent(1), open());
    let offers = vec![deed(&mut till, intent(2), mark(1)), deed(&mut till, intent(3), mark(1))];
    let mut refused = offer(&till, &first);
    refused.grant = GrantState::Missing;
    let mut lane = lane();
    lane.offer(vec![refused], offers).unwrap();
    let results = outcomes(&lane.close().outcomes);
    assert_eq!(results[&intent(1)], "grant_missing");
    assert_eq!(results[&intent(2)], "depends_on_refused");
    assert_eq!(results[&intent(3)], "depends_on_refused");
}

#[test]
fn two_devices_that_write_one_document_at_once_converge() {
    let (mut till, mut phone) = (device(1), device(2));
    let opened = act(&mut till, intent(1), open());
    let page = feed(&[&opened]);
    phone.receive(&holdfast_sync::sim::tally::KINDS, &page, NOON);
    let here = act(&mut till, intent(2), mark(10));
    let there = act(&mut phone, intent(3), mark(20));
    let one = judge(vec![offer(&till, &opened), offer(&till, &here), offer(&phone, &there)]);
    let other = judge(vec![offer(&phone, &there), offer(&till, &opened), offer(&till, &here)]);
    assert_eq!(outcomes(&one.outcomes).values().filter(|outcome| **outcome == "accepted").count(), 3);
    assert_eq!(one.facts, other.facts);
    till.receive(&holdfast_sync::sim::tally::KINDS, &feed(&[&opened, &here, &there]), NOON);
    phone.receive(&holdfast_sync::sim::tally::KINDS, &feed(&[&opened, &here, &there]), NOON);
    let heads = |saved: &[u8]| LoadedDocument::load(TALLY_ID, &TALLY, saved).unwrap().heads();
    let [there, here] = [&phone, &till].map(|device| heads(&device.store.documents[&TALLY_ID].saved.0));
    assert_eq!(here, there);
    assert_eq!(here, heads(&one.saved.unwrap()));
    assert_eq!(here, heads(&other.saved.unwrap()));
}

#[test]
fn two_devices_that_both_write_a_document_first_hide_nothing_of_each_other() {
    let (mut till, mut phone) = (device(1), device(2));
    let mut offers = vec![deed(&mut till, intent(1), open()), deed(&mut phone, intent(2), open())];
    offers.push(deed(&mut till, intent(3), mark(1)));
    offers.push(deed(&mut phone, intent(4), mark(2)));
    let closed = judge(offers);
    assert!(outcomes(&closed.outcomes).values().all(|outcome| *outcome == "accepted"));
    assert_eq!(closed.facts.of("opened").count(), 2);
    assert_eq!(total(&TALLY, &closed.saved.unwrap()), 3);
}

#[test]
fn two_tabs_of_one_device_write_one_chain() {
    let mut till = device(1);
    let envelopes = [
        act_as(&mut till, intent(1), open(), vec![7; 16]),
        act_as(&mut till, intent(2), mark(1), vec![8; 16]),
        act_as(&mut till, intent(3), mark(1), vec![7; 16]),
    ];
    let numbers: Vec<_> = envelopes.iter().map(|envelope| header(envelope).device_seq).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(header(&envelopes[2]).prev, Some(envelopes[1].header_hash()));
    let closed = judge(envelopes.iter().map(|envelope| offer(&till, envelope)).collect());
    assert!(outcomes(&closed.outcomes).values().all(|outcome| *outcome == "accepted"));
}

#[test]
fn a_ruling_is_the_servers_own_signed_change_and_later_changes_rest_on_it() {
    let mut till = device(1);
    let opened = act(&mut till, intent(1), open());
    let mut lane = lane();
    lane.offer(vec![offer(&till, &opened)], Vec::new()).unwrap();
    let act_of_server = |n| ServerAct {
        tenant: TENANT,
        by: Principal::System("test".to_owned()),
        actor: vec![9; 16],
        intent_id: intent(n),
        call: TallyIntent::Note(Note { text: "seen".to_owned() }).call(),
        now: NOON,
        basis: Basis { source: BasisSource::Server, epoch: Epoch::from_bytes([0; 16]), position: 0 },
    };
    lane.rule(act_of_server(9), |bytes| bytes[..4].to_vec()).unwrap();
    let again = lane.rule(act_of_server(9), |bytes| bytes[..4].to_vec());
    assert_eq!(again, Err(IntentError::Refused { code: "intent_recorded_already" }));
    let ruling = lane.outcomes().last().unwrap().envelope.clone();
    assert_eq!(ruling.signature.0, ruling.header.0[..4]);
    assert_eq!(lane.facts().of("rulings").count(), 1);
    till.receive(&holdfast_sync::sim::tally::KINDS, &feed(&[&ruling]), NOON);
    let after = act(&mut till, intent(2), mark(1));
    lane.offer(vec![offer(&till, &after)], Vec::new()).unwrap();
    assert_eq!(short(&lane.outcomes().last().unwrap().result), "accepted");
}

#[test]
fn the_same_tap_recorded_twice_is_one_change() {
    let mut till = device(1);
    act(&mut till, intent(1), open());
    let again = till.record(&TALLY, Act { document: TALLY_ID, intent_id: intent(1), call: open(), actor: vec![1; 16], now: NOON });
    assert!(matches!(again, Err(RecordError::Intent(IntentError::Refused { .. }))), "{again:?}");
    act(&mut till, intent(2), mark(1));
    let again = till.record(&TALLY, Act { document: TALLY_ID, intent_id: intent(2), call: mark(1), actor: vec![1; 16], now: NOON });
    assert_eq!(again, Err(RecordError::Intent(IntentError::Refused { code: "intent_recorded_already" })));
    assert_eq!(till.store.outbox.len(), 2);
}

#[test]
fn an_intent_that_yields_nothing_records_nothing() {
    let mut till = device(1);
    act(&mut till, intent(1), open());
    let call = TallyIntent::MarkAll(MarkAll { counts: Vec::new() }).call();
    let nothing = till.record(&TALLY, Act { document: TALLY_ID, intent_id: intent(2), call, actor: vec![1; 16], now: NOON });
    assert_eq!(nothing, Err(RecordError::Intent(IntentError::Refused { code: "intent_yields_nothing" })));
    assert_eq!(till.store.outbox.len(), 1);
}

#[test]
fn a_document_that_cannot_be_read_holds_up_no_other() {
    let mut till = device(1);
    let mut phone = device(2);
    let opened = act(&mut till, intent(1), open());
    let mut page = feed(&[&opened]);
    let Entry::Change { change, .. } = page.entries[0].clone() else { unreachable!() };
    let broken = holdfast_sync::ids::DocumentId::from_bytes([0xee; 16]);
    page.entries.insert(
        0,
        Entry::Change { position: 0, document: broken, kind: "test.tally".to_owned(), change, intent_id: intent(8), audiences: None, proof: None },
    );
    phone.receive(&holdfast_sync::sim::tally::KINDS, &page, NOON);
    assert_eq!(phone.store.unreadable.len(), 1);
    assert_eq!(phone.store.unreadable[0].0, broken);
    assert!(phone.store.documents.contains_key(&TALLY_ID));
}

/// A page of the feed with these envelopes as accepted.
fn feed(envelopes: &[&holdfast_sync::envelope::Envelope]) -> PullResponse {
    let entry = |(position, envelope): (u64, &&holdfast_sync::envelope::Envelope)| Entry::Change {
        position,
        document: TALLY_ID,
        kind: "test.tally".to_owned(),
        change: envelope.change.clone(),
        intent_id: header(envelope).intent_id,
        audiences: (position == 1).then(|| vec![Audience::Site(crate::support::SITE)]),
        proof: None,
    };
    let entries = (1..).zip(envelopes).map(entry).collect();
    PullResponse {
        epoch: Epoch::from_bytes([5; 16]),
        entries,
        cursors: [(Audience::Site(crate::support::SITE), 9)].into(),
        more: false,
        server_time_ms: NOON,
        grants: Vec::new(),
    }
}
