//! Tags: words that are added with Enter or a comma, and taken away one by one.

use super::control::Control;
use super::messages::t;
use crate::design::icon::{Icon, IconMark};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use serde_json::Value;

/// The tags with the line in which one is typed.
#[component]
pub fn TagsInput(
    /// The field.
    control: Control,
    /// Of the line.
    id: String,
) -> impl IntoView {
    let Control { entry, locked, .. } = control;
    let typed = entry.typing;
    let tags = Memo::new(move |_| entry.value.with(words_of));
    let put = move |tags: Vec<String>| control.set(tags.into());
    let add = move || {
        let now = added(tags.get_untracked(), &typed.read_untracked());
        if now != tags.get_untracked() {
            put(now);
        }
        typed.set(String::new());
    };
    let key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if !event.ctrl_key() && !event.meta_key() => {
            event.prevent_default();
            add();
        }
        "," => {
            event.prevent_default();
            add();
        }
        "Backspace" if typed.read_untracked().is_empty() => {
            let mut tags = tags.get_untracked();
            if tags.pop().is_some() {
                put(tags);
            }
        }
        _ => {}
    };
    let remove = move |tag: &str| put(tags.get_untracked().into_iter().filter(|known| known != tag).collect());
    let chip = move |tag: String| {
        let name = tag.clone();
        view! {
            <li class="tag">
                <span>{tag.clone()}</span>
                <Show when=move || !locked.get()>
                    {
                        let (name, gone) = (name.clone(), name.clone());
                        view! { <button type="button" class="tag-remove" aria-label=t().remove_tag(&name) on:click=move |_| remove(&gone)><IconMark icon=Icon::Close /></button> }
                    }
                </Show>
            </li>
        }
    };
    view! {
        <div class="control tags-control" class:disabled=move || locked.get()>
            <ul class="tags"><For each=move || tags.get() key=Clone::clone children=chip /></ul>
            <input
                id=id.clone()
                type="text"
                autocomplete="off"
                placeholder=move || if locked.get() { "" } else { t().add_tag }
                disabled=move || locked.get()
                aria-invalid=move || entry.wrong.get().is_some().then_some("true")
                aria-describedby=format!("{id}-note")
                prop:value=typed
                on:input=move |event| typed.set(event_target_value(&event))
                on:keydown=key
                on:blur=move |_| add()
            />
        </div>
    }
}

/// The tags of a value.
pub(super) fn words_of(value: &Value) -> Vec<String> {
    value.as_array().map_or_else(Vec::new, |tags| tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).collect())
}

/// With what was typed or pasted: commas part it, and each is there once.
pub(super) fn added(mut tags: Vec<String>, typed: &str) -> Vec<String> {
    for tag in typed.split([',', ';', '\n']).map(str::trim).filter(|tag| !tag.is_empty()) {
        if !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    tags
}

#[cfg(test)]
mod tests {
    use super::added;

    #[test]
    fn what_is_pasted_is_parted_and_each_tag_is_there_once() {
        assert_eq!(added(vec!["drinks".to_owned()], " fish, drinks ;fish,, "), ["drinks", "fish"]);
    }
}
