//! Tables in the gallery: a short one and one of ten thousand rows.

use super::{Column, Sorting, Table};
use crate::design::card::Card;
use crate::design::status_chip::StatusChip;
use crate::engine::protocol::Progress;
use crate::language::money;
use leptos::prelude::*;
use std::sync::Arc;

/// Both.
pub fn example() -> AnyView {
    let columns = || {
        vec![
            Column::words("Receipt", |number: &i64| format!("HS1-{number:06}")),
            Column::words("Cashier", |_: &i64| "Ana Pop").minor(),
            Column::words("State", |number: &i64| {
                let progress = if number % 7 == 0 { Progress::Sent } else { Progress::Accepted };
                view! { <StatusChip progress /> }
            }),
            Column::figures("Total", |number: &i64| money(number * 137 % 9_000, "EUR")),
        ]
    };
    let href: Arc<dyn Fn(&i64) -> String + Send + Sync> = Arc::new(|number| format!("/design#{number}"));
    let by = RwSignal::new(Some(("receipt", true)));
    let press = Callback::new(move |name| by.update(|by| *by = Some((name, by.is_some_and(|(was, down)| was == name && !down)))));
    let sortable =
        vec![Column::words("Receipt", |number: &i64| format!("HS1-{number:06}")).sorted_by("receipt"), Column::words("Cashier", |_: &i64| "Ana Pop")];
    let sorted = move || {
        let mut rows: Vec<i64> = (211..215).collect();
        if by.get().is_some_and(|(_, down)| down) {
            rows.reverse();
        }
        rows
    };
    let few: Vec<i64> = (211..215).collect();
    let many: Vec<i64> = (0..10_000).collect();
    view! {
        <Card title="Today" flush=true>
            <Table label="Today's tickets" columns=columns() rows=few key=i64::to_string href=href />
        </Card>
        <Card title="Sorted by pressing a head" flush=true>
            <Table label="Receipts" columns=sortable rows=Signal::derive(sorted) key=i64::to_string sorting=Sorting { by: by.into(), press } />
        </Card>
        <Card title="Ten thousand" flush=true>
            <Table label="Ten thousand tickets" columns=columns() rows=many key=i64::to_string />
        </Card>
    }
    .into_any()
}
