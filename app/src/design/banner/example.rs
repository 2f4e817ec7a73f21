//! Banners in the gallery.

use super::{Banner, Tone};
use crate::design::button::{Button, ButtonSize};
use leptos::prelude::*;

/// One of each tone.
pub fn example() -> AnyView {
    view! {
        <Banner tone=Tone::Good title="All 214 sales of this session have arrived" />
        <Banner tone=Tone::Info title="A new version is ready" text=Some("It is applied when no sale is open.".to_owned()) action=|| view! { <Button label="Update now" size=ButtonSize::Small /> } />
        <Banner tone=Tone::Attention title="The browser may clear this device" text=Some("Keep its data, or sales that are not sent yet could be lost.".to_owned()) action=|| view! { <Button label="Keep data" size=ButtonSize::Small /> } />
        <Banner tone=Tone::Bad title="The sale was not saved" text=Some("This device is full. Free some space, then take the payment again.".to_owned()) code=Some("storage_full".to_owned()) />
    }
    .into_any()
}
