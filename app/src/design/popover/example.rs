//! Popovers in the gallery.

use super::Popover;
use crate::design::field::SwitchField;
use crate::design::icon::Icon;
use leptos::prelude::*;

/// One at rest and one in force.
pub fn example() -> AnyView {
    let (name, city) = (RwSignal::new(true), RwSignal::new(false));
    view! {
        <div class="row">
            <Popover label="Columns" icon=Icon::Grid open=RwSignal::new(false)>
                <SwitchField label="Name" value=name />
                <SwitchField label="City" value=city />
            </Popover>
            <Popover label="City: London" chosen=true open=RwSignal::new(false)><p>"London"</p></Popover>
        </div>
    }
    .into_any()
}
