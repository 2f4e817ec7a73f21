//! Several servers on one database: what moves on one is told to the others through Postgres' `LISTEN` and `NOTIFY`, apart from the transactions that
//! moved it, so that no commit waits for it. A word may come late or twice, and only means "look": a server that lost its line tells its listeners that
//! everything may have moved.

use super::movements::{Movements, Word};
use crate::environment::Environment;
use crate::failure::Fault;
use crate::http::App;
use crate::tenancy::Database;
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

const CHANNEL: &str = "holdfast_moved";
/// The wait before a broken line is opened again.
const PAUSE: Duration = Duration::from_secs(1);

/// Tells the other servers, and hears from them.
pub struct Relay {
    database: Database,
    movements: Movements,
    /// Which server this is; its own words come back to it.
    server: Uuid,
}

impl Relay {
    /// For a server.
    pub fn of(app: &App) -> Self {
        Self::new(app.database.clone(), app.movements.clone(), &app.environment)
    }

    fn new(database: Database, movements: Movements, environment: &Environment) -> Self {
        Self { database, movements, server: environment.new_id() }
    }

    /// Runs until `stopping` becomes true.
    pub async fn run(self, mut stopping: watch::Receiver<bool>) {
        tokio::select! {
            () = self.keep_telling() => {}
            () = self.keep_hearing() => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    }

    async fn keep_telling(&self) {
        loop {
            let words = self.movements.untold().await;
            let written: Vec<_> = words.iter().map(|word| write(self.server, *word)).collect();
            if let Err(fault) = self.database.notify(CHANNEL, &written).await {
                tracing::warn!(error = %fault, "other servers could not be told what moved");
                self.movements.still_untold(words);
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    async fn keep_hearing(&self) {
        loop {
            if let Err(fault) = self.hear().await {
                tracing::warn!(error = %fault, "what moves on other servers is not heard");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn hear(&self) -> Result<(), Fault> {
        let mut line = self.database.listen(CHANNEL).await?;
        self.movements.tell_everything();
        while let Some(said) = line.try_recv().await? {
            match read(said.payload()) {
                Some((server, word)) if server != self.server => self.movements.tell(word),
                // Its own, or a newer server's word, which this one need not know.
                Some(_) | None => {}
            }
        }
        Ok(())
    }
}

fn write(server: Uuid, word: Word) -> String {
    match word {
        Word::Feed(tenant) => format!("{server} feed {tenant}"),
        Word::Rights(tenant) => format!("{server} rights {tenant}"),
    }
}

fn read(text: &str) -> Option<(Uuid, Word)> {
    let mut parts = text.split(' ');
    let (server, what, tenant) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?.parse().ok()?);
    match what {
        "feed" => Some((server, Word::Feed(tenant))),
        "rights" => Some((server, Word::Rights(tenant))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::kernel::TenantId;

    #[test]
    fn a_word_is_read_as_it_was_written_and_an_unknown_one_is_passed_over() {
        let (server, tenant) = (Uuid::from_u128(1), TenantId(Uuid::from_u128(2)));
        for word in [Word::Feed(tenant), Word::Rights(tenant)] {
            assert_eq!(read(&write(server, word)), Some((server, word)));
        }
        for text in ["", "feed", "x feed y", &format!("{server} weather {tenant}"), &format!("{server} feed")] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
