//! What a module shows on the page of one of its records, below the form.

use crate::SECTIONS;
use crate::shell::Live;
use holdfast_domain::kernel::resource::Resource;
use leptos::prelude::*;
use uuid::Uuid;

/// A section of the page of a record, of which it knows the id; it reads again when something moved.
pub type Section = fn(Uuid, Live) -> AnyView;

/// The sections of a record's page.
pub fn sections(resource: &Resource, id: Uuid, live: Live) -> Vec<AnyView> {
    SECTIONS.iter().filter(|(kind, _)| *kind == resource.kind).map(|(_, section)| section(id, live)).collect()
}
