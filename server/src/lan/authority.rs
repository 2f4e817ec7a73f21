//! The certificate authority of one installation.

use crate::environment::Environment;
use crate::failure::Fault;
use crate::tenancy::to_stored;
use axum_server::tls_rustls::RustlsConfig;
use holdfast_sync::bytes::Digest32;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PublicKeyData as _,
};
use std::fs::{File, Permissions};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const AUTHORITY_DAYS: i64 = 3_650;
/// Phones refuse certificates that run for longer than 825 days.
const LEAF_DAYS: i64 = 365;

/// Signs this installation's certificates. Its key never leaves the data folder.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

/// A certificate for this machine's names, with its key, which is never written down.
pub(super) struct Leaf {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Authority {
    /// Opens the one in `folder`, or makes it.
    pub(super) fn open(folder: &Path, environment: &Environment) -> Result<Self, Fault> {
        let (key_file, certificate_file) = (folder.join("ca.key"), folder.join("ca.crt"));
        if !certificate_file.exists() {
            let key = KeyPair::generate().map_err(|error| Fault::new("make the certificate authority's key", error))?;
            let certificate = params(&key, environment).self_signed(&key).map_err(|error| Fault::new("make the certificate authority", error))?;
            std::fs::create_dir_all(folder).map_err(|error| Fault::new("create the folder of the certificate authority", error))?;
            write_private(&key_file, &key.serialize_pem())?;
            // Written last: it says that the key is whole.
            write_private(&certificate_file, &certificate.pem())?;
        }
        let read = |file: &Path| std::fs::read_to_string(file).map_err(|error| Fault::new(format!("read {}", file.display()), error));
        let key = KeyPair::from_pem(&read(&key_file)?).map_err(|error| Fault::new(format!("read {}", key_file.display()), error))?;
        Ok(Self { certificate: read(&certificate_file)?, issuer: Issuer::new(params(&key, environment), key) })
    }

    /// What devices install.
    pub(super) fn into_certificate_pem(self) -> String {
        self.certificate
    }

    /// A certificate for these names and addresses.
    pub(super) fn issue(&self, names: Vec<String>, environment: &Environment) -> Result<Leaf, Fault> {
        let failed = |error| Fault::new("make this machine's certificate", error);
        let key = KeyPair::generate().map_err(failed)?;
        let mut params = CertificateParams::new(names).map_err(failed)?;
        params.distinguished_name = named("Holdfast");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        last(&mut params, LEAF_DAYS, environment);
        let certificate = params.signed_by(&key, &self.issuer).map_err(failed)?;
        Ok(Leaf { certificate: certificate.der().to_vec(), key: key.serialize_der() })
    }
}

impl Leaf {
    pub(super) fn tls_config(&self) -> Result<RustlsConfig, Fault> {
        let failed = |error| Fault::new("set up TLS", error);
        let key = rustls::pki_types::PrivatePkcs8KeyDer::from(self.key.clone());
        let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .with_no_client_auth()
            .with_single_cert(vec![self.certificate.clone().into()], key.into())
            .map_err(failed)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(RustlsConfig::from_config(Arc::new(config)))
    }
}

/// Told apart from other installations' authorities by its key, and the same at every start.
fn params(key: &KeyPair, environment: &Environment) -> CertificateParams {
    let mark = &Digest32::of(&key.subject_public_key_info()).to_string()[..8];
    let mut params = CertificateParams::default();
    params.distinguished_name = named(&format!("Holdfast local authority {mark}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    last(&mut params, AUTHORITY_DAYS, environment);
    params
}

fn named(name: &str) -> DistinguishedName {
    let mut named = DistinguishedName::new();
    named.push(DnType::CommonName, name);
    named
}

/// From yesterday, because a phone's clock may be behind.
fn last(params: &mut CertificateParams, days: i64, environment: &Environment) {
    let now = environment.now();
    params.not_before = to_stored(now.plus_ms(-DAY_MS));
    params.not_after = to_stored(now.plus_ms(days * DAY_MS));
}

fn write_private(file: &Path, text: &str) -> Result<(), Fault> {
    let write = || {
        let mut open = File::create(file)?;
        open.set_permissions(Permissions::from_mode(0o600))?;
        open.write_all(text.as_bytes())?;
        open.sync_all()
    };
    write().map_err(|error| Fault::new(format!("write {}", file.display()), error))
}
