//! The outbox as a file: what goes into it, and the calculations of RFC 7518 and 7638 that it rests on.

use crate::support::{act, device, intent, mark, open};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_sync::bytes::Bytes;
use holdfast_sync::envelope::Envelope;
use holdfast_sync::outbox_file::{BadPoint, Point, Protected, concat_kdf, content_key};
use holdfast_sync::replica::{OutboxRow, OutboxState, undecided};
use holdfast_sync::wire::{Answer, MAX_GRANTS, MAX_PUSH};

fn rows(count: u8) -> Vec<OutboxRow> {
    let mut till = device(1);
    act(&mut till, intent(0), open());
    (1..count).for_each(|n| drop(act(&mut till, intent(n), mark(1))));
    till.store.outbox.into_values().map(|row| OutboxRow { signature: Some(Bytes(vec![1])), ..row }).collect()
}

#[test]
fn what_is_decided_is_not_exported_and_what_waits_is() {
    let mut outbox = rows(5);
    outbox[0].state = OutboxState::Accepted { at: outbox[0].at };
    outbox[1].state = OutboxState::Attention(Answer::Held { code: "grant_revoked".to_owned() });
    outbox[2].state = OutboxState::Waiting;
    outbox[3].state = OutboxState::Sent;
    let [push] = &undecided(&outbox)[..] else { panic!("one push is enough") };
    let headers: Vec<_> = push.envelopes.iter().map(|envelope| envelope.header.clone()).collect();
    assert_eq!(headers, outbox[2..].iter().map(|row| row.header.clone()).collect::<Vec<_>>());
    assert_eq!(push.grants, [outbox[2].grant.clone()]);
    outbox.iter_mut().for_each(|row| row.state = OutboxState::Accepted { at: row.at });
    assert_eq!(undecided(&outbox), []);
}

#[test]
fn every_row_is_in_exactly_one_line_however_many_there_are() {
    let row = rows(1).remove(0);
    let mut outbox = vec![row; MAX_PUSH + MAX_GRANTS + 7];
    outbox.iter_mut().enumerate().for_each(|(n, row)| row.header = Bytes(n.to_be_bytes().to_vec()));
    outbox[MAX_PUSH..].iter_mut().enumerate().for_each(|(n, row)| row.grant = format!("grant {n}"));
    let pushes = undecided(&outbox);
    let bytes = |envelope: &Envelope| envelope.header.0.len() + envelope.change.0.len() + envelope.signature.0.len();
    for push in &pushes {
        let bytes: usize = push.envelopes.iter().map(bytes).sum();
        assert!(bytes <= 64 * 1024 && push.envelopes.len() <= MAX_PUSH && push.grants.len() <= MAX_GRANTS, "sent whole on any line: {bytes}");
    }
    let packed = pushes.iter().flat_map(|push| push.envelopes.iter().map(|envelope| envelope.header.clone()));
    assert!(packed.eq(outbox.iter().map(|row| row.header.clone())), "in the order of the chain");
}

#[test]
fn a_row_that_is_larger_than_a_line_goes_alone() {
    let mut outbox = rows(3);
    outbox[1].change = Bytes(vec![0; 64 * 1024]);
    assert_eq!(undecided(&outbox).iter().map(|push| push.envelopes.len()).collect::<Vec<_>>(), [1, 1, 1]);
}

#[test]
fn the_key_is_derived_as_rfc_7518_appendix_c_says() {
    let shared_secret = [
        158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140,
        254, 144, 196,
    ];
    let key = concat_kdf(&shared_secret, "A128GCM", (b"Alice", b"Bob"), 128);
    assert_eq!(URL_SAFE_NO_PAD.encode(key), "VqqN6vgjbSBcIijNcacQGg");
    assert_eq!(content_key(&shared_secret).len(), 32);
}

/// The key of RFC 7517, appendix A.1.
fn example() -> Point {
    let (x, y) = ("MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM");
    Point { crv: "P-256".to_owned(), kty: "EC".to_owned(), x: x.to_owned(), y: y.to_owned() }
}

#[test]
fn a_key_is_named_by_its_thumbprint_and_read_in_one_form() {
    let key = example();
    assert_eq!(key.thumbprint(), "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
    let bytes = key.uncompressed().unwrap();
    assert_eq!((bytes.len(), Point::of(&bytes)), (65, Ok(key.clone())));
    assert_eq!(Point::of(&bytes[1..]), Err(BadPoint));
    assert_eq!(Point::of(&[&[2], &bytes[1..]].concat()), Err(BadPoint), "a compressed point");
    for bad in [
        Point { kty: "OKP".to_owned(), ..key.clone() },
        Point { crv: "P-384".to_owned(), ..key.clone() },
        Point { x: format!("{}=", key.x), ..key.clone() },
        Point { y: key.y[..40].to_owned(), ..key.clone() },
    ] {
        assert_eq!(bad.uncompressed(), Err(BadPoint), "{bad:?}");
    }
}

#[test]
fn a_header_says_how_it_is_sealed_and_nothing_else_is_opened() {
    let header = Protected::to(&example(), example());
    assert!(header.is_ours());
    assert_eq!(header.kid, example().thumbprint());
    for other in [
        Protected { alg: "ECDH-ES+A256KW".to_owned(), ..header.clone() },
        Protected { enc: "A128GCM".to_owned(), ..header.clone() },
        Protected { typ: "JWT".to_owned(), ..header.clone() },
    ] {
        assert!(!other.is_ours(), "{other:?}");
    }
    let mut more = serde_json::to_value(&header).unwrap();
    more["zip"] = "DEF".into();
    assert!(serde_json::from_value::<Protected>(more).is_err(), "an extension that we do not know is not passed over");
}
