//! A person.

use crate::kernel::resource::{Email, LongText, Phone, Sealed, Tags};
use crate::resource;

resource! {
    /// Someone who can be planned. They may have an account, which is a login, or none.
    pub struct Person in "identity", one "person", many "people", called by name {
        /// As they are called.
        name: String => searched sorted listed personal example(r#""Denise Laurent""#),
        /// Where they are written to. No two people share one: they would be the same.
        email: Option<Email> => searched listed unique personal example(r#""denise@laurent.example""#),
        /// Where they are called.
        phone: Option<Phone> => searched listed personal example(r#""+33 6 12 34 56 78""#),
        /// What they are asked for.
        tags: Tags => searched filtered listed example(r#"["forklift"]"#),
        /// Whom to call, and what to know of their health, if something happens to them.
        emergency: Option<Sealed<LongText>> => personal example(r#""Marc Laurent, +33 6 98 76 54 32. Allergic to penicillin.""#),
        /// What else there is to know.
        notes: Option<LongText> => personal example("null"),
    }
}
