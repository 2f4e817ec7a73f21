//! The device's key and its PINs, by the browser itself.

use holdfast_app::device::crypto::{DeviceKey, PinRecord};
use holdfast_app::device::ids;
use holdfast_app::device::store::{Access, Records, Store};
use holdfast_domain::identity::KeyAlgorithm;
use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

async fn subtle(method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let crypto = Reflect::get(&js_sys::global(), &"crypto".into())?;
    let subtle = Reflect::get(&crypto, &"subtle".into())?;
    let method: Function = Reflect::get(&subtle, &method.into())?.dyn_into()?;
    JsFuture::from(method.apply(&subtle, &arguments.iter().collect())?.dyn_into::<Promise>()?).await
}

/// Checks a signature with nothing but the raw public key, as the server does.
async fn holds(public: &[u8], signature: &[u8], message: &[u8]) -> bool {
    let usages: Array = [JsValue::from_str("verify")].into_iter().collect();
    let bytes = |bytes: &[u8]| JsValue::from(Uint8Array::from(bytes));
    let imported = subtle("importKey", &["raw".into(), bytes(public), "Ed25519".into(), true.into(), usages.into()]).await.unwrap();
    subtle("verify", &["Ed25519".into(), imported, bytes(signature), bytes(message)]).await.unwrap().is_truthy()
}

#[wasm_bindgen_test]
async fn what_the_device_signs_its_public_key_proves() {
    let key = DeviceKey::generate().await.unwrap();
    assert_eq!(key.algorithm(), KeyAlgorithm::Ed25519);
    let (public, signature) = (key.public().await.unwrap(), key.sign(b"a sale").await.unwrap());
    assert_eq!((public.len(), signature.len()), (32, 64));
    assert!(holds(&public, &signature, b"a sale").await);
    assert!(!holds(&public, &signature, b"another sale").await);
}

#[wasm_bindgen_test]
async fn the_key_signs_the_same_after_it_was_stored() {
    let store = Store::named(&format!("test-{}", ids::fresh()));
    let key = DeviceKey::generate().await.unwrap();
    store.transact(&[Records::Keys], Access::Strict, async |transaction| transaction.put_value(Records::Keys, "device", key.stored())).await.unwrap();
    let read = async |transaction: &holdfast_app::device::store::Transaction| transaction.get_value(Records::Keys, "device").await;
    let stored = Store::named(store.name()).transact(&[Records::Keys], Access::Read, read).await.unwrap().unwrap();
    let again = DeviceKey::from_stored(stored).unwrap();
    assert_eq!(again.algorithm(), key.algorithm());
    assert_eq!(again.sign(b"a sale").await, key.sign(b"a sale").await);
}

#[wasm_bindgen_test]
async fn the_private_part_cannot_be_read() {
    let key = DeviceKey::generate().await.unwrap();
    let private = Reflect::get(key.stored().unchecked_ref::<Object>(), &"privateKey".into()).unwrap();
    assert!(subtle("exportKey", &["pkcs8".into(), private]).await.is_err());
}

#[wasm_bindgen_test]
async fn a_pin_is_known_by_its_digits_and_kept_without_them() {
    let record = PinRecord::of("4711").await.unwrap();
    assert_eq!((record.is("4711").await, record.is("4712").await, record.is("").await), (Ok(true), Ok(false), Ok(false)));
    assert_ne!(PinRecord::of("4711").await.unwrap(), record, "each has its own salt");
}
