//! The Holdfast app: screens in the page, the engine in a worker.

pub mod audit;
pub mod catalog;
pub mod design;
pub mod device;
pub mod engine;
pub mod identity;
pub mod language;
pub mod oversight;
pub mod records;
pub mod sales;
pub mod shell;

/// What modules show on the pages of their records, below the form: one line each.
pub static SECTIONS: &[(&str, records::Section)] = &[("catalog.product", catalog::variants_of), ("catalog.product", catalog::prices_of)];
