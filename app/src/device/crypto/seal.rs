//! Seals a line of an outbox file to the server's key: `holdfast_sync::outbox_file` with the browser's curve and cipher.

use super::key::bytes;
use super::{CryptoFault, object, subtle};
use crate::device::ids;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use holdfast_sync::outbox_file::{Point, Protected, SealedPart, content_key};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;

/// AES-GCM's tag, which WebCrypto leaves behind the ciphertext.
const TAG_BYTES: usize = 16;

/// Only whoever holds the private key of `recipient` can open it, and nobody can change it.
pub async fn seal(content: &[u8], recipient: &Point) -> Result<SealedPart, CryptoFault> {
    let curve = object(&[("name", "ECDH".into()), ("namedCurve", "P-256".into())])?;
    let pair = JsFuture::from(subtle()?.generate_key_with_object(&curve, false, &usages(&["deriveBits"]))?).await?;
    let public: CryptoKey = Reflect::get(&pair, &"publicKey".into())?.dyn_into()?;
    let epk = Point::of(&bytes(JsFuture::from(subtle()?.export_key("raw", &public)?).await?)?).map_err(unsound)?;
    let header = serde_json::to_vec(&Protected::to(recipient, epk)).expect("a header is text");
    let protected = URL_SAFE_NO_PAD.encode(header);
    let secret = agree(&pair, (recipient, &curve)).await?;
    let iv = ids::random::<12>();
    let mut sealed = encrypt(&content_key(&secret), (&iv, protected.as_bytes()), content).await?;
    let tag = sealed.split_off(sealed.len() - TAG_BYTES);
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    Ok(SealedPart { iv: text(&iv), ciphertext: text(&sealed), tag: text(&tag), protected })
}

async fn agree(pair: &JsValue, (recipient, curve): (&Point, &Object)) -> Result<Vec<u8>, CryptoFault> {
    let point = Uint8Array::from(recipient.uncompressed().map_err(unsound)?.as_slice());
    let theirs = JsFuture::from(subtle()?.import_key_with_object("raw", &point, curve, false, &usages(&[]))?).await?;
    let algorithm = object(&[("name", "ECDH".into()), ("public", theirs)])?;
    let private: CryptoKey = Reflect::get(pair, &"privateKey".into())?.dyn_into()?;
    bytes(JsFuture::from(subtle()?.derive_bits_with_object(&algorithm, &private, 256)?).await?)
}

async fn encrypt(key: &[u8], (iv, covered): (&[u8], &[u8]), content: &[u8]) -> Result<Vec<u8>, CryptoFault> {
    let bytes_of = |bytes: &[u8]| Uint8Array::from(bytes);
    let cipher = object(&[("name", "AES-GCM".into())])?;
    let key = JsFuture::from(subtle()?.import_key_with_object("raw", &bytes_of(key), &cipher, false, &usages(&["encrypt"]))?).await?;
    let algorithm = object(&[("name", "AES-GCM".into()), ("iv", bytes_of(iv).into()), ("additionalData", bytes_of(covered).into())])?;
    let encrypted = subtle()?.encrypt_with_object_and_js_u8_array(&algorithm, &key.dyn_into()?, &bytes_of(content))?;
    bytes(JsFuture::from(encrypted).await?)
}

fn usages(usages: &[&str]) -> Array {
    usages.iter().map(|usage| JsValue::from_str(usage)).collect()
}

fn unsound(error: impl std::fmt::Display) -> CryptoFault {
    CryptoFault(error.to_string())
}
