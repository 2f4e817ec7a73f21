//! The words of roles and of what they let do.

use crate::language::{find, messages};
use holdfast_domain::identity::Permission;

messages! {
    module "roles";
    texts {
        roles,
        roles_text,
        archived,
        /// Of the company's own.
        own,
        every_company,
        change,
        look,
        copy,
        archive,
        archive_text,
        restore,
        restore_text,
        name,
        name_hint,
        read_only,
        fields,
        /// What is done beside records.
        beside,
        cancel,
        save,
        saved,
        action_read,
        action_create,
        action_update,
        action_delete,
        action_export,
        action_bulk_edit,
        access_write,
        access_read,
        access_masked,
        access_none,
        /// Which records of a kind the role is about.
        which,
        whose,
        whose_hint,
        scope_all,
        scope_team,
        scope_own,
        conditions,
        condition_field,
        comparison,
        is,
        is_not,
        at_least,
        at_most,
        /// Of tags.
        has,
        has_not,
        add_condition,
        remove_condition,
        /// In the list of roles.
        some_records,
    }
    filled {
        when_is(field, value),
        when_is_not(field, value),
        when_at_least(field, value),
        when_at_most(field, value),
        when_has(field, value),
        when_has_not(field, value),
        copy_of(name),
        archive_question(name),
        restore_question(name),
    }
    counted {
        may,
        holders,
    }
    said {
        /// Why a role was not kept, by the problem's code.
        not_kept,
    }
}

/// The section with the names of what is done beside records.
const PERMISSIONS: &str = "permissions";

/// Why it was not kept.
pub fn not_kept(code: &str) -> (&'static str, &'static str) {
    t().not_kept(code).or_else(|| t().not_kept("other")).unwrap_or_default()
}

/// What is done with records, by the last word of its permission.
pub fn action(permission: &Permission) -> &'static str {
    match permission.as_str().rsplit('.').next() {
        Some("read") => t().action_read,
        Some("create") => t().action_create,
        Some("update") => t().action_update,
        Some("delete") => t().action_delete,
        Some("export") => t().action_export,
        _ => t().action_bulk_edit,
    }
}

/// What else may be done.
pub fn permission(permission: &Permission) -> String {
    find(PERMISSIONS, permission.as_str()).map_or_else(|| permission.as_str().to_owned(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::PERMISSIONS;
    use crate::language::proof::prove_section;
    use std::collections::BTreeSet;

    #[test]
    fn all_that_roles_let_do_has_its_name_in_every_language() {
        let names = holdfast_domain::module_permissions().into_iter().map(|permission| permission.as_str().to_owned()).collect();
        prove_section(PERMISSIONS, &names, &BTreeSet::new());
    }
}
