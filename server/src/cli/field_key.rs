//! `holdfast field-key`: encrypted fields are sealed under a new key, or without one that is lost.

use super::place::Place;
use crate::environment::Environment;
use crate::failure::Fault;
use crate::field_keys::FieldKeys;
use clap::Args;

/// What `field-key` takes.
#[derive(Args)]
pub(super) struct FieldKey {
    #[command(flatten)]
    place: Place,
    /// Add none, and go on without those that the file lacks: what they sealed is not read any more.
    #[arg(long)]
    give_up_lost: bool,
}

impl FieldKey {
    pub(super) async fn run(self) -> Result<(), Fault> {
        let environment = Environment::system();
        if self.give_up_lost { self.give_up(&environment).await } else { self.add(&environment) }
    }

    /// Adds one to those of the data folder. Nothing is sealed anew: each value comes under the newest key when it is next written.
    fn add(&self, environment: &Environment) -> Result<(), Fault> {
        let keys = FieldKeys::add_to(self.place.folder()?, environment)?;
        let ids: Vec<&str> = keys.ids().collect();
        println!("keys of encrypted fields, the one that seals last: {}", ids.join(" "));
        println!("Restart the server, and back up field.keys: what was sealed before needs the former keys.");
        Ok(())
    }

    async fn give_up(&self, environment: &Environment) -> Result<(), Fault> {
        let (connections, postgres) = self.place.database().await?;
        let lost = FieldKeys::give_up_lost(self.place.folder()?, &connections.owner, environment).await?;
        drop(postgres);
        if lost.is_empty() {
            println!("No key is lacking.");
        } else {
            println!("What was sealed under {} is not read any more; it opens again where that key is put back into field.keys.", lost.join(" "));
        }
        Ok(())
    }
}
