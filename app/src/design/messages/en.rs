//! English.

use super::Messages;

/// The texts.
pub const EN: Messages = Messages {
    close: "Close",
    undo: "Undo",
    clear_key: "Clear",
    clear_entry: "Clear the entry",
    delete_last_digit: "Delete the last digit",
    more: "One more",
    less: "One less",
    quantity: "Quantity",
    show_password: "Show password",
    hide_password: "Hide password",
    clear_search: "Clear search",
    saved_here: "Saved here",
    sent: "Sent",
    accepted: "Accepted",
    needs_attention: "Needs attention",
    loading: "Loading",
    show_figures: "Show the figures",
    sum: "Total",
    pin_digits: |entered, of| format!("{entered} of {of} digits entered"),
    sync_settled: "All accepted",
    sync_waiting: |count| if count == 1 { "1 change waits".to_owned() } else { format!("{count} changes wait") },
    sync_offline_since: |time| format!("Offline since {time}"),
    sync_offline: "Offline",
    sync_needs_you: |count| if count == 1 { "1 needs you".to_owned() } else { format!("{count} need you") },
};
