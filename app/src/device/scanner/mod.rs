//! Scanners: whatever reads a code, a page hears it as one scan.

pub mod wedge;
