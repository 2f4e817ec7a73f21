//! The button at the list's head and its panel: the views to choose from, what can be done with the one that is chosen, and keeping what is shown as a new one.

use super::super::messages::t;
use super::Views;
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::field::{SwitchField, TextField};
use crate::design::icon::{Icon, IconMark};
use crate::design::popover::Popover;
use holdfast_domain::kernel::resource::{LONGEST_VIEW_NAME, SavedView};
use leptos::prelude::*;

/// The menu.
#[component]
pub fn ViewMenu(
    /// Of the list.
    views: Views,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let label = Signal::derive(move || match views.chosen_view() {
        Some(view) if views.differs() => t().view_changed(view.name),
        Some(view) => view.name,
        None => t().views.to_owned(),
    });
    let chosen = Signal::derive(move || views.chosen.read().is_some());
    view! {
        <div class="view-menu">
            <Popover label icon=Icon::Eye chosen open><Choices views open /><Doing views open /><Keeping views open /></Popover>
        </div>
    }
}

#[component]
fn Choices(views: Views, open: RwSignal<bool>) -> impl IntoView {
    let one = move |view: SavedView| {
        let id = view.id;
        let (name, shared, begins) = (view.name.clone(), view.shared, view.is_default);
        let is_chosen = move || *views.chosen.read() == Some(id);
        let press = move |_| {
            open.set(false);
            views.choose(&view);
        };
        view! {
            <button type="button" class="filter-choice" aria-pressed=move || if is_chosen() { "true" } else { "false" } on:click=press>
                <span class="view-name">{name}</span>
                <span class="view-notes">
                    {begins.then(|| view! { <span>{t().view_begins}</span> })}
                    {shared.then(|| view! { <span>{t().view_shared}</span> })}
                </span>
                <Show when=is_chosen><IconMark icon=Icon::Check /></Show>
            </button>
        }
    };
    let is_whole = move || views.chosen.read().is_none();
    let whole = move |_| {
        open.set(false);
        views.choose_none();
    };
    view! {
        <div class="filter-choices" role="group" aria-label=t().views>
            <button type="button" class="filter-choice" aria-pressed=move || if is_whole() { "true" } else { "false" } on:click=whole>
                <span class="view-name">{t().view_none}</span>
                <Show when=is_whole><IconMark icon=Icon::Check /></Show>
            </button>
            {move || views.all.get().into_iter().map(one).collect_view()}
        </div>
    }
}

/// What can be done with the view that is chosen.
#[component]
fn Doing(views: Views, open: RwSignal<bool>) -> impl IntoView {
    let button = move |label, doing: Callback<SavedView>| {
        let press = move || {
            if let Some(view) = untrack(|| views.chosen_view()) {
                open.set(false);
                doing.run(view);
            }
        };
        view! { <Button label kind=ButtonKind::Quiet size=ButtonSize::Small on_press=press /> }
    };
    let may_change = Memo::new(move |_| views.chosen_view().is_some_and(|view| views.may_change(&view)));
    let begins = Memo::new(move |_| views.chosen_view().is_some_and(|view| view.is_default));
    let is_shared = Memo::new(move |_| views.chosen_view().is_some_and(|view| view.shared));
    let save = Callback::new(move |view: SavedView| views.save_into(&view));
    let begin = Callback::new(move |view: SavedView| views.begin_with(&view, !view.is_default));
    let share = Callback::new(move |view: SavedView| views.change(&view, |wanted| wanted.shared = !view.shared));
    let remove = Callback::new(move |view: SavedView| views.remove(view));
    view! {
        <Show when=move || views.chosen.read().is_some()>
            <div class="view-doing" role="group" aria-label=move || views.chosen_view().map(|view| view.name)>
                <Show when=move || may_change.get() && views.differs()>{button(t().view_save, save)}</Show>
                {move || button(if begins.get() { t().view_begin_no_more } else { t().view_begin }, begin)}
                <Show when=move || views.may_share()>{move || button(if is_shared.get() { t().view_unshare } else { t().view_share }, share)}</Show>
                <Show when=move || may_change.get()>{button(t().view_remove, remove)}</Show>
            </div>
            <Show when=move || may_change.get()><Renaming views open /></Show>
        </Show>
    }
}

#[component]
fn Renaming(views: Views, open: RwSignal<bool>) -> impl IntoView {
    let name = RwSignal::new(untrack(|| views.chosen_view()).map(|view| view.name).unwrap_or_default());
    let rename = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = name.read_untracked().trim().to_owned();
        if let Some(view) = untrack(|| views.chosen_view()).filter(|view| is_name(&wanted) && view.name != wanted) {
            open.set(false);
            views.change(&view, |change| change.name = wanted);
        }
    };
    view! {
        <form class="view-form" on:submit=rename>
            <TextField label=t().view_rename value=name />
            <Button label=t().rename size=ButtonSize::Small submit=true />
        </form>
    }
}

#[component]
fn Keeping(views: Views, open: RwSignal<bool>) -> impl IntoView {
    let (name, shared) = (RwSignal::new(String::new()), RwSignal::new(false));
    let wrong = RwSignal::new(None::<String>);
    let keep = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = name.read_untracked().trim().to_owned();
        if is_name(&wanted) {
            open.set(false);
            views.keep_new(wanted, shared.get_untracked());
        } else {
            wrong.set(Some(t().view_name_wrong(LONGEST_VIEW_NAME)));
        }
    };
    view! {
        <form class="view-keep" on:submit=keep>
            <TextField label=t().view_new value=name error=wrong />
            <Show when=move || views.may_share()><SwitchField label=t().view_share value=shared /></Show>
            <div class="row end"><Button label=t().view_keep size=ButtonSize::Small submit=true /></div>
        </form>
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= LONGEST_VIEW_NAME
}
