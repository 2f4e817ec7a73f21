//! Charts in the gallery.

use super::{Bar, BarChart, Spark};
use crate::language::money;
use leptos::prelude::*;
use std::sync::Arc;

/// Takings by hour of two tills, and a spark.
pub fn example() -> AnyView {
    let takings = [(8, 4_200, 2_100), (9, 18_350, 9_900), (10, 26_400, 14_250), (11, 31_000, 22_480), (12, 48_900, 35_600), (13, 44_120, 30_050)];
    let bars: Vec<Bar> = takings.into_iter().map(|(hour, one, two)| Bar { label: format!("{hour:02}"), parts: vec![one, two] }).collect();
    let written: Arc<dyn Fn(i64) -> String + Send + Sync> = Arc::new(|minor| money(minor, "EUR"));
    view! {
        <BarChart label="Takings by hour" bars_are="Hour" series=vec!["Till 1".to_owned(), "Till 2".to_owned()] bars=bars written=written />
        <Spark label="The last seven days" values=vec![310, 290, 420, 380, 510, 640, 600] />
    }
    .into_any()
}
