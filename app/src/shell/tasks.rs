//! What needs the person: what was ruled on their tickets, and what they entered that is not in the books.

use super::Shell;
use super::download::download;
use super::messages::{self, t};
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::dialog::Dialog;
use crate::engine::protocol::{Answer, Request, TaskEntry, TaskView};
use crate::language::{day_and_time, money};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsValue;

/// The tasks, newest first; `sheet` is what they lie on, and is put away when one leads elsewhere.
pub fn tasks(shell: Shell, sheet: RwSignal<bool>, tasks: Vec<TaskView>) -> impl IntoView {
    let one = move |task: TaskView| view! { <Task shell sheet task /> };
    (!tasks.is_empty()).then(|| view! { <section class="stack tight"><h3>{t().needs_you}</h3>{tasks.into_iter().map(one).collect_view()}</section> })
}

#[component]
fn Task(shell: Shell, sheet: RwSignal<bool>, task: TaskView) -> impl IntoView {
    let (title, text) = messages::task(&task.code);
    let title = if task.label.is_empty() { title.to_owned() } else { format!("{} · {title}", task.label) };
    let id = StoredValue::new(task.id.clone());
    let dismiss = move || spawn_local(shell.ask_sync(Request::Dismiss { task: id.get_value() }));
    let Some(entry) = task.entry.clone() else {
        let action = move || view! { <Button label=t().understood size=ButtonSize::Small on_press=dismiss /> };
        return view! { <Banner tone=Tone::Attention title text=text.to_owned() code=task.code action /> }.into_any();
    };
    let asks = RwSignal::new(false);
    let openable = entry.openable;
    let (open, export) = (opens(sheet, &task), move || spawn_local(export(shell, id.get_value())));
    let actions = move || {
        view! {
            {openable.then(|| view! { <Button label=t().open_ticket kind=ButtonKind::Primary size=ButtonSize::Small on_press=open /> })}
            <Button label=t().export_entry size=ButtonSize::Small on_press=export />
            <Button label=t().dismiss_entry kind=ButtonKind::Quiet size=ButtonSize::Small on_press=move || asks.set(true) />
        }
    };
    let kept = if entry.openable { t().rest_is_kept } else { t().nothing_else_there };
    view! {
        <Banner tone=Tone::Attention title text=format!("{} {kept} {text}", lost(shell, &task, &entry)) code=task.code.clone() action=actions />
        <Dialog
            open=asks
            title=t().dismiss_title
            actions=move || view! {
                <Button label=t().keep_entry kind=ButtonKind::Quiet on_press=move || asks.set(false) />
                <Button label=t().dismiss_entry kind=ButtonKind::Danger on_press=dismiss />
            }
        >
            <p>{t().dismiss_text}</p>
        </Dialog>
    }
    .into_any()
}

/// Who entered what, and when.
fn lost(shell: Shell, task: &TaskView, entry: &TaskEntry) -> String {
    let currency = shell.device.with_untracked(|device| device.as_ref().and_then(|device| device.till.as_ref()).map(|till| till.currency.clone()));
    let amount = entry.amount_minor.zip(currency).map(|(minor, currency)| money(minor, &currency));
    let when = day_and_time(task.at, &shell.time_zone());
    let said = [Some(when), Some(entry.by.clone()), Some(messages::deed(&entry.intent).to_owned()), Some(entry.what.clone()), amount];
    let said: Vec<_> = said.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    t().lost_entry(said.join(" · "))
}

/// Leads to what was kept of the ticket.
fn opens(sheet: RwSignal<bool>, task: &TaskView) -> impl Fn() + Clone + Send + Sync + 'static {
    let (navigate, document) = (use_navigate(), task.document);
    move || {
        sheet.set(false);
        navigate(&format!("/till/tickets/{document}"), Default::default());
    }
}

/// Hands the entry out as a file.
async fn export(shell: Shell, task: String) {
    let name = format!("holdfast-{}.json", task.replace(':', "-"));
    if let Ok(Answer::Exported(text)) = shell.engine().ask(Request::Export { task }).await
        && download(&name, &text).is_none()
    {
        web_sys::console::error_1(&JsValue::from_str("the browser gives out no files"));
    }
}
