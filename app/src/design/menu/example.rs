//! A menu in the gallery.

use super::{Menu, MenuItem};
use crate::design::avatar::Avatar;
use crate::design::icon::Icon;
use leptos::prelude::*;

/// Who is at the till.
pub fn example() -> AnyView {
    let item = |label: &str, icon| MenuItem { label: label.to_owned(), icon, on_press: Callback::new(|()| ()) };
    let items = vec![item("Switch person", Icon::Crew), item("Settings", Icon::Settings), item("Sign out", Icon::SignOut)];
    view! { <div class="row"><Menu label="Ana Pop" face=|| view! { <Avatar name="Ana Pop" /><span>"Ana Pop"</span> } items /></div> }.into_any()
}
