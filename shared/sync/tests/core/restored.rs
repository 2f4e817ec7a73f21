//! A server that came back from a backup: what devices ask it again, and what they bring back of others.

use crate::support::{
    NOON, TALLY_ID, TENANT, act, act_as, deed, device, header, intent, judge, lane, mark, offer, only, open, outcomes, short, total,
};
use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor;
use holdfast_sync::envelope::{Basis, BasisSource, Envelope, Principal};
use holdfast_sync::hub::{Lane, ServerAct};
use holdfast_sync::ids::{DeviceId, Epoch};
use holdfast_sync::kind::Audience;
use holdfast_sync::replica::{Clocks, OutboxRow, OutboxState, Said, WitnessLog, answered, next_offer, next_push, offered_anew, proven, said};
use holdfast_sync::sim::tally::{MarkAll, Note, TALLY, TallyIntent};
use holdfast_sync::verify::{GrantState, Known, Offer};
use holdfast_sync::wire::{Answer, DEVICE_UNKNOWN, Entry, NamedGrant, Proof, PullResponse, Snapshot};
use serde::Deserialize;

const NOW: Clocks = Clocks { device: NOON, server: NOON };

/// An opening, and the server's word after it.
fn opened_and_noted() -> [Offer; 2] {
    let mut till = device(1);
    let opened = deed(&mut till, intent(1), open());
    let mut lane = lane();
    lane.offer(vec![opened.clone()], Vec::new()).expect("no fault");
    let note = ServerAct {
        tenant: TENANT,
        by: Principal::System("test".to_owned()),
        actor: vec![9; 16],
        intent_id: intent(2),
        call: TallyIntent::Note(Note { text: "0".to_owned() }).call(),
        now: NOON,
        basis: Basis { source: BasisSource::Server, epoch: Epoch::from_bytes([5; 16]), position: 1 },
    };
    lane.rule(note, |bytes| bytes[..8].to_vec()).expect("a note can always be made");
    let said = lane.close().outcomes.pop().expect("it was made just now").envelope;
    let own = Offer { grant: GrantState::Own, chain_enrolled: false, ..offer(&till, &said) };
    [opened, own]
}

fn entry(envelope: &Envelope, position: u64) -> Entry {
    let header = header(envelope);
    let proof = Some(Proof { header: envelope.header.clone(), signature: envelope.signature.clone() });
    Entry::Change {
        position,
        document: TALLY_ID,
        kind: header.kind,
        change: envelope.change.clone(),
        intent_id: header.intent_id,
        audiences: None,
        proof,
    }
}

fn page(entries: Vec<Entry>) -> PullResponse {
    let till = device(1);
    let grants = vec![NamedGrant { id: till.identity.grant, token: "its grant".to_owned() }];
    PullResponse { epoch: Epoch::from_bytes([5; 16]), entries, cursors: [].into(), more: false, server_time_ms: NOON, grants }
}

#[test]
fn the_servers_own_word_is_merged_as_what_it_was_without_grant_or_chain() {
    let [opened, own] = opened_and_noted();
    let closed = judge(vec![own.clone(), opened.clone()]);
    assert!(outcomes(&closed.outcomes).values().all(|outcome| *outcome == "accepted"), "{:?}", closed.outcomes);
    assert_eq!(closed.facts.of("rulings").count(), 1);
    assert_eq!(only(&judge(vec![own.clone()])), "waiting", "it rests on what has not come");
    let closed = judge(vec![opened, own.clone(), own]);
    assert_eq!(closed.outcomes.iter().map(|outcome| short(&outcome.result)).collect::<Vec<_>>(), ["accepted", "accepted", "duplicate"]);
}

#[test]
fn nobody_else_writes_under_the_servers_actor_nor_it_under_anothers() {
    let [opened, own] = opened_and_noted();
    let mut known = Known::default();
    known.actors.insert(own.header.actor.0.clone(), DeviceId::from_bytes([1; 16]));
    let mut lane = Lane::open(TALLY_ID, &TALLY, None, known).unwrap();
    lane.offer(vec![opened, own], Vec::new()).unwrap();
    assert_eq!(outcomes(lane.outcomes())[&intent(2)], "actor_of_another_device");
}

#[test]
fn what_a_page_proves_is_offered_with_its_grant_in_the_order_in_which_it_came() {
    let [opened, own] = opened_and_noted();
    let mut bare = entry(&opened.envelope, 3);
    if let Entry::Change { proof, .. } = &mut bare {
        *proof = None;
    }
    let mut log = WitnessLog::default();
    let seen = proven(&page(vec![entry(&opened.envelope, 1), entry(&own.envelope, 2), bare]), NOON);
    let kept: Vec<_> = seen.into_iter().map(|seen| log.keep(seen)).collect();
    assert_eq!(kept.iter().map(|kept| (kept.number, kept.grant.as_deref())).collect::<Vec<_>>(), [(0, Some("its grant")), (1, None)]);
    assert!(kept.iter().all(|kept| !log.offers(kept)), "the server has it");
    log.begin_epoch();
    assert!(kept.iter().all(|kept| log.offers(kept)));
    let push = next_offer(&kept, 500).unwrap();
    assert_eq!((push.grants, push.envelopes), (vec!["its grant".to_owned()], vec![opened.envelope, own.envelope]));
    assert!(!log.offers(&log.clone().keep(kept[0].clone())), "once the server has it, it is kept for the next time");
}

#[test]
fn what_a_snapshot_proves_is_offered_in_the_very_bytes_that_were_signed() {
    let mut till = device(1);
    let mut offers = vec![deed(&mut till, intent(1), open())];
    // One that is long enough to be compressed in a saved document, and one by another tab that rests on all of it.
    let many = TallyIntent::MarkAll(MarkAll { counts: (0..400).collect() }).call();
    offers.push(deed(&mut till, intent(2), many));
    let envelope = act_as(&mut till, intent(3), mark(7), vec![0x78; 16]);
    offers.push(offer(&till, &envelope));
    offers.extend((4..7).map(|n| deed(&mut till, intent(n), mark(7))));
    let closed = judge(offers.clone());
    assert!(outcomes(&closed.outcomes).values().all(|outcome| *outcome == "accepted"), "{:?}", closed.outcomes);
    let proof = |envelope: &Envelope| Proof { header: envelope.header.clone(), signature: envelope.signature.clone() };
    let strange = {
        let mut other = device(2);
        deed(&mut other, intent(9), open()).envelope
    };
    let proofs = offers.iter().map(|offer| proof(&offer.envelope)).chain([proof(&strange)]).collect();
    let saved = Bytes(closed.saved.unwrap());
    let snapshot = Snapshot { document: TALLY_ID, kind: "test.tally".to_owned(), saved, intents: Vec::new(), position: None, proofs };
    let enter = Entry::Enter { audience: Audience::Tenant, position: 9, documents: vec![snapshot], bootstrap: None };
    let kept = proven(&page(vec![enter]), NOON);
    let envelopes: Vec<_> = kept.iter().map(|kept| &kept.envelope).collect();
    assert_eq!(envelopes, offers.iter().map(|offer| &offer.envelope).collect::<Vec<_>>(), "and nothing of what is not in the document");
    assert!(kept.iter().all(|kept| kept.grant.as_deref() == Some("its grant") && kept.document == TALLY_ID));
}

#[test]
fn an_answer_to_what_was_offered_keeps_it_drops_it_or_leaves_it_open() {
    let (accepted, refused) = (Answer::Accepted { position: 1 }, |code: &str| Answer::Refused { code: code.to_owned() });
    let table = [
        (accepted.clone(), Said::InTheBooks),
        (Answer::Duplicate { first: Box::new(accepted) }, Said::InTheBooks),
        (Answer::Held { code: "grant_revoked".to_owned() }, Said::Outside),
        (refused("depends_on_refused"), Said::Outside),
        (refused(DEVICE_UNKNOWN), Said::Open),
        (Answer::Waiting { missing: Vec::new() }, Said::Open),
        (Answer::Retry, Said::Open),
    ];
    for (answer, means) in table {
        assert_eq!(said(&answer), means, "{answer:?}");
    }
}

#[test]
fn a_restored_server_is_asked_about_all_there_is_and_about_what_fell_last() {
    let mut till = device(1);
    act(&mut till, intent(1), open());
    (2..5).for_each(|n| drop(act(&mut till, intent(n), mark(1))));
    let [accepted, refused, waiting, saved] = <[OutboxRow; 4]>::try_from(till.store.outbox.into_values().collect::<Vec<_>>()).unwrap();
    let refused = OutboxRow {
        state: OutboxState::Attention(Answer::Refused { code: "not_permitted".to_owned() }),
        fallen: Some("not_permitted".to_owned()),
        ..refused
    };
    let told = OutboxRow { state: OutboxState::Sent, told_at: Some(NOON), ..saved };
    let rows =
        [OutboxRow { state: OutboxState::Accepted { at: NOON }, ..accepted }, refused, OutboxRow { state: OutboxState::Waiting, ..waiting }, told];
    let anew = rows.map(offered_anew);
    assert_eq!(anew[3].told_at, None, "what was told was told in another life");
    assert_eq!(anew[2].state, OutboxState::Waiting, "it is sent once an audience begins anew");
    let sent = |rows: &[OutboxRow]| next_push(rows, 500).unwrap().envelopes.iter().map(|envelope| header(envelope).device_seq).collect::<Vec<_>>();
    assert_eq!(sent(&anew), [1, 4]);
    assert_eq!(sent(&anew[1..2]), [2]);
}

#[test]
fn an_answer_by_a_clock_that_was_set_back_counts() {
    let mut till = device(1);
    act(&mut till, intent(1), open());
    let told = OutboxRow { state: OutboxState::Sent, told_at: Some(NOON), ..till.store.outbox[&1].clone() };
    let held = Answer::Held { code: "grant_revoked".to_owned() };
    let at = |ms| answered(told.clone(), &held, Clocks { server: NOON.plus_ms(ms), ..NOW }).state;
    assert_eq!(at(-1), OutboxState::Sent, "it was on its way when the feed told more");
    assert_eq!(at(-3_600_000), OutboxState::Attention(held.clone()), "nothing is on its way for an hour");
    assert_eq!(at(0), OutboxState::Attention(held.clone()));
}

/// As a client reads it that knows nothing of proofs.
#[derive(Debug, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
enum FormerEntry {
    Change { position: u64, change: Bytes },
}

#[derive(Debug, Deserialize)]
struct FormerPage {
    entries: Vec<FormerEntry>,
    more: bool,
}

#[test]
fn a_client_that_knows_of_no_proof_reads_the_page_all_the_same() {
    let [opened, _] = opened_and_noted();
    let page = page(vec![entry(&opened.envelope, 7)]);
    let text = serde_json::to_string(&page).unwrap();
    for read in [cbor::decode::<FormerPage>(&cbor::encode(&page)).unwrap(), serde_json::from_str(&text).unwrap()] {
        let [FormerEntry::Change { position, change }] = read.entries.as_slice() else { panic!("{read:?}") };
        assert_eq!((*position, change, read.more), (7, &opened.envelope.change, false));
    }
    assert!(total(&TALLY, &judge(vec![opened]).saved.unwrap()) == 0);
}
