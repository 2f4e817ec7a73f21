//! Takings per hour and till, from midnight-less days: only the hours between the first and the last sale.

use super::messages::t;
use crate::design::card::Card;
use crate::design::chart::{Bar, BarChart};
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::language::{hour, money};
use holdfast_domain::kernel::Timestamp;
use holdfast_domain::reporting::{SiteTakings, Takings, TillTakings};
use leptos::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const HOUR_MS: i64 = 60 * 60 * 1_000;

/// The chart of a day.
#[component]
pub fn TakingsChart(
    /// What was taken.
    #[prop(into)]
    takings: Signal<Takings>,
    /// ISO 4217.
    #[prop(into)]
    currency: Signal<String>,
) -> impl IntoView {
    let series = Memo::new(move |_| series_of(&takings.read()));
    let names = Signal::derive(move || series.read().iter().map(|series| series.name.clone()).collect::<Vec<_>>());
    let bars = Signal::derive(move || {
        let zone = takings.with(|takings| takings.sites.first().map(|site| site.time_zone.clone())).unwrap_or_default();
        bars_of(&series.read()).into_iter().map(|(at, parts)| Bar { label: hour(at, &zone), parts }).collect::<Vec<_>>()
    });
    let written: Arc<dyn Fn(i64) -> String + Send + Sync> = Arc::new(move |minor| money(minor, &currency.read_untracked()));
    let written = StoredValue::new(written);
    view! {
        <Card title=t().takings_per_hour>
            <Show when=move || !bars.read().is_empty() fallback=|| view! { <EmptyState icon=Icon::Chart title=t().no_takings text=t().no_takings_text /> }>
                <BarChart label=t().takings_per_hour bars_are=t().hour series=names bars written=written.get_value() />
            </Show>
        </Card>
    }
}

/// A name, and what it took in each hour.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Series {
    name: String,
    hours: BTreeMap<Timestamp, i64>,
}

/// A series per till; where there are more tills than tints, one per site.
fn series_of(takings: &Takings) -> Vec<Series> {
    let tills = takings.sites.iter().map(|site| site.tills.len()).sum::<usize>();
    if tills > 4 {
        return takings.sites.iter().map(|site| Series { name: site.name.clone(), hours: hours_of(&site.tills) }).collect();
    }
    let several = takings.sites.len() > 1;
    let named = |site: &SiteTakings, till: &TillTakings| if several { format!("{} · {}", site.name, till.name) } else { till.name.clone() };
    let of_site = |site: &SiteTakings| {
        site.tills.iter().map(|till| Series { name: named(site, till), hours: hours_of(std::slice::from_ref(till)) }).collect::<Vec<_>>()
    };
    takings.sites.iter().flat_map(of_site).collect()
}

fn hours_of(tills: &[TillTakings]) -> BTreeMap<Timestamp, i64> {
    let mut hours = BTreeMap::new();
    for hour in tills.iter().flat_map(|till| &till.hours) {
        let sum: &mut i64 = hours.entry(hour.began_at).or_default();
        *sum = sum.saturating_add(hour.gross.minor);
    }
    hours
}

/// Every hour from the first to the last in which something was sold, with a value per series.
fn bars_of(series: &[Series]) -> Vec<(Timestamp, Vec<i64>)> {
    let all = || series.iter().flat_map(|series| series.hours.keys().copied());
    let (Some(first), Some(last)) = (all().min(), all().max()) else { return Vec::new() };
    let count = (last.0 - first.0) / HOUR_MS + 1;
    // A day has at most 25 hours; sites in far time zones may stretch it.
    let bar = |at: Timestamp| (at, series.iter().map(|series| series.hours.get(&at).copied().unwrap_or(0)).collect());
    (0..count.min(48)).map(|step| bar(first.plus_ms(step * HOUR_MS))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::{Currency, Money, SiteId, TillId};
    use holdfast_domain::reporting::HourTakings;

    fn till(name: &str, hours: &[(i64, i64)]) -> TillTakings {
        let hour = |(at, minor): &(i64, i64)| HourTakings { began_at: Timestamp(at * HOUR_MS), gross: Money::new(*minor, Currency::EUR), tickets: 1 };
        TillTakings { till: TillId::from_bytes([1; 16]), name: name.to_owned(), hours: hours.iter().map(hour).collect() }
    }

    fn site(name: &str, tills: Vec<TillTakings>) -> SiteTakings {
        SiteTakings { site: SiteId::from_bytes([1; 16]), name: name.to_owned(), time_zone: "UTC".to_owned(), tills }
    }

    fn takings(sites: Vec<SiteTakings>) -> Takings {
        Takings { day: "2026-11-20".parse().unwrap(), sites }
    }

    #[test]
    fn an_hour_without_sales_between_others_has_an_empty_bar() {
        let day = takings(vec![site("Shop", vec![till("Till 1", &[(8, 100), (10, 300)]), till("Till 2", &[(8, 50)])])]);
        let bars: Vec<_> = bars_of(&series_of(&day)).into_iter().map(|(at, parts)| (at.0 / HOUR_MS, parts)).collect();
        assert_eq!(bars, [(8, vec![100, 50]), (9, vec![0, 0]), (10, vec![300, 0])]);
    }

    #[test]
    fn a_day_without_sales_has_no_bars() {
        assert_eq!(bars_of(&series_of(&takings(vec![site("Shop", vec![till("Till 1", &[])])]))), []);
    }

    #[test]
    fn more_tills_than_tints_are_told_by_site() {
        let tills = |count: usize| (0..count).map(|at| till(&format!("Till {at}"), &[(8, 100)])).collect::<Vec<_>>();
        let few = series_of(&takings(vec![site("North", tills(2)), site("South", tills(2))]));
        assert_eq!(
            few.iter().map(|series| series.name.as_str()).collect::<Vec<_>>(),
            ["North · Till 0", "North · Till 1", "South · Till 0", "South · Till 1"]
        );
        let many = series_of(&takings(vec![site("North", tills(3)), site("South", tills(2))]));
        assert_eq!(
            many.iter().map(|series| (series.name.as_str(), series.hours.values().sum::<i64>())).collect::<Vec<_>>(),
            [("North", 300), ("South", 200)]
        );
    }
}
