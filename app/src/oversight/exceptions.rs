//! What rulings left for someone to look at: what is due first comes first.

use super::acting::{Act, Acting};
use super::messages::t;
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::button::{Button, ButtonSize};
use crate::design::card::Card;
use crate::design::empty_state::EmptyState;
use crate::design::icon::Icon;
use crate::design::link::Link;
use crate::language::day_and_time;
use crate::sales::office::ruling;
use crate::shell::session::now;
use crate::shell::{Fetched, Live, Shell};
use holdfast_domain::kernel::AccountId;
use holdfast_domain::sales::RESOLVE;
use holdfast_domain::sales::exceptions::{ExceptionInList, ExceptionsPage};
use leptos::prelude::*;
use serde_json::json;

const OPEN: &str = "/api/v1/sales/exceptions?sort=due&limit=200";

/// The open ones.
#[component]
pub fn Exceptions(
    /// Where something is done about them.
    acting: Acting,
    /// When to read again.
    live: Live,
) -> impl IntoView {
    let open = Fetched::<ExceptionsPage>::from(|| OPEN.to_owned(), live);
    let me = Shell::expect().session.with_untracked(|session| session.view().filter(|view| view.may(&RESOLVE)).map(|view| view.account));
    view! {
        <Card title=t().exceptions flush=true>
            {open.show(4, move |page| move || {
                let ExceptionsPage { exceptions, next } = page.get();
                if exceptions.is_empty() {
                    return view! { <EmptyState icon=Icon::Check title=t().nothing_open text=t().nothing_open_text /> }.into_any();
                }
                let rows = exceptions.into_iter().map(|exception| row(exception, (me, acting))).collect_view();
                let more = next.map(|_| view! { <p class="table-more soft small">{t().more_there}</p> });
                view! { <ul class="oversight-list" aria-label=t().exceptions>{rows}</ul>{more} }.into_any()
            })}
        </Card>
    }
}

fn row(exception: ExceptionInList, (me, acting): (Option<AccountId>, Acting)) -> AnyView {
    let (what, text) = ruling(&exception.code);
    let due = day_and_time(exception.due_at, &exception.time_zone);
    let due = if exception.due_at < now() {
        view! { <Badge tone=Tone::Attention label=t().overdue(due) /> }.into_any()
    } else {
        view! { <Badge tone=Tone::Plain label=t().due(due) icon=Icon::Clock /> }.into_any()
    };
    let place = format!("{} · {} · {}", exception.till_name, exception.site_name, day_and_time(exception.opened_at, &exception.time_zone));
    let owner = exception.owner.as_ref().map_or_else(|| t().no_owner.to_owned(), |owner| t().owned_by(&owner.name));
    let ticket = (exception.kind == "sales.ticket")
        .then(|| view! { <span class="small"><Link href=format!("/office/tickets/{}", exception.document) label=t().show_ticket icon=Icon::Receipt /></span> });
    let buttons = me.map(|me| buttons(&exception, me, acting));
    view! {
        <li class="oversight-row">
            <div class="oversight-text">
                <h3 class="strong">{what}</h3>
                <p class="small">{text}</p>
                <span class="soft small">{place}</span>
                <span class="row">{due}<span class="soft small">{owner}</span>{ticket}</span>
            </div>
            <div class="oversight-acts">{buttons}</div>
        </li>
    }
    .into_any()
}

fn buttons(exception: &ExceptionInList, me: AccountId, acting: Acting) -> AnyView {
    let address = format!("/api/v1/sales/exceptions/{}", exception.exception);
    let mine = exception.owner.as_ref().is_some_and(|owner| owner.account == me);
    let (label, owner) = if mine { (t().give_back, None) } else { (t().take_on, Some(me)) };
    let owner_at = format!("{address}/owner");
    let take_on = move || acting.at_once(owner_at.clone(), json!({ "owner": owner }));
    let title = ruling(&exception.code).0.to_owned();
    let act = Act {
        title,
        text: t().resolve_text.to_owned(),
        verb: t().resolve,
        danger: false,
        paths: vec![format!("{address}/resolution")],
        waives: None,
    };
    view! {
        <Button label size=ButtonSize::Small on_press=take_on />
        <Button label=t().resolve size=ButtonSize::Small on_press=move || acting.ask(act.clone()) />
    }
    .into_any()
}
