//! The till is closed: what the count found, and that nothing is missing.

use super::close::difference_words;
use super::messages::t;
use super::open::OpenScreen;
use super::store::Till;
use crate::design::banner::{Banner, Tone};
use crate::design::button::{Button, ButtonKind, ButtonSize};
use crate::design::card::Card;
use crate::design::icon::Icon;
use crate::design::ticket_line::SumRow;
use crate::engine::protocol::ClosingView;
use crate::language::{day_and_time, whole};
use crate::sales::photos::{Photos, words};
use holdfast_domain::kernel::BlobRef;
use leptos::prelude::*;

/// Those of the count, where there are any.
fn photos(photos: Vec<BlobRef>) -> Option<impl IntoView> {
    (!photos.is_empty()).then(|| view! { <Card title=words().photos><Photos photos /></Card> })
}

/// The closing's result; from here the till opens again.
#[component]
pub fn ClosedScreen(
    /// What the last closing found.
    closing: ClosingView,
) -> impl IntoView {
    let till = Till::expect();
    let opening = RwSignal::new(false);
    let difference = closing.counted_minor - closing.expected_minor;
    let tone = if difference == 0 { "difference-words tone-good" } else { "difference-words tone-attention" };
    let when = day_and_time(closing.closed_at, &till.time_zone());
    let closing = StoredValue::new(closing);
    let result = move || {
        let closing = closing.get_value();
        view! {
            <div class="till-page narrow">
                <div class="stack tight">
                    <h1>{t().closed_title}</h1>
                    <p class="soft">{when.clone()}</p>
                </div>
                <Card>
                    <div class="sums">
                        <SumRow label=t().tickets amount=whole(u64::from(closing.tickets)) />
                        <SumRow label=t().expected amount=till.money(closing.expected_minor) />
                        <SumRow label=t().counted amount=till.money(closing.counted_minor) />
                        <div class="difference"><span class=tone>{difference_words(till, difference)}</span></div>
                    </div>
                </Card>
                {photos(closing.photos)}
                {if closing.unsent == 0 {
                    view! { <Banner tone=Tone::Good title=t().all_arrived_title(closing.tickets) text=t().all_arrived_text /> }.into_any()
                } else {
                    view! { <Banner tone=Tone::Info title=t().unsent_title(closing.unsent) text=t().unsent_text /> }.into_any()
                }}
                <Button label=t().open_again icon=Icon::Till kind=ButtonKind::Primary size=ButtonSize::Large wide=true on_press=move || opening.set(true) />
            </div>
        }
    };
    view! { {move || if opening.get() { view! { <OpenScreen /> }.into_any() } else { result().into_any() }} }
}
