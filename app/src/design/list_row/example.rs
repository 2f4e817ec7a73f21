//! List rows in the gallery.

use super::{List, ListRow};
use crate::design::avatar::Avatar;
use crate::design::card::Card;
use crate::design::status_chip::StatusChip;
use crate::engine::protocol::Progress;
use leptos::prelude::*;

/// A person, a ticket, a fact.
pub fn example() -> AnyView {
    view! {
        <div class="gallery-narrow">
            <Card flush=true>
                <List label="Examples">
                    <ListRow title="Ana Pop" text=Some("Asks for a PIN".to_owned()) mark=|| view! { <Avatar name="Ana Pop" /> } on_press=|| () />
                    <ListRow title="HS1-000214" text=Some("14:02 · 3 lines".to_owned()) aside=|| view! { <StatusChip progress=Progress::SavedHere /><span class="figure">"€27.30"</span> } on_press=|| () />
                    <ListRow title="Ticket 214" text=Some("3 changes · sent".to_owned()) more=Some("2 tries without success, last at 14:02".to_owned()) />
                    <ListRow title="Last contact" aside=|| view! { <span class="figure">"14:02"</span> } />
                </List>
            </Card>
        </div>
    }
    .into_any()
}
