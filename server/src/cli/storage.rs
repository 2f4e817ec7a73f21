//! Where `serve` keeps the files of records.

use crate::failure::Fault;
use crate::files::{Bucket, ObjectFiles};
use clap::Args;
use std::path::Path;

/// A bucket, or nothing: then files lie in the data folder.
#[derive(Args)]
pub(super) struct Storage {
    /// A bucket that speaks S3, to keep the files of records in; without one they lie in `files` of the data folder.
    #[arg(long, value_name = "BUCKET", env = "HOLDFAST_S3_BUCKET")]
    s3_bucket: Option<String>,
    /// Where it is, where that is not Amazon's, such as https://minio.example:9000.
    #[arg(long, value_name = "URL", env = "HOLDFAST_S3_ENDPOINT")]
    s3_endpoint: Option<String>,
    /// The region that requests are signed for.
    #[arg(long, value_name = "REGION", env = "HOLDFAST_S3_REGION", default_value = "us-east-1")]
    s3_region: String,
    /// The key that requests are signed by.
    #[arg(long, value_name = "ID", env = "HOLDFAST_S3_ACCESS_KEY_ID", hide_env_values = true, default_value = "")]
    s3_access_key_id: String,
    /// Its secret; better given in the environment, where other programs do not see it.
    #[arg(long, value_name = "SECRET", env = "HOLDFAST_S3_SECRET_ACCESS_KEY", hide_env_values = true, default_value = "")]
    s3_secret_access_key: String,
}

impl Storage {
    /// Opens it. An empty value is none: so a deployment can leave it out.
    pub(super) fn open(&self, data: &Path) -> Result<ObjectFiles, Fault> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let Some(name) = given(&self.s3_bucket) else { return ObjectFiles::in_folder(&data.join("files")) };
        if self.s3_access_key_id.is_empty() || self.s3_secret_access_key.is_empty() {
            return Err(Fault::because(format!("the bucket {name} needs HOLDFAST_S3_ACCESS_KEY_ID and HOLDFAST_S3_SECRET_ACCESS_KEY")));
        }
        let credentials = (self.s3_access_key_id.clone(), self.s3_secret_access_key.clone());
        ObjectFiles::in_bucket(&Bucket { name, endpoint: given(&self.s3_endpoint), region: self.s3_region.clone(), credentials })
    }
}
