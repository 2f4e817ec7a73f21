//! Who else has the record open, and whether they type: told over the record's live line. The line asks now and then whether somebody is still here, and is answered while the page lives;
//! of a page that was closed, or is out of reach, the others hear no more.

use super::messages::t;
use crate::design::avatar::Avatar;
use crate::device::json;
use crate::shell::{Live, Shell, api};
use holdfast_domain::kernel::resource::{Present, Resource, StillHere};
use leptos::prelude::*;
use leptos::task::spawn_local;
use uuid::Uuid;

/// The most faces that are drawn.
const MOST_FACES: usize = 3;

/// Those who have the record open.
#[derive(Clone, Copy)]
pub struct Presence {
    others: RwSignal<Vec<Present>>,
    /// The line as the server knows it; none while there is none.
    line: StoredValue<Option<Uuid>>,
    address: StoredValue<String>,
    editing: RwSignal<bool>,
    shell: Shell,
}

impl Presence {
    /// Opens the record's line, for as long as the screen lives.
    pub fn at(resource: &Resource, id: Uuid) -> (Self, Live) {
        let record = format!("{}/{id}", resource.path);
        let presence = Self {
            others: RwSignal::new(Vec::new()),
            line: StoredValue::new(None),
            address: StoredValue::new(format!("{record}/here")),
            editing: RwSignal::new(false),
            shell: Shell::expect(),
        };
        let asked = Callback::new(move |line: String| presence.asked(&line));
        let told = Callback::new(move |people: String| {
            presence.others.try_set(json::read(&people).unwrap_or_default());
        });
        // Who is here is not known without the line; the browser opens it again.
        let lost = Callback::new(move |_| {
            presence.line.try_set_value(None);
            presence.others.try_set(Vec::new());
        });
        let live = Live::on(&format!("{record}/live"), vec![("asked", asked), ("present", told), ("error", lost)]);
        (presence, live)
    }

    /// Says from now on whether something is typed here.
    pub fn tell(self, editing: Memo<bool>) {
        Effect::new(move || {
            self.editing.set(editing.get());
            self.answer();
        });
    }

    fn asked(self, line: &str) {
        self.line.try_set_value(line.parse().ok());
        self.answer();
    }

    fn answer(self) {
        let Some(line) = self.line.try_get_value().flatten() else { return };
        let said = StillHere { line, editing: self.editing.get_untracked() };
        let csrf = self.shell.session.with_untracked(|session| session.view().map(|view| view.csrf.clone()));
        let address = self.address.get_value();
        spawn_local(async move {
            // Where it is not heard the line ends by itself, and is opened again if it may be.
            let _heard = api::tell(&address, &said, csrf.as_deref()).await;
        });
    }

    /// Who types, in words; empty where nobody does.
    pub fn editors(self) -> Memo<String> {
        self.in_words(true, |name| t().is_editing(name), |names| t().are_editing(names))
    }

    fn lookers(self) -> Memo<String> {
        self.in_words(false, |name| t().also_here(name), |names| t().also_here_several(names))
    }

    fn in_words(self, editing: bool, one: fn(&str) -> String, several: fn(&str) -> String) -> Memo<String> {
        Memo::new(move |_| {
            let others = self.others.read();
            let names: Vec<&str> = others.iter().filter(|other| other.editing == editing).map(|other| other.name.as_str()).collect();
            match names.as_slice() {
                [] => String::new(),
                [name] => one(name),
                names => several(&names.join(", ")),
            }
        })
    }
}

/// The others, at the head of the page; a change is said politely.
#[component]
pub fn OthersHere(
    /// Of the record.
    presence: Presence,
) -> impl IntoView {
    let (editors, lookers) = (presence.editors(), presence.lookers());
    let names = Memo::new(move |_| presence.others.read().iter().map(|other| other.name.clone()).take(MOST_FACES).collect::<Vec<_>>());
    let faces = move || names.get().into_iter().map(|name| view! { <Avatar name /> }).collect_view();
    view! {
        <div class="record-others" class:empty=move || names.read().is_empty()>
            <span class="record-faces" aria-hidden="true">{faces}</span>
            <p class="record-others-words" role="status">
                <Show when=move || !editors.read().is_empty()><span class="record-editing">{editors}</span></Show>
                <Show when=move || !lookers.read().is_empty()><span>{lookers}</span></Show>
            </p>
        </div>
    }
}
