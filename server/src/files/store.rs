//! Where the bytes of files lie: a folder, or a bucket that speaks S3. An object is written once, under a name that follows from its bytes, and is there whole or not at all.

use crate::failure::{Failure, Fault, Refusal};
use axum::body::Bytes;
use holdfast_domain::kernel::TenantId;
use holdfast_sync::bytes::Digest32;
use object_store::aws::{AmazonS3Builder, Checksum};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreExt as _, PutPayload, RetryConfig};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// How long a store may take to take a connection.
const CONNECT: Duration = Duration::from_secs(3);
/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// How long all attempts may take together: a request has thirty seconds.
const PATIENCE: Duration = Duration::from_secs(15);
/// Attempts beside the first.
const RETRIES: usize = 2;

/// The store.
#[derive(Clone)]
pub struct ObjectFiles {
    store: Arc<dyn ObjectStore>,
    /// What it is, for logs.
    called: Arc<str>,
}

/// A bucket that speaks S3, and who we are there.
#[derive(Clone)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it is, where that is not Amazon's: `https://minio.example:9000`.
    pub endpoint: Option<String>,
    /// The region that requests are signed for.
    pub region: String,
    /// The key that requests are signed by, and its secret.
    pub credentials: (String, String),
}

impl ObjectFiles {
    /// In this folder, which is made when it is not there. What is written there is durable before it counts.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self, Fault> {
        let failed = || format!("use {} for files", folder.display());
        std::fs::create_dir_all(folder).map_err(|error| Fault::new(failed(), error))?;
        let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| Fault::new(failed(), error))?.with_fsync(true);
        Ok(Self { store: Arc::new(store), called: format!("{}", folder.display()).into() })
    }

    /// In a bucket. Whether it answers is seen with the first file.
    pub fn in_bucket(bucket: &Bucket) -> Result<Self, Fault> {
        let Bucket { name, endpoint, region, credentials: (key, secret) } = bucket;
        let retry = RetryConfig {
            max_retries: RETRIES,
            retry_timeout: PATIENCE,
            backoff: BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(1), base: 2.0 },
        };
        let plain = endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let client = ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(ATTEMPT).with_allow_http(plain);
        let builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(region)
            .with_access_key_id(key)
            .with_secret_access_key(secret)
            .with_client_options(client)
            .with_retry(retry)
            // The store compares what came with what we say it is.
            .with_checksum_algorithm(Checksum::SHA256);
        let builder = match endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint),
            None => builder,
        };
        let store = builder.build().map_err(|error| Fault::new(format!("use the bucket {name} for files"), error))?;
        Ok(Self { store: Arc::new(store), called: format!("the bucket {name}").into() })
    }

    /// Keeps the bytes. They are durable when it is done; where it fails, nothing of them counts.
    pub(super) async fn put(&self, tenant: TenantId, sha256: Digest32, bytes: Bytes) -> Result<(), Failure> {
        let put = self.store.put(&path(tenant, sha256), PutPayload::from_bytes(bytes)).await;
        put.map(drop).map_err(|error| self.unavailable("a file was not kept", &error))
    }

    /// The bytes, as they were kept; none where they are not there, or not those any more.
    pub(super) async fn get(&self, tenant: TenantId, sha256: Digest32) -> Result<Option<Bytes>, Failure> {
        let bytes = match self.store.get(&path(tenant, sha256)).await {
            Ok(found) => found.bytes().await,
            Err(error) => Err(error),
        };
        match bytes {
            Ok(bytes) => Ok(is_it(sha256, bytes).await?),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.unavailable("a file was not read", &error)),
        }
    }

    /// Throws them away, if they are there.
    pub(super) async fn delete(&self, tenant: TenantId, sha256: Digest32) -> Result<(), Fault> {
        match self.store.delete(&path(tenant, sha256)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Fault::new(format!("throw a file of {} away", self.called), error)),
        }
    }

    /// Whoever asked can only try again; what is wrong is for whoever runs the server to read.
    fn unavailable(&self, what: &'static str, error: &object_store::Error) -> Failure {
        tracing::error!(error = %error, store = %self.called, "{what}");
        let detail = "The place where files are kept does not answer as it should. Nothing was changed: try again in a while.";
        Refusal { retry_after_s: Some(10), ..Refusal::new(503, "files_unavailable", "Files cannot be kept or read now", detail) }.into()
    }
}

impl fmt::Debug for ObjectFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectFiles({})", self.called)
    }
}

impl fmt::Debug for Bucket {
    /// Without its secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).field("endpoint", &self.endpoint).field("region", &self.region).finish_non_exhaustive()
    }
}

/// Made of an id and a hash that were read as such: no text of a request is ever part of it.
fn path(tenant: TenantId, sha256: Digest32) -> Path {
    Path::from(format!("{tenant}/{sha256}"))
}

/// The bytes, where they have that hash. Whoever could write to the store could otherwise say what people read.
async fn is_it(sha256: Digest32, bytes: Bytes) -> Result<Option<Bytes>, Fault> {
    let looked = tokio::task::spawn_blocking(move || (Digest32::of(&bytes) == sha256).then_some(bytes)).await;
    looked.map_err(|error| Fault::new("look at a file", error))
}
