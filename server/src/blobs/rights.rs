//! Who may look at a blob.

use super::queries;
use crate::failure::Fault;
use crate::identity::{self, SignedIn};
use crate::tenancy::TenantTx;
use holdfast_domain::kernel::MediaType;
use holdfast_sync::blob::taking::Standing;
use holdfast_sync::bytes::Digest32;
use holdfast_sync::kind::Audience;

/// What somebody may know of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// All of it.
    Readable {
        /// Its size.
        bytes: u32,
        /// Its type.
        media_type: MediaType,
    },
    /// A document that they get names it, and whoever named it has not sent it yet.
    NotUploaded,
    /// Nothing, not even whether it is there.
    Unknown,
}

/// What the account may know, by its rights as they are now.
pub(super) async fn seen(tx: &mut TenantTx, signed_in: &SignedIn, sha256: Digest32) -> Result<Seen, Fault> {
    let mut reach = vec![Audience::Tenant];
    reach.extend(identity::seen_sites(tx).await?.into_iter().map(|site| Audience::Site(site.0)));
    reach.extend(identity::seen_tills(tx).await?.into_iter().map(|till| Audience::Till(till.0)));
    reach.extend(signed_in.person.map(|person| Audience::Person(person.0)));
    let reach: Vec<_> = reach.iter().map(Audience::to_string).collect();
    let found = queries::known(tx, sha256, &reach, signed_in.account).await?;
    Ok(match (found.known.standing(), found.blob) {
        (Standing::Readable, Some((bytes, media_type))) => Seen::Readable { bytes, media_type },
        (Standing::Readable | Standing::Unknown, _) => Seen::Unknown,
        (Standing::NotUploaded, _) => Seen::NotUploaded,
    })
}
