//! Ticket lines and totals in the gallery.

use super::{SumRow, TicketLine, Total};
use leptos::prelude::*;

/// A short ticket with its sums.
pub fn example() -> AnyView {
    let chosen = RwSignal::new(true);
    view! {
        <div class="gallery-narrow">
            <ul>
                <TicketLine quantity="1" name="Sourdough loaf" amount="€4.20" on_press=|| () />
                <TicketLine quantity="2" name="Espresso" amount="€4.20" note=Some("€2.10 each".to_owned()) selected=chosen on_press=move || chosen.update(|chosen| *chosen = !*chosen) />
                <TicketLine quantity="0.482" name="Kaffeevollautomatenreinigungstabletten" amount="€18.90" note=Some("€39.21 per kg".to_owned()) on_press=|| () />
                <TicketLine quantity="1" name="Flat white" amount="€3.40" removed=true />
            </ul>
            <SumRow label="Tax 9 % included" amount="€2.25" />
            <Total label="Total" amount="€27.30" />
            <Total label="Change" amount="€22.70" huge=true />
        </div>
    }
    .into_any()
}
