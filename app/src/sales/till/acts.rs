//! What a cashier does. Each asks the engine and shows its answer; nothing is shown as done before.

use super::messages::t;
use super::sale::{QuantityEntry, touched};
use super::store::{Flash, Till};
use crate::design::keypad::AmountEntry;
use crate::device::sound::{self, Tone as Sound};
use crate::engine::protocol::{Answer, EngineRefusal, LineView, ProductView, Request, TicketView, TillState};
use crate::sales::measure::measure;
use holdfast_domain::kernel::{FactId, ProductId};
use holdfast_sync::bytes::Bytes;
use leptos::prelude::*;
use leptos::task::spawn_local;
use rust_decimal::Decimal;

impl Till {
    /// A code was scanned, or typed by hand.
    pub fn scan(self, code: String) {
        let quantity = self.take_quantity();
        self.ring_up(Request::Scan { code, quantity });
    }

    /// A product was picked by hand.
    pub fn add(self, product: ProductId) {
        let quantity = self.take_quantity();
        self.ring_up(Request::AddProduct { product, quantity });
    }

    /// A product was touched: pieces are rung up; what is weighed or measured asks how much, where nobody has said so yet.
    pub fn pick(self, product: ProductView) {
        if product.unit.is_counted() || self.quantity.with_untracked(QuantityEntry::quantity).is_some() {
            self.add(product.id);
        } else {
            self.weighing.set(Some(product));
        }
    }

    /// So much of a product that was weighed or measured.
    pub fn add_measured(self, product: ProductId, quantity: Decimal) {
        self.ring_up(Request::AddProduct { product, quantity });
    }

    /// The same product again, as many as there were: a removal taken back.
    fn add_back(self, line: &LineView) {
        self.ring_up(Request::AddProduct { product: line.product, quantity: line.quantity });
    }

    /// Sets a line's quantity.
    pub fn set_quantity(self, line: FactId, wished: Decimal) {
        let by = self.line(line).map(|line| wished - line.quantity).filter(|by| !by.is_zero());
        if let Some(by) = by {
            self.ring_up(Request::ChangeQuantity { line, by });
        }
    }

    /// One more or less of the chosen line, or the last one.
    pub fn step(self, more: bool) {
        let Some(line) = self.chosen_or_last() else { return };
        let by = if more { Decimal::ONE } else { Decimal::NEGATIVE_ONE };
        if line.quantity + by > Decimal::ZERO {
            self.ring_up(Request::ChangeQuantity { line: line.id, by });
        } else {
            self.remove(line.id);
        }
    }

    /// Takes a line off, and offers to put it back.
    pub fn remove(self, line: FactId) {
        let Some(line) = self.line(line) else { return };
        spawn_local(async move {
            match self.ask(Request::RemoveLine { line: line.id }).await {
                Ok(answer) => {
                    self.answered(answer);
                    let removed = t().removed(&line.name);
                    self.spoken.try_set(removed.clone());
                    self.toasts.say_with_undo(removed, move || self.add_back(&line));
                }
                Err(refusal) => self.refuse(&refusal),
            }
        });
    }

    /// Puts the open ticket away unsold.
    pub fn abandon(self) {
        spawn_local(async move {
            match self.ask(Request::AbandonTicket).await {
                Ok(answer) => {
                    self.answered(answer);
                    self.spoken.try_set(t().abandoned.to_owned());
                    self.ticket_side.try_set(false);
                }
                Err(refusal) => self.refuse(&refusal),
            }
        });
    }

    /// Opens the pay sheet, where there is something to pay.
    pub fn begin_paying(self) {
        if self.has_lines() {
            self.amount.set(AmountEntry::EMPTY);
            self.chosen.set(None);
            self.paying.set(true);
        }
    }

    /// Takes cash. The refusal, if any, is the pay sheet's to show.
    pub async fn pay_cash(self, tendered_minor: i64) -> Result<(), EngineRefusal> {
        let answer = self.ask(Request::PayCash { tendered_minor }).await?;
        if let Answer::Paid(ticket) = answer {
            self.show_paid(*ticket);
        }
        if let Ok(Answer::Till(state)) = self.ask(Request::Till).await {
            self.take(*state);
        }
        Ok(())
    }

    /// Opens the till with the counted float.
    pub async fn open_session(self, counted_minor: i64) {
        let asked = self.ask(Request::OpenTillSession { counted_minor }).await;
        self.take_state(asked);
    }

    /// Closes the till with the counted cash and photos of it; whether it is closed.
    pub async fn close_session(self, counted_minor: i64, photos: Vec<Bytes>) -> bool {
        let asked = self.ask(Request::CloseTillSession { counted_minor, photos }).await;
        let closed = asked.is_ok();
        self.take_state(asked);
        closed
    }

    /// The line of that id on the open ticket.
    pub fn line(self, id: FactId) -> Option<LineView> {
        self.state.with_untracked(|state| state.as_ref()?.ticket.as_ref()?.lines.iter().find(|line| line.id == id).cloned())
    }

    /// The line that keys change.
    pub fn chosen_or_last(self) -> Option<LineView> {
        let chosen = self.chosen.get_untracked().and_then(|line| self.line(line));
        chosen.or_else(|| self.state.with_untracked(|state| state.as_ref()?.ticket.as_ref()?.lines.last().cloned()))
    }

    /// How many the next product is, and that it was said.
    fn take_quantity(self) -> Decimal {
        let quantity = self.quantity.with_untracked(QuantityEntry::quantity).unwrap_or(Decimal::ONE);
        self.quantity.set(QuantityEntry::default());
        quantity
    }

    fn ring_up(self, request: Request) {
        self.paid.set(None);
        self.paying.set(false);
        self.weighing.set(None);
        spawn_local(async move {
            match self.ask(request).await {
                Ok(answer) => {
                    self.notice.try_set(None);
                    self.answered(answer);
                }
                Err(refusal) => self.refuse(&refusal),
            }
        });
    }

    fn take_state(self, asked: Result<Answer, EngineRefusal>) {
        match asked {
            Ok(answer) => {
                self.notice.try_set(None);
                self.amount.try_set(AmountEntry::EMPTY);
                self.answered(answer);
            }
            Err(refusal) => self.refuse(&refusal),
        }
    }

    fn answered(self, answer: Answer) {
        let Answer::Till(state) = answer else { return };
        self.flash_touched(&state);
        self.take(*state);
    }

    fn flash_touched(self, state: &TillState) {
        let touched = self.answered.try_update_value(|before| {
            let line = touched(before.as_ref(), state.ticket.as_ref());
            *before = state.ticket.clone();
            line
        });
        let Some(line) = touched.flatten() else { return };
        sound::sound(Sound::Good);
        self.flash.try_update(|flash| {
            let turn = flash.map_or(0, |flash| flash.turn.wrapping_add(1));
            *flash = Some(Flash { line, turn });
        });
        let spoken = state.ticket.iter().flat_map(|ticket| &ticket.lines).find(|on| on.id == line);
        if let Some(line) = spoken {
            self.spoken.try_set(t().on_ticket(measure(line.quantity, line.unit), &line.name));
        }
    }

    fn show_paid(self, ticket: TicketView) {
        self.answered.try_set_value(None);
        self.amount.try_set(AmountEntry::EMPTY);
        self.quantity.try_set(QuantityEntry::default());
        self.search.try_set(String::new());
        self.chosen.try_set(None);
        self.notice.try_set(None);
        self.state.try_update(|state| {
            if let Some(state) = state {
                state.ticket = None;
            }
        });
        self.last_paid.try_set(Some(ticket.clone()));
        self.paid.try_set(Some(ticket));
        self.paying.try_set(false);
    }
}
