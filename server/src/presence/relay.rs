//! Several servers on one database tell each other who is where, by Postgres' `LISTEN` and `NOTIFY`. A word names a place and all whom one server has there. Each is told when it
//! changes, and anew at the pace of the lines; so a word that was lost is made up for, and a server that died is forgotten.

use super::rooms::Place;
use super::{MOST_TOLD, Presence};
use crate::environment::Environment;
use crate::failure::Fault;
use crate::http::App;
use crate::tenancy::Database;
use holdfast_domain::kernel::TenantId;
use holdfast_domain::kernel::resource::Present;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

const CHANNEL: &str = "holdfast_present";
/// The wait before a broken line is opened again.
const PAUSE: Duration = Duration::from_secs(1);
/// A server that has said nothing of a place for so many paces is not there any more.
const SILENT_PACES: u32 = 3;

/// Tells the other servers, and hears from them.
pub struct Relay {
    database: Database,
    presence: Presence,
    environment: Environment,
    /// Which server this is; its own words come back to it.
    server: Uuid,
}

/// What one server says of a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Word {
    server: Uuid,
    tenant: TenantId,
    kind: String,
    record: Uuid,
    here: Vec<Present>,
    /// It has just begun to look there: whoever has somebody there says so.
    asking: bool,
}

impl Relay {
    /// For a server.
    pub fn of(app: &App) -> Self {
        Self {
            database: app.database.clone(),
            presence: app.presence.clone(),
            environment: app.environment.clone(),
            server: app.environment.new_id(),
        }
    }

    /// Runs until `stopping` becomes true; its last words are that nobody is here any more.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        tokio::select! {
            () = self.keep_telling() => {}
            () = self.keep_hearing() => {}
            () = self.keep_in_step() => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
        let words = self.presence.all_places().into_iter().map(|place| self.word(place, (Vec::new(), false))).collect();
        // Where they are not heard, the others find out by its silence.
        let _told = self.say(words).await;
    }

    async fn keep_telling(&self) {
        loop {
            let places = self.presence.untold().await;
            let words = places.iter().map(|(place, asking)| self.word(place.clone(), (self.presence.rooms().here(place), *asking))).collect();
            if let Err(fault) = self.say(words).await {
                tracing::warn!(error = %fault, "other servers could not be told who is here");
                for (place, asking) in places {
                    self.presence.to_tell(place, asking);
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Says everything again, and forgets who is silent.
    async fn keep_in_step(&self) {
        let mut paces = tokio::time::interval(self.presence.pace());
        loop {
            paces.tick().await;
            for place in self.presence.all_places() {
                self.presence.to_tell(place, false);
            }
            let since = self.environment.elapsed().saturating_sub(self.presence.pace() * SILENT_PACES);
            self.presence.rooms().forget_silent(since);
        }
    }

    async fn keep_hearing(&self) {
        loop {
            if let Err(fault) = self.hear().await {
                tracing::warn!(error = %fault, "who is at other servers is not heard");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn hear(&self) -> Result<(), Fault> {
        let mut line = self.database.listen(CHANNEL).await?;
        while let Some(said) = line.try_recv().await? {
            // A newer server's word, which this one need not know, is passed over.
            let Ok(word) = serde_json::from_str::<Word>(said.payload()) else { continue };
            if word.server != self.server {
                self.heard(word);
            }
        }
        Ok(())
    }

    fn heard(&self, word: Word) {
        let Word { server, tenant, kind, record, mut here, asking } = word;
        let place = Place { tenant, kind, record };
        here.truncate(MOST_TOLD);
        let mut rooms = self.presence.rooms();
        rooms.heard(&place, server, (here, self.environment.elapsed()));
        let answers = asking && !rooms.here(&place).is_empty();
        drop(rooms);
        if answers {
            self.presence.to_tell(place, false);
        }
    }

    fn word(&self, place: Place, (here, asking): (Vec<Present>, bool)) -> String {
        let Place { tenant, kind, record } = place;
        let word = Word { server: self.server, tenant, kind, record, here, asking };
        serde_json::to_string(&word).expect("a word has no keys that are no texts")
    }

    async fn say(&self, words: Vec<String>) -> Result<(), Fault> {
        if words.is_empty() { Ok(()) } else { self.database.notify(CHANNEL, &words).await }
    }
}

#[cfg(test)]
mod tests {
    use super::super::LONGEST_NAME;
    use super::*;
    use holdfast_domain::kernel::AccountId;

    #[test]
    fn a_word_about_a_crowd_with_long_names_fits_between_servers() {
        let one = |n: usize| Present { account: AccountId(Uuid::from_u128(n as u128)), name: "🦭".repeat(LONGEST_NAME), editing: false };
        let here: Vec<Present> = (0..MOST_TOLD).map(one).collect();
        let id = Uuid::max();
        let word = Word { server: id, tenant: TenantId(id), kind: "a".repeat(100), record: id, here, asking: false };
        assert!(serde_json::to_string(&word).unwrap().len() < 8_000);
    }
}
