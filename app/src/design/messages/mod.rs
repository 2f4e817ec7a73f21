//! The few words that components bring along.

mod en;

use crate::language::{Language, language};

/// A text per field.
pub struct Messages {
    /// Closes a dialog or sheet.
    pub close: &'static str,
    /// Takes the last act back.
    pub undo: &'static str,
    /// On the key that empties an entry.
    pub clear_key: &'static str,
    /// Its name.
    pub clear_entry: &'static str,
    /// Names the backspace key.
    pub delete_last_digit: &'static str,
    /// One more.
    pub more: &'static str,
    /// One less.
    pub less: &'static str,
    /// Names the field between them.
    pub quantity: &'static str,
    /// Shows a typed password.
    pub show_password: &'static str,
    /// Hides it again.
    pub hide_password: &'static str,
    /// Empties the search.
    pub clear_search: &'static str,
    /// Of a record: durable on this device.
    pub saved_here: &'static str,
    /// Of a record: on its way.
    pub sent: &'static str,
    /// Of a record: in the books.
    pub accepted: &'static str,
    /// Of a record: a person must look.
    pub needs_attention: &'static str,
    /// While a list loads.
    pub loading: &'static str,
    /// Opens a chart's figures.
    pub show_figures: &'static str,
    /// Heads a chart's column of sums.
    pub sum: &'static str,
    /// How many digits of the PIN are in.
    pub pin_digits: fn(usize, usize) -> String,
    /// The mark when all is accepted.
    pub sync_settled: &'static str,
    /// The mark when something waits.
    pub sync_waiting: fn(u32) -> String,
    /// The mark without a network.
    pub sync_offline_since: fn(&str) -> String,
    /// The same before the first contact.
    pub sync_offline: &'static str,
    /// The mark when a person is needed.
    pub sync_needs_you: fn(u32) -> String,
}

/// The texts in the person's language.
pub fn t() -> &'static Messages {
    match language() {
        Language::English | Language::Romanian | Language::French | Language::Italian | Language::German | Language::Turkish => &en::EN,
    }
}
