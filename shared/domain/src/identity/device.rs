//! `POST /api/v1/identity/devices` enrols a device and its key; `POST /api/v1/identity/grants` renews or adds a grant on it.

use super::Permission;
use crate::kernel::{AccountId, ChainId, DeviceId, Epoch, GrantId, PersonId, SiteId, TenantId, TillId, Timestamp};
use holdfast_sync::bytes::{Bytes, Digest32};
use holdfast_sync::outbox_file::Point;
use serde::{Deserialize, Serialize};

/// How a device signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyAlgorithm {
    /// Ed25519 (RFC 8032): public key of 32 bytes, signature of 64.
    Ed25519,
    /// ECDSA over P-256 with SHA-256: public key as uncompressed point of 65 bytes, signature as r ‖ s of 64 bytes.
    P256,
}

/// A browser profile presents itself. The key never leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceEnrolment {
    /// Chosen by the device.
    pub device: DeviceId,
    /// The creation of its database.
    pub chain: ChainId,
    /// As shown in the office, such as `Till 1, Harbour Street`.
    pub name: String,
    /// How it signs.
    pub algorithm: KeyAlgorithm,
    /// The public key, raw.
    pub public_key: Bytes,
    /// The till it works at, for tills.
    pub till: Option<TillId>,
    /// The key's signature over [`DeviceEnrolment::to_sign`]: public keys travel with grants, so knowing one must not be enough to speak for its device.
    pub proof: Bytes,
}

impl DeviceEnrolment {
    /// What the device signs to show that it has its key: `holdfast enrolment 1`, SHA-256 of the session's `csrf`, device, chain, till (16 zero bytes for none) and the
    /// name in UTF-8. With the session in it, a proof that somebody overheard is of no use to them. No header of an envelope begins like this.
    pub fn to_sign(&self, csrf: &str) -> Vec<u8> {
        let till = self.till.map_or([0; 16], |till| till.0.into_bytes());
        let parts: [&[u8]; 6] = [
            b"holdfast enrolment 1",
            &Digest32::of(csrf.as_bytes()).0,
            self.device.0.as_bytes(),
            self.chain.0.as_bytes(),
            &till,
            self.name.as_bytes(),
        ];
        parts.concat()
    }
}

/// The device is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DeviceEnrolled {
    /// The account's grant on it: a JWT.
    pub grant: String,
    /// The server's clock.
    pub server_time_ms: Timestamp,
    /// The feed's epoch.
    pub epoch: Epoch,
    /// What its outbox files are sealed to; none of a server that opens none.
    #[serde(default)]
    pub sealing_key: Option<Point>,
}

/// Asks for a grant of the signed-in account on an enrolled device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GrantRequest {
    /// The device.
    pub device: DeviceId,
    /// The key's signature over [`GrantRequest::to_sign`]: with its grant the session becomes the device's, and that is for nobody who merely knows its id.
    pub proof: Bytes,
}

impl GrantRequest {
    /// What the device signs: `holdfast grant 1`, SHA-256 of the session's `csrf`, device.
    pub fn to_sign(device: DeviceId, csrf: &str) -> Vec<u8> {
        let parts: [&[u8]; 3] = [b"holdfast grant 1", &Digest32::of(csrf.as_bytes()).0, device.0.as_bytes()];
        parts.concat()
    }
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GrantIssued {
    /// A JWT of [`GrantClaims`], signed by the server (EdDSA).
    pub grant: String,
    /// What the device's outbox files are sealed to from now on; none of a server that opens none.
    #[serde(default)]
    pub sealing_key: Option<Point>,
}

/// What a grant says: what its holder may do offline on this device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantClaims {
    /// The grant's id.
    pub jti: GrantId,
    /// The account.
    pub sub: AccountId,
    /// The person behind it.
    pub person: Option<PersonId>,
    /// The company.
    pub tid: TenantId,
    /// The sites it may act at.
    pub whid: Vec<SiteId>,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// The device it holds on.
    pub device: DeviceId,
    /// The name printed on what the holder does.
    pub name: String,
    /// Issued, in seconds since 1970.
    pub iat: i64,
    /// Expires, in seconds since 1970: 45 days later. Later facts are marked, never dropped.
    pub exp: i64,
    /// Whose signatures it speaks for (RFC 7800): without it, who learns a grant could enrol its device's id anew after a restore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<KeyConfirmation>,
}

/// The key that a grant is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyConfirmation {
    /// SHA-256 of the device's public key, raw, in hex.
    pub kid: String,
    /// The key itself, in grants that travel with what others prove: should the server be put back to before the device enrolled, it takes the device up again
    /// from its own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<ConfirmedKey>,
}

/// A device's key, as it enrolled with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmedKey {
    /// How it signs.
    pub algorithm: KeyAlgorithm,
    /// The public key, raw.
    pub public_key: Bytes,
}

impl KeyConfirmation {
    /// Of a device's public key.
    pub fn of(public_key: &[u8]) -> Self {
        let digest = Digest32::of(public_key);
        Self { kid: digest.0.iter().map(|byte| format!("{byte:02x}")).collect(), key: None }
    }

    /// Whether it speaks of that key.
    pub fn confirms(&self, public_key: &[u8]) -> bool {
        self.kid == Self::of(public_key).kid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_a_device_signs_to_enrol_is_what_the_documentation_says() {
        let id = |byte: u8| Uuid::from_bytes([byte; 16]);
        let enrolment = DeviceEnrolment {
            device: DeviceId(id(0x11)),
            chain: ChainId(id(0x22)),
            name: "Till 1".to_owned(),
            algorithm: KeyAlgorithm::Ed25519,
            public_key: Bytes(Vec::new()),
            till: Some(TillId(id(0x33))),
            proof: Bytes(Vec::new()),
        };
        let signed = enrolment.to_sign("c5rf").iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/SYNC.md")).unwrap();
        assert!(page.split_whitespace().collect::<String>().contains(&signed), "{signed}");
        let nowhere = DeviceEnrolment { till: None, ..enrolment }.to_sign("c5rf");
        assert_eq!(nowhere[20 + 32 + 16 + 16..][..16], [0; 16]);
    }
}
