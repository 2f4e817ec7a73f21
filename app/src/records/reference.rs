//! A record that a field names: found by typing, chosen from what the server finds (the combobox of the ARIA practices).

use super::control::Control;
use super::messages::t;
use super::query::encoded;
use crate::shell::{Shell, api};
use holdfast_domain::kernel::resource::{Page, RecordView, Resource};
use holdfast_domain::resource_of;
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use std::time::Duration;
use uuid::Uuid;

/// Between the last key and the question.
const PAUSE: Duration = Duration::from_millis(200);
/// Offered at once.
const OFFERED: u32 = 20;

/// The combobox.
#[component]
pub fn ReferenceInput(
    /// The field.
    control: Control,
    /// Of the line.
    id: String,
    /// What it names.
    kind: &'static str,
) -> impl IntoView {
    let choice = Choice::new(control, resource_of(kind));
    let Control { entry, locked, .. } = control;
    let list = format!("{id}-list");
    let option_id = StoredValue::new(format!("{id}-option"));
    let unable = Memo::new(move |_| !choice.may_ask());
    let option = move |(at, record): (usize, RecordView)| {
        let name = choice.name_of(&record);
        let id = record.id;
        view! {
            <li
                id=format!("{}-{at}", option_id.read_value())
                role="option"
                class="combo-option"
                aria-selected=move || if choice.at.get() == Some(at) { "true" } else { "false" }
                on:mousedown=move |event| event.prevent_default()
                on:click=move |_| choice.choose(Some(id))
            >
                {name}
            </li>
        }
    };
    view! {
        <div class="combo" on:focusout=move |_: FocusEvent| choice.leave()>
            <input
                id=id.clone()
                class="control"
                type="text"
                role="combobox"
                autocomplete="off"
                aria-autocomplete="list"
                aria-expanded=move || if choice.open.get() { "true" } else { "false" }
                aria-controls=list.clone()
                aria-activedescendant=move || choice.at.get().map(|at| format!("{}-{at}", option_id.read_value()))
                aria-required=entry.field.required.then_some("true")
                aria-invalid=move || entry.wrong.get().is_some().then_some("true")
                aria-describedby=format!("{id}-note")
                disabled=move || locked.get() || unable.get()
                prop:value=choice.text
                on:input=move |event| choice.type_in(event_target_value(&event))
                on:keydown=move |event| choice.key(&event)
                on:click=move |_| choice.ask()
            />
            <ul id=list role="listbox" class="combo-list" hidden=move || !choice.open.get()>
                {move || choice.found.get().into_iter().enumerate().map(option).collect_view()}
                <Show when=move || choice.found.read().is_empty()><li class="combo-none soft small">{t().nothing_fits}</li></Show>
            </ul>
        </div>
    }
}

#[derive(Clone, Copy)]
struct Choice {
    shell: Shell,
    control: Control,
    of: Option<&'static Resource>,
    text: RwSignal<String>,
    open: RwSignal<bool>,
    found: RwSignal<Vec<RecordView>>,
    at: RwSignal<Option<usize>>,
    waiting: StoredValue<Option<TimeoutHandle>>,
    asked: StoredValue<u32>,
}

impl Choice {
    fn new(control: Control, of: Option<&'static Resource>) -> Self {
        let choice = Self {
            shell: Shell::expect(),
            control,
            of,
            text: RwSignal::new(String::new()),
            open: RwSignal::new(false),
            found: RwSignal::new(Vec::new()),
            at: RwSignal::new(None),
            waiting: StoredValue::new(None),
            asked: StoredValue::new(0),
        };
        Effect::new(move || choice.text.set(choice.chosen_name()));
        choice
    }

    /// Of what is chosen now.
    fn chosen_name(self) -> String {
        let chosen = self.control.entry.value.with(|value| value.as_str().and_then(|id| id.parse::<Uuid>().ok()));
        let named = |id: Uuid| self.control.draft.names.with(|names| names.get(&id).cloned());
        chosen.map_or_else(String::new, |id| named(id).unwrap_or_else(|| t().another_record.to_owned()))
    }

    fn may_ask(self) -> bool {
        let may = |resource: &Resource| self.shell.session.with(|session| session.view().is_some_and(|view| view.may(&resource.rights.read)));
        self.of.is_some_and(may)
    }

    fn name_of(self, record: &RecordView) -> String {
        self.of.and_then(|of| record.values.get(of.title)).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn type_in(self, text: String) {
        self.text.set(text);
        if let Some(waiting) = self.waiting.get_value() {
            waiting.clear();
        }
        self.waiting.set_value(set_timeout_with_handle(move || self.ask(), PAUSE).ok());
    }

    /// Asks the server for what fits; what is chosen already narrows nothing.
    fn ask(self) {
        let (Some(of), Some(text)) = (self.of, self.text.try_get_untracked()) else { return };
        let sought = if text == untrack(|| self.chosen_name()) { "" } else { text.trim() };
        let mut address = format!("{}?limit={OFFERED}", of.path);
        if !sought.is_empty() {
            address = format!("{address}&q={}", encoded(sought));
        }
        let number = self.asked.try_update_value(|asked| {
            *asked += 1;
            *asked
        });
        spawn_local(async move {
            let Ok(page) = api::get::<Page>(&address).await else { return };
            if self.asked.try_get_value() == number {
                self.at.set((!page.records.is_empty()).then_some(0));
                self.found.set(page.records);
                self.open.set(true);
            }
        });
    }

    fn choose(self, id: Option<Uuid>) {
        let record = self.found.with_untracked(|found| found.iter().find(|record| Some(record.id) == id).cloned());
        if let Some(record) = &record {
            self.control.draft.names.update(|names| drop(names.insert(record.id, self.name_of(record))));
        }
        self.control.set(record.map_or(Value::Null, |record| Value::String(record.id.to_string())));
        self.close();
    }

    fn close(self) {
        self.asked.update_value(|asked| *asked += 1);
        self.open.set(false);
        self.at.set(None);
        self.text.set(untrack(|| self.chosen_name()));
    }

    /// Whoever leaves an empty line wants none; any other text that chose nothing goes back to what is chosen.
    fn leave(self) {
        if self.text.read_untracked().trim().is_empty() && !self.control.entry.value.with_untracked(Value::is_null) {
            self.choose(None);
        } else {
            self.close();
        }
    }

    fn key(self, event: &KeyboardEvent) {
        let count = self.found.read_untracked().len();
        let open = self.open.get_untracked();
        match event.key().as_str() {
            "ArrowDown" | "ArrowUp" if !open => self.ask(),
            "ArrowDown" => self.at.update(|at| *at = step(*at, count, 1)),
            "ArrowUp" => self.at.update(|at| *at = step(*at, count, count.saturating_sub(1))),
            "Enter" if open && !event.ctrl_key() && !event.meta_key() => {
                let chosen = self.at.get_untracked().and_then(|at| self.found.with_untracked(|found| found.get(at).map(|record| record.id)));
                if chosen.is_some() {
                    self.choose(chosen);
                }
            }
            "Escape" if open => {
                event.stop_propagation();
                self.close();
            }
            _ => return,
        }
        event.prevent_default();
    }
}

fn step(at: Option<usize>, count: usize, by: usize) -> Option<usize> {
    (count > 0).then(|| at.map_or(0, |at| (at + by) % count))
}
