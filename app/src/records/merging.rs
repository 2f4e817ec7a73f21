//! Two versions of one record, field by field: nobody's work is lost, and a person says which value is kept.

use super::merge::{Difference, Side, chosen, differences};
use super::messages::t;
use super::saving::Editor;
use super::shown::{Names, text_or_dash};
use super::words;
use crate::design::button::{Button, ButtonKind};
use crate::design::dialog::Modal;
use crate::design::field::fresh_id;
use holdfast_domain::kernel::resource::{RecordView, Values};
use leptos::prelude::*;

/// A difference, and which side was chosen.
#[derive(Clone)]
struct Choice {
    of: Difference,
    side: RwSignal<Option<Side>>,
}

/// The dialog in which versions are compared; open while the editor merges.
#[component]
pub fn MergeDialog(
    /// Who works on the record.
    editor: Editor,
    /// Called with what was saved.
    then: Callback<RecordView>,
) -> impl IntoView {
    view! {
        <Modal open=editor.merging class="dialog merge" label=t().merge_title>
            {move || editor.newer.get_untracked().map(|theirs| view! { <Versions editor theirs then /> })}
        </Modal>
    }
}

#[component]
fn Versions(editor: Editor, theirs: RecordView, then: Callback<RecordView>) -> impl IntoView {
    let draft = editor.draft;
    // What may not be written is as it was.
    let mine: Values = untrack(|| draft.base().into_iter().chain(draft.values()).collect());
    let base = untrack(|| draft.base());
    let found = differences(draft.resource, &base, &mine, &theirs.values);
    let names: Names = draft.names.get_untracked().into_iter().chain(theirs.names.clone()).collect();
    let choices: Vec<Choice> = found.into_iter().map(|of| Choice { side: RwSignal::new(of.only()), of }).collect();
    let none = choices.is_empty();
    let rows = choices.iter().map(|choice| row(editor, choice, &names)).collect_view();
    let sides: Vec<_> = choices.iter().map(|choice| choice.side).collect();
    let open_questions = Signal::derive(move || sides.iter().any(|side| side.get().is_none()));
    let save = move || {
        let choices: Vec<_> = choices.iter().filter_map(|choice| choice.side.get_untracked().map(|side| (&choice.of, side))).collect();
        editor.save_merged(theirs.clone(), &chosen(&base, &mine, &theirs.values, &choices), then);
    };
    view! {
        <h2 class="dialog-title">{t().merge_title}</h2>
        <p class="soft">{if none { t().merge_same } else { t().merge_text }}</p>
        <div class="merge-rows">{rows}</div>
        <div class="dialog-actions">
            <Button label=t().cancel kind=ButtonKind::Quiet on_press=move || editor.merging.set(false) />
            <Button label=t().save_choice kind=ButtonKind::Primary disabled=open_questions on_press=save />
        </div>
    }
}

fn row(editor: Editor, choice: &Choice, names: &Names) -> AnyView {
    let resource = editor.draft.resource;
    let (of, chosen) = (choice.of.clone(), choice.side);
    let said = |value: &serde_json::Value| text_or_dash(resource, of.field, value, names);
    let was = said(&of.base);
    let group = fresh_id();
    let side = |side: Side| {
        let (word, value) = (if side == Side::Mine { t().mine } else { t().theirs }, said(of.of(side)));
        let group = group.clone();
        view! {
            <label class="merge-side">
                <input type="radio" name=group prop:checked=move || chosen.get() == Some(side) on:change=move |_| chosen.set(Some(side)) />
                <span class="merge-whose">{word}</span>
                <span class="merge-value">{value}</span>
            </label>
        }
    };
    view! {
        <fieldset class="merge-row" class:open=move || chosen.get().is_none()>
            <legend>{words::field(resource, of.field)}</legend>
            {side(Side::Mine)}
            {side(Side::Theirs)}
            <p class="merge-was soft small">{t().it_was(was)}</p>
        </fieldset>
    }
    .into_any()
}
