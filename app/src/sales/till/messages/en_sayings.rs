//! English: what happened, what it means, what to do.

use super::{Saying, say};
use crate::engine::protocol::{EngineRefusal, Progress};

/// Why the engine did not do it.
pub fn refused(refusal: &EngineRefusal) -> Saying {
    let value = |name: &str| refusal.values.get(name).map_or("", String::as_str);
    match refusal.code.as_str() {
        "barcode_unknown" => say(
            &format!("No product has the code {}", value("code")),
            "Nothing was added. Scan again, search for the product by name, or put it aside and tell the office.",
        ),
        "product_unknown" => say("This product is gone", "The office has taken it out. Nothing was added."),
        "price_missing" | "tax_rate_missing" => {
            say("This product has no price here", "Nothing was added. Tell the office; until they enter it, the product cannot be sold at this till.")
        }
        "barcode_invalid" => say("This code cannot be read", "Nothing was added. Scan again, or search for the product by name."),
        "quantity_invalid" | "quantity_too_large" | "quantity_not_positive" => {
            say("This quantity cannot be sold", "Nothing changed. Enter a smaller quantity, with at most six decimals.")
        }
        "quantity_below_zero" => say("Nothing would be left", "Nothing changed. Use Remove to take the line off the ticket."),
        "line_unknown" | "line_removed" => {
            say("This line is no longer on the ticket", "It was taken off, perhaps in another window. Nothing else changed.")
        }
        "ticket_full" | "document_full" => say("This ticket is full", "Take payment for what is on it, then go on with a new ticket."),
        "ticket_empty" => say("There is nothing to pay", "Scan a product first."),
        "ticket_not_opened" | "ticket_completed" | "ticket_abandoned" => {
            say("This ticket is already finished", "It was paid or put away, perhaps in another window. Scan to begin a new one.")
        }
        "tendered_too_little" => say("That is less than the total", "Nothing was taken. Enter what the customer hands over."),
        "amount_too_large" | "count_invalid" => say("This amount is too large", "Nothing was recorded. Check what you entered."),
        "numbers_used_up" => say(
            "This till has no receipt numbers left",
            "No payment was taken. Connect to the network for a moment: the till then gets new numbers by itself. The ticket stays as it is.",
        ),
        "storage_full" => {
            say("This device is full", "Nothing was recorded; do not hand over the goods yet. Free some space on the device, then try again.")
        }
        "storage_lost" | "storage_broken" | "document_broken" => say(
            "The till could not save this",
            "Nothing was recorded; do not hand over the goods yet. Try again; if it stays, use another till and call the office.",
        ),
        "till_session_not_opened" => say("The till is not open", "Open it with a counted float first."),
        "till_session_already_opened" => say("The till is open already", "It was opened in another window. You can sell."),
        "till_session_already_closed" => say("The till is closed already", "It was closed in another window. Open it again to sell."),
        "ticket_open" => say("A ticket is still open", "Take its payment or abandon it; then the till can be closed."),
        "not_signed_in" => say("Nobody is signed in at this till", "Choose who sells, then try again."),
        "grant_missing" | "session_lost" => {
            say("Sign in once with the network", "This person cannot sell here yet. Sign in while there is a network; after that it works without.")
        }
        "not_permitted" => say("Your role does not allow this", "Nothing was recorded. Ask a shift leader to take over."),
        "not_a_till" | "till_unknown" | "site_unknown" => say("This device is not a till", "Set it up as a till first."),
        "engine_busy" => say("The till is catching up", "Nothing was recorded. Wait a moment and try again."),
        "engine_stopped" | "engine_broken" | "crypto_unavailable" => {
            say("The till stopped working", "What was confirmed is safe. Reload the page; nothing else was recorded.")
        }
        "app_outdated" => say("This till must be updated", "Nothing was recorded. Reload the page while there is a network."),
        "offline" | "server_failed" => say("The server cannot be reached", "Selling goes on. Try this again when there is a network."),
        _ => say("That did not work", "Nothing was recorded. Try again; if it stays, tell the office the code below."),
    }
}

/// What the server held, refused or ruled.
pub fn ruled(code: &str) -> Saying {
    let (outcome, name) = code.split_once('.').unwrap_or(("ruling", code));
    match (outcome, name) {
        (_, "price_not_in_force") => {
            say("A price had changed", "The ticket stands as it was paid. The office sees the difference; there is nothing for you to do.")
        }
        (_, "price_version_unknown" | "price_differs") => {
            say("A price does not match the catalogue", "The ticket stands as it was paid. The office looks at it; keep the receipt at hand.")
        }
        (_, "tax_version_unknown" | "tax_differs") => {
            say("A tax rate does not match", "The ticket stands as it was paid. The office corrects the tax; there is nothing for you to do.")
        }
        (_, "receipt_number_outside_block" | "receipt_number_reused") => say(
            "The receipt number is not this till's",
            "The ticket stands. Stop selling on this device and call the office: it may have been copied.",
        ),
        (_, "till_session_unknown") => {
            say("The till session has not arrived", "The ticket stands. It is matched when the session arrives; leave this device switched on.")
        }
        (_, "till_session_closed") => {
            say("Sold after the till was closed", "The ticket stands, but the closing count misses it. Tell whoever counted the drawer.")
        }
        (_, "paid_twice") => say("Paid twice", "Two windows took money for this ticket. Give one payment back and tell the office."),
        (_, "changed_while_paid") => {
            say("Changed while it was being paid", "What was paid is not the total. Compare the receipt with the goods and tell the office.")
        }
        (_, "abandoned_while_paid") => {
            say("Abandoned while it was being paid", "The payment counts. Check that the money is in the drawer, and tell the office.")
        }
        (_, "time_clamped") => say("This device's clock is wrong", "The ticket stands, with a corrected time. Set the device's clock when you can."),
        ("ruling", "grant_expired") => {
            say("Your sign-in had run out", "The ticket stands. Sign in with the network soon, so that the next ones are not questioned.")
        }
        ("held", _) => say(
            "Held until the office decides",
            "The sale is safe, but not in the books yet. The office releases or rejects it; you need do nothing but tell them.",
        ),
        ("refused", _) => say(
            "Not accepted by the office",
            "What was rung up is kept on this device, but it is not in the books. Keep the money and the receipt, and call the office.",
        ),
        _ => say("The office has a question about this ticket", "Tell the office the code below."),
    }
}

/// How far a ticket has come.
pub fn progress_means(progress: Progress) -> Saying {
    match progress {
        Progress::SavedHere => say("Saved here", "The ticket is safe on this device. It is sent as soon as there is a network."),
        Progress::Sent => say("Sent", "The server has it; the confirmation is on its way."),
        Progress::Accepted => say("In the books", "The server has accepted the ticket. Every device sees it."),
        Progress::NeedsAttention => say("Needs attention", "Something about this ticket must be looked at. Below is what, and what to do."),
    }
}

/// A ticket was put away.
pub fn abandoned_means() -> Saying {
    say("Abandoned", "Nothing was sold and no money was taken.")
}
