//! The variants of a product, on its page: which there are, and making more of options and their values; on a variant's page, what it is a variant of.

mod combine;
mod make;
mod messages;

use crate::design::badge::Badge;
use crate::design::banner::Tone;
use crate::design::card::Card;
use crate::design::icon::Icon;
use crate::language::money;
use crate::records::record_href;
use crate::shell::{Fetched, Live, Shell};
use combine::key_of_values;
use holdfast_domain::catalog::ProductRecord;
use holdfast_domain::kernel::Money;
use holdfast_domain::kernel::resource::{Page, Record as _, RecordView, Resource, Values};
use leptos::prelude::*;
use make::MakeVariants;
use messages::t;
use serde::Deserialize as _;
use serde_json::Value;
use uuid::Uuid;

static PRODUCTS: Resource = ProductRecord::RESOURCE;

/// The section on a product's page.
pub fn variants_of(product: Uuid, live: Live) -> AnyView {
    let record = Fetched::<RecordView>::from(move || format!("{}/{product}", PRODUCTS.path), live).beside();
    view! { <div class="variants"><Card title=t().variants.to_owned()>{record.show(2, move |record| view! { <Section record live /> })}</Card></div> }
        .into_any()
}

#[component]
fn Section(record: Signal<RecordView>, live: Live) -> impl IntoView {
    let parent = Memo::new(move |_| record.with(|record| parent_of(&record.values)));
    view! {
        <Show when=move || parent.get().is_some() fallback=move || view! { <OfProduct record live /> }>
            {move || parent.get().map(|parent| of_variant(&record.read(), parent))}
        </Show>
    }
}

fn parent_of(values: &Values) -> Option<Uuid> {
    values.get("variant_of")?.as_str()?.parse().ok()
}

/// What a variant stands for.
fn of_variant(record: &RecordView, parent: Uuid) -> AnyView {
    let name = record.names.get(&parent).cloned().unwrap_or_else(|| t().another_product.to_owned());
    view! {
        <p>{t().is_variant_of}" "<a class="link" href=record_href(&PRODUCTS, parent)>{name}</a></p>
        <p class="soft small">{t().variant_text}</p>
    }
    .into_any()
}

#[component]
fn OfProduct(record: Signal<RecordView>, live: Live) -> impl IntoView {
    let id = record.with_untracked(|record| record.id);
    let list = move |archived: bool| {
        let address = format!("{}?variant_of={id}&archived={archived}&sort=name&limit=200", PRODUCTS.path);
        Fetched::<Page>::from(move || address.clone(), live).beside()
    };
    let (in_use, archived) = (list(false), list(true));
    let told = |page: Fetched<Page>| page.value.with(|page| page.as_ref().map(|page| page.records.clone()).unwrap_or_default());
    let all = Memo::new(move |_| told(in_use).into_iter().chain(told(archived)).collect::<Vec<_>>());
    let known = Signal::derive(move || all.with(|all| all.iter().map(|variant| key_of_values(&variant.values)).collect::<Vec<_>>()));
    let session = Shell::expect().session;
    let may_make = Memo::new(move |_| session.with(|session| session.view().is_some_and(|view| view.may(&PRODUCTS.rights.create))));
    let is_archived = Memo::new(move |_| record.with(|record| record.archived_at.is_some()));
    let price = move || record.with(|record| price_of(&record.values));
    // Drawn anew when what is shown of it changes.
    let key = move |variant: &RecordView| format!("{} {} {:?}", variant.id, variant.version, price());
    let some = move || !all.read().is_empty();
    view! {
        <Show when=some fallback=|| view! { <p class="soft small">{t().none_yet}</p> }>
            <p class="soft small">{t().stands_for_them}</p>
            <Show when=move || is_archived.get()><p class="small"><strong>{t().archived_with_it}</strong></p></Show>
        </Show>
        <ul class="variants-list"><For each=move || all.get() key=key children=move |variant| one(&variant, price()) /></ul>
        <Show when=move || may_make.get() && !is_archived.get()><MakeVariants record known /></Show>
    }
}

fn price_of(values: &Values) -> Option<Money> {
    Money::deserialize(values.get("price")?).ok()
}

/// A variant: what it is called, what tells it from the others, and what it costs. It leads to its page.
fn one(variant: &RecordView, of_product: Option<Money>) -> AnyView {
    let text = |name: &str| variant.values.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let rows = variant.values.get("options").and_then(Value::as_array).into_iter().flatten();
    let said = |row: &Value| Some(format!("{}: {}", row.get("option")?.as_str()?, row.get("value")?.as_str()?));
    let options: Vec<String> = rows.filter_map(said).collect();
    let own = price_of(&variant.values);
    let shown = own.or(of_product).map(|price| money(price.minor, price.currency.code()));
    let note = match (own, of_product) {
        (Some(_), _) => "",
        (None, Some(_)) => t().price_of_product,
        (None, None) => t().no_price,
    };
    let badge = variant.archived_at.map(|_| view! { <Badge tone=Tone::Plain icon=Icon::Box label=t().archived /> });
    view! {
        <li>
            <a class="variants-one" href=record_href(&PRODUCTS, variant.id)>
                <span class="variants-name">{text("name")}</span>
                <span class="variants-note">{options.join(" · ")}</span>
                <span class="variants-note">{text("gtin")}</span>
                <span class="variants-price">{shown}</span>
                <span class="variants-note variants-whose">{note}</span>
                {badge}
            </a>
        </li>
    }
    .into_any()
}
