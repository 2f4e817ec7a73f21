//! The form: one column, a control per field, saved with the button or Ctrl-Enter.

use super::address;
use super::control::{Control, FieldControl};
use super::messages::t;
use super::saving::Editor;
use crate::design::button::{Button, ButtonKind};
use holdfast_domain::kernel::resource::RecordView;
use leptos::prelude::*;

/// The form of a record.
#[component]
pub fn RecordForm(
    /// Who works on it.
    editor: Editor,
    /// Nothing can be changed.
    #[prop(into)]
    locked: Signal<bool>,
    /// Who else types, in words; said elsewhere to whoever cannot see it.
    #[prop(optional, into)]
    others: Signal<String>,
    /// Called with what was saved.
    then: Callback<RecordView>,
) -> impl IntoView {
    let draft = editor.draft;
    let is_new = Memo::new(move |_| draft.kept.with(Option::is_none));
    let control = move |entry: super::draft::Entry| {
        let (fixed, written) = (entry.field.fixed, entry.access.writes());
        let locked = Signal::derive(move || !written || locked.get() || editor.holds.get() || (fixed && !is_new.get()));
        view! { <FieldControl control=Control { draft, entry, locked } /> }
    };
    let group = |entries: &[super::draft::Entry]| match entries {
        [entry] if entry.field.part_of.is_none() => control(*entry).into_any(),
        parts => address::group(draft.resource, parts, |entry| control(entry).into_any()),
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            if !locked.get_untracked() {
                editor.save(then);
            }
        }
    };
    let note = move || if is_new.get() { t().not_saved_yet } else { t().changes_not_saved };
    let nothing_to_save = Signal::derive(move || !is_new.get() && !editor.dirty.get());
    view! {
        <form
            class="record-form"
            novalidate=true
            on:keydown=key
            on:submit=move |event| {
                event.prevent_default();
                editor.save(then);
            }
        >
            {draft.entries().chunk_by(|a, b| a.field.part_of.is_some() && a.field.part_of == b.field.part_of).map(group).collect_view()}
            <Show when=move || !locked.get()>
                <footer class="record-foot">
                    <p class="soft small" role="status">
                        {move || if nothing_to_save.get() { t().required_note } else { note() }}
                    </p>
                    <p class="record-foot-others small" aria-hidden="true">{others}</p>
                    <Button label=t().save kind=ButtonKind::Primary submit=true shortcut="Ctrl ⏎" busy=editor.busy disabled=nothing_to_save />
                </footer>
            </Show>
        </form>
    }
}
