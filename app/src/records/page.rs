//! The addresses: which resource and which record they name, and whether whoever is here may look.

use super::import::Import;
use super::list::RecordList;
use super::messages::t;
use super::record::{NewRecordView, Record};
use super::same::MergeRecords;
use super::{place, words};
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::shell::{OfficeFrame, Shell, title};
use holdfast_domain::identity::Permission;
use holdfast_domain::kernel::resource::Resource;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use uuid::Uuid;

/// `/office/:module/:plural`: the list.
#[component]
pub fn ListPage() -> impl IntoView {
    let named = named();
    view! { <OfficeFrame>{move || within(named.get(), |resource| &resource.rights.read, |resource| view! { <RecordList resource /> }.into_any())}</OfficeFrame> }
}

/// `/office/:module/:plural/new`: a form for one that is not there yet.
#[component]
pub fn NewPage() -> impl IntoView {
    let named = named();
    view! { <OfficeFrame>{move || within(named.get(), |resource| &resource.rights.create, |resource| view! { <NewRecordView resource /> }.into_any())}</OfficeFrame> }
}

/// `/office/:module/:plural/import`: many at once, out of a file.
#[component]
pub fn ImportPage() -> impl IntoView {
    let named = named();
    view! { <OfficeFrame>{move || within(named.get(), |resource| &resource.rights.bulk_edit, |resource| view! { <Import resource /> }.into_any())}</OfficeFrame> }
}

/// `/office/:module/:plural/:id`: one of them.
#[component]
pub fn RecordPage() -> impl IntoView {
    let named = named();
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<Uuid>().ok()));
    let record = move |resource| match id.get() {
        Some(id) => view! { <Record resource id /> }.into_any(),
        None => view! { <NoSuchPlace /> }.into_any(),
    };
    view! { <OfficeFrame>{move || within(named.get(), |resource| &resource.rights.read, record)}</OfficeFrame> }
}

/// `/office/:module/:plural/:id/merge`: it and another one become one.
#[component]
pub fn MergePage() -> impl IntoView {
    let named = named();
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").and_then(|id| id.parse::<Uuid>().ok()));
    let merge = move |resource: &'static Resource| match id.get().filter(|_| resource.merges()) {
        Some(id) => view! { <MergeRecords resource id /> }.into_any(),
        None => view! { <NoSuchPlace /> }.into_any(),
    };
    view! { <OfficeFrame>{move || within(named.get(), |resource| &resource.rights.delete, merge)}</OfficeFrame> }
}

/// The resource that the address names.
fn named() -> Memo<Option<&'static Resource>> {
    let params = use_params_map();
    Memo::new(move |_| {
        let params = params.read();
        place::named(&params.get("module")?, &params.get("plural")?)
    })
}

fn within(
    named: Option<&'static Resource>,
    needs: impl Fn(&'static Resource) -> &'static Permission,
    show: impl Fn(&'static Resource) -> AnyView,
) -> AnyView {
    let Some(resource) = named else { return view! { <NoSuchPlace /> }.into_any() };
    title(words::many(resource));
    let may = Shell::expect().session.with_untracked(|session| session.view().is_some_and(|view| view.may(needs(resource))));
    if may {
        show(resource)
    } else {
        view! { <EmptyState icon=Icon::Lock title=t().no_permission text=t().no_permission_text.to_owned() /> }.into_any()
    }
}

#[component]
fn NoSuchPlace() -> impl IntoView {
    title(t().no_such_place);
    view! { <EmptyState icon=Icon::Search title=t().no_such_place text=t().no_such_place_text.to_owned() /> }
}
