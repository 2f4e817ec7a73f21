//! What a device keeps of its own work until the server has answered for good.

use crate::support::{NOON, TALLY_ID, act, device, intent, mark, open};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::kind::IntentError;
use holdfast_sync::replica::{Clocks, OutboxRow, OutboxState, RecordError, answered, heard, next_push, offered_again, resumed};
use holdfast_sync::sim::device::Act;
use holdfast_sync::sim::tally::{MarkAll, TALLY, TallyIntent};
use holdfast_sync::wire::{Answer, DEPENDS_ON_HELD, DEPENDS_ON_REFUSED, DEVICE_UNKNOWN, MAX_GRANTS, MAX_PUSH, MAX_PUSH_BYTES};

const NOW: Clocks = Clocks { device: NOON, server: NOON };

fn rows(count: u8) -> Vec<OutboxRow> {
    let mut till = device(1);
    act(&mut till, intent(0), open());
    (1..count).for_each(|n| drop(act(&mut till, intent(n), mark(1))));
    till.store.outbox.into_values().collect()
}

fn held() -> Answer {
    Answer::Held { code: "grant_revoked".to_owned() }
}

fn refused() -> Answer {
    Answer::Refused { code: "not_permitted".to_owned() }
}

fn blocked() -> Answer {
    Answer::Held { code: DEPENDS_ON_HELD.to_owned() }
}

#[test]
fn what_fell_and_cannot_be_replayed_takes_the_answer_about_what_it_rests_on_as_its_last() {
    let fallen = OutboxRow { state: OutboxState::Sent, fallen: Some("tally_closed".to_owned()), ..rows(1).remove(0) };
    assert_eq!(answered(fallen, &blocked(), NOW).state, OutboxState::Attention(blocked()));
}

#[test]
fn what_fell_and_waits_at_the_server_asks_when_the_device_starts_and_not_all_the_time() {
    let asking = OutboxRow { state: OutboxState::Sent, fallen: Some("grant_revoked".to_owned()), ..rows(1).remove(0) };
    let waiting = answered(asking.clone(), &Answer::Waiting { missing: Vec::new() }, NOW);
    assert_eq!(waiting.state, OutboxState::Waiting);
    assert_eq!(resumed(waiting), asking);
}

#[test]
fn what_the_feed_tells_of_an_earlier_envelope_does_not_stop_the_one_that_replaced_it() {
    let replayed = OutboxRow { state: OutboxState::Sent, ..rows(1).remove(0) };
    assert_eq!(heard(replayed.clone(), &blocked(), NOW), replayed);
    for told in [refused(), Answer::Accepted { position: 1 }, Answer::Waiting { missing: Vec::new() }] {
        for state in [OutboxState::Saved, OutboxState::Sent] {
            let row = OutboxRow { state, ..replayed.clone() };
            let asks = OutboxRow { told_at: Some(NOON), ..row.clone() };
            assert_eq!(heard(row, &told, NOW), asks, "it is sent, and hears of itself");
            let before = Clocks { server: NOON.plus_ms(-1), ..NOW };
            assert_eq!(answered(asks.clone(), &held(), before), asks, "the feed knew more");
            assert_eq!(answered(asks, &held(), NOW).state, OutboxState::Attention(held()));
        }
    }
    let waiting = OutboxRow { state: OutboxState::Waiting, ..replayed.clone() };
    assert_eq!(heard(waiting, &Answer::Accepted { position: 1 }, NOW).state, OutboxState::Sent);
    let resting = answered(replayed.clone(), &blocked(), NOW);
    assert_eq!(heard(resting, &Answer::Accepted { position: 1 }, NOW).state, OutboxState::Accepted { at: NOON }, "the server has this one");
    let fallen = OutboxRow { state: OutboxState::Attention(blocked()), fallen: Some("tally_closed".to_owned()), ..replayed };
    let decided = Answer::Refused { code: DEPENDS_ON_REFUSED.to_owned() };
    assert_eq!(heard(fallen, &decided, NOW).state, OutboxState::Sent, "what is held behind another asks again once the office has decided");
}

#[test]
fn each_answer_moves_a_row_on_and_never_back() {
    let (accepted, waiting) = (Answer::Accepted { position: 1 }, Answer::Waiting { missing: Vec::new() });
    let twice = |answer: &Answer| Answer::Duplicate { first: Box::new(answer.clone()) };
    let done = OutboxState::Accepted { at: NOON };
    let attention = |answer: Answer| OutboxState::Attention(answer);
    let table = [
        (OutboxState::Saved, accepted.clone(), done.clone()),
        (OutboxState::Saved, twice(&accepted), done.clone()),
        (OutboxState::Saved, Answer::Retry, OutboxState::Sent),
        (OutboxState::Saved, waiting.clone(), OutboxState::Waiting),
        (OutboxState::Sent, held(), attention(held())),
        // It enrols, and sends again.
        (OutboxState::Sent, Answer::Refused { code: DEVICE_UNKNOWN.to_owned() }, OutboxState::Sent),
        // It speaks of what the envelope rests on: once that has fallen, this is replayed.
        (OutboxState::Saved, blocked(), OutboxState::Sent),
        (OutboxState::Sent, twice(&blocked()), OutboxState::Sent),
        (OutboxState::Waiting, blocked(), OutboxState::Sent),
        (OutboxState::Waiting, Answer::Retry, OutboxState::Waiting),
        (OutboxState::Waiting, refused(), attention(refused())),
        (attention(held()), accepted.clone(), done.clone()),
        (attention(held()), refused(), attention(refused())),
        (attention(refused()), held(), attention(refused())),
        (attention(refused()), waiting.clone(), attention(refused())),
        (attention(held()), Answer::Retry, attention(held())),
        (done.clone(), refused(), done.clone()),
        (done.clone(), twice(&held()), done.clone()),
        (done.clone(), waiting, done),
    ];
    for (state, answer, expected) in table {
        let row = OutboxRow { state: state.clone(), ..rows(1).remove(0) };
        assert_eq!(answered(row, &answer, NOW).state, expected, "{state:?}, then {answer:?}");
    }
}

#[test]
fn what_waits_at_the_server_takes_no_room_in_a_push_until_it_is_offered_again() {
    let mut outbox = rows(3);
    outbox.iter_mut().for_each(|row| row.signature = Some(Bytes(vec![1])));
    outbox[0].state = OutboxState::Waiting;
    assert_eq!(next_push(&outbox, MAX_PUSH).unwrap().envelopes.len(), 2);
    outbox[0] = offered_again(outbox[0].clone(), NOW);
    assert_eq!(next_push(&outbox, MAX_PUSH).unwrap().envelopes.len(), 3);
    let refused = OutboxRow { state: OutboxState::Attention(refused()), ..outbox[0].clone() };
    assert_eq!(offered_again(refused.clone(), NOW), refused);
}

#[test]
fn a_device_that_starts_asks_once_more_about_what_waits_and_keeps_every_answer() {
    let held = OutboxState::Attention(Answer::Held { code: "grant_revoked".to_owned() });
    let accepted = OutboxState::Accepted { at: NOON };
    let table = [
        (OutboxState::Waiting, OutboxState::Sent),
        (OutboxState::Saved, OutboxState::Saved),
        (OutboxState::Sent, OutboxState::Sent),
        (held.clone(), held),
        (accepted.clone(), accepted),
    ];
    for (state, expected) in table {
        let row = OutboxRow { state: state.clone(), ..rows(1).remove(0) };
        assert_eq!(resumed(row).state, expected, "{state:?}");
    }
}

#[test]
fn nothing_unsigned_is_sent_nor_what_comes_after_it() {
    let mut outbox = rows(3);
    outbox.iter_mut().for_each(|row| row.signature = None);
    assert!(next_push(&outbox, MAX_PUSH).is_none());
    outbox[0].signature = Some(Bytes(vec![1]));
    outbox[2].signature = Some(Bytes(vec![1]));
    assert_eq!(next_push(&outbox, MAX_PUSH).unwrap().envelopes.len(), 1);
}

#[test]
fn a_push_stays_within_its_limits_and_is_never_empty_for_them() {
    let row = OutboxRow { signature: Some(Bytes(vec![1])), ..rows(1).remove(0) };
    let many = vec![row.clone(); MAX_PUSH + 1];
    assert_eq!(next_push(&many, MAX_PUSH).unwrap().envelopes.len(), MAX_PUSH);
    let large = OutboxRow { change: Bytes(vec![0; 64 * 1024]), ..row };
    let sent = next_push(&vec![large; 100], MAX_PUSH).unwrap().envelopes;
    let bytes: usize = sent.iter().map(|envelope| envelope.header.0.len() + envelope.change.0.len() + envelope.signature.0.len()).sum();
    assert!(!sent.is_empty() && sent.len() < 100 && bytes <= MAX_PUSH_BYTES, "{} envelopes, {bytes} bytes", sent.len());
}

#[test]
fn an_act_that_no_server_would_read_is_not_shown_as_saved() {
    let mut till = device(1);
    act(&mut till, intent(1), open());
    let before = till.store.clone();
    // Few enough for one header, too many for one change; then too many for the header as well.
    for counts in [vec![0; 900], vec![i64::MAX; 950]] {
        let call = TallyIntent::MarkAll(MarkAll { counts }).call();
        let recorded = till.record(&TALLY, Act { document: TALLY_ID, intent_id: intent(2), call, actor: vec![1; 16], now: NOON });
        assert_eq!(recorded, Err(RecordError::Intent(IntentError::Refused { code: "act_too_large" })));
    }
    assert_eq!(till.store.outbox.len(), before.outbox.len());
    assert_eq!(till.store.chain, before.chain);
    assert_eq!(till.store.documents, before.documents);
}

#[test]
fn a_push_brings_no_more_grants_than_a_server_takes_and_no_more_rows_than_the_line_carries() {
    let mut outbox: Vec<_> = (0..MAX_GRANTS + 2).map(|_| rows(1).remove(0)).collect();
    for (n, row) in outbox.iter_mut().enumerate() {
        row.signature = Some(Bytes(vec![1]));
        row.grant = format!("grant {n}");
    }
    let push = next_push(&outbox, MAX_PUSH).unwrap();
    assert_eq!((push.envelopes.len(), push.grants.len()), (MAX_GRANTS, MAX_GRANTS));
    assert_eq!(next_push(&outbox, 8).unwrap().envelopes.len(), 8);
}
