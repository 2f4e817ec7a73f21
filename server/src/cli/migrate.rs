//! `holdfast migrate`.

use super::place::{OpenPlace, Place};
use crate::failure::Fault;

/// Opening the place is what brings its schema up to date.
pub(super) async fn run(place: &Place) -> Result<(), Fault> {
    let environment = crate::environment::Environment::system();
    let OpenPlace { database, postgres } = place.open(environment).await?;
    database.close().await;
    drop(postgres);
    Ok(())
}
