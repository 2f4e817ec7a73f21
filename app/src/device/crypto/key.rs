//! The device's signing key: Ed25519, or ECDSA over P-256 where the browser has no Ed25519.

use super::{CryptoFault, object, subtle};
use holdfast_domain::identity::KeyAlgorithm;
use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;

/// A key that signs for this device. Stored as the browser's own object, which holds the private part.
#[derive(Clone)]
pub struct DeviceKey {
    algorithm: KeyAlgorithm,
    pair: Object,
}

impl DeviceKey {
    /// A new key.
    pub async fn generate() -> Result<Self, CryptoFault> {
        let ed25519 = object(&[("name", "Ed25519".into())])?;
        match generate(&ed25519).await {
            Ok(pair) => Ok(Self { algorithm: KeyAlgorithm::Ed25519, pair }),
            Err(_) => {
                let p256 = object(&[("name", "ECDSA".into()), ("namedCurve", "P-256".into())])?;
                Ok(Self { algorithm: KeyAlgorithm::P256, pair: generate(&p256).await? })
            }
        }
    }

    /// The key as it was stored.
    pub fn from_stored(value: JsValue) -> Result<Self, CryptoFault> {
        let pair: Object = value.dyn_into()?;
        let key: CryptoKey = Reflect::get(&pair, &"privateKey".into())?.dyn_into()?;
        let name = Reflect::get(&key.algorithm()?.into(), &"name".into())?;
        let algorithm = if name.as_string().as_deref() == Some("Ed25519") { KeyAlgorithm::Ed25519 } else { KeyAlgorithm::P256 };
        Ok(Self { algorithm, pair })
    }

    /// What is stored: the browser keeps the private part where no script reads it.
    pub fn stored(&self) -> &JsValue {
        &self.pair
    }

    /// How it signs.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The public part, raw.
    pub async fn public(&self) -> Result<Vec<u8>, CryptoFault> {
        let key: CryptoKey = Reflect::get(&self.pair, &"publicKey".into())?.dyn_into()?;
        bytes(JsFuture::from(subtle()?.export_key("raw", &key)?).await?)
    }

    /// Signs.
    pub async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, CryptoFault> {
        let key: CryptoKey = Reflect::get(&self.pair, &"privateKey".into())?.dyn_into()?;
        let algorithm = match self.algorithm {
            KeyAlgorithm::Ed25519 => object(&[("name", "Ed25519".into())])?,
            KeyAlgorithm::P256 => object(&[("name", "ECDSA".into()), ("hash", "SHA-256".into())])?,
        };
        bytes(JsFuture::from(subtle()?.sign_with_object_and_js_u8_array(&algorithm, &key, &Uint8Array::from(message))?).await?)
    }
}

async fn generate(algorithm: &Object) -> Result<Object, CryptoFault> {
    let usages: Array = ["sign", "verify"].into_iter().map(JsValue::from_str).collect();
    let pair = JsFuture::from(subtle()?.generate_key_with_object(algorithm, false, &usages)?).await?;
    Ok(pair.unchecked_into())
}

pub(super) fn bytes(buffer: JsValue) -> Result<Vec<u8>, CryptoFault> {
    Ok(Uint8Array::new(&buffer.dyn_into::<ArrayBuffer>()?.into()).to_vec())
}
