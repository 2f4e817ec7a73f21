//! What a person does, being recorded.

use super::StoreError;
use super::records::{Key, Records};
use super::replica::{CHAIN, chain_missing, put_document, put_outbox};
use super::transaction::Transaction;
use futures::future::join;
use holdfast_sync::document::BadDocument;
use holdfast_sync::ids::{DocumentId, IntentId};
use holdfast_sync::kind::{Facts, Kind};
use holdfast_sync::replica::{self, ChainHead, Draft, OutboxRow, RecordError, Standing, StoredDocument};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Slot;

/// Why nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordRefusal {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The intent's own rule, the document's cap, or a stored document that cannot be read.
    #[error(transparent)]
    Record(#[from] RecordError),
}

impl From<BadDocument> for RecordRefusal {
    fn from(bad: BadDocument) -> Self {
        Self::Record(bad.into())
    }
}

/// The documents that one transaction looks at: each is read once, whoever asks.
pub struct Documents<'t> {
    transaction: &'t Transaction,
    read: BTreeMap<DocumentId, Standing>,
}

/// What a person does, being recorded: the intents of one tap, in one transaction that names [`Work::STORES`].
pub struct Work<'t> {
    chain: ChainHead,
    /// The documents as they stand after what was recorded so far.
    pub documents: Documents<'t>,
}

impl<'t> Documents<'t> {
    /// Nothing was read yet.
    pub fn of(transaction: &'t Transaction) -> Self {
        Self { transaction, read: BTreeMap::new() }
    }

    /// The transaction that reads them.
    pub fn transaction(&self) -> &'t Transaction {
        self.transaction
    }

    /// What a document says; none where it is not here, or its audience was left.
    pub async fn facts(&mut self, kind: &'static dyn Kind, document: DocumentId) -> Result<Option<&Facts>, RecordRefusal> {
        Ok(self.standing(kind, document).await?.facts())
    }

    async fn standing(&mut self, kind: &'static dyn Kind, document: DocumentId) -> Result<&mut Standing, RecordRefusal> {
        match self.read.entry(document) {
            Slot::Occupied(slot) => Ok(slot.into_mut()),
            Slot::Vacant(slot) => {
                let stored: Option<StoredDocument> = self.transaction.get(Records::Documents, Key::document(document)).await?;
                Ok(slot.insert(Standing::load(document, kind, stored)?))
            }
        }
    }
}

impl<'t> Work<'t> {
    /// What recording reads and writes.
    pub const STORES: [Records; 5] = [Records::Meta, Records::Outbox, Records::Accepted, Records::Documents, Records::Views];

    /// Reads the chain's head.
    pub async fn begin(transaction: &'t Transaction) -> Result<Self, StoreError> {
        let chain = transaction.get(Records::Meta, CHAIN).await?;
        Ok(Self { chain: chain.ok_or_else(chain_missing)?, documents: Documents::of(transaction) })
    }

    /// The chain as it stands after what was recorded so far.
    pub fn chain(&self) -> &ChainHead {
        &self.chain
    }

    /// The change that this intent became before, if it was recorded: a tap is done once, however often it is asked.
    pub async fn recorded(transaction: &Transaction, intent: IntentId) -> Result<Option<OutboxRow>, StoreError> {
        let intent = intent.to_string();
        let find = |records| transaction.find(records, "intent", &intent);
        let (waiting, accepted) = join(find(Records::Outbox), find(Records::Accepted)).await;
        Ok(waiting?.or(accepted?))
    }

    /// Records one intent: next number, header, change, document, view rows. After a refusal the transaction is not to be completed.
    pub async fn record(&mut self, draft: Draft) -> Result<OutboxRow, RecordRefusal> {
        let standing = self.documents.standing(draft.kind, draft.document).await?;
        let recorded = replica::record_on(&self.chain, standing, draft)?;
        let transaction = self.documents.transaction;
        transaction.put(Records::Meta, CHAIN, &recorded.chain)?;
        put_outbox(transaction, Records::Outbox, &recorded.outbox)?;
        put_document(transaction, &recorded.document)?;
        self.chain = recorded.chain;
        Ok(recorded.outbox)
    }
}
