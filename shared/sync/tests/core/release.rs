//! What a person in the office lets in, or does not: release and rejection of what is held.

use crate::forge::restated;
use crate::support::{TALLY_ID, act, act_as, deed, device, grant, intent, lane, mark, offer, open, outcomes, total};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::hub::{Closed, Lane};
use holdfast_sync::sim::tally::TALLY;
use holdfast_sync::verify::{GrantState, Known, KnownEntry, Offer, Standing, Verdict, WAIVABLE, Waiver};
use std::collections::BTreeSet;

fn waiving(codes: &[&str]) -> Waiver {
    Waiver(codes.iter().map(|code| (*code).to_owned()).collect())
}

fn revoked(mut offer: Offer) -> Offer {
    if let GrantState::Known(grant) = &mut offer.grant {
        grant.revoked_at = Some(grant.expires_at);
    }
    offer
}

/// A till that opened a tally and marked it twice, its grant taken back before any of it arrived.
fn three_held() -> (Lane, [Offer; 3]) {
    let mut till = device(1);
    let acts = [(1, open()), (2, mark(3)), (3, mark(4))].map(|(n, call)| revoked(deed(&mut till, intent(n), call)));
    let mut lane = lane();
    lane.offer(acts.to_vec(), Vec::new()).expect("no fault");
    assert!(outcomes(lane.outcomes()).values().all(|code| *code == "grant_revoked"));
    (lane, acts)
}

fn verdict(released: Result<(), Verdict>) -> &'static str {
    match released {
        Ok(()) => "accepted",
        Err(Verdict::Held(code) | Verdict::Refused(code)) => code,
        Err(Verdict::Waiting(_)) => "waiting",
        Err(Verdict::Accepted(_)) => unreachable!("what is accepted is no verdict against"),
    }
}

#[test]
fn what_is_released_is_merged_and_what_was_not_set_aside_still_counts() {
    let (mut lane, [opened, first, second]) = three_held();
    assert_eq!(verdict(lane.release(opened.clone(), &Waiver::NONE, Vec::new()).unwrap()), "grant_revoked");
    assert_eq!(verdict(lane.release(second.clone(), &waiving(&WAIVABLE), Vec::new()).unwrap()), "depends_on_held", "the first comes first");
    for offer in [opened, first, second] {
        assert_eq!(verdict(lane.release(offer, &waiving(&["grant_revoked"]), Vec::new()).unwrap()), "accepted");
    }
    assert_eq!(total(&TALLY, &lane.close().saved.unwrap()), 7);
}

#[test]
fn nobody_sets_aside_what_the_grant_never_permitted() {
    let mut till = device(1);
    let mut opened = revoked(deed(&mut till, intent(1), open()));
    if let GrantState::Known(known) = &mut opened.grant {
        known.permissions = BTreeSet::new();
    }
    let mut lane = lane();
    lane.offer(vec![opened.clone()], Vec::new()).unwrap();
    assert_eq!(verdict(lane.release(opened, &waiving(&WAIVABLE), Vec::new()).unwrap()), "not_permitted");
    assert!(lane.close().saved.is_none(), "nothing was merged");
}

#[test]
fn what_was_held_only_because_it_rests_on_another_follows_it() {
    for (released, expected) in [(true, "accepted"), (false, "depends_on_refused")] {
        let mut till = device(1);
        let first = revoked(deed(&mut till, intent(1), open()));
        let behind = [deed(&mut till, intent(2), mark(3)), deed(&mut till, intent(3), mark(4))];
        let mut lane = lane();
        lane.offer([vec![first.clone()], behind.to_vec()].concat(), Vec::new()).unwrap();
        assert_eq!(outcomes(lane.outcomes())[&intent(3)], "depends_on_held");
        if released {
            assert_eq!(verdict(lane.release(first, &waiving(&["grant_revoked"]), behind.to_vec()).unwrap()), "accepted");
        } else {
            lane.reject(first, behind.to_vec()).unwrap();
        }
        let results = outcomes(&lane.close().outcomes);
        assert_eq!((results[&intent(2)], results[&intent(3)]), (expected, expected));
    }
}

#[test]
fn what_is_rejected_stays_rejected_whoever_sends_it_again() {
    let (mut lane, [opened, ..]) = three_held();
    lane.reject(opened.clone(), Vec::new()).unwrap();
    let sound = Offer { grant: GrantState::Known(grant(&device(1))), ..opened };
    lane.offer(vec![sound], Vec::new()).unwrap();
    let closed = lane.close();
    assert_eq!(outcomes(&closed.outcomes)[&intent(1)], "duplicate");
    assert!(closed.saved.is_none());
}

/// A change whose header says another payload, released by someone who looked at what it writes.
fn lie() -> (Offer, Known, Vec<u8>) {
    let mut till = device(1);
    let opened = deed(&mut till, intent(1), open());
    let mut before = lane();
    before.offer(vec![opened.clone()], Vec::new()).expect("no fault");
    let Closed { saved, .. } = before.close();
    let marking = act(&mut till, intent(2), mark(3));
    let lie = restated(&till, &marking, |header| header.intent = mark(9));
    let header = &opened.header;
    let entry = KnownEntry {
        change_hash: header.change_hash,
        device: header.device,
        chain: header.chain,
        device_seq: header.device_seq,
        standing: Standing::Accepted,
    };
    (lie, Known { entries: vec![entry], ..Known::default() }, saved.expect("it was merged"))
}

#[test]
fn facts_that_differ_are_merged_as_the_change_says_them_if_a_person_lets_them_in() {
    let (lie, known, saved) = lie();
    let mut lane = Lane::open(TALLY_ID, &TALLY, Some(&saved), known).unwrap();
    assert_eq!(verdict(lane.release(lie.clone(), &Waiver::NONE, Vec::new()).unwrap()), "facts_differ_from_intent");
    assert_eq!(verdict(lane.release(lie, &waiving(&["facts_differ_from_intent"]), Vec::new()).unwrap()), "accepted");
    assert_eq!(total(&TALLY, &lane.close().saved.unwrap()), 3);
}

#[test]
fn facts_that_bear_anothers_ids_are_let_in_by_nobody() {
    let (lie, known, saved) = lie();
    let stolen = restated(&device(1), &lie.envelope, |header| header.intent_id = intent(99));
    let mut lane = Lane::open(TALLY_ID, &TALLY, Some(&saved), known).unwrap();
    assert_eq!(verdict(lane.release(stolen, &waiving(&WAIVABLE), Vec::new()).unwrap()), "facts_not_admissible");
}

#[test]
fn a_fork_is_merged_beside_the_change_whose_place_it_wants() {
    let mut till = device(1);
    let opened = deed(&mut till, intent(1), open());
    let mut clone = till.clone();
    let here = deed(&mut till, intent(2), mark(1));
    let twin = act_as(&mut clone, intent(3), mark(2), vec![0x33; 16]);
    let twin = offer(&clone, &twin);
    let mut lane = lane();
    lane.offer(vec![opened, here, twin.clone()], Vec::new()).unwrap();
    assert_eq!(verdict(lane.release(twin.clone(), &Waiver::NONE, Vec::new()).unwrap()), "chain_forked");
    // It does not lie behind the change that has its number, which is the same contradiction said twice.
    assert_eq!(verdict(lane.release(twin, &waiving(&["chain_forked", "dependencies_moved_back"]), Vec::new()).unwrap()), "accepted");
    assert_eq!(total(&TALLY, &lane.close().saved.unwrap()), 3);
}

#[test]
fn unsound_bytes_are_let_in_by_nobody() {
    let mut till = device(1);
    let mut opened = revoked(deed(&mut till, intent(1), open()));
    opened.header.change_hash = Digest32([7; 32]);
    let released = lane().release(opened, &waiving(&WAIVABLE), Vec::new()).unwrap();
    assert_eq!(verdict(released), "change_hash_differs");
}
