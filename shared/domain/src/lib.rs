//! What Holdfast knows, the same on the device and on the server: the kernel's words, and one folder per module.

pub mod identity;
pub mod kernel;
