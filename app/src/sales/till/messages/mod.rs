//! What the till says: a constant per language. A language that lacks a text does not compile.

mod de;
mod de_sayings;
mod en;
mod en_sayings;

use crate::engine::protocol::{EngineRefusal, Progress};
use crate::language::{Language, language};
use holdfast_domain::catalog::Unit;

/// What happened, and what it means and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// What happened.
    pub title: String,
    /// What it means for the work, and what to do.
    pub text: String,
}

/// A saying of two texts.
fn say(title: &str, text: &str) -> Saying {
    Saying { title: title.to_owned(), text: text.to_owned() }
}

/// The sign of a unit, the same in every language we speak; none for pieces, which are counted.
const fn sign(unit: Unit) -> Option<&'static str> {
    match unit {
        Unit::Piece => None,
        Unit::Kilogram => Some("kg"),
        Unit::Litre => Some("l"),
        Unit::Metre => Some("m"),
    }
}

fn price_per(price: &str, unit: Unit) -> String {
    sign(unit).map_or_else(|| price.to_owned(), |sign| format!("{price} / {sign}"))
}

fn measure(quantity: &str, unit: Unit) -> String {
    sign(unit).map_or_else(|| quantity.to_owned(), |sign| format!("{quantity} {sign}"))
}

/// A text per field.
pub struct Messages {
    /// Names the till on a receipt, and its navigation.
    pub till: &'static str,
    /// The way back to selling.
    pub sell: &'static str,
    /// The way to the session's tickets, and their number.
    pub tickets: &'static str,
    /// The way to the closing count.
    pub close_till: &'static str,
    /// Puts news away.
    pub understood: &'static str,
    /// Over the progress of the first load.
    pub loading_title: &'static str,
    /// Below it.
    pub loading_text: &'static str,
    /// Nobody is here.
    pub nobody_title: &'static str,
    /// What to do.
    pub nobody_text: &'static str,
    /// Leads there.
    pub choose_person: &'static str,
    /// This device is no till.
    pub no_till_title: &'static str,
    /// What to do.
    pub no_till_text: &'static str,
    /// Leads there.
    pub set_up: &'static str,
    /// Names the grid.
    pub products: &'static str,
    /// Names the search.
    pub search: &'static str,
    /// Names the categories.
    pub categories: &'static str,
    /// All categories at once.
    pub all_categories: &'static str,
    /// Instead of a price.
    pub no_price: &'static str,
    /// The search found nothing.
    pub nothing_found_title: &'static str,
    /// What to do.
    pub nothing_found_text: &'static str,
    /// There is no product at all.
    pub no_products_title: &'static str,
    /// What to do.
    pub no_products_text: &'static str,
    /// A price, with what it is for where that is not a piece.
    pub price_per: fn(&str, Unit) -> String,
    /// A quantity with its unit.
    pub measure: fn(&str, Unit) -> String,
    /// Names the keypad for a quantity.
    pub how_much: &'static str,
    /// Puts it on the ticket.
    pub add: &'static str,
    /// Below the grid: how many of those found are shown.
    pub shown_of: fn(&str, &str) -> String,
    /// How many of the next product.
    pub times: fn(&str) -> String,
    /// Takes that quantity back.
    pub clear_quantity: &'static str,
    /// Names the ticket.
    pub ticket: &'static str,
    /// Names its lines.
    pub ticket_lines: &'static str,
    /// How many lines.
    pub lines: fn(u32) -> String,
    /// No line yet.
    pub ready_title: &'static str,
    /// What to do.
    pub ready_text: &'static str,
    /// On a phone: from the ticket back to the products.
    pub add_more: &'static str,
    /// Names the total.
    pub total: &'static str,
    /// The one button.
    pub pay: &'static str,
    /// The price of one.
    pub each: fn(&str) -> String,
    /// Takes a line off.
    pub remove: &'static str,
    /// A line was taken off.
    pub removed: fn(&str) -> String,
    /// Leaves the line being changed.
    pub done: &'static str,
    /// A line was rung up: how many there are now.
    pub on_ticket: fn(&str, &str) -> String,
    /// Puts the ticket away unsold.
    pub abandon: &'static str,
    /// Asked before.
    pub abandon_title: &'static str,
    /// What it means.
    pub abandon_text: &'static str,
    /// Does not.
    pub keep_ticket: &'static str,
    /// It was put away.
    pub abandoned: &'static str,
    /// Names the pay sheet.
    pub pay_title: &'static str,
    /// What the customer owes.
    pub to_pay: &'static str,
    /// What was handed over.
    pub received: &'static str,
    /// What is given back.
    pub change: &'static str,
    /// How much too little was handed over.
    pub still_missing: &'static str,
    /// The exact amount was handed over.
    pub exact: &'static str,
    /// Names the likely amounts.
    pub quick_amounts: &'static str,
    /// Takes the payment.
    pub take_payment: &'static str,
    /// What was taken.
    pub paid: fn(&str) -> String,
    /// Names the change to give.
    pub change_due: &'static str,
    /// Nothing is given back.
    pub no_change: &'static str,
    /// Prints a receipt.
    pub print: &'static str,
    /// Puts the receipt away.
    pub next_customer: &'static str,
    /// The change of the last ticket.
    pub last_change: fn(&str) -> String,
    /// Names a receipt and its number.
    pub receipt: &'static str,
    /// A receipt by its number.
    pub receipt_no: fn(&str) -> String,
    /// On a receipt: handed over.
    pub cash: &'static str,
    /// On a receipt: who served.
    pub served_by: &'static str,
    /// On a receipt: when.
    pub time: &'static str,
    /// Heads the rates.
    pub tax_rate: &'static str,
    /// Heads the amounts without tax.
    pub net: &'static str,
    /// Heads the taxes.
    pub tax: &'static str,
    /// Heads the amounts with tax.
    pub gross: &'static str,
    /// At the foot of a receipt.
    pub thanks: &'static str,
    /// Over the opening.
    pub open_title: &'static str,
    /// What to do.
    pub open_text: &'static str,
    /// The cash the till was opened with.
    pub float: &'static str,
    /// Opens the till.
    pub open_button: &'static str,
    /// The role does not allow it.
    pub may_not_open_title: &'static str,
    /// What to do.
    pub may_not_open_text: &'static str,
    /// Names the two ways of counting.
    pub way_of_counting: &'static str,
    /// By typing the sum.
    pub as_amount: &'static str,
    /// Note by note and coin by coin.
    pub by_piece: &'static str,
    /// Heads the banknotes.
    pub notes: &'static str,
    /// Heads the coins.
    pub coins: &'static str,
    /// One more note or coin.
    pub one_more_of: fn(&str) -> String,
    /// One less.
    pub one_less_of: fn(&str) -> String,
    /// Over the closing.
    pub close_title: &'static str,
    /// What to do.
    pub close_text: &'static str,
    /// What was counted.
    pub counted: &'static str,
    /// Heads the session's sums.
    pub this_session: &'static str,
    /// Who opened, and when.
    pub opened_by: fn(&str, &str) -> String,
    /// Takings in cash.
    pub cash_taken: &'static str,
    /// What should be there.
    pub expected: &'static str,
    /// Before anything was counted.
    pub not_counted: &'static str,
    /// No difference.
    pub cash_matches: &'static str,
    /// Too little.
    pub cash_short: fn(&str) -> String,
    /// Too much.
    pub cash_over: fn(&str) -> String,
    /// What closing with a difference means.
    pub difference_text: &'static str,
    /// Does not close.
    pub count_again: &'static str,
    /// Closes all the same.
    pub close_anyway: &'static str,
    /// Closes the till.
    pub close_button: &'static str,
    /// Nothing waits.
    pub nothing_missing_title: &'static str,
    /// What it means.
    pub nothing_missing_text: &'static str,
    /// So many changes wait.
    pub waiting_title: fn(u32) -> String,
    /// What it means.
    pub waiting_text: &'static str,
    /// A ticket is being rung up.
    pub ticket_open_title: &'static str,
    /// What to do.
    pub ticket_open_text: &'static str,
    /// The role does not allow it.
    pub may_not_close_title: &'static str,
    /// What to do.
    pub may_not_close_text: &'static str,
    /// Something was scanned while cash is counted.
    pub scan_while_closing: fn(&str) -> Saying,
    /// The till is closed.
    pub closed_title: &'static str,
    /// Nothing of the session waits.
    pub all_arrived_title: fn(u32) -> String,
    /// What it means.
    pub all_arrived_text: &'static str,
    /// So many tickets wait.
    pub unsent_title: fn(u32) -> String,
    /// What it means.
    pub unsent_text: &'static str,
    /// Opens the till again.
    pub open_again: &'static str,
    /// Over the list.
    pub tickets_title: &'static str,
    /// Over the list of the shop's.
    pub shop_tickets_title: &'static str,
    /// Names the choice between them.
    pub whose_tickets: &'static str,
    /// One choice.
    pub this_till_session: &'static str,
    /// The other.
    pub whole_shop: &'static str,
    /// None yet.
    pub no_tickets_title: &'static str,
    /// What comes here.
    pub no_tickets_text: &'static str,
    /// A ticket being rung up.
    pub ticket_open: &'static str,
    /// A ticket put away.
    pub ticket_abandoned: &'static str,
    /// Its state.
    pub ringing_up: &'static str,
    /// More of the list.
    pub show_more: &'static str,
    /// No such ticket.
    pub ticket_unknown_title: &'static str,
    /// What to do.
    pub ticket_unknown_text: &'static str,
    /// Why the engine did not do it.
    pub refused: fn(&EngineRefusal) -> Saying,
    /// What the server held, refused or ruled, by its code.
    pub ruled: fn(&str) -> Saying,
    /// How far a ticket has come.
    pub progress_means: fn(Progress) -> Saying,
    /// A ticket was put away.
    pub abandoned_means: fn() -> Saying,
}

/// The texts in the person's language.
pub fn t() -> &'static Messages {
    match language() {
        Language::German => &de::DE,
        Language::English | Language::Romanian | Language::French | Language::Italian | Language::Turkish => &en::EN,
    }
}
