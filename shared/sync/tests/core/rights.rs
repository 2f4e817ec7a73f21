//! Who may say what, when: rights, chains and clocks, each with what comes of a lie about them.

use crate::forge::{honest, restated};
use crate::lies::{scene, tell};
use crate::support::{NOON, act, deed, device, grant, intent, judge, mark, offer, only, open, outcomes};
use holdfast_sync::bytes::Digest32;
use holdfast_sync::envelope::{Author as HeaderAuthor, Principal};
use holdfast_sync::hub::OutcomeResult;
use holdfast_sync::ids::{AccountId, DeviceId, GrantId};
use holdfast_sync::sim::tally::TallyIntent;
use holdfast_sync::verify::{Grant, GrantState, Offer};

#[test]
fn a_time_before_its_basis_or_after_its_arrival_is_clamped_and_marked() {
    let rows = [
        ("honest", 0, NOON, false),
        ("before its basis", -100_000, NOON.plus_ms(-1_000), true),
        ("long ago", i64::MIN / 2, NOON.plus_ms(-1_000), true),
        ("in the future", 3_600_000, NOON.plus_ms(60_000), true),
        ("at the end of time", i64::MAX / 2, NOON.plus_ms(60_000), true),
    ];
    for (lie, shift, expected, marked) in rows {
        let mut scene = scene();
        scene.till.store.chain.clock_offset_ms = shift;
        let marking = honest(&scene.till, intent(2), mark(3));
        let mut offer = offer(&scene.till, &marking);
        offer.basis_time = Some(NOON.plus_ms(-1_000));
        let (_, closed) = tell(&scene, offer);
        let OutcomeResult::Accepted { effective_time, clamped, .. } = closed.outcomes[1].result else { panic!("{lie}: {:?}", closed.outcomes) };
        assert_eq!((effective_time, clamped), (expected, marked), "{lie}");
    }
}

#[test]
fn a_chain_that_forks_is_held() {
    let mut scene = scene();
    let mut clone = scene.till.clone();
    let here = deed(&mut scene.till, intent(2), mark(1));
    let twin = deed(&mut clone, intent(3), mark(2));
    let results = outcomes(&judge(vec![scene.opened.clone(), here.clone(), twin]).outcomes);
    assert_eq!((results[&intent(2)], results[&intent(3)]), ("accepted", "chain_forked"), "the same number twice");
    let orphan = restated(&scene.till, &scene.marking, |header| header.prev = Some(Digest32([1; 32])));
    assert_eq!(tell(&scene, orphan).0, "chain_forked", "a predecessor that is another");
    let rootless = restated(&scene.till, &scene.marking, |header| header.prev = None);
    assert_eq!(tell(&scene, rootless).0, "chain_forked", "no predecessor, and yet not the first");
    let mut other = device(2);
    let first = deed(&mut other, intent(5), open());
    let with_past = restated(&other, &first.envelope, |header| header.prev = Some(Digest32([1; 32])));
    assert_eq!(only(&judge(vec![with_past])), "chain_forked", "the first, and yet a predecessor");
}

#[test]
fn a_time_is_never_before_its_grant_whatever_basis_it_names() {
    let mut scene = scene();
    scene.till.store.chain.clock_offset_ms = i64::MIN / 2;
    let issued_at = grant(&scene.till).issued_at;
    let marking = honest(&scene.till, intent(2), mark(3));
    for basis_time in [None, Some(issued_at.plus_ms(-1))] {
        let (_, closed) = tell(&scene, Offer { basis_time, ..offer(&scene.till, &marking) });
        let OutcomeResult::Accepted { effective_time, clamped, .. } = closed.outcomes[1].result else { panic!("{:?}", closed.outcomes) };
        assert_eq!((effective_time, clamped), (issued_at, true), "{basis_time:?}");
    }
}

#[test]
fn a_chain_that_its_device_never_enrolled_with_is_held() {
    let scene = scene();
    let drawn = Offer { chain_enrolled: false, ..offer(&scene.till, &scene.marking) };
    assert_eq!(tell(&scene, drawn).0, "chain_unknown");
}

#[test]
fn a_device_cannot_speak_without_its_chain_as_the_server_does() {
    let scene = scene();
    assert_eq!(tell(&scene, restated(&scene.till, &scene.marking, |header| header.chain = None)).0, "chain_missing");
    assert_eq!(tell(&scene, restated(&scene.till, &scene.marking, |header| header.device_seq = 0)).0, "chain_missing");
    let server = restated(&scene.till, &scene.marking, |header| header.device = DeviceId::SERVER);
    assert_eq!(tell(&scene, server).0, "grant_of_another");
}

#[test]
fn who_lacks_the_right_is_refused_and_whose_right_is_in_doubt_is_held() {
    type Alter = fn(&mut Grant);
    let rows: [(&str, &str, Alter); 7] = [
        ("the grant of another account", "grant_of_another", |grant| grant.account = AccountId::from_bytes([9; 16])),
        ("the grant of another device", "grant_of_another", |grant| grant.device = DeviceId::from_bytes([9; 16])),
        ("a grant that was taken back", "grant_revoked", |grant| grant.revoked_at = Some(NOON)),
        ("a grant without the permission", "not_permitted", |grant| grant.permissions = ["test.tally.look".to_owned()].into()),
        ("a grant for nothing", "not_permitted", |grant| grant.permissions.clear()),
        ("a grant for another site", "not_permitted", |grant| grant.sites = [uuid::Uuid::from_bytes([9; 16])].into()),
        ("a grant that has run out", "accepted", |grant| grant.expires_at = NOON.plus_ms(-1)),
    ];
    for (lie, expected, alter) in rows {
        let scene = scene();
        let mut grant = grant(&scene.till);
        alter(&mut grant);
        let lie_offer = Offer { grant: GrantState::Known(grant), ..offer(&scene.till, &scene.marking) };
        let (outcome, closed) = tell(&scene, lie_offer);
        assert_eq!(outcome, expected, "{lie}");
        if let OutcomeResult::Accepted { late, .. } = closed.outcomes[1].result {
            assert!(late, "{lie}: accepted, and marked late");
        }
    }
    let scene = scene();
    for (state, expected) in [(GrantState::Missing, "grant_missing"), (GrantState::Unknown, "grant_unknown")] {
        assert_eq!(tell(&scene, Offer { grant: state, ..offer(&scene.till, &scene.marking) }).0, expected);
    }
    let foreign = restated(&scene.till, &scene.marking, |header| {
        header.author = HeaderAuthor { account: Principal::System("sales".to_owned()), grant: Some(GrantId::from_bytes([1; 16])) };
    });
    assert_eq!(tell(&scene, foreign).0, "grant_of_another", "the server's own voice");
}

#[test]
fn a_second_author_whom_nothing_proves_is_held() {
    let scene = scene();
    let lie = restated(&scene.till, &scene.marking, |header| {
        header.co_author = Some(HeaderAuthor { account: Principal::Account(AccountId::from_bytes([9; 16])), grant: None });
    });
    assert_eq!(tell(&scene, lie).0, "co_author_unproven");
}

#[test]
fn what_no_grant_permits_is_refused_even_when_the_facts_are_right() {
    let scene = scene();
    let note = TallyIntent::Note(holdfast_sync::sim::tally::Note { text: "approved".to_owned() }).call();
    let lie = honest(&scene.till, intent(2), note);
    assert_eq!(tell(&scene, offer(&scene.till, &lie)).0, "not_permitted");
}

#[test]
fn rights_are_judged_by_the_document_as_it_was_at_the_changes_dependencies() {
    let mut scene = scene();
    let before_close = honest(&scene.till, intent(2), mark(3));
    let closing = {
        let mut phone = device(2);
        phone.store.documents = scene.till.store.documents.clone();
        deed(&mut phone, intent(3), crate::support::close())
    };
    let results = outcomes(&judge(vec![scene.opened.clone(), closing, offer(&scene.till, &before_close)]).outcomes);
    assert_eq!((results[&intent(3)], results[&intent(2)]), ("accepted", "accepted"), "the mark was made before the close was known there");
    act(&mut scene.till, intent(2), mark(3));
}
