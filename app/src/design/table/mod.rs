//! Dense tables for where people sit. A long one draws only the rows in sight.

mod choosing;
#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod example;
mod sorting;
mod window;

pub use choosing::Choosing;
pub use sorting::Sorting;

use leptos::prelude::*;
use std::sync::Arc;
use window::Window;

/// How a column lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Start,
    /// Figures.
    End,
}

type Cell<R> = Arc<dyn Fn(&R) -> AnyView + Send + Sync>;

/// Where a row leads.
pub type RowHref<R> = Arc<dyn Fn(&R) -> String + Send + Sync>;

/// A column: its head, and what it shows of a row.
pub struct Column<R> {
    title: String,
    align: Align,
    minor: bool,
    sorted_by: Option<&'static str>,
    cell: Cell<R>,
}

impl<R> Clone for Column<R> {
    fn clone(&self) -> Self {
        Self { title: self.title.clone(), align: self.align, minor: self.minor, sorted_by: self.sorted_by, cell: Arc::clone(&self.cell) }
    }
}

impl<R: 'static> Column<R> {
    /// A column of words.
    pub fn words<V: IntoAny>(title: impl Into<String>, cell: impl Fn(&R) -> V + Send + Sync + 'static) -> Self {
        Self { title: title.into(), align: Align::Start, minor: false, sorted_by: None, cell: Arc::new(move |row| cell(row).into_any()) }
    }

    /// A column of figures, which line up.
    pub fn figures<V: IntoAny>(title: impl Into<String>, cell: impl Fn(&R) -> V + Send + Sync + 'static) -> Self {
        Self { align: Align::End, ..Self::words(title, cell) }
    }

    /// The first to go where the screen is narrow.
    #[must_use]
    pub fn minor(self) -> Self {
        Self { minor: true, ..self }
    }

    /// Its head sorts by that, where the table can be sorted.
    #[must_use]
    pub fn sorted_by(self, name: &'static str) -> Self {
        Self { sorted_by: Some(name), ..self }
    }

    fn class(&self) -> &'static str {
        match (self.align, self.minor) {
            (Align::Start, false) => "",
            (Align::Start, true) => "minor",
            (Align::End, false) => "figures",
            (Align::End, true) => "figures minor",
        }
    }
}

/// Rows longer than this are drawn in a window.
const MOST_DRAWN: usize = 200;

/// What a table tells of its scrolling.
#[derive(Clone, Copy)]
pub struct Scrolling {
    /// The rows that are drawn now: the first, and how many.
    pub drawn: RwSignal<(usize, usize)>,
    /// Called when the last of them come into sight.
    pub near_end: Callback<()>,
}

/// This near to its end, a table asks for more.
const NEAR_END_PX: i32 = 600;

/// A table. With `href`, each row is a link, which its first cell carries.
#[component]
pub fn Table<R>(
    /// What is listed.
    #[prop(into)]
    label: Signal<String>,
    /// Its columns, the most telling first.
    columns: Vec<Column<R>>,
    /// Its rows, in order.
    #[prop(into)]
    rows: Signal<Vec<R>>,
    /// What tells a row from all others.
    key: fn(&R) -> String,
    /// Where a row leads.
    #[prop(optional, into)]
    href: Option<RowHref<R>>,
    /// Its order, where pressing a head changes it.
    #[prop(optional, into)]
    sorting: Option<Sorting>,
    /// It scrolls within itself, in rows of one height, and says how far it is.
    #[prop(optional, into)]
    scrolling: Option<Scrolling>,
    /// Rows can be chosen.
    #[prop(optional_no_strip)]
    choosing: Option<Choosing<R>>,
) -> impl IntoView
where
    R: Clone + Send + Sync + 'static,
{
    let window = Window::new();
    let span = columns.len() + usize::from(choosing.is_some());
    // Whoever uses a keyboard scrolls what holds nothing to focus by focusing the frame itself.
    let unlinked = href.is_none() && choosing.is_none();
    let drawn = Memo::new_with_compare(move |_| window.of(rows.read().len(), MOST_DRAWN), |a, b| a != b);
    let in_sight = move || {
        let drawn = drawn.get();
        rows.read()[drawn.first..drawn.first + drawn.count].to_vec()
    };
    let head = columns.iter().map(|column| sorting::head(column.title.clone(), column.class(), sorting.zip(column.sorted_by))).collect_view();
    let choose_all = choosing.as_ref().map(Choosing::head);
    if let Some(scrolling) = scrolling {
        Effect::new(move || scrolling.drawn.set((drawn.get().first, drawn.get().count)));
    }
    let scrolled = move |event: leptos::ev::Event| {
        window.scrolled(&event);
        let frame = event_target::<web_sys::Element>(&event);
        if let Some(scrolling) = scrolling.filter(|_| frame.scroll_height() - frame.scroll_top() - frame.client_height() < NEAR_END_PX) {
            scrolling.near_end.run(());
        }
    };
    let line = move |row: R| {
        let href = href.as_ref().map(|href| href(&row));
        let cells = columns.iter().enumerate().map(|(at, column)| {
            let shown = (column.cell)(&row);
            match href.clone().filter(|_| at == 0) {
                Some(href) => view! { <td class=column.class()><a class="row-link" href=href>{shown}</a></td> }.into_any(),
                None => view! { <td class=column.class()>{shown}</td> }.into_any(),
            }
        });
        let cells = cells.collect_view();
        let Some(choosing) = &choosing else { return view! { <tr>{cells}</tr> }.into_any() };
        let chosen = choosing.of(&row);
        view! { <tr class:chosen=chosen on:keydown=choosing.key(&row)>{choosing.cell(&row, chosen)}{cells}</tr> }.into_any()
    };
    let space = move |px: Signal<u32>| {
        view! { <tr class="table-space" aria-hidden="true" hidden=move || px.get() == 0><td colspan=span.to_string() style=("--space", move || format!("{}px", px.get()))></td></tr> }
    };
    view! {
        <div
            class="table-frame"
            class:windowed=move || drawn.get().windowed
            class:even=scrolling.is_some()
            role="group"
            aria-label=label
            tabindex=move || (unlinked || scrolling.is_some() || drawn.get().windowed).then_some("0")
            on:scroll=scrolled
        >
            <table class="table" aria-label=label aria-rowcount=move || rows.read().len().to_string()>
                <thead><tr>{choose_all}{head}</tr></thead>
                <tbody>
                    {space(Signal::derive(move || drawn.get().before_px))}
                    <For each=in_sight key=key children=line />
                    {space(Signal::derive(move || drawn.get().after_px))}
                </tbody>
            </table>
        </div>
    }
}
