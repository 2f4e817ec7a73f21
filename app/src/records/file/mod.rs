//! A file of a record: on a form seen, chosen, dropped, taken with the camera, replaced and taken away; small in a list.

mod control;
mod messages;
mod prepare;

pub use control::FileControl;
pub use messages::t;

use crate::design::icon::{Icon, IconMark};
use crate::language::{decimal_fixed, whole};
use crate::records::query::encoded;
use holdfast_domain::kernel::StoredFile;
use holdfast_domain::kernel::resource::{Field, RecordView, Resource};
use leptos::prelude::*;
use rust_decimal::Decimal;
use serde::Deserialize as _;
use serde_json::Value;
use uuid::Uuid;

/// How large so many bytes are.
pub fn size(bytes: u32) -> String {
    if bytes < 1_000_000 {
        t().kilobytes(whole(u64::from(bytes.div_ceil(1_000))))
    } else {
        t().megabytes(decimal_fixed(Decimal::new(i64::from(bytes / 100_000), 1), 1))
    }
}

/// What is said of a file.
fn of(value: &Value) -> Option<StoredFile> {
    StoredFile::deserialize(value).ok()
}

/// Where the file is that a record has. Another file is at another address, so that none is taken for the one before.
fn address(resource: &Resource, record: Uuid, field: &Field, file: &StoredFile) -> String {
    format!("{}/{record}/files/{}?sha256={}", resource.path, field.name, encoded(&file.sha256.to_string()))
}

/// Of a record in a list: a picture small, another file by its name.
pub fn cell(resource: &Resource, field: &Field, record: &RecordView) -> Option<AnyView> {
    let file = record.values.get(field.name).and_then(of)?;
    let address = address(resource, record.id, field, &file);
    Some(if file.media_type.is_image() && field.accepts.iter().all(|accepted| accepted.is_image()) {
        view! { <img class="file-thumbnail" src=address alt=file.name loading="lazy" width="36" height="36" /> }.into_any()
    } else {
        view! { <span class="file-name"><IconMark icon=Icon::Receipt />{file.name}</span> }.into_any()
    })
}
