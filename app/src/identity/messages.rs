//! The words of signing in, first run and settings.

use crate::language::messages;
use crate::shell::Theme;

messages! {
    module "identity";
    texts {
        sign_in,
        company,
        email,
        password,
        not_signed_in,
        sign_in_failed,
        sign_in_unreachable,
        offline_title,
        offline_sign_in,
        people_here,
        who_is_here,
        asks_pin,
        asks_no_pin,
        someone_else,
        sign_in_other,
        nobody_known,
        nobody_known_text,
        pin,
        pin_wrong,
        pin_invalid,
        pins_differ,
        new_pin,
        new_pin_again,
        pin_is_set,
        set_pin,
        change_pin,
        needs_network,
        session_lost,
        till_session_open,
        not_permitted,
        storage_full,
        set_up,
        step_till,
        step_till_text,
        step_pin,
        step_pin_text,
        step_storage,
        step_storage_text,
        step_install,
        step_install_text,
        skip,
        go_on,
        finish,
        till,
        become_till,
        no_tills,
        no_tills_text,
        not_a_till_yet,
        keep_data,
        data_kept,
        install,
        installed,
        install_by_hand,
        settings,
        you,
        everywhere,
        role_owner,
        role_site_manager,
        role_shift_leader,
        role_cashier,
        role_warehouse_operator,
        role_crew_member,
        role_office,
        role_auditor,
        role_inventory_coordinator,
        role_crew_planner,
        role_buyer,
        role_sales,
        role_marketing,
        role_product_viewer,
        take_off,
        take_off_open,
        take_off_row_text,
        take_off_question,
        take_off_text,
        stay,
        this_device,
        no_till,
        choose_till,
        is_till_now,
        appearance,
        theme,
        theme_system,
        theme_light,
        theme_dark,
        theme_contrast,
        language,
        language_hint,
        erase,
        erase_open,
        erase_row_text,
        erase_text,
        erase_question,
        keep_device,
        not_erased,
        what_waits,
        try_now,
        send_by_signing_in,
        send_now,
        send_when_online,
    }
    filled {
        pin_of(name),
        unknown_refusal(code),
        step_of(step, of),
        loading_catalogue(rows, of),
        storage_used_kept(megabytes),
        storage_used_at_risk(megabytes),
    }
    counted {
        sign_in_throttled,
        sign_in_throttled_minutes,
        pin_locked,
        unsent_work,
        changes,
    }
    said {
    }
}

/// A theme's name.
pub fn theme_name(theme: Theme) -> &'static str {
    match theme {
        Theme::System => t().theme_system,
        Theme::Light => t().theme_light,
        Theme::Dark => t().theme_dark,
        Theme::Contrast => t().theme_contrast,
    }
}

/// What somebody is, by the server's word for it; a word that is not known here is shown as it is.
pub fn role_name(role: &str) -> String {
    let known = match role {
        "owner" => t().role_owner,
        "site_manager" => t().role_site_manager,
        "shift_leader" => t().role_shift_leader,
        "cashier" => t().role_cashier,
        "warehouse_operator" => t().role_warehouse_operator,
        "crew_member" => t().role_crew_member,
        "office" => t().role_office,
        "auditor" => t().role_auditor,
        "inventory_coordinator" => t().role_inventory_coordinator,
        "crew_planner" => t().role_crew_planner,
        "buyer" => t().role_buyer,
        "sales" => t().role_sales,
        "marketing" => t().role_marketing,
        "product_viewer" => t().role_product_viewer,
        other => return other.to_owned(),
    };
    known.to_owned()
}

/// Signing in was tried too often: how long to wait.
pub fn sign_in_throttled(seconds: u32) -> String {
    if seconds > 90 { t().sign_in_throttled_minutes(seconds.div_ceil(60)) } else { t().sign_in_throttled(seconds) }
}
