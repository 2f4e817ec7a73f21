//! `holdfast seed`: a company with as many products as asked.

use super::place::{OpenPlace, Place};
use crate::demo;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::identity::Identity;
use clap::Args;

/// What `seed` takes.
#[derive(Args)]
pub(super) struct Seed {
    #[command(flatten)]
    place: Place,
    /// The company, by its short name; the demo companies are created where they are missing.
    #[arg(long, value_name = "NAME", default_value = "seahorse")]
    tenant: String,
    /// How many products.
    #[arg(long, value_name = "N", default_value_t = demo::MAX_PRODUCTS)]
    products: u32,
    /// The same seed gives the same products.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

impl Seed {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let environment = Environment::system();
        let OpenPlace { database, postgres } = self.place.open(environment.clone()).await?;
        let identity = Identity::start(&database, &environment).await?;
        demo::plant(&database, &environment, identity.passwords()).await?;
        let generated = demo::generate(&database, &self.tenant, (self.products, self.seed)).await?;
        println!("{}: {} rows new or changed", self.tenant, generated.changed_rows);
        database.close().await;
        drop(postgres);
        Ok(())
    }
}
