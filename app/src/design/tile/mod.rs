//! A tile: one product or category in a grid, large enough for a hurried finger.

#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;
mod glyph;

use leptos::prelude::*;

/// One of the twelve tints that tell neighbouring categories apart; never the only sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tint(u16);

impl Tint {
    /// The tint of a name: always the same for the same name.
    pub fn of(name: &str) -> Self {
        let sum = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        Self(u16::try_from(sum % 12 * 30).expect("at most 330"))
    }

    /// A tint chosen elsewhere, as a hue in degrees.
    pub const fn of_hue(degrees: u16) -> Self {
        Self(degrees % 360)
    }

    /// The hue in degrees, for `--hue`.
    pub fn hue(self) -> String {
        self.0.to_string()
    }
}

/// A product in the grid: name, price, a tint of its category.
#[component]
pub fn ProductTile(
    /// The product's name.
    #[prop(into)]
    name: String,
    /// Its price, as shown; none where it cannot be sold.
    #[prop(into)]
    price: Option<String>,
    /// Of its category.
    tint: Tint,
    /// A pictogram; where this device has no character for it, the name's first letters stand in.
    #[prop(optional, into)]
    glyph: Option<String>,
    /// How many are on the open ticket already; nothing is shown for none.
    #[prop(optional, into)]
    on_ticket: Signal<Option<String>>,
    /// Why it cannot be sold, instead of a price.
    #[prop(optional, into)]
    without_price: Option<String>,
    /// Puts it on the ticket.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    let sellable = price.is_some();
    let glyph = glyph.filter(|glyph| glyph::is_drawn(glyph));
    let initials =
        || -> String { name.split_whitespace().filter_map(|word| word.chars().next()).filter(|first| first.is_alphabetic()).take(2).collect() };
    let picture = glyph.unwrap_or_else(|| initials().to_uppercase());
    view! {
        <button type="button" class="tile" style=("--hue", tint.hue()) disabled=!sellable on:click=move |_| on_press.run(())>
            <span class="tile-picture" aria-hidden="true">{picture}</span>
            <span class="tile-name">{name}</span>
            <span class="tile-price figure">{price.or(without_price)}</span>
            {move || on_ticket.get().map(|count| view! { <span class="tile-count figure">{count}</span> })}
        </button>
    }
}

/// A grid of tiles that fills the width.
#[component]
pub fn TileGrid(
    /// What the grid holds, for whoever cannot see it.
    #[prop(into)]
    label: Signal<String>,
    /// Tiles.
    children: Children,
) -> impl IntoView {
    view! { <div class="tile-grid" role="group" aria-label=label>{children()}</div> }
}
