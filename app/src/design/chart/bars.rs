//! Bars, stacked where there are several series.

use super::scale::Scale;
use crate::design::messages::t;
use leptos::prelude::*;
use std::sync::Arc;

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Below it, such as `14`.
    pub label: String,
    /// One value per series, in minor units or as a count.
    pub parts: Vec<i64>,
}

impl Bar {
    fn sum(&self) -> i64 {
        self.parts.iter().fold(0, |sum: i64, part| sum.saturating_add(*part))
    }
}

/// Writes a value of the chart.
type Written = Arc<dyn Fn(i64) -> String + Send + Sync>;

/// Bars over an axis from zero, a legend, and the same figures as a table.
#[component]
pub fn BarChart(
    /// What it shows.
    #[prop(into)]
    label: Signal<String>,
    /// What the bars stand for, such as `Hour`: heads the table's first column.
    #[prop(into)]
    bars_are: Signal<String>,
    /// The series' names, at most four told apart by tint.
    #[prop(into)]
    series: Signal<Vec<String>>,
    /// The bars, in order.
    #[prop(into)]
    bars: Signal<Vec<Bar>>,
    /// Writes a value.
    #[prop(into)]
    written: Written,
) -> impl IntoView {
    let scale = Memo::new(move |_| Scale::up_to(bars.read().iter().map(Bar::sum).max().unwrap_or(0)));
    let written = StoredValue::new(written);
    let write = move |value: i64| written.with_value(|written| written(value));
    let part = move |(at, value): (usize, i64)| {
        let share = move || {
            let thousandths = scale.get().share(value, 100_000);
            format!("{}.{:03}%", thousandths / 1_000, thousandths % 1_000)
        };
        view! { <span class=format!("bar-part series-{}", at % 4 + 1) style=("--share", share)></span> }
    };
    let bar = move |bar: Bar| {
        let sum = write(bar.sum());
        let title = format!("{}: {sum}", bar.label);
        view! {
            <div class="bar" title=title>
                <div class="bar-stack">{bar.parts.into_iter().enumerate().map(part).collect_view()}<span class="bar-sum figure">{sum}</span></div>
                <span class="bar-label">{bar.label}</span>
            </div>
        }
    };
    let legend = move || {
        let name = |(at, name): (usize, String)| view! { <li><span class=format!("legend-mark series-{}", at % 4 + 1)></span>{name}</li> };
        series.get().into_iter().enumerate().map(name).collect_view()
    };
    view! {
        <figure class="chart" aria-label=label>
            <ul class="chart-legend" aria-hidden="true">{legend}</ul>
            <div class="chart-plot" aria-hidden="true">
                <div class="chart-axis">{move || scale.get().marks().map(|mark| view! { <span><span class="figure">{write(mark)}</span></span> }).into_iter().collect_view()}</div>
                <div class="chart-bars">{move || bars.get().into_iter().map(bar).collect_view()}</div>
            </div>
            <details class="chart-figures">
                <summary>{t().show_figures}</summary>
                <div class="table-frame">{move || figures(bars_are.get(), series.get(), bars.get(), write)}</div>
            </details>
        </figure>
    }
}

fn figures(bars_are: String, series: Vec<String>, bars: Vec<Bar>, write: impl Fn(i64) -> String + Copy) -> impl IntoView {
    let row = |bar: Bar| {
        let sum = write(bar.sum());
        let parts = bar.parts.into_iter().map(|part| view! { <td class="figures">{write(part)}</td> }).collect_view();
        view! { <tr><th scope="row">{bar.label}</th>{parts}<td class="figures strong">{sum}</td></tr> }
    };
    view! {
        <table class="table">
            <thead>
                <tr>
                    <th scope="col">{bars_are}</th>
                    {series.into_iter().map(|name| view! { <th scope="col" class="figures">{name}</th> }).collect_view()}
                    <th scope="col" class="figures">{t().sum}</th>
                </tr>
            </thead>
            <tbody>{bars.into_iter().map(row).collect_view()}</tbody>
        </table>
    }
}
