//! The PIN pad in the gallery.

use super::PinPad;
use leptos::prelude::*;

/// A PIN that is always wrong.
pub fn example() -> AnyView {
    let entered = RwSignal::new(String::new());
    let error = RwSignal::new(None::<String>);
    let check = move |_: String| {
        error.set(Some("That is not the PIN. 4 tries are left.".to_owned()));
        entered.set(String::new());
    };
    view! { <div class="gallery-narrow"><PinPad label="PIN of Ana Pop" entered error on_complete=check /></div> }.into_any()
}
