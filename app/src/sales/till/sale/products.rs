//! Products: search, categories, and a grid that asks the engine for a page at a time.

use super::grid_keys;
use super::quantity_entry::QuantityEntry;
use crate::design::empty_state::EmptyState;
use crate::design::field::Choice;
use crate::design::icon::Icon;
use crate::design::scan_field::ScanField;
use crate::design::skeleton::Skeleton;
use crate::design::tabs::Segmented;
use crate::design::tile::{ProductTile, TileGrid, Tint};
use crate::device::keyboard;
use crate::engine::protocol::{Answer, CategoryView, ProductView, ProductsPage, Request};
use crate::language::{decimal, whole};
use crate::sales::measure::price_per;
use crate::sales::till::messages::t;
use crate::sales::till::store::Till;
use holdfast_domain::kernel::ProductId;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use wasm_bindgen::JsCast;

/// How many products a page has.
const PAGE: usize = 60;
/// How near to the end of the grid the next page is asked for, in pixels.
const NEAR_END: i32 = 900;
/// More tiles than this help nobody: the search does.
const MOST_TILES: usize = 1_200;

/// What was found, and what it was found for.
#[derive(Clone, Copy)]
struct Shelf {
    till: Till,
    category: RwSignal<String>,
    found: RwSignal<Option<Vec<ProductView>>>,
    of: RwSignal<u32>,
    /// Answers to an older question are not shown.
    question: StoredValue<u32>,
    asking: StoredValue<bool>,
}

impl Shelf {
    /// Asks for the first page, or the next.
    fn ask(self, next_page: bool) {
        let skip = if next_page { self.found.with_untracked(|found| found.as_ref().map_or(0, Vec::len)) } else { 0 };
        if next_page && (self.asking.get_value() || skip >= MOST_TILES || skip >= self.of.get_untracked() as usize) {
            return;
        }
        if !next_page {
            self.question.update_value(|question| *question = question.wrapping_add(1));
        }
        let question = self.question.get_value();
        let text = self.till.search.get_untracked().trim().to_owned();
        let category = Some(self.category.get_untracked()).filter(|category| !category.is_empty() && text.is_empty());
        self.asking.set_value(true);
        spawn_local(async move {
            let answer = self.till.ask(Request::SearchProducts { text, category, skip, limit: PAGE }).await;
            if self.question.try_get_value() != Some(question) {
                return;
            }
            self.asking.set_value(false);
            match answer {
                Ok(Answer::Products(page)) => self.show(page, next_page),
                Ok(_) => {}
                Err(refusal) => self.till.refuse(&refusal),
            }
        });
    }

    fn show(self, page: ProductsPage, next_page: bool) {
        self.of.set(page.of);
        self.found.update(|found| match found {
            Some(found) if next_page => found.extend(page.products),
            _ => *found = Some(page.products),
        });
    }
}

/// Search, categories, grid.
#[component]
pub fn Products(
    /// The search's control.
    search: NodeRef<Input>,
) -> impl IntoView {
    let till = Till::expect();
    let shelf = Shelf {
        till,
        category: RwSignal::new(String::new()),
        found: RwSignal::new(None),
        of: RwSignal::new(0),
        question: StoredValue::new(0),
        asking: StoredValue::new(false),
    };
    Effect::new(move || {
        till.search.track();
        shelf.category.track();
        till.catalogue_turn.track();
        shelf.ask(false);
    });
    view! {
        <div class="products-head">
            <ScanField label=t().search value=till.search shortcut="/" node=search on_enter=move |text: String| take_found(till, text) />
            <QuantityNext />
        </div>
        <Categories shelf />
        <Grid shelf />
    }
}

/// How many of the next product; its place is kept while there is nothing to say.
#[component]
fn QuantityNext() -> impl IntoView {
    let till = Till::expect();
    let text = move || till.quantity.with(|entry| entry.text().to_owned());
    let words = move || if text().is_empty() { String::new() } else { t().times(text()) };
    view! {
        <button type="button" class="quantity-next figure" class:empty=move || text().is_empty() aria-live="polite" title=t().clear_quantity on:click=move |_| till.quantity.set(QuantityEntry::default())>
            {words}
        </button>
    }
}

#[component]
fn Categories(shelf: Shelf) -> impl IntoView {
    let categories = RwSignal::new(Vec::<CategoryView>::new());
    Effect::new(move || {
        shelf.till.catalogue_turn.track();
        spawn_local(async move {
            if let Ok(Answer::Categories(found)) = shelf.till.ask(Request::Categories).await {
                categories.try_set(found);
            }
        });
    });
    let choices = Signal::derive(move || {
        let all = Choice { value: String::new(), label: t().all_categories.to_owned() };
        let each = |category: CategoryView| Choice { value: category.name.clone(), label: category.name };
        std::iter::once(all).chain(categories.get().into_iter().map(each)).collect::<Vec<_>>()
    });
    // A wheel turns in one direction only; the categories lie in the other.
    let turned = move |event: leptos::ev::WheelEvent| {
        let scroller = event.current_target().and_then(|row| row.dyn_into::<web_sys::Element>().ok()?.first_element_child());
        if let Some(scroller) = scroller.filter(|_| event.delta_x().abs() < event.delta_y().abs()) {
            #[expect(clippy::cast_possible_truncation, reason = "a wheel turns by a few hundred pixels")]
            scroller.set_scroll_left(scroller.scroll_left() + event.delta_y() as i32);
        }
    };
    view! { <div class="products-categories" on:wheel=turned><Segmented label=t().categories choices value=shelf.category /></div> }
}

#[component]
fn Grid(shelf: Shelf) -> impl IntoView {
    let till = shelf.till;
    let on_ticket = Memo::new(move |_| {
        let mut counts = BTreeMap::<ProductId, Decimal>::new();
        till.state.with(|state| {
            for line in state.iter().flat_map(|state| &state.ticket).flat_map(|ticket| &ticket.lines) {
                *counts.entry(line.product).or_default() += line.quantity;
            }
        });
        counts
    });
    let tile = move |product: ProductView| {
        let id = product.id;
        let count = Signal::derive(move || on_ticket.with(|counts| counts.get(&id).map(|count| decimal(*count))));
        view! {
            <ProductTile
                name=product.name.clone()
                price=product.price_minor.map(|minor| price_per(&till.money(minor), product.unit))
                without_price=t().no_price
                tint=Tint::of_hue(product.picture.hue)
                glyph=product.picture.glyph.clone()
                on_ticket=count
                on_press=move || till.pick(product.clone())
            />
        }
    };
    let scrolled = move |event: leptos::ev::Event| {
        let grid = event_target::<web_sys::HtmlElement>(&event);
        if grid.scroll_height() - grid.scroll_top() - grid.client_height() < NEAR_END {
            shelf.ask(true);
        }
    };
    // A touched tile does not keep the focus, so that Enter pays; a tile reached by keys does.
    let touched = move |event: leptos::ev::MouseEvent| {
        if event.detail() > 0 {
            keyboard::leave();
        }
    };
    let nothing = Memo::new(move |_| shelf.found.with(|found| found.as_ref().map(Vec::is_empty)));
    let searching = move || !till.search.read().trim().is_empty();
    view! {
        <div class="products-grid" on:scroll=scrolled on:keydown=move |event| grid_keys::moved(&event) on:click=touched>
            {move || match nothing.get() {
                None => view! { <Skeleton rows=4 /> }.into_any(),
                Some(true) => {
                    let (title, text) = if searching() { (t().nothing_found_title, t().nothing_found_text) } else { (t().no_products_title, t().no_products_text) };
                    view! { <EmptyState icon=Icon::Search title text=Some(text.to_owned()) /> }.into_any()
                }
                Some(false) => view! {
                    <TileGrid label=t().products>
                        <For each=move || shelf.found.get().unwrap_or_default() key=tile_key children=tile />
                    </TileGrid>
                    <Rest shelf />
                }.into_any(),
            }}
        </div>
    }
}

/// A tile is drawn anew when what it shows changed.
fn tile_key(product: &ProductView) -> (ProductId, Option<i64>, String) {
    (product.id, product.price_minor, product.name.clone())
}

/// Below the last tile, where more were found than are shown.
#[component]
fn Rest(shelf: Shelf) -> impl IntoView {
    let rest = Memo::new(move |_| {
        let shown = shelf.found.with(|found| found.as_ref().map_or(0, Vec::len));
        let of = shelf.of.get();
        (shown < of as usize).then(|| t().shown_of(whole(shown as u64), whole(u64::from(of))))
    });
    view! { <p class="products-rest soft small">{rest}</p> }
}

/// Enter in the search: digits are a code; words take the first product found; what is neither is a code too.
fn take_found(till: Till, text: String) {
    let digits = text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    spawn_local(async move {
        let search = Request::SearchProducts { text: text.clone(), category: None, skip: 0, limit: 1 };
        let first = match till.ask(search).await {
            Ok(Answer::Products(page)) if !digits => page.products.into_iter().next(),
            _ => None,
        };
        till.search.try_set(String::new());
        match first {
            Some(product) => till.pick(product),
            None => till.scan(text),
        }
    });
}
