//! The bar below a list while rows are chosen: how many, and what can be done with them.

use super::super::messages::t;
use super::fields::some_may_be_changed;
use super::sheet::BulkSheet;
use super::{Bulk, Verb, focus};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::language::whole;
use holdfast_domain::kernel::resource::MOST_BULK;
use leptos::prelude::*;

/// The bar, and the sheet that it opens.
#[component]
pub fn BulkBar(
    /// Of the list.
    bulk: Bulk,
) -> impl IntoView {
    let some = Memo::new(move |_| !bulk.choice.read().is_empty());
    let count = move || t().chosen(bulk.count());
    let clear = move || {
        bulk.clear();
        // The button that had the focus is gone with the bar.
        let _focused = focus(".table-choose input");
    };
    view! {
        <p class="unseen" role="status">{move || some.get().then(count)}</p>
        <Show when=move || some.get()>
            <div class="bulk-bar" role="group" aria-label=t().bulk>
                <div class="bulk-count"><span class="strong" aria-hidden="true">{count}</span><AllFound bulk /></div>
                <div class="row bulk-acts">
                    <Acts bulk />
                    <Button label=t().clear kind=ButtonKind::Quiet on_press=clear />
                </div>
            </div>
        </Show>
        <BulkSheet bulk />
    }
}

/// Offers all that the list finds, once all that is there is chosen and there is more.
#[component]
fn AllFound(bulk: Bulk) -> impl IntoView {
    let more = Memo::new(move |_| {
        let (rows, total) = (bulk.rows.read(), bulk.total.get());
        let offered = bulk.choice.with(|choice| choice.has_all(&rows) == Some(true) && choice.count(total) < total);
        offered.then_some(total)
    });
    move || {
        more.get().map(|total| {
            if total > MOST_BULK as u64 {
                view! { <span class="soft small">{t().choose_most(whole(MOST_BULK as u64))}</span> }.into_any()
            } else {
                let all = move || bulk.choice.set(super::Choice::All);
                view! { <Button label=t().choose_all(whole(total)) kind=ButtonKind::Quiet size=ButtonSize::Small on_press=all /> }.into_any()
            }
        })
    }
}

#[component]
fn Acts(bulk: Bulk) -> impl IntoView {
    let rights = &bulk.resource.rights;
    let may = |permission| bulk.shell.session.with_untracked(|session| session.view().is_some_and(|view| view.may(permission)));
    let (may_change, may_put) = (some_may_be_changed(bulk.shell, bulk.resource), may(&rights.delete));
    let button = move |label, verb| view! { <Button label on_press=move || bulk.begin(verb) /> };
    let archived = Memo::new(move |_| bulk.query.read().archived);
    move || {
        if archived.get() {
            may_put.then(|| button(t().restore, Verb::Restore)).into_any()
        } else {
            view! {
                {may_change.then(|| button(t().bulk_edit, Verb::Change))}
                {may_put.then(|| button(t().archive, Verb::Archive))}
            }
            .into_any()
        }
    }
}
