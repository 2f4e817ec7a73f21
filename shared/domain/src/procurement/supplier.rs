//! A supplier.

use crate::kernel::resource::{Email, Iban, LongText, Phone, Rows, Sealed, Tags};
use crate::kernel::{Address, Contact, Currency, StoredFile};
use crate::resource;

resource! {
    /// A company that we buy from.
    pub struct Supplier in "procurement", one "supplier", many "suppliers", called by name {
        /// As on its invoices.
        name: String => searched sorted listed unique example(r#""Exotic Liquids""#),
        /// Whom to ask for, the first one first.
        contacts: Rows<Contact> => searched listed personal example(r#"[{ "id": "0a6f2a9e-7d3c-4c8e-9f55-6f0f3a1c2b01", "name": "Charlotte Cooper", "role": "Purchasing Manager", "email": "charlotte@exoticliquids.example", "phone": "(171) 555-2222" }]"#),
        /// Where orders go.
        email: Option<Email> => searched listed personal example(r#""orders@exoticliquids.example""#),
        /// For what cannot wait.
        phone: Option<Phone> => searched personal example(r#""(171) 555-2222""#),
        /// As the tax office knows it.
        tax_number: Option<String> => searched unique longest(30) example(r#""GB123456789""#),
        /// Where it is, and letters go.
        address: Option<Address> => searched sorted filtered listed example(r#"{ "line1": "49 Gilbert St.", "line2": null, "postal_code": "EC1 4SD", "city": "London", "region": null, "country": "GB" }"#),
        /// The bank account that invoices are paid to.
        iban: Option<Sealed<Iban>> => example(r#""GB29NWBK60161331926819""#),
        /// What its prices are in.
        currency: Option<Currency> => filtered example(r#""GBP""#),
        /// Days until an invoice is due.
        payment_days: Option<u32> => sorted example("30"),
        /// What somebody sorts it by.
        tags: Tags => searched filtered listed example(r#"["drinks"]"#),
        /// On which terms it delivers, as both signed them.
        contract: Option<StoredFile> => personal example("null"),
        /// What else there is to know.
        notes: Option<LongText> => personal example("null"),
    }
}
