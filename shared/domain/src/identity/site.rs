//! A site.

use super::SiteKind;
use crate::kernel::Address;
use crate::kernel::resource::{FieldValue, Shape, TimeZone};
use crate::resource;

impl FieldValue for SiteKind {
    const SHAPE: Shape = Shape::Enumeration(&["shop", "warehouse", "venue"]);
}

resource! {
    /// A shop, a warehouse or a venue.
    pub struct Site in "identity", one "site", many "sites", called by name, at site id {
        /// As people call it.
        name: String => searched sorted listed unique example(r#""Harbour Street""#),
        /// What is done there.
        kind: SiteKind => filtered sorted listed fixed example(r#""shop""#),
        /// In which its days begin and end.
        time_zone: TimeZone => filtered listed example(r#""Europe/Paris""#),
        /// Where it is.
        address: Option<Address> => searched listed example(r#"{ "line1": "12 quai du Port", "line2": null, "postal_code": "13002", "city": "Marseille", "region": null, "country": "FR" }"#),
    }
}
