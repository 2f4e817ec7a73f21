//! The list below the line: what fits, in its parts, and which of it is about to be chosen.

use super::choices::{Choice, Group, parts};
use super::messages::t;
use super::sought::{Sought, State};
use crate::design::icon::IconMark;
use leptos::ev::PointerEvent;
use leptos::prelude::*;

/// The listbox's id.
pub const LIST: &str = "palette-list";

type Parts = Vec<(Group, Vec<Choice>)>;

/// The list.
#[derive(Clone, Copy)]
pub struct Listed {
    parts: Memo<Parts>,
    flat: Memo<Vec<Choice>>,
    /// The key of what somebody went to; until then it is the first.
    at: RwSignal<Option<String>>,
    sought: Sought,
    text: RwSignal<String>,
}

impl Listed {
    /// What fits what is typed, of what is known, was chosen lately, or is found.
    pub fn new(known: Memo<Vec<Choice>>, (sought, lately): (Sought, Vec<String>), text: RwSignal<String>) -> Self {
        let parts = Memo::new(move |_| parts(&known.read(), (&lately, &sought.named.read()), (text.read().trim(), &sought.found.read())));
        let flat = Memo::new(move |_| parts.read().iter().flat_map(|(_, choices)| choices).cloned().collect());
        let listed = Self { parts, flat, at: RwSignal::new(None), sought, text };
        Effect::new(move || {
            if let Some(at) = listed.place() {
                show(at);
            }
        });
        listed
    }

    /// Something else was typed: the first is the nearest.
    pub fn begin_again(self) {
        self.at.set(None);
    }

    /// Goes on by so many, around the ends where it is one step.
    pub fn step(self, by: isize) {
        let flat = self.flat.read_untracked();
        let next = stepped(untrack(|| self.place()), flat.len(), by);
        self.at.set(next.map(|at| flat[at].key.clone()));
    }

    /// What Enter chooses.
    pub fn active_now(self) -> Option<Choice> {
        untrack(|| self.place()).map(|at| self.flat.read_untracked()[at].clone())
    }

    /// The id of the option that is active.
    pub fn active_id(self) -> Option<String> {
        self.place().map(option_id)
    }

    fn place(self) -> Option<usize> {
        let (flat, at) = (self.flat.read(), self.at.read());
        let gone_to = at.as_ref().and_then(|key| flat.iter().position(|choice| choice.key == *key));
        gone_to.or_else(|| (!flat.is_empty()).then_some(0))
    }

    /// Draws it, and what there is to say of it.
    pub fn draw(self, go: Callback<Choice>) -> impl IntoView {
        let drawn = move || {
            let mut before = 0;
            let part = |(group, choices): (Group, Vec<Choice>)| {
                let first = before;
                before += choices.len();
                self.part(group, (first, choices), go)
            };
            self.parts.get().into_iter().map(part).collect_view()
        };
        let nothing = Memo::new(move |_| self.flat.read().is_empty());
        view! {
            <div id=LIST class="palette-list" role="listbox" aria-label=t().title tabindex="-1" hidden=move || nothing.get()>{drawn}</div>
            <p class="palette-note" class:unseen=move || !nothing.get() && self.sought.state.get() != State::Failed role="status">{move || self.said()}</p>
        }
    }

    fn said(self) -> String {
        match self.sought.state.get() {
            State::Failed => t().unreachable.to_owned(),
            State::Asking if self.flat.read().is_empty() => t().searching.to_owned(),
            State::Settled if self.flat.read().is_empty() => t().nothing.to_owned(),
            State::Settled if !self.text.read().trim().is_empty() => t().results(self.flat.read().len() as u64),
            State::Settled | State::Asking => String::new(),
        }
    }

    fn part(self, group: Group, (first, choices): (usize, Vec<Choice>), go: Callback<Choice>) -> impl IntoView {
        let (head, heads) = (format!("palette-{group:?}"), format!("palette-{group:?}"));
        let option = move |(at, choice): (usize, Choice)| self.option(first + at, choice, go);
        view! {
            <div role="group" aria-labelledby=heads>
                <p id=head class="palette-group" role="presentation">{heading(group)}</p>
                {choices.into_iter().enumerate().map(option).collect_view()}
            </div>
        }
    }

    fn option(self, at: usize, choice: Choice, go: Callback<Choice>) -> impl IntoView {
        let Choice { key, label, detail, icon, .. } = choice.clone();
        let is_active = move || self.place() == Some(at);
        // A list that grows under a pointer at rest chooses nothing.
        let moved = move |event: PointerEvent| {
            if (event.movement_x(), event.movement_y()) != (0, 0) {
                self.at.set(Some(key.clone()));
            }
        };
        view! {
            <div
                id=option_id(at)
                role="option"
                class="palette-option"
                aria-selected=move || if is_active() { "true" } else { "false" }
                on:pointermove=moved
                on:mousedown=|event| event.prevent_default()
                on:click=move |_| go.run(choice.clone())
            >
                <IconMark icon />
                <span class="palette-label">{label}</span>
                <span class="palette-detail">{detail}</span>
            </div>
        }
    }
}

fn option_id(at: usize) -> String {
    format!("palette-option-{at}")
}

fn heading(group: Group) -> &'static str {
    match group {
        Group::Recent => t().recent,
        Group::Pages => t().pages,
        Group::Acts => t().acts,
        Group::Records => t().records,
    }
}

/// One step goes around the ends; a longer one stops there.
fn stepped(at: Option<usize>, count: usize, by: isize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let Some(at) = at else { return Some(0) };
    Some(match by {
        1 if at == last => 0,
        -1 if at == 0 => last,
        _ => at.saturating_add_signed(by).min(last),
    })
}

/// Scrolls an option into sight, once it is drawn.
fn show(at: usize) {
    request_animation_frame(move || {
        let Some(option) = document().get_element_by_id(&option_id(at)) else { return };
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        // With the first, what heads it.
        let shown = if at == 0 { option.parent_element().and_then(|part| part.first_element_child()) } else { None };
        shown.unwrap_or(option).scroll_into_view_with_scroll_into_view_options(&options);
    });
}

#[cfg(test)]
mod tests {
    use super::stepped;

    #[test]
    fn one_step_goes_around_and_a_page_stops_at_the_end() {
        assert_eq!((stepped(Some(4), 5, 1), stepped(Some(0), 5, -1)), (Some(0), Some(4)));
        assert_eq!((stepped(Some(1), 5, 8), stepped(Some(3), 5, -8)), (Some(4), Some(0)));
        assert_eq!((stepped(None, 5, 1), stepped(None, 0, 1), stepped(Some(2), 0, -1)), (Some(0), None, None));
    }
}
