//! The words of prices in the office.

use crate::language::messages;

messages! {
    module "prices";
    texts {
        prices,
        everybody,
        /// A group whose name may not be looked at.
        a_group,
        holds,
        yields,
        not_yet,
        no_longer,
        other_group,
        more_needed,
        any_quantity,
        always,
        own_holds,
        none_holds,
        no_lines,
        all_lines,
        add_line,
    }
    filled {
        /// One for everybody today, by a list.
        list_holds(list),
        beginning_at(quantity),
        first_day(day),
        last_day(day),
        between_days(first, last),
    }
    counted {}
    said {}
}
