//! The words of people and their roles.

use crate::language::messages;

messages! {
    module "people";
    texts {
        people,
        everywhere,
        disabled,
        no_role,
        holds,
        is_ahead,
        is_over,
        give_role,
        role,
        place,
        first_day,
        first_day_hint,
        last_day,
        last_day_hint,
        give,
        end_role,
        end_role_text,
        earlier_roles,
    }
    filled {
        give_role_to(name),
        begins(day),
        ends(day),
        given_by(name, day),
        end_role_question(role, name),
    }
    counted {
    }
    said {
        /// Why no role was given, by the problem's code.
        not_given,
    }
}

/// Why it was not given.
pub fn not_given(code: &str) -> (&'static str, &'static str) {
    t().not_given(code).or_else(|| t().not_given("other")).unwrap_or_default()
}
