//! What of the audit is asked for.

use super::place::Place;
use super::queries;
use crate::failure::{Failure, Refusal};
use crate::identity::SignedIn;
use crate::tenancy::{Sites, TenantTx};
use holdfast_domain::audit::{Action, Outcome};
use holdfast_domain::held::READ_HELD;
use holdfast_domain::kernel::{AccountId, Day, DeviceId, SiteId, Timestamp};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The most entries of one page.
const MOST: u32 = 200;
/// Where no limit is given.
const USUAL: u32 = 50;
const LONGEST_NAME: usize = 100;

/// The query string.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditQuery {
    /// Who.
    actor: Option<AccountId>,
    /// What: an action's name, or an intent's for what people did on documents.
    action: Option<String>,
    /// What it was done to, such as `sales.customer`.
    kind: Option<String>,
    /// Which; takes `kind`.
    record: Option<Uuid>,
    /// Where.
    site: Option<SiteId>,
    /// On which device.
    device: Option<DeviceId>,
    /// What became of it.
    result: Option<Outcome>,
    /// The first day.
    from: Option<Day>,
    /// The last day, counted in.
    to: Option<Day>,
    /// Of which time zone the days are, by its IANA name; UTC where it is left out.
    zone: Option<String>,
    /// What `next` of the page before said.
    pub after: Option<String>,
    /// The most of them on one page.
    #[schemars(range(min = 1, max = MOST))]
    pub limit: Option<u32>,
}

/// What is read, as far as it can be said without the database.
#[derive(Clone)]
pub(super) struct Wanted {
    pub actor: Option<AccountId>,
    pub action: Option<Asked>,
    pub kind: Option<String>,
    pub record: Option<Uuid>,
    pub device: Option<DeviceId>,
    pub result: Option<Outcome>,
    /// Of these sites; all of them, and what is at none, where nothing narrows it.
    pub sites: Sites,
    /// Beside what is of these sites, what this account did that is at none: whoever audits some sites reads of what concerns the whole company what they did themselves.
    pub own: Option<AccountId>,
    /// Whether what was held or refused is told: it takes the right to look at it.
    pub held: bool,
    /// From this instant on.
    pub since: Option<Timestamp>,
    /// Before this one.
    pub until: Option<Timestamp>,
}

/// What was done.
#[derive(Clone)]
pub(super) enum Asked {
    /// Something that is kept here.
    Kept(Action),
    /// An intent on a document, by its name.
    Intent(String),
}

impl AuditQuery {
    /// The limit of a page.
    pub(super) fn limit(&self) -> Result<u32, Refusal> {
        let limit = self.limit.unwrap_or(USUAL);
        let detail = format!("Ask for 1 to {MOST} entries at once.");
        if (1..=MOST).contains(&limit) { Ok(limit) } else { Err(Refusal::new(400, "limit_out_of_range", "The limit is out of range", detail)) }
    }

    /// The place to go on from.
    pub(super) fn place(&self) -> Result<Option<Place>, Refusal> {
        self.after.as_deref().map(Place::read).transpose()
    }

    /// `asker` may read at these sites. The database knows when the days of a time zone begin.
    pub(super) async fn wanted(&self, tx: &mut TenantTx, (asker, may): (&SignedIn, Sites)) -> Result<Wanted, Failure> {
        let kind = self.kind.as_deref().map(|kind| plain_name(kind, "kind")).transpose()?;
        if self.record.is_some() && kind.is_none() {
            return Err(invalid_query("Say of which kind the record is.").into());
        }
        let action = self.action.as_deref().map(asked).transpose()?;
        if matches!((self.from, self.to), (Some(from), Some(to)) if from > to) {
            return Err(invalid_query("The first day comes after the last.").into());
        }
        let zone = self.zone.as_deref().unwrap_or("UTC");
        if zone.is_empty() || zone.len() > LONGEST_NAME || zone.chars().any(char::is_control) {
            return Err(invalid_query("There is no such time zone.").into());
        }
        let since = match self.from {
            Some(day) => Some(queries::beginning_of(tx, day, zone).await?),
            None => None,
        };
        let until = match self.to.and_then(Day::next) {
            Some(day) => Some(queries::beginning_of(tx, day, zone).await?),
            None => None,
        };
        let own = (self.site.is_none() && may != Sites::All).then_some(asker.account);
        let held = asker.rights.require_somewhere(&READ_HELD).is_ok();
        let sites = match self.site {
            None => may,
            Some(site) if may.contains(site) => Sites::Only(vec![site]),
            // As if there were no such site.
            Some(_) => Sites::Only(Vec::new()),
        };
        let Self { actor, record, device, result, .. } = *self;
        Ok(Wanted { actor, action, kind, record, device, result, sites, own, held, since, until })
    }

    /// What it is narrowed to, in words, for the entry of who took it out.
    pub(super) fn told(&self) -> Vec<String> {
        let said = |name: &str, value: Option<String>| value.map(|value| format!("{name}={value}"));
        let Self { actor, action, kind, record, site, device, result, from, to, zone, after: _, limit: _ } = self;
        let said = [
            said("actor", actor.map(|actor| actor.to_string())),
            said("action", action.clone()),
            said("kind", kind.clone()),
            said("record", record.map(|record| record.to_string())),
            said("site", site.map(|site| site.to_string())),
            said("device", device.map(|device| device.to_string())),
            said("result", result.map(|result| result.name().to_owned())),
            said("from", from.map(|from| from.to_string())),
            said("to", to.map(|to| to.to_string())),
            said("zone", zone.clone()),
        ];
        said.into_iter().flatten().collect()
    }
}

fn asked(text: &str) -> Result<Asked, Refusal> {
    match Action::from_name(text) {
        Some(action) => Ok(Asked::Kept(action)),
        None if text.contains('.') => Ok(Asked::Intent(plain_name(text, "action")?)),
        None => Err(invalid_query("Nothing that is kept is called that action; an intent is named like sales.ticket.open.")),
    }
}

/// Words of small letters between points: what a kind or an intent is named like.
fn plain_name(text: &str, what: &str) -> Result<String, Refusal> {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if text.len() <= LONGEST_NAME && text.split('.').all(is_word) {
        Ok(text.to_owned())
    } else {
        Err(invalid_query(format!("No {what} is named like that.")))
    }
}

pub(super) fn invalid_query(detail: impl Into<String>) -> Refusal {
    Refusal::new(400, "invalid_query", "The query is not what this address takes", detail)
}
