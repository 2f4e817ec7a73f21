//! Faults that can be planted, to prove that the simulator would find them.

/// What is wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// The server does not remember what it answered, so a repeat is judged like a new one.
    AnswersForgotten,
    /// The server does not look again at what waited.
    WaitingForgotten,
    /// The server answers although it died before its commit.
    AnsweredBeforeCommit,
    /// A full page's cursor points at the first entry that did not fit in.
    CursorRunsAhead,
    /// The device's records are not strictly durable: a power failure takes back what was confirmed, and perhaps sent.
    RecordsNotDurable,
    /// The device takes a snapshot in place of its document, with what it has not sent yet.
    SnapshotReplaces,
}
