//! What Holdfast knows, the same on the device and on the server: the kernel's words, and one folder per module.

pub mod audit;
pub mod blobs;
pub mod catalog;
pub mod events;
pub mod held;
pub mod identity;
pub mod import;
pub mod kernel;
pub mod procurement;
pub mod reporting;
pub mod sales;

use holdfast_sync::kind::Kinds;
use kernel::resource::{Record, Resource};

/// Every kind of document there is: one line each.
pub static KINDS: Kinds = Kinds(&[&sales::till_session::KIND, &sales::ticket::KIND]);

/// Every resource there is: one line each.
pub static RESOURCES: &[Resource] = &[
    identity::Site::RESOURCE,
    catalog::ProductRecord::RESOURCE,
    catalog::CategoryRecord::RESOURCE,
    catalog::TaxRateRecord::RESOURCE,
    sales::Customer::RESOURCE,
    procurement::Supplier::RESOURCE,
];
