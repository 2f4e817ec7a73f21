//! The outbox as a file: what a device writes is sealed as RFC 7516 and 7518 say, and what it carries for another is not lost.

use crate::support::{Till, enrolled, load_queue, tap};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_app::device::store::{Access, Records, StoreError, Transaction};
use holdfast_app::engine::records::name;
use holdfast_app::engine::{carried, outbox_file, people, sync_view, till};
use holdfast_sync::cbor;
use holdfast_sync::envelope::Header;
use holdfast_sync::outbox_file::{Part, Point, Protected, SealedPart, content_key};
use holdfast_sync::replica::OutboxState;
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

async fn subtle(method: &str, arguments: &[JsValue]) -> JsValue {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into()).unwrap();
    let subtle = Reflect::get(&crypto, &"subtle".into()).unwrap();
    let method: Function = Reflect::get(&subtle, &method.into()).unwrap().dyn_into().unwrap();
    let promise: Promise = method.apply(&subtle, &arguments.iter().collect()).unwrap().dyn_into().unwrap();
    JsFuture::from(promise).await.unwrap()
}

fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    properties.iter().for_each(|(name, value)| assert!(Reflect::set(&object, &(*name).into(), value).unwrap()));
    object.into()
}

fn curve() -> JsValue {
    object(&[("name", "ECDH".into()), ("namedCurve", "P-256".into())])
}

fn usages(usages: &[&str]) -> JsValue {
    usages.iter().map(|usage| JsValue::from_str(usage)).collect::<Array>().into()
}

fn bytes(buffer: &JsValue) -> Vec<u8> {
    Uint8Array::new(buffer).to_vec()
}

/// A server's key pair, and a device that has heard of it.
async fn with_a_sealing_key(till: &Till) -> JsValue {
    let pair = subtle("generateKey", &[curve(), false.into(), usages(&["deriveBits"])]).await;
    let public = subtle("exportKey", &["raw".into(), Reflect::get(&pair, &"publicKey".into()).unwrap()]).await;
    let point = Some(Point::of(&bytes(&public)).unwrap());
    let put = async |transaction: &Transaction| transaction.put(Records::Meta, name::SEALING, &point);
    till.store.transact(&[Records::Meta], Access::Strict, put).await.unwrap();
    pair
}

/// What is in a line, opened by nothing but the browser's own curve and cipher.
async fn opened(line: &SealedPart, pair: &JsValue) -> Part {
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let view = |bytes: &[u8]| JsValue::from(Uint8Array::from(bytes));
    let header: Protected = serde_json::from_slice(&decoded(&line.protected)).unwrap();
    assert!(header.is_ours());
    let sender = view(&header.epk.uncompressed().unwrap());
    let sender = subtle("importKey", &["raw".into(), sender, curve(), false.into(), usages(&[])]).await;
    let private = Reflect::get(pair, &"privateKey".into()).unwrap();
    let secret = subtle("deriveBits", &[object(&[("name", "ECDH".into()), ("public", sender)]), private, 256.into()]).await;
    let cipher = object(&[("name", "AES-GCM".into())]);
    let key = subtle("importKey", &["raw".into(), view(&content_key(&bytes(&secret))), cipher, false.into(), usages(&["decrypt"])]).await;
    let (iv, covered) = (view(&decoded(&line.iv)), view(line.protected.as_bytes()));
    let algorithm = object(&[("name", "AES-GCM".into()), ("iv", iv), ("additionalData", covered)]);
    let sealed = [decoded(&line.ciphertext), decoded(&line.tag)].concat();
    cbor::decode(&bytes(&subtle("decrypt", &[algorithm, key, view(&sealed)]).await)).unwrap()
}

/// A till that opened, and its file.
async fn with_a_file() -> (Till, JsValue, String) {
    let till = enrolled().await;
    let pair = with_a_sealing_key(&till).await;
    // The key is made at enrolment, which these tills have skipped.
    let key = holdfast_app::device::crypto::DeviceKey::generate().await.unwrap();
    let put = async |transaction: &Transaction| transaction.put_value(Records::Keys, name::KEY, key.stored());
    till.store.transact(&[Records::Keys], Access::Strict, put).await.unwrap();
    till::open_session(&till.core, (&till.store, tap()), 5_000).await.unwrap();
    let file = outbox_file::export(&till.core).await.unwrap();
    assert_eq!((file.till.as_str(), file.changes), ("Till 1", 1));
    (till, pair, file.text)
}

#[wasm_bindgen_test]
async fn what_waits_is_signed_and_sealed_to_the_server_and_goes_on_waiting_here() {
    let (till, pair, text) = with_a_file().await;
    let line: SealedPart = serde_json::from_str(text.trim_end()).unwrap();
    let part = opened(&line, &pair).await;
    assert_eq!((part.v, part.tenant, part.part, part.parts), (1, till.tenant, 1, 1));
    let [row] = &load_queue(&till.store).await.unwrap()[..] else { panic!("one change waits") };
    assert_eq!(row.state, OutboxState::Saved, "nothing is marked as sent");
    let [envelope] = &part.envelopes[..] else { panic!("one change was sealed") };
    assert_eq!((&envelope.header, &envelope.change, Some(&envelope.signature)), (&row.header, &row.change, row.signature.as_ref()));
    let header: Header = cbor::decode(&envelope.header.0).unwrap();
    assert_eq!((part.device, part.grants), (header.device, vec![row.grant.clone()]));
    let again: SealedPart = serde_json::from_str(outbox_file::export(&till.core).await.unwrap().text.trim_end()).unwrap();
    assert_ne!(again.protected, line.protected, "each line has a key of its own");
}

#[wasm_bindgen_test]
async fn a_device_says_why_it_writes_no_file() {
    let till = enrolled().await;
    assert_eq!(outbox_file::export(&till.core).await.unwrap_err().code, "nothing_to_hand_over");
    let key = holdfast_app::device::crypto::DeviceKey::generate().await.unwrap();
    let put = async |transaction: &Transaction| transaction.put_value(Records::Keys, name::KEY, key.stored());
    till.store.transact(&[Records::Keys], Access::Strict, put).await.unwrap();
    till::open_session(&till.core, (&till.store, tap()), 5_000).await.unwrap();
    assert_eq!(outbox_file::export(&till.core).await.unwrap_err().code, "no_sealing_key");
}

#[wasm_bindgen_test]
async fn a_file_that_is_carried_counts_as_waiting_and_is_taken_once() {
    let (_, _, text) = with_a_file().await;
    let carrier = enrolled().await;
    carried::take(&carrier.core, ("till.holdfast", &text)).await.unwrap();
    carried::take(&carrier.core, ("again.holdfast", &text)).await.unwrap();
    let view = sync_view::read(&carrier.core).await.unwrap();
    let [file] = &view.carried[..] else { panic!("{:?}", view.carried) };
    assert_eq!((file.name.as_str(), file.lines, file.left, file.waits, view.waiting), ("till.holdfast", 1, 1, true, 1));
    let refused = people::erase(&carrier.core).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.values["changes"].as_str()), ("unsent_work", "1"));
    carried::put_away(&carrier.core, file.id).await.unwrap();
    assert_eq!(sync_view::read(&carrier.core).await.unwrap().carried.len(), 1, "what waits is not put away");
    let tab = carrier.another_tab().await;
    assert_eq!(sync_view::read(&tab.core).await.unwrap().waiting, 1, "it lies in the database");
}

#[wasm_bindgen_test]
async fn what_is_no_file_of_ours_is_not_taken_and_one_that_was_cut_off_as_far_as_it_goes() {
    let (_, _, text) = with_a_file().await;
    let carrier = enrolled().await;
    for bad in ["", "\n", "a poem", "{}", "{\"protected\":\"\"}", &text[..text.len() / 2]] {
        assert_eq!(carried::take(&carrier.core, ("bad", bad)).await.unwrap_err().code, "no_outbox_file", "{bad:?}");
    }
    carried::take(&carrier.core, ("cut", &format!("{text}{}", &text[..text.len() / 2]))).await.unwrap();
    assert_eq!(sync_view::read(&carrier.core).await.unwrap().carried[0].lines, 1);
    assert_eq!(sync_view::read(&carrier.core).await.unwrap().carried[0].name, "cut");
    let forget = async |transaction: &Transaction| -> Result<(), StoreError> { transaction.delete(Records::Meta, name::DEVICE) };
    carrier.store.transact(&[Records::Meta], Access::Strict, forget).await.unwrap();
    let erased = carried::take(&carrier.core, ("late", &format!("{text}{text}"))).await.unwrap_err();
    assert_eq!(erased.code, "not_signed_in", "on a device that is being erased it would be lost");
}
