//! Tiles in the gallery.

use super::{ProductTile, TileGrid, Tint};
use leptos::prelude::*;

/// A shelf of products: plain, on the ticket, long words, without a price.
pub fn example() -> AnyView {
    let nothing = Callback::new(|()| ());
    let plain = [("Sourdough loaf", "€4.20", "Bakery"), ("Flat white", "€3.40", "Coffee"), ("Oat milk 1 l", "€2.15", "Dairy")];
    view! {
        <TileGrid label="Products">
            {plain.map(|(name, price, category)| view! { <ProductTile name price=Some(price.to_owned()) tint=Tint::of(category) on_press=nothing /> }).into_iter().collect_view()}
            <ProductTile name="Espresso" glyph="☕".to_owned() price=Some("€2.10".to_owned()) tint=Tint::of("Coffee") on_ticket=Some("2".to_owned()) on_press=nothing />
            <ProductTile name="Kaffeevollautomatenreinigungstabletten, Vorratspackung" price=Some("€18.90".to_owned()) tint=Tint::of("Household") on_press=nothing />
            <ProductTile name="Chanterelles" price=None without_price="No price here" tint=Tint::of("Vegetables") on_press=nothing />
        </TileGrid>
    }
    .into_any()
}
