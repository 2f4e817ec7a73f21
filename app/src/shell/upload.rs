//! Sends a file from the page and tells how far it has come, which the browser's newer way of asking does not know.

use super::api::{ApiFailure, Problem};
use crate::design::progress::percent;
use crate::device::json;
use futures::channel::oneshot;
use serde::de::DeserializeOwned;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::js_sys::{Function, Uint8Array};
use web_sys::{ProgressEvent, XmlHttpRequest};

/// An upload under way.
#[derive(Clone)]
pub struct Upload(XmlHttpRequest);

impl Upload {
    /// One to that address, in the name of the session; none where the browser does not open it.
    pub fn open(path: &str, csrf: Option<&str>) -> Option<Self> {
        let request = XmlHttpRequest::new().ok()?;
        request.open("POST", path).ok()?;
        request.set_request_header("accept", "application/json").ok()?;
        request.set_request_header("content-type", "application/octet-stream").ok()?;
        if let Some(csrf) = csrf {
            request.set_request_header("x-holdfast-csrf", csrf).ok()?;
        }
        Some(Self(request))
    }

    /// Ends it where it is.
    pub fn stop(&self) {
        // One that has ended already stays as it ended.
        let _ = self.0.abort();
    }

    /// Sends the bytes; `told` hears in whole percent how much of them has gone. However long it takes: it says how far it is, and can be stopped.
    pub async fn send<T: DeserializeOwned>(&self, bytes: &[u8], told: impl Fn(u8) + 'static) -> Result<T, ApiFailure> {
        let (ended, hears) = oneshot::channel::<()>();
        let ended = Rc::new(RefCell::new(Some(ended)));
        let going = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a browser counts whole bytes from nothing on")]
            told(percent(event.loaded() as u64, event.total() as u64));
        });
        let done = Closure::<dyn Fn()>::new(move || {
            // Whoever waited may be gone.
            let _heard = ended.borrow_mut().take().map(|ended| ended.send(()));
        });
        let hear = |done: &Closure<dyn Fn()>| Some(done.as_ref().unchecked_ref::<Function>().clone());
        if let Ok(upload) = self.0.upload() {
            upload.set_onprogress(Some(going.as_ref().unchecked_ref()));
        }
        self.0.set_onloadend(hear(&done).as_ref());
        self.0.send_with_opt_js_u8_array(Some(&Uint8Array::from(bytes))).map_err(|_| ApiFailure::Unreachable)?;
        // It ends in any case: answered, broken off, or stopped.
        let _ended = hears.await;
        self.answer()
    }

    fn answer<T: DeserializeOwned>(&self) -> Result<T, ApiFailure> {
        #[derive(serde::Deserialize)]
        struct Said {
            code: String,
        }
        let status = self.0.status().unwrap_or_default();
        let text = self.0.response_text().ok().flatten().unwrap_or_default();
        match status {
            0 => Err(ApiFailure::Unreachable),
            200..=299 => json::read(&text).map_err(|_| ApiFailure::Unreachable),
            _ => {
                let code = json::read::<Said>(&text).map(|said| said.code).unwrap_or_default();
                Err(Problem { status, code, retry_after_s: None, said: text }.into())
            }
        }
    }
}
