//! What sync holds: who meant what, why it waits, and the two ways out.

use super::acting::{Act, Acting};
use super::messages::{self, t};
use crate::design::button::{Button, ButtonSize};
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::language::day_and_time;
use crate::shell::{Fetched, Live, Shell};
use holdfast_domain::held::{DECIDE_HELD, HeldEnvelope, HeldPage, Said};
use holdfast_sync::verify::FACTS_DIFFER;
use leptos::prelude::*;
use std::cmp::Reverse;

const HELD: &str = "/api/v1/sync/held";

/// What is held now.
#[component]
pub fn HeldList(
    /// Where it is decided.
    acting: Acting,
    /// When to read again.
    live: Live,
) -> impl IntoView {
    let held = Fetched::<HeldPage>::from(|| format!("{HELD}?limit=200"), live).beside();
    let (decides, zone) = Shell::expect().session.with_untracked(|session| {
        let view = session.view();
        let zone = view.and_then(|view| view.sites.first().map(|site| site.time_zone.clone()));
        (view.is_some_and(|view| view.may(&DECIDE_HELD)), zone.unwrap_or_else(|| "UTC".to_owned()))
    });
    let zone = StoredValue::new(zone);
    view! {
        <Card title=t().held flush=true>
            {held.show(3, move |page| move || {
                let HeldPage { mut envelopes, next } = page.get();
                // What came together is told in the order in which it was done.
                envelopes.sort_by_key(|envelope| (Reverse(envelope.arrived_at), envelope.device, envelope.device_seq));
                if envelopes.is_empty() {
                    return view! { <EmptyState icon=Icon::Check title=t().nothing_held text=t().nothing_held_text /> }.into_any();
                }
                let rows = envelopes.into_iter().map(|envelope| row(&envelope, &zone.read_value(), decides.then_some(acting))).collect_view();
                let more = next.map(|_| view! { <p class="table-more soft small">{t().more_there}</p> });
                view! { <ul class="oversight-list" aria-label=t().held>{rows}</ul>{more} }.into_any()
            })}
        </Card>
    }
}

fn row(envelope: &HeldEnvelope, zone: &str, acting: Option<Acting>) -> AnyView {
    let (why, text) = messages::hold(&envelope.code);
    let by = t().made_by(&envelope.author, &envelope.device_name, envelope.device_seq);
    let when = t().done_and_arrived(day_and_time(envelope.done_at, zone), day_and_time(envelope.arrived_at, zone));
    let buttons = acting.map(|acting| buttons(envelope, acting));
    view! {
        <li class="oversight-row">
            <div class="oversight-text">
                <h3 class="strong">{messages::act(&envelope.name)}</h3>
                <span class="soft small">{by}</span>
                <span class="soft small">{when}</span>
                <p class="small"><strong>{why}</strong>" "{text}" "<span class="code tiny soft">{envelope.code.clone()}</span></p>
                <details class="oversight-said">
                    <summary>{t().details}</summary>
                    {said(t().what_was_meant, &envelope.payload)}
                    {(envelope.code == FACTS_DIFFER).then(|| said(t().what_it_writes, &envelope.writes))}
                </details>
            </div>
            <div class="oversight-acts">{buttons}</div>
        </li>
    }
    .into_any()
}

fn said(title: &'static str, lines: &[Said]) -> AnyView {
    let line = |said: &Said| view! { <dt class="code">{said.name.clone()}</dt><dd class="code">{said.value.clone()}</dd> };
    view! { <h4>{title}</h4><dl>{lines.iter().map(line).collect_view()}</dl> }.into_any()
}

fn buttons(envelope: &HeldEnvelope, acting: Acting) -> AnyView {
    let address = |intent: &dyn std::fmt::Display, verdict: &str| format!("{HELD}/{intent}/{verdict}");
    let title = messages::act(&envelope.name);
    let first = envelope.rests_on.len();
    let text = if first == 0 { t().release_text.to_owned() } else { format!("{} {}", t().released_before(first as u64), t().release_text) };
    let paths = envelope.rests_on.iter().chain([&envelope.intent]).map(|intent| address(intent, "release")).collect();
    let waives = if messages::can_be_set_aside(&envelope.code) { vec![envelope.code.clone()] } else { Vec::new() };
    let release = Act { title: title.clone(), text, verb: t().release, danger: false, paths, waives: Some(waives) };
    let paths = vec![address(&envelope.intent, "reject")];
    let reject = Act { title, text: t().reject_text.to_owned(), verb: t().reject, danger: true, paths, waives: None };
    let release =
        envelope.releasable.then(|| view! { <Button label=t().release size=ButtonSize::Small on_press=move || acting.ask(release.clone()) /> });
    view! {
        {release}
        <Button label=t().reject size=ButtonSize::Small on_press=move || acting.ask(reject.clone()) />
    }
    .into_any()
}
