//! What of the audit is asked for. It stands in the page's address, so that a link shows the same.

use crate::records::encoded;
use holdfast_domain::kernel::Day;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Rows of a page.
const LIMIT: u32 = 50;
const ENTRIES: &str = "/api/v1/audit/entries";

/// By what it is narrowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// Who did it.
    Actor,
    /// What was done.
    Action,
    /// To what kind of record.
    Kind,
    /// To which; never without its kind.
    Record,
    /// At which site.
    Site,
    /// On which device.
    Device,
    /// What became of it.
    Result,
    /// From which day on.
    From,
    /// To which day.
    To,
}

impl By {
    const ALL: [Self; 9] = [Self::Actor, Self::Action, Self::Kind, Self::Record, Self::Site, Self::Device, Self::Result, Self::From, Self::To];

    const fn name(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::Action => "action",
            Self::Kind => "kind",
            Self::Record => "record",
            Self::Site => "site",
            Self::Device => "device",
            Self::Result => "result",
            Self::From => "from",
            Self::To => "to",
        }
    }

    /// Whether the server takes that.
    fn takes(self, value: &str) -> bool {
        match self {
            Self::Actor | Self::Record | Self::Site | Self::Device => value.parse::<Uuid>().is_ok(),
            Self::From | Self::To => value.parse::<Day>().is_ok(),
            Self::Action | Self::Kind | Self::Result => {
                !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.'))
            }
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(BTreeMap<By, String>);

impl Query {
    /// What an address asks for; what it does not know is left out.
    pub fn read(asked: impl Fn(&str) -> Option<String>) -> Self {
        let said = By::ALL.into_iter().filter_map(|by| Some((by, asked(by.name()).filter(|value| by.takes(value))?)));
        Self(said.collect()).sound()
    }

    /// What it is narrowed to.
    pub fn get(&self, by: By) -> Option<&str> {
        self.0.get(&by).map(String::as_str)
    }

    /// The same, narrowed to a value, or by that no more where there is none.
    #[must_use]
    pub fn with(&self, by: By, value: Option<String>) -> Self {
        let mut with = self.clone();
        match value.filter(|value| by.takes(value)) {
            Some(value) => with.0.insert(by, value),
            None => with.0.remove(&by),
        };
        // Another kind has other records.
        if by == By::Kind {
            with.0.remove(&By::Record);
        }
        with.sound()
    }

    /// Whether it leaves entries out.
    pub fn narrows(&self) -> bool {
        !self.0.is_empty()
    }

    /// The end of the page's address.
    pub fn of_page(&self) -> String {
        let said = self.joined();
        if said.is_empty() { said } else { format!("?{said}") }
    }

    /// The address that the server answers.
    pub fn address(&self, zone: &str, after: Option<&str>) -> String {
        let after = after.map(|after| format!("&after={}", encoded(after))).unwrap_or_default();
        format!("{ENTRIES}?limit={LIMIT}{}{after}", self.asked(zone))
    }

    /// The address that gives all of it out as a file.
    pub fn file(&self, zone: &str) -> String {
        let asked = self.asked(zone);
        format!("{ENTRIES}/file{}", asked.strip_prefix('&').map(|asked| format!("?{asked}")).unwrap_or_default())
    }

    fn asked(&self, zone: &str) -> String {
        let days = self.0.contains_key(&By::From) || self.0.contains_key(&By::To);
        let zone = if days && !zone.is_empty() { format!("&zone={}", encoded(zone)) } else { String::new() };
        let said = self.joined();
        if said.is_empty() { zone } else { format!("&{said}{zone}") }
    }

    fn joined(&self) -> String {
        self.0.iter().map(|(by, value)| format!("{}={}", by.name(), encoded(value))).collect::<Vec<_>>().join("&")
    }

    /// Without what the server refuses together.
    fn sound(mut self) -> Self {
        if !self.0.contains_key(&By::Kind) {
            self.0.remove(&By::Record);
        }
        let day = |by| self.0.get(&by).and_then(|day| day.parse::<Day>().ok());
        if day(By::From).zip(day(By::To)).is_some_and(|(from, to)| from > to) {
            self.0.remove(&By::To);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "00000000-0000-4000-8000-000000000001";

    fn of(pairs: &[(&str, &str)]) -> Query {
        Query::read(|name| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn what_an_address_says_is_asked_of_the_server_and_nothing_else() {
        let query = of(&[("kind", "sales.ticket"), ("record", ONE), ("actor", "olga"), ("action", "'"), ("from", "2026-11-20"), ("limit", "9")]);
        assert_eq!(query.of_page(), format!("?kind=sales.ticket&record={ONE}&from=2026-11-20"));
        assert_eq!(
            query.address("Europe/Paris", Some("1.e2")),
            format!("/api/v1/audit/entries?limit=50&kind=sales.ticket&record={ONE}&from=2026-11-20&zone=Europe%2FParis&after=1.e2")
        );
        assert_eq!(of(&[]).address("Europe/Paris", None), "/api/v1/audit/entries?limit=50");
    }

    #[test]
    fn a_file_has_what_the_page_shows() {
        assert_eq!(of(&[]).file("UTC"), "/api/v1/audit/entries/file");
        assert_eq!(of(&[("action", "create")]).file("UTC"), "/api/v1/audit/entries/file?action=create");
    }

    #[test]
    fn what_the_server_would_refuse_together_is_not_asked_for() {
        assert!(!of(&[("record", ONE)]).narrows(), "a record without its kind");
        assert_eq!(of(&[("from", "2026-11-21"), ("to", "2026-11-20")]).of_page(), "?from=2026-11-21");
        let narrowed = of(&[("kind", "sales.ticket"), ("record", ONE)]);
        assert_eq!(narrowed.with(By::Kind, Some("sales.customer".to_owned())).of_page(), "?kind=sales.customer");
        assert_eq!(narrowed.with(By::Kind, None), Query::default());
    }
}
