//! What the till says.

use crate::engine::protocol::{EngineRefusal, Progress};
use crate::language::{filled, messages};
use std::fmt::Display;

messages! {
    module "till";
    texts {
        /// Names the till on a receipt, and its navigation.
        till,
        /// The way back to selling.
        sell,
        /// The way to the session's tickets, and their number.
        tickets,
        /// The way to the closing count.
        close_till,
        /// Puts news away.
        understood,
        /// Over the progress of the first load.
        loading_title,
        /// Below it.
        loading_text,
        /// Nobody is here.
        nobody_title,
        /// What to do.
        nobody_text,
        /// Leads there.
        choose_person,
        /// This device is no till.
        no_till_title,
        /// What to do.
        no_till_text,
        /// Leads there.
        set_up,
        /// Names the grid.
        products,
        /// Names the search.
        search,
        /// Names the categories.
        categories,
        /// All categories at once.
        all_categories,
        /// Instead of a price.
        no_price,
        /// The search found nothing.
        nothing_found_title,
        /// What to do.
        nothing_found_text,
        /// There is no product at all.
        no_products_title,
        /// What to do.
        no_products_text,
        /// Names the keypad for a quantity.
        how_much,
        /// Puts it on the ticket.
        add,
        /// Takes that quantity back.
        clear_quantity,
        /// Names the ticket.
        ticket,
        /// Names its lines.
        ticket_lines,
        /// No line yet.
        ready_title,
        /// What to do.
        ready_text,
        /// On a phone: from the ticket back to the products.
        add_more,
        /// Names the total.
        total,
        /// The one button.
        pay,
        /// Takes a line off.
        remove,
        /// Leaves the line being changed.
        done,
        /// Puts the ticket away unsold.
        abandon,
        /// Asked before.
        abandon_title,
        /// What it means.
        abandon_text,
        /// Does not.
        keep_ticket,
        /// Leaves a question unanswered.
        cancel,
        /// It was put away.
        abandoned,
        /// Names the pay sheet.
        pay_title,
        /// What the customer owes.
        to_pay,
        /// What was handed over.
        received,
        /// What is given back.
        change,
        /// How much too little was handed over.
        still_missing,
        /// The exact amount was handed over.
        exact,
        /// Names the likely amounts.
        quick_amounts,
        /// Takes the payment.
        take_payment,
        /// Names the change to give.
        change_due,
        /// Nothing is given back.
        no_change,
        /// Prints a receipt.
        print,
        /// Puts the receipt away.
        next_customer,
        /// Names a receipt and its number.
        receipt,
        /// On a receipt: handed over.
        cash,
        /// On a receipt: who served.
        served_by,
        /// On a receipt: when.
        time,
        /// Heads the rates.
        tax_rate,
        /// Heads the amounts without tax.
        net,
        /// Heads the taxes.
        tax,
        /// Heads the amounts with tax.
        gross,
        /// At the foot of a receipt.
        thanks,
        /// Over the opening.
        open_title,
        /// What to do.
        open_text,
        /// The cash the till was opened with.
        float,
        /// Opens the till.
        open_button,
        /// The role does not allow it.
        may_not_open_title,
        /// What to do.
        may_not_open_text,
        /// Names the two ways of counting.
        way_of_counting,
        /// By typing the sum.
        as_amount,
        /// Note by note and coin by coin.
        by_piece,
        /// Heads the banknotes.
        notes,
        /// Heads the coins.
        coins,
        /// Over the closing.
        close_title,
        /// What to do.
        close_text,
        /// What was counted.
        counted,
        /// Heads the session's sums.
        this_session,
        /// Takings in cash.
        cash_taken,
        /// What should be there.
        expected,
        /// Before anything was counted.
        not_counted,
        /// No difference.
        cash_matches,
        /// What closing with a difference means.
        difference_text,
        /// Does not close.
        count_again,
        /// Closes all the same.
        close_anyway,
        /// Closes the till.
        close_button,
        /// Nothing waits.
        nothing_missing_title,
        /// What it means.
        nothing_missing_text,
        /// What it means.
        waiting_text,
        /// A ticket is being rung up.
        ticket_open_title,
        /// What to do.
        ticket_open_text,
        /// The role does not allow it.
        may_not_close_title,
        /// What to do.
        may_not_close_text,
        scan_while_closing_title,
        /// The till is closed.
        closed_title,
        /// What it means.
        all_arrived_text,
        /// What it means.
        unsent_text,
        /// Opens the till again.
        open_again,
        /// Over the list.
        tickets_title,
        /// Over the list of the shop's.
        shop_tickets_title,
        /// Names the choice between them.
        whose_tickets,
        /// One choice.
        this_till_session,
        /// The other.
        whole_shop,
        /// None yet.
        no_tickets_title,
        /// What comes here.
        no_tickets_text,
        /// A ticket being rung up.
        ticket_open,
        /// A ticket put away.
        ticket_abandoned,
        /// Its state.
        ringing_up,
        /// More of the list.
        show_more,
        /// No such ticket.
        ticket_unknown_title,
        /// What to do.
        ticket_unknown_text,
    }
    filled {
        /// Below the grid: how many of those found are shown.
        shown_of(shown, of),
        /// How many of the next product.
        times(quantity),
        /// The price of one.
        each(price),
        /// A line was taken off.
        removed(name),
        /// A line was rung up: how many there are now.
        on_ticket(quantity, name),
        /// What was taken.
        paid(amount),
        /// The change of the last ticket.
        last_change(amount),
        /// A receipt by its number.
        receipt_no(number),
        /// One more note or coin.
        one_more_of(value),
        /// One less.
        one_less_of(value),
        /// Who opened, and when.
        opened_by(name, when),
        /// Too little.
        cash_short(amount),
        /// Too much.
        cash_over(amount),
        scan_while_closing_text(code),
    }
    counted {
        /// How many lines.
        lines,
        /// So many changes wait.
        waiting_title,
        /// Nothing of the session waits.
        all_arrived_title,
        /// So many tickets wait.
        unsent_title,
    }
    said {
        /// Why the engine did not do it.
        refused,
        /// What the server held, refused or ruled, by its code.
        ruled,
        progress,
    }
}

/// What happened, and what it means and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// What happened.
    pub title: String,
    /// What it means for the work, and what to do.
    pub text: String,
}

impl From<(&str, &str)> for Saying {
    fn from((title, text): (&str, &str)) -> Self {
        Self { title: title.to_owned(), text: text.to_owned() }
    }
}

/// Something was scanned while cash is counted.
pub fn scan_while_closing(code: &str) -> Saying {
    Saying { title: t().scan_while_closing_title.to_owned(), text: t().scan_while_closing_text(code) }
}

/// Why the engine did not do it.
pub fn refused(refusal: &EngineRefusal) -> Saying {
    // Codes that mean the same to a cashier say the same.
    let said = match refusal.code.as_str() {
        "tax_rate_missing" => "price_missing",
        "quantity_too_large" | "quantity_not_positive" | "quantity_not_whole" => "quantity_invalid",
        "line_removed" => "line_unknown",
        "document_full" => "ticket_full",
        "document_left" | "ticket_completed" | "ticket_abandoned" => "ticket_not_opened",
        "count_invalid" => "amount_too_large",
        "storage_broken" | "document_broken" => "storage_lost",
        "session_lost" => "grant_missing",
        "till_unknown" | "site_unknown" => "not_a_till",
        "engine_broken" | "crypto_unavailable" => "engine_stopped",
        "server_failed" => "offline",
        code => code,
    };
    let (title, text) = t().refused(said).or_else(|| t().refused("other")).unwrap_or_default();
    let values: Vec<(&str, &dyn Display)> = refusal.values.iter().map(|(name, value)| (name.as_str(), value as &dyn Display)).collect();
    Saying { title: filled(title, &values), text: text.to_owned() }
}

/// What the server held, refused or ruled, by its code, such as `held.chain_forked`.
pub fn ruled(code: &str) -> Saying {
    let (outcome, name) = code.split_once('.').unwrap_or(("ruling", code));
    let said = match (outcome, name) {
        (_, "price_differs") => "price_version_unknown",
        (_, "tax_differs" | "tax_not_in_force") => "tax_version_unknown",
        (_, "receipt_number_reused") => "receipt_number_outside_block",
        // Done after the sign-in had run out: a note where it was ruled, a decision where it is held.
        ("held" | "refused", "grant_expired") => outcome,
        (_, name) => name,
    };
    t().ruled(said).or_else(|| t().ruled(outcome)).or_else(|| t().ruled("other")).unwrap_or_default().into()
}

/// How far a ticket has come.
pub fn progress_means(progress: Progress) -> Saying {
    let said = match progress {
        Progress::SavedHere => "saved_here",
        Progress::Sent => "sent",
        Progress::Accepted => "accepted",
        Progress::NeedsAttention => "needs_attention",
    };
    t().progress(said).unwrap_or_default().into()
}

/// A ticket was put away.
pub fn abandoned_means() -> Saying {
    t().progress("abandoned").unwrap_or_default().into()
}
