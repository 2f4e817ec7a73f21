//! Which line an act touched: it flashes, and is scrolled to.

use crate::engine::protocol::TicketView;
use holdfast_domain::kernel::FactId;

/// The last line of `after` that was not on `before`, or was there with another quantity.
pub fn touched(before: Option<&TicketView>, after: Option<&TicketView>) -> Option<FactId> {
    let before = before.filter(|before| after.is_some_and(|after| after.document == before.document));
    let was = |id: FactId| before.and_then(|ticket| ticket.lines.iter().find(|line| line.id == id)).map(|line| line.quantity);
    after?.lines.iter().rev().find(|line| was(line.id) != Some(line.quantity)).map(|line| line.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::protocol::{LineView, Progress, TicketStatus};
    use holdfast_domain::kernel::{DocumentId, ProductId, Timestamp};
    use rust_decimal::Decimal;
    use uuid::Uuid;

    fn line(id: u128, quantity: i64) -> LineView {
        LineView {
            id: FactId(Uuid::from_u128(id)),
            product: ProductId(Uuid::from_u128(id)),
            name: "Espresso".to_owned(),
            unit: None,
            quantity: Decimal::from(quantity),
            unit_minor: 210,
            gross_minor: 210 * quantity,
            tax_percent: Decimal::from(9),
        }
    }

    fn ticket(document: u128, lines: Vec<LineView>) -> TicketView {
        TicketView {
            document: DocumentId(Uuid::from_u128(document)),
            total_minor: lines.iter().map(|line| line.gross_minor).sum(),
            lines,
            taxes: vec![],
            status: TicketStatus::Open,
            receipt_number: None,
            tendered_minor: None,
            change_minor: None,
            opened_at: Timestamp(0),
            completed_at: None,
            by: "Ana Pop".to_owned(),
            progress: Progress::SavedHere,
            rulings: vec![],
        }
    }

    fn id(of: u128) -> Option<FactId> {
        Some(FactId(Uuid::from_u128(of)))
    }

    #[test]
    fn a_new_line_was_touched() {
        let before = ticket(1, vec![line(1, 1)]);
        assert_eq!(touched(Some(&before), Some(&ticket(1, vec![line(1, 1), line(2, 1)]))), id(2));
        assert_eq!(touched(None, Some(&before)), id(1));
    }

    #[test]
    fn a_line_whose_quantity_changed_was_touched() {
        let before = ticket(1, vec![line(1, 1), line(2, 1)]);
        assert_eq!(touched(Some(&before), Some(&ticket(1, vec![line(1, 3), line(2, 1)]))), id(1));
    }

    #[test]
    fn a_removed_line_touches_no_other() {
        let before = ticket(1, vec![line(1, 1), line(2, 1)]);
        assert_eq!(touched(Some(&before), Some(&ticket(1, vec![line(2, 1)]))), None);
        assert_eq!(touched(Some(&before), None), None);
    }

    #[test]
    fn lines_of_another_ticket_are_all_new() {
        let before = ticket(1, vec![line(1, 1)]);
        assert_eq!(touched(Some(&before), Some(&ticket(2, vec![line(1, 1)]))), id(1));
    }
}
