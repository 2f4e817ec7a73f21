//! Keys and PINs, by the browser's WebCrypto. The signing key never leaves the browser: it cannot be extracted, only used.

mod key;
mod pin;
mod seal;

pub use key::DeviceKey;
pub use pin::{Attempts, PinRecord, is_pin};
pub use seal::seal;

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Crypto, SubtleCrypto};

/// The browser refused. Pages that are not served securely have no WebCrypto at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("WebCrypto failed: {0}")]
pub struct CryptoFault(String);

impl From<JsValue> for CryptoFault {
    fn from(error: JsValue) -> Self {
        Self(format!("{error:?}"))
    }
}

fn subtle() -> Result<SubtleCrypto, CryptoFault> {
    let crypto = js_sys::Reflect::get(&js_sys::global(), &"crypto".into())?;
    let subtle = js_sys::Reflect::get(&crypto.unchecked_into::<Crypto>(), &"subtle".into())?;
    if subtle.is_undefined() { Err(CryptoFault("it is missing: the page is not served securely".to_owned())) } else { Ok(subtle.unchecked_into()) }
}

/// A JS object with these properties.
fn object(properties: &[(&str, JsValue)]) -> Result<Object, CryptoFault> {
    let object = Object::new();
    for (name, value) in properties {
        js_sys::Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object)
}
