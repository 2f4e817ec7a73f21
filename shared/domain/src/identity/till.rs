//! A till, as the office keeps it.

use crate::kernel::SiteId;
use crate::resource;

resource! {
    /// A place in a shop where customers pay. A device becomes it when it is set up.
    pub struct TillRecord in "identity", one "till", many "tills", called by name, at site site {
        /// As people call it. No two tills of a site share one.
        name: String => searched sorted listed unique_within("site") longest(100) example(r#""Till 3""#),
        /// Where it stands.
        site: SiteId => filtered listed fixed example(r#""00000000-0000-0000-0000-000000000001""#),
    }
}
