//! Our CBOR against that of `ciborium`.

use holdfast_sync::bytes::Bytes;
use holdfast_sync::cbor::{self, MAX_DEPTH};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One of each form that our types take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Form {
    Bare,
    Number(u64),
    Pair(i64, bool),
    Fields { small: u8, text: String, bytes: Bytes, maybe: Option<i32>, letter: char },
    Many(Vec<Form>),
    Named(BTreeMap<String, Form>),
    Within(Tagged),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Tagged {
    Empty,
    Full { id: uuid::Uuid, more: Box<Option<Form>> },
}

fn forms() -> impl Strategy<Value = Form> {
    let fields = (any::<u8>(), ".{0,30}", any::<Vec<u8>>(), any::<Option<i32>>(), any::<char>());
    let leaf = prop_oneof![
        Just(Form::Bare),
        any::<u64>().prop_map(Form::Number),
        (any::<i64>(), any::<bool>()).prop_map(|(number, flag)| Form::Pair(number, flag)),
        fields.prop_map(|(small, text, bytes, maybe, letter)| Form::Fields { small, text, bytes: Bytes(bytes), maybe, letter }),
        Just(Form::Within(Tagged::Empty)),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..30).prop_map(Form::Many),
            prop::collection::btree_map("[a-z]{0,8}", inner.clone(), 0..6).prop_map(Form::Named),
            (any::<u128>(), prop::option::of(inner))
                .prop_map(|(id, more)| { Form::Within(Tagged::Full { id: uuid::Uuid::from_u128(id), more: Box::new(more) }) }),
        ]
    })
}

fn theirs(bytes: &[u8]) -> Option<Form> {
    let mut left = bytes;
    let value = ciborium::from_reader(&mut left).ok()?;
    left.is_empty().then_some(value)
}

proptest! {
    #[test]
    fn what_is_written_is_what_ciborium_writes_and_reads_back(form in forms()) {
        let ours = cbor::encode(&form);
        let mut expected = Vec::new();
        ciborium::into_writer(&form, &mut expected).unwrap();
        prop_assert_eq!(&ours, &expected);
        prop_assert_eq!(cbor::decode::<Form>(&ours), Ok(form));
    }

    #[test]
    fn damaged_bytes_are_read_as_ciborium_reads_them_or_refused(form in forms(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = cbor::encode(&form);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = cbor::decode::<Form>(&bytes) {
            prop_assert_eq!(Some(read), theirs(&bytes));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in any::<Vec<u8>>()) {
        let _ = cbor::decode::<Form>(&bytes);
        let _ = cbor::decode::<Vec<Option<u64>>>(&bytes);
    }
}

#[test]
fn lists_and_maps_whose_end_is_marked_are_read() {
    assert_eq!(cbor::decode::<Vec<u64>>(&[0x9f, 1, 2, 0xff]), Ok(vec![1, 2]));
    assert_eq!(cbor::decode::<BTreeMap<String, u64>>(&[0xbf, 0x61, b'a', 1, 0xff]), Ok(BTreeMap::from([("a".to_owned(), 1)])));
    assert!(cbor::decode::<Vec<u64>>(&[0x9f, 1, 2]).is_err());
}

#[test]
fn nothing_may_follow_the_value_or_be_missing_from_it() {
    assert!(cbor::decode::<u64>(&[1, 1]).is_err());
    assert!(cbor::decode::<u64>(&[0x18]).is_err());
    assert!(cbor::decode::<String>(&[0x65, b'a']).is_err());
    assert!(cbor::decode::<(u64, u64)>(&[0x83, 1, 2, 3]).is_err());
}

#[test]
fn a_length_that_lies_costs_no_memory() {
    assert!(cbor::decode::<Vec<u64>>(&[0x9b, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err());
    assert!(cbor::decode::<Bytes>(&[0x5b, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err());
}

#[test]
fn what_is_nested_too_deep_is_refused() {
    #[derive(Debug, Deserialize)]
    struct Nest(#[expect(dead_code, reason = "only whether it can be read matters")] Vec<Nest>);
    let nested = |depth: usize| [vec![0x81; depth - 1], vec![0x80]].concat();
    assert!(cbor::decode::<Nest>(&nested(MAX_DEPTH.into())).is_ok());
    assert!(cbor::decode::<Nest>(&nested(usize::from(MAX_DEPTH) + 1)).is_err());
    assert!(cbor::decode::<serde::de::IgnoredAny>(&nested(100_000)).is_err());
}
