//! A customer, and the groups in which customers get prices of their own.

use crate::kernel::resource::{Email, Likeness, LongText, Phone, Rows, Tags};
use crate::kernel::{Address, Contact, CustomerGroupId, StoredFile};
use crate::resource;

resource! {
    /// Someone who buys from us.
    pub struct Customer in "sales", one "customer", many "customers", called by name {
        /// Of the person, or of the company.
        name: String => searched sorted listed personal example(r#""Alfreds Futterkiste""#),
        /// Whose prices they get beside those for everybody.
        customer_group: Option<CustomerGroupId> => filtered listed example("null"),
        /// Where invoices go. Two customers who share one are probably the same.
        email: Option<Email> => searched listed alike(Likeness::Email) personal example(r#""maria.anders@alfreds.example""#),
        /// Where they are called. Two customers who share one are probably the same.
        phone: Option<Phone> => searched listed alike(Likeness::Phone) personal example(r#""030-0074321""#),
        /// As the tax office knows them. Two customers who share one are probably the same.
        tax_number: Option<String> => searched alike(Likeness::TaxNumber) personal longest(30) example(r#""DE136695976""#),
        /// Where they are, and invoices go on paper.
        address: Option<Address> => searched sorted filtered listed personal example(r#"{ "line1": "Obere Str. 57", "line2": null, "postal_code": "12209", "city": "Berlin", "region": null, "country": "DE" }"#),
        /// Whom to ask for, of a company.
        contacts: Rows<Contact> => searched personal example(r#"[{ "id": "0a6f2a9e-7d3c-4c8e-9f55-6f0f3a1c2b02", "name": "Maria Anders", "role": "Sales Representative", "email": "maria@alfreds.example", "phone": null }]"#),
        /// What somebody sorts them by.
        tags: Tags => searched filtered example(r#"["bakery"]"#),
        /// On which terms they buy, as both signed them.
        contract: Option<StoredFile> => personal example("null"),
        /// What else there is to know.
        notes: Option<LongText> => personal example("null"),
    }
}

resource! {
    /// Customers that get prices of their own, such as whoever sells on.
    pub struct CustomerGroup in "sales", one "customer_group", many "customer_groups", called by name {
        /// Such as `Wholesale`.
        name: String => searched sorted listed unique longest(100) example(r#""Wholesale""#),
        /// Who belongs to it.
        notes: Option<LongText> => listed example("null"),
    }
}
