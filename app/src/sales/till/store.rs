//! What the till's screens share: the till as the engine tells it, and what the cashier is in the middle of.

use super::messages::{self, Saying};
use super::sale::QuantityEntry;
use crate::design::keypad::AmountEntry;
use crate::design::toast::Toasts;
use crate::device::sound::{self, Tone as Sound};
use crate::engine::client::Engine;
use crate::engine::protocol::{
    Answer, DeviceView, EngineRefusal, EnrolledTill, Event, ProductView, Request, SyncView, TicketView, TillSessionView, TillState,
};
use crate::language::{money, money_plain};
use crate::shell::{Loading, Shell};
use holdfast_domain::kernel::FactId;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// News that stays until it is read or overtaken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What happened, what it means, what to do.
    pub saying: Saying,
    /// The stable code, small behind it.
    pub code: Option<String>,
}

/// The line that an act touched, and how often that happened: it flashes anew each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flash {
    /// Which.
    pub line: FactId,
    /// Counts up.
    pub turn: u32,
}

/// The till's screens hold one of these; copies are the same.
#[derive(Clone, Copy)]
pub struct Till {
    shell: Shell,
    pub(super) engine: StoredValue<Engine, LocalStorage>,
    /// Who and where.
    pub device: RwSignal<Option<DeviceView>>,
    /// The till; none until the engine told.
    pub state: RwSignal<Option<TillState>>,
    /// Sync.
    pub sync: RwSignal<Option<SyncView>>,
    /// The first load of the catalogue, while it runs.
    pub first_load: RwSignal<Option<Loading>>,
    /// The ticket that was just paid, until its receipt has slid away.
    pub paid: RwSignal<Option<TicketView>>,
    /// The same, until the next is paid.
    pub last_paid: RwSignal<Option<TicketView>>,
    /// What went wrong last.
    pub notice: RwSignal<Option<Notice>>,
    /// What was heard, for whoever cannot see the line flash.
    pub spoken: RwSignal<String>,
    /// The line that flashes.
    pub flash: RwSignal<Option<Flash>>,
    /// The line being changed.
    pub chosen: RwSignal<Option<FactId>>,
    /// Digits typed outside any field.
    pub quantity: RwSignal<QuantityEntry>,
    /// What stands in the search.
    pub search: RwSignal<String>,
    /// What stands on the keypad of whichever screen has one.
    pub amount: RwSignal<AmountEntry>,
    /// The product of which someone is to say how much.
    pub weighing: RwSignal<Option<ProductView>>,
    /// The ticket whose receipt is being printed.
    pub printing: RwSignal<Option<TicketView>>,
    /// The pay sheet.
    pub paying: RwSignal<bool>,
    /// On a phone, the ticket is shown instead of the products.
    pub ticket_side: RwSignal<bool>,
    /// Counts up when the list of tickets changed.
    pub tickets_turn: RwSignal<u32>,
    /// Counts up when prices and products changed.
    pub catalogue_turn: RwSignal<u32>,
    /// The page's toasts.
    pub(super) toasts: Toasts,
    /// The ticket as the last answer told it, to see what the next one changed.
    pub(super) answered: StoredValue<Option<TicketView>>,
}

impl Till {
    /// Makes the till known to everything below, and follows the engine as long as it is on the screen.
    pub fn provide() -> Self {
        let shell = Shell::expect();
        let engine = shell.engine();
        let till = Self {
            shell,
            engine: StoredValue::new_local(engine.clone()),
            device: shell.device,
            sync: shell.sync,
            first_load: shell.loading,
            state: RwSignal::new(None),
            paid: RwSignal::new(None),
            last_paid: RwSignal::new(None),
            notice: RwSignal::new(None),
            spoken: RwSignal::new(String::new()),
            flash: RwSignal::new(None),
            chosen: RwSignal::new(None),
            quantity: RwSignal::new(QuantityEntry::default()),
            search: RwSignal::new(String::new()),
            amount: RwSignal::new(AmountEntry::EMPTY),
            weighing: RwSignal::new(None),
            printing: RwSignal::new(None),
            paying: RwSignal::new(false),
            ticket_side: RwSignal::new(false),
            tickets_turn: RwSignal::new(0),
            catalogue_turn: RwSignal::new(0),
            toasts: Toasts::expect(),
            answered: StoredValue::new(None),
        };
        let subscription = StoredValue::new_local(Some(engine.listen(move |event| till.hear(event))));
        on_cleanup(move || subscription.set_value(None));
        till.ask_till();
        provide_context(till);
        till
    }

    /// The till around this screen.
    pub fn expect() -> Self {
        use_context().expect("every screen of the till stands within its frame")
    }

    fn ask_till(self) {
        spawn_local(async move {
            match self.ask(Request::Till).await {
                Ok(Answer::Till(state)) => self.take(*state),
                Ok(_) => {}
                // Nobody is signed in, or this is no till: the frame says so from what the device told.
                Err(refusal) if matches!(refusal.code.as_str(), "not_signed_in" | "not_a_till") => {}
                Err(refusal) => self.refuse(&refusal),
            }
        });
    }

    fn hear(self, event: &Event) {
        match event {
            Event::Till(state) => self.take((**state).clone()),
            Event::TicketsMoved => drop(self.tickets_turn.try_update(|turn| *turn += 1)),
            Event::CatalogueMoved => drop(self.catalogue_turn.try_update(|turn| *turn += 1)),
            // The shell follows these.
            Event::Device(_) | Event::Sync(_) | Event::Loading { .. } => {}
        }
    }

    /// The engine told how the till stands. What is unchanged is not drawn anew.
    pub(super) fn take(self, state: TillState) {
        let same = self.state.try_with_untracked(|before| before.as_ref() == Some(&state)) != Some(false);
        if same {
            return;
        }
        let gone = self.chosen.get_untracked().filter(|line| !state.ticket.iter().flat_map(|ticket| &ticket.lines).any(|on| on.id == *line));
        if gone.is_some() {
            self.chosen.set(None);
        }
        // At once: whoever updates the app must know of the sale before the engine tells of it unasked.
        self.shell.till_stands(&state);
        self.state.set(Some(state));
    }

    /// Asks the engine.
    pub async fn ask(self, request: Request) -> Result<Answer, EngineRefusal> {
        let Some(engine) = self.engine.try_get_value() else { return Err(EngineRefusal::new("engine_stopped")) };
        engine.ask(request).await
    }

    /// Shows why something was not done, and sounds it.
    pub fn refuse(self, refusal: &EngineRefusal) {
        let saying = messages::refused(refusal);
        self.spoken.try_set(saying.title.clone());
        self.notice.try_set(Some(Notice { saying, code: Some(refusal.code.clone()) }));
        sound::sound(Sound::Bad);
    }

    /// The open ticket, if it has lines.
    pub fn has_lines(self) -> bool {
        self.state.with(|state| state.as_ref().and_then(|state| state.ticket.as_ref()).is_some_and(|ticket| !ticket.lines.is_empty()))
    }

    /// The open ticket's total; nothing without one.
    pub fn total_minor(self) -> i64 {
        self.state.with(|state| state.as_ref().and_then(|state| state.ticket.as_ref()).map_or(0, |ticket| ticket.total_minor))
    }

    /// The open till session.
    pub fn session(self) -> Option<TillSessionView> {
        self.state.with(|state| state.as_ref().and_then(|state| state.session.clone()))
    }

    /// ISO 4217, of this till. It stays while the till is on the screen: the frame draws nothing before the till is known.
    pub fn currency(self) -> String {
        self.place_untracked().map(|till| till.currency).unwrap_or_default()
    }

    /// IANA name, of this till's site.
    pub fn time_zone(self) -> String {
        self.place_untracked().map(|till| till.time_zone).unwrap_or_default()
    }

    /// The till this device is.
    pub fn place_untracked(self) -> Option<EnrolledTill> {
        self.device.with_untracked(|device| device.as_ref().and_then(|device| device.till.clone()))
    }

    /// An amount with its currency.
    pub fn money(self, minor: i64) -> String {
        let currency = self.currency();
        if currency.is_empty() { String::new() } else { money(minor, &currency) }
    }

    /// An amount where the currency is plain.
    pub fn plain(self, minor: i64) -> String {
        let currency = self.currency();
        if currency.is_empty() { String::new() } else { money_plain(minor, &currency) }
    }

    /// How many changes have not been confirmed.
    pub fn waiting(self) -> u32 {
        self.sync.with(|sync| sync.as_ref().map_or(0, |sync| sync.waiting))
    }

    /// Whether whoever is signed in may do it.
    pub fn may(self, permission: &str) -> bool {
        self.device.with(|device| {
            device.as_ref().and_then(|device| device.person.as_ref()).is_some_and(|person| person.permissions.iter().any(|held| held == permission))
        })
    }
}
