//! Which records are meant.

use crate::failure::{Failure, Refusal};
use crate::records::Hand;
use crate::records::list::{self, Asked};
use holdfast_domain::kernel::resource::{MOST_BULK, Seen, Which};
use std::collections::BTreeSet;

/// Each of them once, with its version: as the sender saw it, or as it is found now.
pub(super) async fn read(hand: &Hand<'_>, which: Which) -> Result<Vec<Seen>, Failure> {
    match which {
        Which::Records(seen) if seen.len() > MOST_BULK => Err(too_many().into()),
        Which::Records(seen) => {
            let mut known = BTreeSet::new();
            let all_new = seen.iter().all(|seen| known.insert(seen.id));
            let twice = || Refusal::new(422, "record_twice", "A record is named twice", "Name each once.");
            if all_new { Ok(seen) } else { Err(twice().into()) }
        }
        Which::Found(query) => found(hand, &query).await,
    }
}

async fn found(hand: &Hand<'_>, query: &str) -> Result<Vec<Seen>, Failure> {
    let Hand { resource, app, actor } = *hand;
    let signed_in = &actor.signed_in;
    let asked = Asked::of_records(resource, query)?;
    let fields = signed_in.rights.fields(resource, &resource.rights.read);
    asked.refuse_hidden(resource, &fields)?;
    let mut tx = app.database.tenant(signed_in.scope_for(&resource.rights.read)?).await?;
    let found = list::all(&mut tx, &fields, &asked, MOST_BULK).await?.ok_or_else(too_many)?;
    tx.commit().await?;
    Ok(found.into_iter().map(|record| Seen { id: record.id, version: record.version }).collect())
}

fn too_many() -> Refusal {
    Refusal::new(422, "too_many_records", "These are too many records at once", format!("Take at most {MOST_BULK}, one part after the other."))
}
