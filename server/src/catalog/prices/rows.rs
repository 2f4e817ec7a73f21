//! What tills get of price lists: those for everybody, with their lines, while neither is put away. What a group pays stays in the office.

use super::queries;
use crate::failure::Fault;
use crate::reference::{self, RowWrite, RowsOf};
use crate::tenancy::TenantTx;
use holdfast_domain::catalog::{PriceList, PriceListLine};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Each list's row; and its lines', where it begins or ends to be one of the tills'.
pub(super) async fn of_lists(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<RowWrite>, Fault> {
    let kept = queries::lists(tx, ids).await?;
    let standing = reference::standing::<PriceList>(tx, ids).await?;
    let turned: Vec<Uuid> = kept.iter().filter(|(id, list)| list.is_some() != standing.contains(id)).map(|(id, _)| *id).collect();
    let row = |(id, list): &(Uuid, Option<PriceList>)| match list {
        Some(list) => RowWrite::for_tenant(*id, list),
        None => RowWrite::gone::<PriceList>(RowsOf::Tenant, *id),
    };
    let mut rows: Vec<RowWrite> = kept.iter().map(row).collect();
    if !turned.is_empty() {
        let lines: BTreeSet<Uuid> = queries::line_ids(tx, &turned).await?;
        rows.extend(of_lines(tx, &lines.into_iter().collect::<Vec<_>>()).await?);
    }
    Ok(rows)
}

/// Each line's row.
pub(super) async fn of_lines(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<RowWrite>, Fault> {
    let row = |(id, line): &(Uuid, Option<PriceListLine>)| match line {
        Some(line) => RowWrite::for_tenant(*id, line),
        None => RowWrite::gone::<PriceListLine>(RowsOf::Tenant, *id),
    };
    Ok(queries::lines(tx, ids).await?.iter().map(row).collect())
}
