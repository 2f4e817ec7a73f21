//! What reporting tells: totals that are kept from events, never added up anew.
//!
//! `GET /api/v1/reporting/takings?day=2026-11-20` → [`Takings`]: of the account's sites, the day of each site's own time zone. Needs
//! `sales.ticket.read`. Problems: `not_signed_in` (401), `permission_missing` (403), `invalid_query` (400).

use crate::kernel::{Day, Money, SiteId, TillId, Timestamp};
use serde::{Deserialize, Serialize};

/// A day's takings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Takings {
    /// The day that was asked for.
    pub day: Day,
    /// By name; sites without tills are left out.
    pub sites: Vec<SiteTakings>,
}

/// The takings of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SiteTakings {
    /// The site.
    pub site: SiteId,
    /// Its name.
    pub name: String,
    /// IANA name.
    pub time_zone: String,
    /// By name, also those that took nothing.
    pub tills: Vec<TillTakings>,
}

/// The takings of a till.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TillTakings {
    /// The till.
    pub till: TillId,
    /// Its name.
    pub name: String,
    /// The hours in which something was sold, oldest first.
    pub hours: Vec<HourTakings>,
}

/// The takings of an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HourTakings {
    /// When the hour began: the hour that an autumn night repeats is two.
    pub began_at: Timestamp,
    /// The sum of the payments.
    pub gross: Money,
    /// How many tickets were completed.
    pub tickets: u32,
}
