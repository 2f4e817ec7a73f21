//! Bytes as something that an `img` can show; given back to the browser when it is dropped.

use js_sys::{Array, Uint8Array};
use std::rc::Rc;
use web_sys::{Blob, Url};

/// A picture in the page's memory. Clones are the same.
#[derive(Clone)]
pub struct Picture(Rc<Address>);

struct Address(String);

impl Picture {
    /// Of these bytes; none where the browser has no room for it.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let blob = Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).ok()?;
        Url::create_object_url_with_blob(&blob).ok().map(|address| Self(Rc::new(Address(address))))
    }

    /// For `src`.
    pub fn address(&self) -> String {
        self.0.0.clone()
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        // Its page may be going, and the address with it.
        let _ = Url::revoke_object_url(&self.0);
    }
}
