//! `holdfast books`: the books against the documents they come from.

use super::place::{OpenPlace, Place};
use crate::environment::Environment;
use crate::failure::{Failure, Fault};
use crate::sales::{Rewriting, rebuild};
use clap::{Args, ValueEnum};

/// What `books` takes.
#[derive(Args)]
pub(super) struct Books {
    /// `verify` compares and changes nothing, and fails where something differs; `repair` writes the books again.
    action: Action,
    #[command(flatten)]
    place: Place,
}

#[derive(Clone, Copy, ValueEnum)]
enum Action {
    Verify,
    Repair,
}

impl Books {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let OpenPlace { database, postgres } = self.place.open(Environment::system()).await?;
        let rewriting = match self.action {
            Action::Verify => Rewriting::Verify,
            Action::Repair => Rewriting::Repair,
        };
        let mut differed = 0;
        let tenants = database.before_tenant().await?.tenants().await?;
        for tenant in tenants {
            let rebuilt = rebuild(&database, tenant, rewriting).await?;
            println!("{tenant}: {} documents, {} differed", rebuilt.documents, rebuilt.differed.len());
            rebuilt.differed.iter().for_each(|document| println!("  {document}"));
            differed += rebuilt.differed.len();
        }
        database.close().await;
        drop(postgres);
        match rewriting {
            Rewriting::Verify if differed > 0 => {
                Err(Fault::because(format!("the books of {differed} documents are not what the documents say")).into())
            }
            Rewriting::Verify | Rewriting::Repair => Ok(()),
        }
    }
}
