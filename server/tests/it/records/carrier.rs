//! The example of docs/ADDING_A_RESOURCE.md, word for word.

use holdfast_domain::kernel::resource::{Email, Phone, Tags};
use holdfast_domain::resource;

resource! {
    /// Who drives goods to customers.
    pub struct Carrier in "wms", one "carrier", many "carriers", called by name {
        /// As on its vans.
        name: String => searched sorted listed unique example(r#""Speedy Express""#),
        /// Where collections are asked for.
        email: Option<Email> => searched listed example(r#""desk@speedy.example""#),
        /// For what cannot wait.
        phone: Option<Phone> => listed example(r#""(503) 555-9831""#),
        /// By when it must be called to come the same day, in hours of the day.
        last_call: Option<u32> => sorted example("16"),
        /// What somebody sorts it by.
        tags: Tags => searched filtered example(r#"["express"]"#),
    }
}
