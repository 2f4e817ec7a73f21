//! Words that every module uses: ids, money, quantities, rates, codes, and what a document and an intent are.

mod address;
mod blob;
mod contact;
mod country;
mod day;
mod document;
pub mod gtin;
pub mod iban;
mod ids;
mod intent;
mod money;
mod quantity;
mod rate;
mod reference;
pub mod resource;
mod rounding;
mod stored_file;

pub use address::{ADDRESS_PARTS, Address};
pub use blob::{BlobRef, MAX_BLOB_BYTES, MediaType, blob_hash};
pub use contact::Contact;
pub use country::{BadCountry, COUNTRIES, Country};
pub use day::{BadDay, Day};
pub use document::{Document, Folded, RULINGS, ReadFacts, Recorded, fold, read_facts};
pub use holdfast_sync::ids::{AccountId, ChainId, DeviceId, DocumentId, Epoch, FactId, GrantId, IntentId, TenantId};
pub use holdfast_sync::time::Timestamp;
pub use ids::{
    BlockId, CategoryId, CustomerGroupId, PersonId, PriceId, PriceListId, PriceListLineId, ProductId, SiteId, TaxChangeId, TaxRateId, TillId,
};
pub use intent::{DocumentKind, Intent, IntentEntry, Refusal, SYSTEM, call, intent, is_system};
pub use money::{Currency, Money, MoneyError};
pub use quantity::{Quantity, QuantityError};
pub use rate::{Discount, Rate, RateError};
pub use reference::{Reference, RowVersion};
pub use rounding::{contained_tax, line_gross};
pub use stored_file::{Image, LONGEST_FILE_NAME, MOST_IMAGE_PIXELS, MOST_IMAGE_SIDE, StoredFile, file_name, is_image_size};
