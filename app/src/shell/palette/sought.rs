//! Records that fit what was typed, as the server finds them, and the names of those that were chosen lately.

use super::choices::{Choice, Group};
use crate::design::icon::Icon;
use crate::records;
use crate::shell::api;
use holdfast_domain::kernel::resource::{Found, FoundPage, RecordView, SavedView};
use holdfast_domain::resource_of;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use uuid::Uuid;

/// Between the last key and the question.
const PAUSE: Duration = Duration::from_millis(150);
/// Of those that were chosen lately, the most whose names are asked for.
const MOST_NAMED: usize = 5;
/// What a record's key begins with.
const RECORD: &str = "record:";

/// How the search stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing is being asked.
    Settled,
    /// The answer is on its way.
    Asking,
    /// There was none.
    Failed,
}

/// The search.
#[derive(Clone, Copy)]
pub struct Sought {
    /// What was found for what was typed last.
    pub found: RwSignal<Vec<Choice>>,
    /// Records that were chosen lately and may still be read.
    pub named: RwSignal<Vec<Choice>>,
    /// Views of lists that somebody has.
    pub views: RwSignal<Vec<Choice>>,
    /// How it stands.
    pub state: RwSignal<State>,
    waiting: StoredValue<Option<TimeoutHandle>>,
    asked: StoredValue<u32>,
}

impl Sought {
    /// Nothing is sought yet.
    pub fn new() -> Self {
        Self {
            found: RwSignal::new(Vec::new()),
            named: RwSignal::new(Vec::new()),
            views: RwSignal::new(Vec::new()),
            state: RwSignal::new(State::Settled),
            waiting: StoredValue::new(None),
            asked: StoredValue::new(0),
        }
    }

    /// Asks for what fits, once nothing more is typed for a moment. What was found before stays until the answer is there.
    pub fn ask(self, text: &str) {
        if let Some(waiting) = self.waiting.get_value() {
            waiting.clear();
        }
        self.asked.update_value(|asked| *asked = asked.wrapping_add(1));
        if text.is_empty() {
            self.found.set(Vec::new());
            return self.state.set(State::Settled);
        }
        self.state.set(State::Asking);
        let address = format!("/api/v1/search?q={}", records::encoded(text));
        self.waiting.set_value(set_timeout_with_handle(move || self.send(address.clone()), PAUSE).ok());
    }

    fn send(self, address: String) {
        let Some(number) = self.asked.try_get_value() else { return };
        spawn_local(async move {
            let answer = api::get::<FoundPage>(&address).await;
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            self.state.set(if answer.is_ok() { State::Settled } else { State::Failed });
            self.found.set(answer.map(|page| page.found.into_iter().filter_map(choice).collect()).unwrap_or_default());
        });
    }

    /// Asks which views of lists there are.
    pub fn ask_views(self) {
        spawn_local(async move {
            let views = records::all_views().await;
            self.views.try_set(views.iter().filter_map(view_choice).collect());
        });
    }

    /// Asks what the records of these keys are called now; those that are gone, or not to be read any more, stay unnamed.
    pub fn name_recent(self, recent: &[String]) {
        for (kind, id) in recent.iter().filter_map(|key| record_of(key)).take(MOST_NAMED) {
            let Some(resource) = resource_of(&kind) else { continue };
            spawn_local(async move {
                let Ok(record) = api::get::<RecordView>(&format!("{}/{id}", resource.path)).await else { return };
                let name = record.values.get(resource.title).and_then(|name| name.as_str()).unwrap_or_default().to_owned();
                let named = choice(Found { kind, id, name }).filter(|_| record.archived_at.is_none());
                self.named.try_update(|known| known.extend(named));
            });
        }
    }
}

fn choice(Found { kind, id, name }: Found) -> Option<Choice> {
    let resource = resource_of(&kind)?;
    Some(Choice {
        key: format!("{RECORD}{kind}:{id}"),
        group: Group::Records,
        label: name,
        detail: records::record_name(resource),
        icon: records::icon(resource),
        href: records::record_href(resource, id),
    })
}

fn view_choice(view: &SavedView) -> Option<Choice> {
    let (href, resource) = records::view_href(view)?;
    let (label, detail) = (view.name.clone(), records::record_names(resource));
    Some(Choice { key: format!("view:{}", view.id), group: Group::Pages, label, detail, icon: Icon::Eye, href })
}

fn record_of(key: &str) -> Option<(String, Uuid)> {
    let (kind, id) = key.strip_prefix(RECORD)?.split_once(':')?;
    Some((kind.to_owned(), id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_records_key_names_it_and_nothing_else_does() {
        let id = Uuid::from_u128(7);
        let made = choice(Found { kind: "procurement.supplier".to_owned(), id, name: "Exotic".to_owned() }).unwrap();
        assert_eq!(record_of(&made.key), Some(("procurement.supplier".to_owned(), id)));
        for key in ["page:/office", "record:x", "record:procurement.supplier:7"] {
            assert_eq!(record_of(key), None, "{key}");
        }
    }
}
