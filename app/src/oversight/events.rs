//! `/office/events`: events that a part of the server could not work through, to be tried again or given up; and every type of event there is.

use super::acting::{Act, Acting, ActingDialog, trouble};
use super::messages::t;
use crate::design::button::{Button, ButtonSize};
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::language::day_and_time;
use crate::shell::{Fetched, Live, OfficeFrame, Shell, title};
use holdfast_domain::events::{EventType, EventTypes, ParkedEvent, ParkedPage, REPLAY};
use leptos::prelude::*;
use serde_json::json;

const PARKED: &str = "/api/v1/events/parked";
const TYPES: &str = "/api/v1/events/types";

/// The screen.
#[component]
pub fn EventsPage() -> impl IntoView {
    title(t().events);
    view! { <OfficeFrame><Events /></OfficeFrame> }
}

#[component]
fn Events() -> impl IntoView {
    let acting = Acting::new();
    let live = Live::listen();
    view! {
        <header class="office-head"><h1>{t().events}</h1></header>
        {trouble(acting)}
        <ParkedList acting live />
        <TypesList live />
        <ActingDialog acting />
    }
}

#[component]
fn ParkedList(acting: Acting, live: Live) -> impl IntoView {
    let parked = Fetched::<ParkedPage>::from(|| format!("{PARKED}?limit=200"), live);
    let (replays, zone) = Shell::expect().session.with_untracked(|session| {
        let view = session.view();
        let zone = view.and_then(|view| view.sites.first().map(|site| site.time_zone.clone()));
        (view.is_some_and(|view| view.may(&REPLAY)), zone.unwrap_or_else(|| "UTC".to_owned()))
    });
    let zone = StoredValue::new(zone);
    view! {
        <Card title=t().parked flush=true>
            {parked.show(3, move |page| move || {
                let ParkedPage { parked, next } = page.get();
                if parked.is_empty() {
                    return view! { <EmptyState icon=Icon::Check title=t().nothing_parked text=t().nothing_parked_text /> }.into_any();
                }
                let rows = parked.into_iter().map(|parked| row(&parked, &zone.read_value(), replays.then_some(acting))).collect_view();
                let more = next.map(|_| view! { <p class="table-more soft small">{t().more_there}</p> });
                view! { <ul class="oversight-list" aria-label=t().parked>{rows}</ul>{more} }.into_any()
            })}
        </Card>
    }
}

fn row(parked: &ParkedEvent, zone: &str, acting: Option<Acting>) -> AnyView {
    let failed = t().failed_at(&parked.consumer, day_and_time(parked.last_failed_at, zone));
    let happened = t().happened_and_parked(day_and_time(parked.occurred_at, zone), day_and_time(parked.parked_at, zone));
    let behind = (parked.behind > 0).then(|| view! { <span class="soft small">{t().wait_behind(parked.behind)}</span> });
    let buttons = acting.map(|acting| buttons(parked, acting));
    view! {
        <li class="oversight-row">
            <div class="oversight-text">
                <h3 class="strong code">{parked.kind.clone()}</h3>
                <span class="small">{failed}" "{t().tried_times(parked.tries)}</span>
                <span class="soft small">{happened}</span>
                {behind}
                <details class="oversight-said">
                    <summary>{t().details}</summary>
                    <p class="code small">{parked.error.clone()}</p>
                    <dl>
                        <dt>{t().event_id}</dt><dd class="code">{parked.event.to_string()}</dd>
                        <dt>{t().about}</dt><dd class="code">{parked.subject.clone()}</dd>
                    </dl>
                </details>
            </div>
            <div class="oversight-acts">{buttons}</div>
        </li>
    }
    .into_any()
}

fn buttons(parked: &ParkedEvent, acting: Acting) -> AnyView {
    let replay = format!("{PARKED}/{}/replay", parked.id);
    let dismiss = Act {
        title: t().dismiss_question(&parked.kind),
        text: t().dismiss_text.to_owned(),
        verb: t().dismiss,
        danger: true,
        paths: vec![format!("{PARKED}/{}/dismiss", parked.id)],
        waives: None,
    };
    view! {
        <Button label=t().replay size=ButtonSize::Small on_press=move || acting.at_once(replay.clone(), json!({})) />
        <Button label=t().dismiss size=ButtonSize::Small on_press=move || acting.ask(dismiss.clone()) />
    }
    .into_any()
}

#[component]
fn TypesList(live: Live) -> impl IntoView {
    let types = Fetched::<EventTypes>::from(|| TYPES.to_owned(), live).beside();
    // What is read again and is the same is not drawn anew: a schema that somebody has opened stays open.
    view! {
        <Card title=t().event_types flush=true>
            {types.show(6, move |types| {
                let types = Memo::new(move |_| types.get().types);
                move || {
                    let rows = types.get().into_iter().map(|kind| type_row(&kind)).collect_view();
                    view! { <ul class="oversight-list" aria-label=t().event_types>{rows}</ul> }
                }
            })}
        </Card>
    }
}

fn type_row(kind: &EventType) -> AnyView {
    let heard = if kind.consumers.is_empty() { t().heard_by_nobody.to_owned() } else { t().heard_by(kind.consumers.join(", ")) };
    let schema = serde_json::to_string_pretty(&kind.schema).unwrap_or_default();
    view! {
        <li class="oversight-row">
            <div class="oversight-text">
                <h3 class="strong code">{kind.name.clone()}</h3>
                <span class="soft small">{heard}</span>
                <details class="oversight-said">
                    <summary>{t().schema}</summary>
                    <pre class="oversight-schema code" tabindex="0" role="region" aria-label=format!("{} {}", t().schema, kind.name)>{schema}</pre>
                </details>
            </div>
        </li>
    }
    .into_any()
}
