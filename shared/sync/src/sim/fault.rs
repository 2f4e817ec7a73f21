//! Faults that can be planted, to prove that the simulator would find them.
//!
//! They are switches of the simulator's own shell, of its server, its disk and its device; the core that ships cannot be told to be wrong.

/// What is wrong on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// The server does not remember what it answered to an intent, so a repeat is judged like a new one.
    DedupSkipped,
    /// The server does not look again at what waited.
    WaitingDropped,
    /// The server answers although it died before its commit.
    AnsweredBeforeCommit,
    /// The server merges what comes in one go, without judging each change.
    BatchAppliedWhole,
    /// Feed positions come from a sequence, taken before the commit.
    FeedByBigserial,
    /// The tables are written outside the transaction, before it commits.
    ProjectedBeforeCommit,
    /// Events are published before the transaction commits.
    PublishedBeforeCommit,
    /// A published event is not asked for again where the publisher died before it was sure.
    EventForgotten,
    /// Intents that another company's server has answered count as answered here.
    AnswersShared,
    /// A change that makes its own containers is merged.
    GenesisUnchecked,
    /// Nobody looks at signatures.
    SignatureUnchecked,
    /// Nobody looks for which company an envelope is.
    TenantUnchecked,
    /// Any chain is taken for one that the device enrolled with.
    ChainUnchecked,
    /// A grant that was taken back is as good as before.
    RevocationForgotten,
    /// What was done after a grant's end is not taken.
    ExpiryStopsFacts,
    /// The device's clock is believed, whatever it says.
    ClockBelieved,
    /// The feed goes on telling of a site that the account may not read any more.
    LeaveForgotten,
    /// A full page's cursor points at the first entry that did not fit in.
    CursorRunsAhead,
    /// The device's records are not strictly durable: a power failure takes back what was confirmed, and perhaps sent.
    ConfirmedBeforeDurable,
    /// The device shows as saved what its disk did not take.
    ConfirmedThoughAborted,
    /// Signatures are asked for several rows at once, and stored in the order in which they come.
    SignedOutOfOrder,
    /// Tabs number their actors instead of drawing them.
    ActorReused,
    /// The device takes a snapshot in place of its document, with what it has not sent yet.
    SnapshotReplaces,
    /// A page's cursors are stored in a transaction of their own, before its entries.
    CursorBeforePage,
    /// Of a page that was cut short, the device takes what it can read, and the cursors.
    TruncatedPageTaken,
    /// A device whose change had waited is told of it only where it follows the document, and else never hears.
    OutcomeUntold,
    /// A server that has become newer does not look at what had waited for that.
    UpgradeLooksAtNothing,
    /// The server takes an answer about what an envelope rests on for its intent's last word.
    DependsOnIsFinal,
    /// A device that rebuilds a document replays under new intent ids.
    ReplayUnderNewIntent,
    /// A device that rebuilds a document does not replay what rested on the refused change.
    DependantsForgotten,
    /// A device replays what rested on a refused change, and leaves that in its document.
    FallenStaysMerged,
    /// A device drops what rests on something refused or held at once, and does not wait for what the feed has to say of it.
    RestingFallsAtOnce,
    /// A device goes on showing and keeping what is of an audience that was left.
    LeaveIgnored,
    /// A device forgets what is of an audience that was left at once, whether it was sent or not.
    LeaveForgetsWork,
    /// After a restore from a backup a device offers what it made itself, and nothing that it knows of others.
    RestoreOffersOwnOnly,
    /// After a restore from a backup a device takes what was in the books for what is.
    RestoreOffersNothing,
    /// A server that is restored from a backup goes on in the same epoch.
    RestoredIntoTheSameEpoch,
    /// A device goes on holding, and building on, what a restored server has lost and it cannot prove.
    LostStaysShown,
    /// A server that is restored from a backup does not know its own word when a device brings it back.
    OwnWordUnknown,
    /// The server gives documents as they stand without what proves the changes in them.
    SnapshotProvesNothing,
    /// A device sends photos while a fact waits.
    PhotoBeforeFacts,
    /// A device keeps a photo in a transaction of its own, after the deed that names it.
    PhotoKeptApart,
    /// A device throws photos away to make room, whether they were sent or not.
    UnsentMakesRoom,
    /// After a restore from a backup a device takes the photos that were sent for sent.
    PhotosNotOfferedAgain,
    /// The server puts a piece of a photo where the device says.
    OffsetTrusted,
    /// The server takes a photo whose bytes are others than its hash says.
    PhotoThereUnchecked,
    /// The server does not cut off what a piece left behind that it had not noted when it died.
    CrashLeavesItsPiece,
    /// Whoever names a photo opens it, whether they have it or not.
    NamingOpensPhoto,
    /// The grants that the server tells with proofs do not say for which key they are.
    GrantsNameNoKey,
    /// A server that is restored from a backup believes no grant of its own about a device that it has forgotten.
    TakenUpByNobody,
    /// A server that is restored from a backup takes up whatever device sends something, without a grant that says its key.
    TakenUpUnasked,
    /// The server tells of a change by which a document leaves somebody those alone who have it afterwards.
    DepartureUntold,
    /// Whoever had a document is told of the change by which it left, and so to whom it went.
    DepartureTold,
    /// Whoever enters where a document has left is not told that it did.
    DepartureForgotten,
    /// Whoever gets a document late is told what is merged from then on, and not what was before.
    NewcomersReadOn,
    /// A device goes on showing and keeping a document that went to others.
    DepartedStaysShown,
}

impl Fault {
    /// Every fault there is.
    pub const ALL: [Self; 56] = [
        Self::DedupSkipped,
        Self::WaitingDropped,
        Self::AnsweredBeforeCommit,
        Self::BatchAppliedWhole,
        Self::FeedByBigserial,
        Self::ProjectedBeforeCommit,
        Self::PublishedBeforeCommit,
        Self::EventForgotten,
        Self::AnswersShared,
        Self::GenesisUnchecked,
        Self::SignatureUnchecked,
        Self::TenantUnchecked,
        Self::ChainUnchecked,
        Self::RevocationForgotten,
        Self::ExpiryStopsFacts,
        Self::ClockBelieved,
        Self::LeaveForgotten,
        Self::CursorRunsAhead,
        Self::ConfirmedBeforeDurable,
        Self::ConfirmedThoughAborted,
        Self::SignedOutOfOrder,
        Self::ActorReused,
        Self::SnapshotReplaces,
        Self::CursorBeforePage,
        Self::TruncatedPageTaken,
        Self::OutcomeUntold,
        Self::UpgradeLooksAtNothing,
        Self::DependsOnIsFinal,
        Self::ReplayUnderNewIntent,
        Self::DependantsForgotten,
        Self::FallenStaysMerged,
        Self::RestingFallsAtOnce,
        Self::LeaveIgnored,
        Self::LeaveForgetsWork,
        Self::RestoreOffersOwnOnly,
        Self::RestoreOffersNothing,
        Self::RestoredIntoTheSameEpoch,
        Self::LostStaysShown,
        Self::OwnWordUnknown,
        Self::SnapshotProvesNothing,
        Self::PhotoBeforeFacts,
        Self::PhotoKeptApart,
        Self::UnsentMakesRoom,
        Self::PhotosNotOfferedAgain,
        Self::OffsetTrusted,
        Self::PhotoThereUnchecked,
        Self::CrashLeavesItsPiece,
        Self::NamingOpensPhoto,
        Self::GrantsNameNoKey,
        Self::TakenUpByNobody,
        Self::TakenUpUnasked,
        Self::DepartureUntold,
        Self::DepartureTold,
        Self::DepartureForgotten,
        Self::NewcomersReadOn,
        Self::DepartedStaysShown,
    ];

    /// The fault of that name, as `{:?}` writes it.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| format!("{fault:?}") == name)
    }
}
