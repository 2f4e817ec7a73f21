//! Exceptions: what rulings leave for someone to look at, as the office works through them over HTTP.
//!
//! - `GET /api/v1/sales/exceptions?state=open&sort=newest&after=<cursor>&limit=50` → [`ExceptionsPage`]; `state` is `open` (where it is left out) or
//!   `resolved`; `sort` is `newest` (where it is left out) or `due`, what is due first at the top. Needs [`super::READ`].
//! - `POST /api/v1/sales/exceptions/<exception>/owner` with [`Assign`] → [`ExceptionInList`]. Needs [`super::RESOLVE`] at its site, as must the new
//!   owner.
//! - `POST /api/v1/sales/exceptions/<exception>/resolution` with [`Resolve`] → [`ExceptionInList`]. Needs [`super::RESOLVE`] at its site.
//!
//! Only what lies at the account's sites is told. A resolution is never taken back and says who, when and why; the sale it is about stays as it is.
//!
//! Problems: `exception_unknown` (404), `exception_resolved` (409), `owner_may_not` (422), `reason_missing` (422), `invalid_query`,
//! `limit_out_of_range`, `cursor_malformed` (400), `permission_missing` (403).

use crate::kernel::{AccountId, DocumentId, FactId, SiteId, TillId, Timestamp};
use serde::{Deserialize, Serialize};

/// Which exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExceptionState {
    /// Someone must still look.
    #[default]
    Open,
    /// Someone did, or it settled itself.
    Resolved,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExceptionSort {
    /// The newest first.
    #[default]
    Newest,
    /// What is due first at the top.
    Due,
}

const HOUR_MS: i64 = 3_600_000;

/// By when somebody should have seen to an exception, counted from its ruling, by its code: what is about the drawer is due while those who had it in
/// their hands remember; what is about a price, a tax or a number, within two days; a clock or a grant that was late, within a week.
pub fn due_after_ms(code: &str) -> i64 {
    match code {
        "paid_twice" | "changed_while_paid" | "abandoned_while_paid" | "expected_differs" | "receipt_number_reused" => 8 * HOUR_MS,
        "till_session_opened_twice" | "till_session_closed_twice" | "till_session_closed" | "till_session_unknown" | "till_unknown" => 24 * HOUR_MS,
        "time_clamped" | "grant_expired" => 7 * 24 * HOUR_MS,
        _ => 48 * HOUR_MS,
    }
}

/// A page of exceptions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExceptionsPage {
    /// In the order that was asked for.
    pub exceptions: Vec<ExceptionInList>,
    /// For `after`, where there are more.
    pub next: Option<String>,
}

/// A task of the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExceptionInList {
    /// The ruling that opened it.
    pub exception: FactId,
    /// The site.
    pub site: SiteId,
    /// Its name.
    pub site_name: String,
    /// IANA name of the site's time zone.
    pub time_zone: String,
    /// The till.
    pub till: TillId,
    /// Its name.
    pub till_name: String,
    /// The document's kind, such as `sales.ticket`.
    pub kind: String,
    /// The document that was ruled on.
    pub document: DocumentId,
    /// The ruling's stable code.
    pub code: String,
    /// When it was ruled.
    pub opened_at: Timestamp,
    /// By when somebody should have seen to it.
    pub due_at: Timestamp,
    /// Who sees to it.
    pub owner: Option<Owner>,
    /// What became of it.
    pub resolved: Option<Resolution>,
}

/// Who sees to an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Owner {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
}

/// Who resolved an exception, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resolution {
    /// When.
    pub at: Timestamp,
    /// Who; none where the server found it settled.
    pub by: Option<Owner>,
    /// Why, in the words of whoever did; the code of the settling ruling where the server did.
    pub reason: String,
}

/// Gives an exception an owner, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Assign {
    /// The account that shall see to it.
    pub owner: Option<AccountId>,
}

/// Resolves an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// What was found and done: 1 to 500 characters.
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 500)))]
    pub reason: String,
}
