//! Words that every module uses.

mod ids;

pub use holdfast_sync::ids::{AccountId, ChainId, DeviceId, DocumentId, Epoch, FactId, GrantId, IntentId, TenantId};
pub use holdfast_sync::time::Timestamp;
pub use ids::{PersonId, ProductId, SiteId, TaxRateId, TillId};
