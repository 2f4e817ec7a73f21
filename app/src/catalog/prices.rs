//! What a product costs, on its page: the lines of price lists that price it, and which of them holds today for whoever comes and takes one.

use super::messages::t;
use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::card::Card;
use crate::design::icon::Icon;
use crate::language::{day_in_words, money};
use crate::records::record_href;
use crate::sales::measure::measure;
use crate::shell::{Fetched, Live, Shell};
use holdfast_domain::catalog::{ListedPrice, PriceAnswer, PriceListLineRecord, PriceListRecord, ProductRecord, Standing, StandingPrice, Unit};
use holdfast_domain::kernel::Quantity;
use holdfast_domain::kernel::resource::{Record as _, Resource};
use leptos::prelude::*;
use uuid::Uuid;

static LINES: Resource = PriceListLineRecord::RESOURCE;

/// The section on a product's page; nothing for whoever may not look at price lists.
pub fn prices_of(product: Uuid, live: Live) -> AnyView {
    let session = Shell::expect().session;
    let read = [ProductRecord::RESOURCE, PriceListRecord::RESOURCE, PriceListLineRecord::RESOURCE].map(|resource| resource.rights.read);
    let shown = Memo::new(move |_| session.with(|session| session.view().is_some_and(|view| read.iter().all(|needed| view.may(needed)))));
    view! { <Show when=move || shown.get()><Prices product live /></Show> }.into_any()
}

#[component]
fn Prices(product: Uuid, live: Live) -> impl IntoView {
    let session = Shell::expect().session;
    // Today is the first site's, as the times beside it are.
    let site = session.with_untracked(|session| session.view().and_then(|view| view.sites.first()).map(|site| site.id));
    let site = site.map(|site| format!("&site={site}")).unwrap_or_default();
    let answer = Fetched::<PriceAnswer>::from(move || format!("/api/v1/catalog/prices?product={product}{site}"), live).beside();
    let may_add = Memo::new(move |_| session.with(|session| session.view().is_some_and(|view| view.may(&LINES.rights.create))));
    let aside = move || {
        let add =
            move || may_add.get().then(|| view! { <a class="link" href=format!("/office/{}/{}/new", LINES.module, LINES.plural)>{t().add_line}</a> });
        let all = format!("/office/{}/{}?product={product}", LINES.module, LINES.plural);
        view! { <a class="link" href=all>{t().all_lines}</a> {add} }
    };
    view! { <div class="prices"><Card title=t().prices.to_owned() aside>{answer.show(3, |answer| view! { <Answer answer /> })}</Card></div> }
}

#[component]
fn Answer(answer: Signal<PriceAnswer>) -> impl IntoView {
    let unit = Memo::new(move |_| answer.read().unit);
    let lines = move || answer.read().lines.clone();
    // A line is drawn anew when what it shows changes.
    let key = move |line: &StandingPrice| format!("{line:?} {:?}", unit.get());
    view! {
        {move || now(&answer.read())}
        <Show when=move || answer.read().lines.is_empty()><p class="soft small">{t().no_lines}</p></Show>
        <ul class="prices-lines"><For each=lines key=key children=move |line| one(&line, unit.get_untracked()) /></ul>
    }
}

/// What one costs today, and why.
fn now(answer: &PriceAnswer) -> AnyView {
    let Some(price) = answer.price else { return view! { <p class="prices-now">{t().none_holds}</p> }.into_any() };
    let list = answer.lines.iter().find(|line| Some(line.listed.line) == answer.line);
    let why = list.map_or_else(|| t().own_holds.to_owned(), |line| t().list_holds(&line.listed.list_name));
    view! { <p class="prices-now"><strong>{money(price.minor, price.currency.code())}</strong><span class="soft">{why}</span></p> }.into_any()
}

/// A line: whose list it is of, for whom and when; from which quantity on it costs what; and whether it holds. It leads to its page.
fn one(line: &StandingPrice, unit: Unit) -> AnyView {
    let ListedPrice { line: id, list_name, price, from_quantity, .. } = line.listed.clone();
    view! {
        <li>
            <a class="prices-line" href=record_href(&LINES, id.0)>
                <span class="prices-list">{list_name}</span>
                <span class="prices-note">{for_whom(line)}" · "{valid(line)}</span>
                <span class="prices-amount">{money(price.minor, price.currency.code())}</span>
                <span class="prices-note prices-from">{from(from_quantity, unit)}</span>
                <span class="prices-standing">{standing(line.standing)}</span>
            </a>
        </li>
    }
    .into_any()
}

fn for_whom(line: &StandingPrice) -> String {
    let group = || line.group_name.clone().unwrap_or_else(|| t().a_group.to_owned());
    line.listed.customer_group.map_or_else(|| t().everybody.to_owned(), |_| group())
}

fn valid(line: &StandingPrice) -> String {
    match (line.listed.valid_from.map(day_in_words), line.listed.valid_until.map(day_in_words)) {
        (Some(first), Some(last)) => t().between_days(first, last),
        (Some(first), None) => t().first_day(first),
        (None, Some(last)) => t().last_day(last),
        (None, None) => t().always.to_owned(),
    }
}

fn from(quantity: Quantity, unit: Unit) -> String {
    if !quantity.is_positive() { t().any_quantity.to_owned() } else { t().beginning_at(measure(quantity.to_decimal(), Some(unit))) }
}

fn standing(standing: Standing) -> AnyView {
    let (tone, icon, label) = match standing {
        Standing::Holds => return view! { <Badge tone=Tone::Good label=t().holds /> }.into_any(),
        Standing::Yields => (Tone::Plain, Icon::Minus, t().yields),
        Standing::NotYet => (Tone::Info, Icon::Clock, t().not_yet),
        Standing::NoLonger => (Tone::Plain, Icon::Minus, t().no_longer),
        Standing::OtherGroup => (Tone::Plain, Icon::Person, t().other_group),
        Standing::MoreNeeded => (Tone::Plain, Icon::Plus, t().more_needed),
    };
    view! { <Badge tone icon label /> }.into_any()
}
