//! The words of sales in the office.

mod en;

use crate::language::{Language, language};

/// A text per field.
pub struct Messages {
    pub today: &'static str,
    pub day: &'static str,
    pub day_before: &'static str,
    pub day_after: &'static str,
    pub back_to_today: &'static str,
    pub takings: &'static str,
    pub takings_per_hour: &'static str,
    pub hour: &'static str,
    pub no_takings: &'static str,
    pub no_takings_text: &'static str,
    pub tickets: &'static str,
    pub ticket: &'static str,
    pub newest_tickets: &'static str,
    pub all_tickets: &'static str,
    pub all_tills: &'static str,
    pub no_tickets: &'static str,
    pub no_tickets_text: &'static str,
    pub show_more: &'static str,
    pub per_ticket: &'static str,
    pub nothing: &'static str,
    pub never: &'static str,
    pub tills_now: &'static str,
    pub open_since: fn(&str, &str) -> String,
    pub closed: &'static str,
    pub last_contact: &'static str,
    pub receipt: &'static str,
    pub no_receipt: &'static str,
    pub time: &'static str,
    pub till: &'static str,
    pub cashier: &'static str,
    pub lines: &'static str,
    pub state: &'static str,
    pub total: &'static str,
    pub needs_attention: &'static str,
    pub paid: &'static str,
    pub open: &'static str,
    pub abandoned: &'static str,
    pub held: fn(u32) -> String,
    pub held_text: &'static str,
    pub history: &'static str,
    pub each: fn(&str) -> String,
    pub tax: fn(&str) -> String,
    pub cash_received: &'static str,
    pub change_given: &'static str,
    pub the_server: &'static str,
    pub on_device: fn(&str, u64) -> String,
    pub arrived: fn(&str) -> String,
    pub act_held: &'static str,
    pub act_refused: &'static str,
    pub a_line: &'static str,
    pub fact_opened: &'static str,
    pub fact_line_added: fn(&str, &str, &str) -> String,
    pub fact_quantity_changed: fn(&str, &str) -> String,
    pub fact_line_removed: fn(&str) -> String,
    pub fact_paid: fn(&str, &str, &str) -> String,
    pub fact_completed: fn(u64) -> String,
    pub fact_abandoned: &'static str,
    /// What was found and what to do, by a ruling's code.
    pub ruling: fn(&str) -> (&'static str, &'static str),
}

/// The texts in the person's language.
pub fn t() -> &'static Messages {
    match language() {
        Language::English | Language::Romanian | Language::French | Language::Italian | Language::German | Language::Turkish => &en::EN,
    }
}
