//! `holdfast field-key`: encrypted fields are sealed under a new key.

use super::place::Place;
use crate::environment::Environment;
use crate::failure::Fault;
use crate::field_keys::FieldKeys;

/// Adds it to those of the data folder. Nothing is sealed anew: each value comes under the newest key when its record is next changed.
pub(super) fn run(place: &Place) -> Result<(), Fault> {
    let keys = FieldKeys::add_to(place.folder()?, &Environment::system())?;
    let ids: Vec<&str> = keys.ids().collect();
    println!("keys of encrypted fields, the one that seals last: {}", ids.join(" "));
    println!("Restart the server, and back up field.keys: what was sealed before needs the former keys.");
    Ok(())
}
