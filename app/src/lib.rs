//! The Holdfast app: screens in the page, the engine in a worker.

pub mod device;
pub mod design;
pub mod engine;
pub mod language;
