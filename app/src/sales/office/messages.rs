//! The words of sales in the office.

use crate::language::messages;

messages! {
    module "office";
    texts {
        today,
        day,
        day_before,
        day_after,
        back_to_today,
        takings,
        takings_per_hour,
        hour,
        no_takings,
        no_takings_text,
        tickets,
        ticket,
        newest_tickets,
        all_tickets,
        all_tills,
        no_tickets,
        no_tickets_text,
        show_more,
        per_ticket,
        nothing,
        never,
        tills_now,
        closings,
        counted,
        difference,
        closed,
        last_contact,
        receipt,
        no_receipt,
        time,
        till,
        cashier,
        lines,
        state,
        total,
        needs_attention,
        paid,
        open,
        abandoned,
        held_text,
        history,
        cash_received,
        change_given,
        the_server,
        act_held,
        act_refused,
        a_line,
        fact_opened,
        fact_abandoned,
    }
    filled {
        receipt_no(number),
        open_since(time, by),
        each(amount),
        tax(percent),
        on_device(device, number),
        arrived(time),
        fact_line_added(quantity, name, each),
        fact_quantity_changed(name, by),
        fact_line_removed(name),
        fact_paid(amount, tendered, change),
        fact_completed(number),
    }
    counted {
        held,
    }
    said {
        /// What was found and what to do, by a ruling's code.
        ruling,
    }
}

/// What was found and what to do, by a ruling's code.
pub fn ruling(code: &str) -> (&'static str, &'static str) {
    t().ruling(code).or_else(|| t().ruling("other")).unwrap_or_default()
}
