//! The segmented control in the gallery.

use super::Segmented;
use crate::design::field::Choice;
use leptos::prelude::*;

/// Categories above a product grid.
pub fn example() -> AnyView {
    let choices = ["All", "Bakery", "Coffee", "Dairy", "Vegetables"].map(|name| Choice { value: name.to_owned(), label: name.to_owned() }).to_vec();
    view! { <Segmented label="Category" choices value=RwSignal::new("Coffee".to_owned()) /> }.into_any()
}
