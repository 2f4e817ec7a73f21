//! Every icon in the gallery.

use super::{Icon, IconMark};
use leptos::prelude::*;

/// All of them, with their names.
pub fn example() -> AnyView {
    let one = |icon: Icon| view! { <span class="gallery-icon"><IconMark icon /><span>{format!("{icon:?}")}</span></span> };
    view! { <div class="row">{Icon::ALL.map(one).into_iter().collect_view()}</div> }.into_any()
}
