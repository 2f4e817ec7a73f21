//! How Holdfast looks: tokens, and one folder per component with its code, its style sheet and its example.
//!
//! Components hold no rule and know no module; they show what they are given and tell what was pressed. Style sheets live in cascade layers,
//! so that a screen's own sheet always wins over a component's without a stronger selector. `/design` shows every component in all states
//! (debug builds, or the feature `gallery`).

pub mod avatar;
pub mod badge;
pub mod banner;
pub mod brand;
pub mod button;
pub mod card;
pub mod chart;
pub mod dialog;
pub mod empty_state;
pub mod field;
pub mod file_button;
#[cfg(any(debug_assertions, feature = "gallery"))]
pub mod gallery;
pub mod icon;
pub mod keypad;
pub mod link;
pub mod list_row;
pub mod menu;
mod messages;
pub mod pin_pad;
pub mod popover;
pub mod progress;
pub mod quantity_pad;
pub mod scan_field;
pub mod sheet;
pub mod skeleton;
pub mod status_chip;
pub mod styles;
pub mod sync_indicator;
pub mod table;
pub mod tabs;
pub mod ticket_line;
pub mod tile;
pub mod toast;

/// Those that a form alone on its page needs.
pub const FORM_STYLES: &[&str] = &[
    include_str!("tokens/layers.css"),
    include_str!("tokens/reset.css"),
    include_str!("tokens/tokens.css"),
    include_str!("tokens/base.css"),
    include_str!("icon/icon.css"),
    include_str!("brand/brand.css"),
    include_str!("button/button.css"),
    include_str!("field/field.css"),
    include_str!("banner/banner.css"),
];

/// The style sheets of the tokens and of every component, in the order of the cascade.
pub const STYLES: &[&str] = &[
    include_str!("tokens/layers.css"),
    include_str!("tokens/reset.css"),
    include_str!("tokens/tokens.css"),
    include_str!("tokens/base.css"),
    include_str!("icon/icon.css"),
    include_str!("brand/brand.css"),
    include_str!("button/button.css"),
    include_str!("file_button/file_button.css"),
    include_str!("link/link.css"),
    include_str!("field/field.css"),
    include_str!("scan_field/scan_field.css"),
    include_str!("keypad/keypad.css"),
    include_str!("quantity_pad/quantity_pad.css"),
    include_str!("tile/tile.css"),
    include_str!("ticket_line/ticket_line.css"),
    include_str!("list_row/list_row.css"),
    include_str!("card/card.css"),
    include_str!("tabs/tabs.css"),
    include_str!("dialog/dialog.css"),
    include_str!("sheet/sheet.css"),
    include_str!("toast/toast.css"),
    include_str!("banner/banner.css"),
    include_str!("badge/badge.css"),
    include_str!("avatar/avatar.css"),
    include_str!("empty_state/empty_state.css"),
    include_str!("skeleton/skeleton.css"),
    include_str!("pin_pad/pin_pad.css"),
    include_str!("menu/menu.css"),
    include_str!("popover/popover.css"),
    include_str!("progress/progress.css"),
    include_str!("sync_indicator/sync_indicator.css"),
    include_str!("table/table.css"),
    include_str!("chart/chart.css"),
];
