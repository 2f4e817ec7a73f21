//! Few, large, honest charts: bars that begin at zero, with their figures as a table behind them.

mod bars;
#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;
mod scale;

pub use bars::{Bar, BarChart};

use leptos::prelude::*;
use scale::Scale;

/// A line of the last values, as small as a word.
#[component]
pub fn Spark(
    /// What it shows, in words.
    #[prop(into)]
    label: Signal<String>,
    /// Oldest first.
    #[prop(into)]
    values: Signal<Vec<i64>>,
) -> impl IntoView {
    let points = move || {
        let values = values.read();
        let scale = Scale::up_to(values.iter().copied().max().unwrap_or(0));
        let steps = values.len().saturating_sub(1).max(1);
        let point = |(at, value): (usize, &i64)| format!("{},{}", at * 100 / steps, 30 - scale.share(*value, 28));
        values.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
    };
    view! {
        <svg class="spark" viewBox="0 0 100 32" preserveAspectRatio="none" role="img" aria-label=label>
            <polyline points=points />
        </svg>
    }
}
