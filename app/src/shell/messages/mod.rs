//! The words of the frame.

mod en;

use crate::language::{Language, language};

/// A text per field.
pub struct Messages {
    /// Leads to choosing another person.
    pub switch_person: &'static str,
    /// Leads to the settings.
    pub settings: &'static str,
    /// Ends the session.
    pub sign_out: &'static str,
    /// Leads to signing in.
    pub sign_in: &'static str,
    /// The browser threw this device's data away.
    pub evicted_title: &'static str,
    /// What that means.
    pub evicted_text: &'static str,
    /// A new version waits.
    pub update_title: &'static str,
    /// What taking it over means.
    pub update_text: &'static str,
    /// Why it cannot be taken over now.
    pub update_waits_for_sale: &'static str,
    /// Takes it over.
    pub update_now: &'static str,
    /// Heads the sheet.
    pub sync_title: &'static str,
    /// Nobody is signed in who could carry the work up.
    pub paused_title: &'static str,
    /// What to do about it.
    pub paused_text: &'static str,
    /// No network.
    pub offline_title: &'static str,
    /// What works without.
    pub offline_text: &'static str,
    /// Nothing waits.
    pub nothing_waits: &'static str,
    /// What that means.
    pub nothing_waits_text: &'static str,
    /// Names the list of facts about sync.
    pub sync_facts: &'static str,
    /// When the server was last reached.
    pub last_contact: &'static str,
    /// It never was.
    pub never: &'static str,
    /// Names the state of storage.
    pub storage: &'static str,
    /// The browser promised to keep it.
    pub storage_kept: &'static str,
    /// It did not.
    pub storage_at_risk: &'static str,
    /// The browser declined to promise it.
    pub storage_refused: &'static str,
    /// Asks it to.
    pub keep_data: &'static str,
    /// Sends and fetches at once.
    pub try_now: &'static str,
    /// Puts a task away.
    pub understood: &'static str,
    /// Heads the tasks.
    pub needs_you: &'static str,
    /// Names the list of what waits.
    pub what_waits: &'static str,
    /// Heads the list of what waits.
    pub waiting: fn(u32) -> String,
    /// How much of one document waits.
    pub changes: fn(u32) -> String,
    /// A kind of document, by its name.
    pub document_kind: fn(&str) -> &'static str,
    /// What happened and what to do, by a task's code.
    pub task: fn(&str) -> (&'static str, &'static str),
    /// There is nothing at this address.
    pub not_found_title: &'static str,
    /// What to do.
    pub not_found_text: &'static str,
    /// Leads home.
    pub go_home: &'static str,
    /// Nothing is allowed here.
    pub no_permission_title: &'static str,
    /// What to do.
    pub no_permission_text: &'static str,
    /// The engine cannot start here.
    pub engine_failed_title: &'static str,
    /// What to do.
    pub engine_failed_text: &'static str,
    /// Names the navigation.
    pub nav: &'static str,
    /// Heads the sales screens.
    pub nav_sales: &'static str,
    /// The day's overview.
    pub nav_today: &'static str,
    /// The list of tickets.
    pub nav_tickets: &'static str,
    /// Reads again.
    pub try_again: &'static str,
    /// The office cannot be reached.
    pub office_offline_title: &'static str,
    /// What that means here.
    pub office_offline_text: &'static str,
    /// The session ended.
    pub session_over_title: &'static str,
    /// What to do.
    pub session_over_text: &'static str,
    /// The role does not allow it.
    pub not_permitted_title: &'static str,
    /// What to do.
    pub not_permitted_text: &'static str,
    /// The server failed.
    pub failed_title: &'static str,
    /// What to do.
    pub failed_text: &'static str,
}

/// The texts in the person's language.
pub fn t() -> &'static Messages {
    match language() {
        Language::English | Language::Romanian | Language::French | Language::Italian | Language::German | Language::Turkish => &en::EN,
    }
}
