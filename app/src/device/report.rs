//! What the device says of itself when it pulls, for the office's list of devices.

use holdfast_sync::wire::APP_VERSION;
use js_sys::Reflect;

/// Where to pull, with so many changes that the server has not decided.
pub fn pull_address(waiting: usize) -> String {
    let app = build().map(|build| format!("&app={build}")).unwrap_or_default();
    format!("/api/v1/sync/pull?waiting={waiting}&version={APP_VERSION}{app}")
}

/// The build that this program belongs to: its files lie under `/<build>/`.
fn build() -> Option<String> {
    let location = Reflect::get(&js_sys::global(), &"location".into()).ok()?;
    let path = Reflect::get(&location, &"pathname".into()).ok()?.as_string()?;
    let (build, _) = path.strip_prefix('/')?.split_once('/')?;
    (!build.is_empty() && build.len() <= 40 && build.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| build.to_ascii_lowercase())
}
