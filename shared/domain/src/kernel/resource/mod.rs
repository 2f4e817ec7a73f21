//! Resources: what the office keeps, declared once.
//!
//! A [`resource!`](crate::resource) declaration is a record's type and, for each field, what the server, the screens and the documentation need to know of it: its shape, its
//! bounds, whether it is searched, sorted by, filtered by or shown. From it come the addresses, the checks on both sides, the columns, lists, forms, the audit and
//! the change events. docs/ADDING_A_RESOURCE.md walks through one.

mod alike;
mod bulk;
mod check;
mod field;
mod import;
mod list;
mod mask;
mod parts;
mod presence;
mod record;
mod rows;
mod saved_view;
mod shape;

pub use alike::{Alike, Likeness, MergeRecords};
pub use bulk::{BulkAct, BulkChange, BulkEdit, BulkOutcome, BulkRecord, BulkRefusal, BulkReport, LONGEST_QUERY, MOST_BULK, Seen, Which};
pub use check::{FieldProblem, LONGEST_TAG, Wrong, check, complete, tidy, tidy_one, wrong_of};
pub use field::{Field, said};
pub use import::{AlikeLine, BrokenImport, ImportLine, ImportProgress, ImportReport, MOST_ALIKE_TOLD, MOST_IMPORTED, MOST_REFUSED_TOLD, RefusedLine};
pub use list::{Change, Changes, Found, FoundPage, MOST_COUNTED, NewRecord, Page, Reason, RecordChange, RecordView, Timeline, Values};
pub use mask::{HIDDEN, is_masked, masked};
pub use parts::{changes_of_parts, gather, leaf_called, make_whole, of_leaf};
pub use presence::{Present, StillHere};
pub use record::{Record, Resource, Rights};
pub use rows::{Row, RowChanges, RowShape, Rows, is_change_of_rows, name_rows, row_path};
pub use saved_view::{LONGEST_VIEW_NAME, NewView, SavedView, SavedViews, ViewChange};
pub use shape::{Email, FieldValue, Gtin, Iban, LongText, Phone, Sealed, Shape, Tags, TimeZone};
