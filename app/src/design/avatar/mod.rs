//! A person, as initials.

use super::tile::Tint;
use leptos::prelude::*;

/// Someone's initials on their tint; decoration beside the name.
#[component]
pub fn Avatar(
    /// Whose.
    #[prop(into)]
    name: String,
    /// For choosing among people.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let first_of = |word: &str| word.chars().next();
    let words: Vec<&str> = name.split_whitespace().collect();
    let last = words.last().filter(|_| words.len() > 1).and_then(|word| first_of(word));
    let initials: String = words.first().and_then(|word| first_of(word)).into_iter().chain(last).collect();
    view! { <span class="avatar" class:large=large style=("--hue", Tint::of(&name).hue()) data-initials=initials.to_uppercase() aria-hidden="true"></span> }
}
