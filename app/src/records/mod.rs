//! The office's pages of what it keeps: a list, a form and a timeline for every resource that `holdfast_domain::RESOURCES` declares, and nothing here that
//! knows one of them by name. What they are called stands in the languages' files ([`words`]).
//!
//! [`list`] shows the rows that a [`query`] asks for, [`record`] one record as a [`form`] beside its [`timeline`]. What somebody typed is kept until it is
//! saved: where another saved first, [`merging`] shows both versions. What is done to many at once is in [`bulk`].

mod address;
mod beside;
mod bulk;
mod child_rows;
mod columns;
mod control;
mod draft;
mod file;
mod filters;
mod form;
mod import;
mod list;
mod merge;
mod merging;
mod messages;
mod page;
mod place;
mod presence;
mod query;
mod reach;
mod record;
mod reference;
mod rows;
mod same;
mod saving;
mod shown;
mod tags;
mod timeline;
mod typed;
mod views;
mod words;

pub use beside::Section;
pub use control::{Control as FieldInput, FieldControl};
pub use draft::{Draft as FieldDraft, Entry as FieldEntry};
pub use messages::not_saved;
pub use page::{ImportPage, ListPage, MergePage, NewPage, RecordPage};
pub use place::{Deed, Place, deeds, icon, places, record_href};
pub use query::encoded;
pub use reach::writes_new;
pub use saving::asking;
pub use shown::{text as value_text, text_or_dash};
pub use views::{all as all_views, view_href};
pub use words::{field as field_name, many as record_names, module as module_name, one as record_name};

/// The screens' sheet.
pub const STYLES: &[&str] = &[include_str!("records.css")];
