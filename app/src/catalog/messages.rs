//! The words of prices in the office.

use crate::language::messages;

messages! {
    module "prices";
    texts {
        prices,
        price_list,
        /// The column: for whom.
        for_whom,
        everybody,
        /// A group whose name may not be looked at.
        a_group,
        from_quantity,
        price,
        valid,
        /// The column: what becomes of the line today, for one, for whoever comes.
        today,
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
        from_day(day),
        until_day(day),
        between_days(first, last),
    }
    counted {}
    said {}
}
