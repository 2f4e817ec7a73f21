//! The tills that were closed on the day: what was counted, and the photos of it.

use super::messages::t;
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::card::Card;
use crate::design::dialog::Dialog;
use crate::design::icon::Icon;
use crate::design::table::{Column, Table};
use crate::language::{Clock, clock_time, money, whole};
use crate::sales::photos::{Photos, words};
use holdfast_domain::kernel::Money;
use holdfast_domain::sales::office::{ClosingInList, Closings};
use leptos::prelude::*;

/// A table, the newest first; nothing on a day without any.
#[component]
pub fn ClosingsTable(
    /// As the server tells it.
    #[prop(into)]
    closings: Signal<Closings>,
) -> impl IntoView {
    let looked_at = RwSignal::new(None::<ClosingInList>);
    let open = RwSignal::new(false);
    let columns = StoredValue::new(vec![
        Column::words(t().till, |closing: &ClosingInList| {
            view! { <span class="strong">{closing.till_name.clone()}</span>" "<span class="faint">{closing.site_name.clone()}</span> }
        }),
        Column::words(t().closed, |closing: &ClosingInList| clock_time(closing.closed_at, &closing.time_zone, Clock::Minutes)),
        Column::figures(t().tickets, |closing: &ClosingInList| whole(u64::from(closing.tickets))).minor(),
        Column::figures(t().counted, |closing: &ClosingInList| written(closing.counted)).minor(),
        Column::words(t().difference, |closing: &ClosingInList| difference(closing)),
        Column::words(words().photos, move |closing: &ClosingInList| {
            let closing = closing.clone();
            let count = closing.photos.len() as u64;
            let show = move || {
                looked_at.set(Some(closing.clone()));
                open.set(true);
            };
            (count > 0).then(|| view! { <Button label=words().show(count) icon=Icon::Camera size=ButtonSize::Small on_press=show /> })
        }),
    ]);
    let rows = Signal::derive(move || closings.get().closings);
    let any = Memo::new(move |_| closings.with(|closings| !closings.closings.is_empty()));
    let title = Signal::derive(move || looked_at.get().map(|closing| format!("{} · {}", closing.till_name, words().photos)).unwrap_or_default());
    let close = move || view! { <Button label=words().close kind=ButtonKind::Primary on_press=move || open.set(false) /> };
    view! {
        <Show when=move || any.get()>
            <Card title=t().closings flush=true><Table label=t().closings columns=columns.get_value() rows key=key /></Card>
        </Show>
        <Dialog open title actions=close>{move || looked_at.get().map(|closing| view! { <Photos photos=closing.photos /> })}</Dialog>
    }
}

/// A row is drawn anew when what it shows changes.
fn key(closing: &ClosingInList) -> String {
    format!("{}:{}:{}", closing.document, closing.closed_at.0, closing.photos.len())
}

fn written(amount: Money) -> String {
    money(amount.minor, amount.currency.code())
}

fn difference(closing: &ClosingInList) -> impl IntoView + use<> {
    let minor = closing.counted.minor.saturating_sub(closing.expected.minor);
    let (tone, icon) = if minor == 0 { (Tone::Good, Icon::Check) } else { (Tone::Attention, Icon::Warning) };
    view! { <Badge tone label=money(minor, closing.counted.currency.code()) icon /> }
}
