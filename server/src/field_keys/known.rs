//! Which keys the database's values may be sealed under. It is kept beside them: a server whose file lacks one of them, or is not there any more, says so and ends. It never begins a new file in
//! the place of one that was lost, which would be in the way of the one from a backup.

use super::{FieldKeys, queries};
use crate::environment::Environment;
use crate::failure::Fault;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use std::path::Path;

impl FieldKeys {
    /// Those of the data folder, where every one is among them that the database needs. The first one is made where none was ever needed.
    pub async fn of_place(folder: &Path, owner: &PgConnectOptions, environment: &Environment) -> Result<Self, Fault> {
        let mut connection = connect(owner).await?;
        let mut tx = connection.begin().await?;
        let needed = queries::lock_known(&mut tx).await?;
        let keys = match Self::found_in(folder, environment)? {
            None if needed.is_empty() => Self::of_folder(folder, environment)?,
            found => found.unwrap_or_else(|| Self::none(environment)),
        };
        let lost: Vec<&str> = needed.iter().map(String::as_str).filter(|id| !keys.ids().any(|there| there == *id)).collect();
        if !lost.is_empty() {
            return Err(lacking(folder, &lost));
        }
        for id in keys.ids().filter(|id| !needed.iter().any(|known| known == id)) {
            queries::insert_known(&mut tx, id).await?;
        }
        tx.commit().await?;
        connection.close().await?;
        Ok(keys)
    }

    /// Goes on without the keys that the file lacks; which they were. What they sealed stays as it is, and opens again with them alone.
    pub async fn give_up_lost(folder: &Path, owner: &PgConnectOptions, environment: &Environment) -> Result<Vec<String>, Fault> {
        let mut connection = connect(owner).await?;
        let mut tx = connection.begin().await?;
        let keys = Self::of_folder(folder, environment)?;
        let mut lost = queries::lock_known(&mut tx).await?;
        lost.retain(|id| !keys.ids().any(|there| there == id));
        queries::forget_known(&mut tx, &lost).await?;
        tx.commit().await?;
        connection.close().await?;
        Ok(lost)
    }
}

async fn connect(owner: &PgConnectOptions) -> Result<PgConnection, Fault> {
    owner.connect().await.map_err(|error| Fault::new("connect to Postgres as the owner role", error))
}

fn lacking(folder: &Path, lost: &[&str]) -> Fault {
    Fault::because(format!(
        "{} lacks the key {} that encrypted fields are sealed under. Put the file back from a backup. Where it is lost for good, `holdfast field-key --give-up-lost` goes on without, and what \
         it sealed stays unread",
        folder.join(super::file::NAME).display(),
        lost.join(", ")
    ))
}
