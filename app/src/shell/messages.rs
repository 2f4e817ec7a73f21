//! The words of the frame.

use crate::language::messages;

messages! {
    module "shell";
    texts {
        /// Leads to choosing another person.
        switch_person,
        /// Leads to the settings.
        settings,
        /// Ends the session.
        sign_out,
        /// Leads to signing in.
        sign_in,
        /// The browser threw this device's data away.
        evicted_title,
        /// What that means.
        evicted_text,
        /// A new version waits.
        update_title,
        /// What taking it over means.
        update_text,
        /// Why it cannot be taken over now.
        update_waits_for_sale,
        /// Takes it over.
        update_now,
        /// Heads the sheet.
        sync_title,
        /// Nobody is signed in who could carry the work up.
        paused_title,
        /// What to do about it.
        paused_text,
        /// No network.
        offline_title,
        /// What works without.
        offline_text,
        /// The server refuses something to this device as a whole.
        refused_title,
        /// What that means.
        refused_text,
        /// The server has news that this app cannot read.
        too_old_title,
        /// What that means, and what becomes of it.
        too_old_text,
        /// Nothing waits.
        nothing_waits,
        /// What that means.
        nothing_waits_text,
        /// Names the list of facts about sync.
        sync_facts,
        /// When the server was last reached.
        last_contact,
        /// It never was.
        never,
        /// Names the state of storage.
        storage,
        /// The browser promised to keep it.
        storage_kept,
        /// It did not.
        storage_at_risk,
        /// The browser declined to promise it.
        storage_refused,
        /// Asks it to.
        keep_data,
        /// Sends and fetches at once.
        try_now,
        /// Puts a task away.
        understood,
        /// Leads to what was kept of a ticket.
        open_ticket,
        /// Hands out a lost entry as a file.
        export_entry,
        /// Puts a lost entry away for good.
        dismiss_entry,
        /// Asks before that.
        dismiss_title,
        /// What it means.
        dismiss_text,
        /// Says no to it.
        keep_entry,
        /// The rest of the document stands.
        rest_is_kept,
        /// There is no rest.
        nothing_else_there,
        deed_open_ticket,
        deed_add_line,
        deed_change_quantity,
        deed_remove_line,
        deed_pay_cash,
        deed_abandon,
        deed_open_session,
        deed_close_session,
        deed_other,
        /// Heads the tasks.
        needs_you,
        /// Names the list of what waits.
        what_waits,
        document_ticket,
        document_till_session,
        document_other,
        /// There is nothing at this address.
        not_found_title,
        /// What to do.
        not_found_text,
        /// Leads home.
        go_home,
        /// Nothing is allowed here.
        no_permission_title,
        /// What to do.
        no_permission_text,
        /// The engine cannot start here.
        engine_failed_title,
        /// What to do.
        engine_failed_text,
        /// Names the navigation.
        nav,
        /// Heads the sales screens.
        nav_sales,
        /// The day's overview.
        nav_today,
        /// The list of tickets.
        nav_tickets,
        nav_attention,
        nav_devices,
        nav_events,
        nav_audit,
        nav_people,
        nav_roles,
        /// Before what was typed would be lost.
        unsaved_title,
        unsaved_text,
        stay_here,
        leave_without_saving,
        /// Reads again.
        try_again,
        /// The office cannot be reached.
        office_offline_title,
        /// What that means here.
        office_offline_text,
        /// The session ended.
        session_over_title,
        /// What to do.
        session_over_text,
        /// The role does not allow it.
        not_permitted_title,
        /// What to do.
        not_permitted_text,
        /// The server failed.
        failed_title,
        /// What to do.
        failed_text,
    }
    filled {
        /// What is not in the books: when, by whom, what.
        lost_entry(entry),
    }
    counted {
        /// Heads the list of what waits.
        waiting,
        /// How much of one document waits.
        changes,
    }
    said {
        /// What happened and what to do, by a task's code.
        task,
    }
}

/// A kind of document, by its name.
pub fn document_kind(kind: &str) -> &'static str {
    match kind {
        "sales.ticket" => t().document_ticket,
        "sales.till_session" => t().document_till_session,
        _ => t().document_other,
    }
}

/// What happened and what to do, by a task's code.
pub fn task(code: &str) -> (&'static str, &'static str) {
    // What the server did with it comes first: `held`, `refused`, `ruling`, or `fallen` with what it rested on.
    let (outcome, code) = code.split_once('.').unwrap_or(("", code));
    let said = match code {
        _ if outcome == "fallen" => "fallen",
        "malformed" => "bad_signature",
        "permission_missing" => "not_permitted",
        code => code,
    };
    // What is held is a question to the office; what is refused, and nothing more is known of, is over.
    let unknown = if outcome == "refused" { "bad_signature" } else { "other" };
    t().task(said).or_else(|| t().task(unknown)).unwrap_or_default()
}

/// What somebody did, by the intent's name.
pub fn deed(intent: &str) -> &'static str {
    match intent {
        "sales.ticket.open" => t().deed_open_ticket,
        "sales.ticket.add_line" | "sales.ticket.add_line_with_breaks" => t().deed_add_line,
        "sales.ticket.change_quantity" => t().deed_change_quantity,
        "sales.ticket.remove_line" => t().deed_remove_line,
        "sales.ticket.pay_cash" => t().deed_pay_cash,
        "sales.ticket.abandon" => t().deed_abandon,
        "sales.till_session.open" => t().deed_open_session,
        "sales.till_session.close" => t().deed_close_session,
        _ => t().deed_other,
    }
}
