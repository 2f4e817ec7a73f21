//! The words of what needs the office.

use crate::language::messages;

messages! {
    module "oversight";
    texts {
        attention,
        exceptions,
        nothing_open,
        nothing_open_text,
        more_there,
        no_owner,
        take_on,
        give_back,
        resolve,
        resolve_text,
        show_ticket,
        held,
        nothing_held,
        nothing_held_text,
        details,
        what_was_meant,
        what_it_writes,
        release,
        release_text,
        reject,
        reject_text,
        reason,
        reason_hint,
        cancel,
        devices,
        no_devices,
        no_devices_text,
        device,
        state,
        in_use,
        taken_up,
        revoked,
        revoke,
        revoke_text,
        last_contact,
        never,
        nothing,
        app_version,
        waiting,
        gaps,
        held_count,
        refused,
        act_ticket_open,
        act_add_line,
        act_add_line_with_breaks,
        act_change_quantity,
        act_remove_line,
        act_pay_cash,
        act_abandon,
        act_till_open,
        act_till_close,
        events,
        parked,
        nothing_parked,
        nothing_parked_text,
        replay,
        dismiss,
        dismiss_text,
        event_id,
        about,
        event_types,
        heard_by_nobody,
        schema,
    }
    filled {
        due(time),
        overdue(time),
        owned_by(name),
        made_by(name, device, number),
        done_and_arrived(done, arrived),
        revoke_question(name),
        dismiss_question(name),
        failed_at(consumer, time),
        happened_and_parked(happened, parked),
        heard_by(consumers),
    }
    counted {
        released_before,
        tried_times,
        wait_behind,
    }
    said {
        /// Why it is held, by its code.
        hold,
        /// Why nothing was done, by the problem's code.
        not_done,
    }
}

/// Why it is held.
pub fn hold(code: &str) -> (&'static str, &'static str) {
    t().hold(code).or_else(|| t().hold("other")).unwrap_or_default()
}

/// Why it was not done: another reason to hold it, or the problem.
pub fn not_done(code: &str) -> (&'static str, &'static str) {
    let waivable = can_be_set_aside(code).then(|| t().not_done("another_reason").map(|(title, _)| (title, hold(code).1))).flatten();
    waivable.or_else(|| t().not_done(code)).or_else(|| t().not_done("other")).unwrap_or_default()
}

/// Whether the office can set the reason aside. The server decides again.
pub fn can_be_set_aside(code: &str) -> bool {
    holdfast_sync::verify::WAIVABLE.contains(&code)
}

/// An intent in words.
pub fn act(name: &str) -> String {
    match name {
        "sales.ticket.open" => t().act_ticket_open,
        "sales.ticket.add_line" => t().act_add_line,
        "sales.ticket.add_line_with_breaks" => t().act_add_line_with_breaks,
        "sales.ticket.change_quantity" => t().act_change_quantity,
        "sales.ticket.remove_line" => t().act_remove_line,
        "sales.ticket.pay_cash" => t().act_pay_cash,
        "sales.ticket.abandon" => t().act_abandon,
        "sales.till_session.open" => t().act_till_open,
        "sales.till_session.close" => t().act_till_close,
        other => other,
    }
    .to_owned()
}
