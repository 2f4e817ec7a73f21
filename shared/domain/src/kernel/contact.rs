//! Whom to ask for, and how they are reached.

use crate::kernel::resource::{Email, Phone};
use crate::rows;

rows! {
    /// Somebody to ask for.
    pub struct Contact called "contact", in order {
        /// Who they are.
        name: String => longest(120),
        /// What they answer for.
        role: Option<String> => longest(80),
        /// Where they are written to.
        email: Option<Email>,
        /// Where they are called.
        phone: Option<Phone>,
    }
}
