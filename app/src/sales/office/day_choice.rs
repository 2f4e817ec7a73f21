//! Which day is shown; it is part of the address, so that a link shows the same.

use super::messages::t;
use crate::design::button::{Button, ButtonKind, ButtonSize, IconButton};
use crate::design::icon::Icon;
use crate::language::{day_in_words, today};
use crate::shell::Shell;
use crate::shell::session::now;
use holdfast_domain::kernel::Day;
use leptos::prelude::*;
use leptos_router::hooks::query_signal;

/// The chosen day.
#[derive(Clone, Copy)]
pub struct DayChoice {
    /// The day.
    pub day: Memo<Day>,
    wish: Callback<Option<Day>>,
    today: Memo<Day>,
}

impl DayChoice {
    /// Of the address; today at the account's first site where it says none.
    pub fn of_address() -> Self {
        let shell = Shell::expect();
        let (wished, wish) = query_signal::<Day>("day");
        let zone = move || shell.session.with(|session| session.view().and_then(|view| view.sites.first().map(|site| site.time_zone.clone())));
        let today = Memo::new(move |_| today(now(), &zone().unwrap_or_default()));
        let day = Memo::new(move |_| wished.get().unwrap_or_else(|| today.get()));
        Self { day, wish: Callback::new(move |day| wish.set(day)), today }
    }

    /// Whether it is today.
    pub fn is_today(self) -> bool {
        self.day.get() == self.today.get()
    }
}

/// One day back, one day on, and back to today.
#[component]
pub fn DayPicker(
    /// The choice.
    choice: DayChoice,
) -> impl IntoView {
    let go = move |day: Option<Day>| {
        let wished = day.filter(|day| *day != choice.today.get_untracked());
        choice.wish.run(wished);
    };
    let at_end = Signal::derive(move || choice.day.get() >= choice.today.get());
    view! {
        <div class="day-picker" role="group" aria-label=t().day>
            <IconButton icon=Icon::ArrowBack label=t().day_before on_press=move || go(choice.day.get_untracked().previous()) />
            <span class="day-picker-day">{move || day_in_words(choice.day.get())}</span>
            <IconButton icon=Icon::ArrowForward label=t().day_after disabled=at_end on_press=move || go(choice.day.get_untracked().next()) />
            <Show when=move || !choice.is_today()><Button label=t().back_to_today size=ButtonSize::Small kind=ButtonKind::Quiet on_press=move || go(None) /></Show>
        </div>
    }
}
