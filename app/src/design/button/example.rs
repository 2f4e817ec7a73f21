//! The buttons in the gallery.

use super::{Button, ButtonKind, ButtonSize, IconButton};
use crate::design::icon::Icon;
use leptos::prelude::*;

/// All kinds, sizes and states.
pub fn example() -> AnyView {
    let nothing = Callback::new(|()| ());
    let pressed = RwSignal::new(true);
    view! {
        <div class="row">
            <Button label="Take payment" kind=ButtonKind::Primary />
            <Button label="Add a customer" icon=Icon::Person />
            <Button label="Skip" kind=ButtonKind::Quiet />
            <Button label="Erase this device" kind=ButtonKind::Danger />
            <Button label="Nothing to send" disabled=true />
            <Button label="Sign in" kind=ButtonKind::Primary busy=true />
        </div>
        <div class="row">
            <Button label="Small" size=ButtonSize::Small />
            <Button label="Normal" shortcut="F2" />
            <Button label="Pay" figure="€84.50" kind=ButtonKind::Primary size=ButtonSize::Large shortcut="⏎" />
        </div>
        <div class="row">
            <IconButton icon=Icon::Search label="Search" on_press=nothing />
            <IconButton icon=Icon::Trash label="Remove" kind=ButtonKind::Secondary on_press=nothing />
            <IconButton icon=Icon::Sun label="Large print" pressed=Signal::from(pressed) on_press=move || pressed.update(|pressed| *pressed = !*pressed) />
            <IconButton icon=Icon::Print label="Print" disabled=true on_press=nothing />
        </div>
    }
    .into_any()
}
