//! Records that are the same one: what a record's page says of it, and the page on which two become one.

mod choice;
mod page;

use super::messages::t;
use super::{place, words};
use crate::design::banner::{Banner, Tone};
use holdfast_domain::identity::SessionView;
use holdfast_domain::kernel::resource::{Alike, RecordView, Resource};
use leptos::prelude::*;
use uuid::Uuid;

pub use page::MergeRecords;

/// Whether the account may make one of two records.
pub fn may_merge(resource: &Resource, view: &SessionView) -> bool {
    resource.merges() && view.may(&resource.rights.update) && view.may(&resource.rights.delete)
}

/// The address where a record is merged with another, which may be said already.
pub fn merge_href(resource: &Resource, id: Uuid, with: Option<Uuid>) -> String {
    let with = with.map(|with| format!("?with={with}")).unwrap_or_default();
    format!("{}/merge{with}", place::record_href(resource, id))
}

/// The fields in which both say the same, in words.
pub fn same_fields(resource: &Resource, alike: &Alike) -> String {
    let named = alike.fields.iter().filter_map(|name| resource.field(name));
    named.map(|field| words::field(resource, field)).collect::<Vec<_>>().join(", ")
}

/// Says which others are probably the same one.
#[component]
pub fn AlikeOnes(
    /// What it is one of.
    resource: &'static Resource,
    /// Which.
    id: Uuid,
    /// The others.
    #[prop(into)]
    others: Signal<Vec<Alike>>,
    /// Whether they may be made one here.
    #[prop(into)]
    may_merge: Signal<bool>,
) -> impl IntoView {
    let one = move |other: Alike| {
        let to = place::record_href(resource, other.id);
        let merge = move || {
            may_merge.get().then(|| {
                let href = merge_href(resource, id, Some(other.id));
                view! { <a class="button secondary small" href=href><span class="button-label">{t().merge_compare}</span></a> }
            })
        };
        let action = move || view! { <a class="button quiet small" href=to.clone()><span class="button-label">{t().open_it}</span></a> {merge} };
        view! { <Banner tone=Tone::Attention title=t().alike_title(&other.name) text=t().alike_text(same_fields(resource, &other)) action /> }
    };
    view! { <div class="record-alike">{move || others.get().into_iter().map(one).collect_view()}</div> }
}

/// Says for which one a record was put away.
#[component]
pub fn MergedInto(
    /// What it is one of.
    resource: &'static Resource,
    /// As it is kept.
    #[prop(into)]
    kept: Signal<Option<RecordView>>,
    /// Takes it back into use.
    #[prop(into)]
    restore: ViewFn,
) -> impl IntoView {
    let into = Memo::new(move |_| kept.with(|kept| kept.as_ref().and_then(|kept| Some((kept.merged_into?, kept.names.clone())))));
    let shown = move || {
        into.get().map(|(into, names)| {
            let name = names.get(&into).cloned().unwrap_or_else(|| t().another_record.to_owned());
            let (href, restore) = (place::record_href(resource, into), restore.clone());
            let action =
                move || view! { <a class="button secondary small" href=href.clone()><span class="button-label">{t().open_it}</span></a> {restore.run()} };
            view! { <Banner tone=Tone::Info title=t().merged_title(name) text=t().merged_text.to_owned() action /> }
        })
    };
    view! { {shown} }
}
