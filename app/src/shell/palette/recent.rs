//! What was chosen last, on this device: addresses and ids alone. What a record is called is asked of the server when it is shown, so that nobody reads here the names of what they may not see.

use crate::shell::Shell;
use leptos::prelude::*;

/// The most that are kept.
const MOST: usize = 12;
/// What stands between two of them.
const END: char = '\n';

/// The keys, the latest first.
pub fn kept(shell: Shell) -> Vec<String> {
    let text = storage().zip(place(shell)).and_then(|(storage, place)| storage.get_item(&place).ok().flatten());
    text.map(|text| text.split(END).filter(|key| !key.is_empty()).map(str::to_owned).collect()).unwrap_or_default()
}

/// Keeps a choice as the latest.
pub fn keep(shell: Shell, key: &str) {
    let Some((storage, place)) = storage().zip(place(shell)) else { return };
    // A browser that keeps nothing offers nothing here.
    let _kept = storage.set_item(&place, &with(kept(shell), key).join(&END.to_string()));
}

fn with(mut kept: Vec<String>, key: &str) -> Vec<String> {
    kept.retain(|known| known != key);
    kept.insert(0, key.to_owned());
    kept.truncate(MOST);
    kept
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Each account has its own.
fn place(shell: Shell) -> Option<String> {
    let account = shell.session.with_untracked(|session| session.view().map(|view| view.account))?;
    Some(format!("holdfast.recent.{account}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_comes_first_once_and_only_so_many_are_kept() {
        let kept = (0..20).fold(Vec::new(), |kept, n| with(kept, &format!("page:/{n}")));
        assert_eq!((kept.len(), kept[0].as_str(), kept[11].as_str()), (12, "page:/19", "page:/8"));
        let again = with(kept, "page:/9");
        assert_eq!((again.len(), again[0].as_str(), again[1].as_str()), (12, "page:/9", "page:/19"));
    }
}
