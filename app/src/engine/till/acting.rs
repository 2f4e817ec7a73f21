//! Who acts at the till, and one tap of theirs being recorded.

use crate::device::clock;
use crate::device::store::{Access, Records, Store, Transaction, ViewsMark, Work, views_mark_at};
use crate::engine::core::Core;
use crate::engine::protocol::{EngineRefusal, EnrolledTill};
use crate::engine::records::{DeviceRecord, GrantRecord, PersonRecord, Place, name};
use futures::future::LocalBoxFuture;
use holdfast_domain::kernel::{AccountId, Currency, Document, DocumentId, FactId, Intent, IntentId, Timestamp, call};
use holdfast_sync::envelope::{Author, IntentCall, Principal};
use holdfast_sync::kind::Kind;
use holdfast_sync::replica::Draft;
use uuid::Uuid;

/// Whoever is signed in at this till, with the grant that lets them act offline.
pub struct Acting {
    /// This device.
    pub device: DeviceRecord,
    /// The till it is.
    pub till: EnrolledTill,
    /// The person.
    pub account: AccountId,
    /// Their grant.
    pub grant: GrantRecord,
}

/// One tap: what it records is complete together or not at all.
pub struct Desk<'d> {
    /// The tab's engine.
    pub core: &'d Core,
    /// The transaction.
    pub transaction: &'d Transaction,
    /// Who acts.
    pub acting: Acting,
    work: Work<'d>,
    tap: Uuid,
    sold: Option<(DocumentId, i64)>,
}

impl Acting {
    /// Reads it; refuses where nobody may act here.
    pub async fn read(transaction: &Transaction) -> Result<Self, EngineRefusal> {
        let device: Option<DeviceRecord> = transaction.get(Records::Meta, name::DEVICE).await?;
        let device = device.ok_or_else(|| EngineRefusal::new("not_signed_in"))?;
        let till = device.till.clone().ok_or_else(|| EngineRefusal::new("not_a_till"))?;
        let account: Option<AccountId> = transaction.get(Records::Meta, name::SIGNED_IN).await?;
        let account = account.ok_or_else(|| EngineRefusal::new("not_signed_in"))?;
        let person: Option<PersonRecord> = transaction.get(Records::People, account.to_string().as_str()).await?;
        let grant = person.and_then(|person| person.grant).ok_or_else(|| EngineRefusal::new("grant_missing"))?;
        Ok(Self { device, till, account, grant })
    }

    /// The till's currency.
    pub fn currency(&self) -> Result<Currency, EngineRefusal> {
        self.till.currency.parse().map_err(|_| EngineRefusal::new("currency_invalid"))
    }

    /// The server decides in the end; here a person is told before they try.
    fn may<I: Intent>(&self, intent: &I, document: &I::Document) -> Result<(), EngineRefusal> {
        let claims = &self.grant.claims;
        let permitted = claims.permissions.contains(intent.permission(document));
        if permitted && intent.site(document).is_none_or(|site| claims.whid.contains(&site)) {
            Ok(())
        } else {
            Err(EngineRefusal::new("not_permitted").with("permission", intent.permission(document).as_str()))
        }
    }
}

impl Desk<'_> {
    /// What a tap reads and writes.
    const STORES: [Records; 7] =
        [Records::Meta, Records::People, Records::Numbers, Records::Outbox, Records::Accepted, Records::Documents, Records::Views];

    /// Does a tap, once: asked again after it was recorded, it only says where.
    pub async fn tap(
        core: &Core,
        (store, tap): (&Store, Uuid),
        act: impl AsyncFnOnce(&mut Desk<'_>) -> Result<DocumentId, EngineRefusal>,
    ) -> Result<DocumentId, EngineRefusal> {
        Self::tap_with(core, (store, tap, &[]), act).await
    }

    /// The same, where it writes to these, too.
    pub async fn tap_with(
        core: &Core,
        (store, tap, more): (&Store, Uuid, &[Records]),
        act: impl AsyncFnOnce(&mut Desk<'_>) -> Result<DocumentId, EngineRefusal>,
    ) -> Result<DocumentId, EngineRefusal> {
        let (document, done) = store
            .transact(&[&Self::STORES[..], more].concat(), Access::Strict, async |transaction| match begin(core, transaction, tap).await? {
                Begun::Before(document) => Ok::<_, EngineRefusal>((document, None)),
                Begun::Now(mut desk) => {
                    let before = views_mark_at(transaction, desk.work.chain().next_seq).await?;
                    let document = act(&mut *desk).await?;
                    let after = ViewsMark { next_seq: desk.work.chain().next_seq, ..before };
                    Ok((document, Some(((before, after), desk.sold))))
                }
            })
            .await?;
        if let Some((marks, sold)) = done {
            core.carry_takings(marks, sold);
        }
        core.recorded();
        Ok(document)
    }

    /// The clock as the server knows it.
    pub fn now(&self) -> Timestamp {
        self.work.chain().corrected(clock::now())
    }

    /// What lies on the till.
    pub async fn place(&self) -> Result<Place, EngineRefusal> {
        Ok(self.transaction.get(Records::Meta, name::PLACE).await?.unwrap_or_default())
    }

    /// Puts another ticket on the till, or none.
    pub fn put_place(&self, ticket: Option<DocumentId>) -> Result<(), EngineRefusal> {
        Ok(self.transaction.put(Records::Meta, name::PLACE, &Place { ticket })?)
    }

    /// Money came in for a ticket of this till session: the day's sums follow.
    pub fn sold(&mut self, session: DocumentId, paid_minor: i64) {
        self.sold = Some((session, paid_minor));
    }

    /// Records what the tap means.
    pub async fn record<I: Intent>(&mut self, kind: &'static dyn Kind, document: DocumentId, intent: &I) -> Result<(), EngineRefusal> {
        self.record_as(kind, (document, IntentId(self.tap)), intent).await
    }

    /// Records what has to happen before the tap's own intent can, under an id that follows from the tap.
    pub async fn record_first<I: Intent>(&mut self, kind: &'static dyn Kind, document: DocumentId, intent: &I) -> Result<(), EngineRefusal> {
        // No intent has so many facts that one of them would have this id.
        let id = IntentId(FactId::of(IntentId(self.tap), u16::MAX).0);
        self.record_as(kind, (document, id), intent).await
    }

    async fn record_as<I: Intent>(
        &mut self,
        kind: &'static dyn Kind,
        (document, intent_id): (DocumentId, IntentId),
        intent: &I,
    ) -> Result<(), EngineRefusal> {
        let standing = super::read::<I::Document>(self.transaction, kind, document).await?;
        let standing = standing.unwrap_or_else(|| I::Document::fold(Vec::new()));
        self.acting.may(intent, &standing)?;
        self.record_call(kind, (document, intent_id), call(intent)).await
    }

    /// Boxed: else every intent has its own copy of it in the program.
    fn record_call(
        &mut self,
        kind: &'static dyn Kind,
        (document, intent_id): (DocumentId, IntentId),
        call: IntentCall,
    ) -> LocalBoxFuture<'_, Result<(), EngineRefusal>> {
        let grant = &self.acting.grant;
        let draft = Draft {
            tenant: self.acting.device.tenant,
            document,
            kind,
            intent_id,
            call,
            author: Author { account: Principal::Account(self.acting.account), grant: Some(grant.claims.jti) },
            grant: grant.jwt.clone(),
            actor: self.core.actor(document),
            device_now: clock::now(),
        };
        Box::pin(async move { Ok(self.work.record(draft).await.map(drop)?) })
    }
}

/// How a tap begins.
enum Begun<'d> {
    /// It was recorded before, in that document.
    Before(DocumentId),
    /// It is recorded now.
    Now(Box<Desk<'d>>),
}

/// Boxed: else every tap has its own copy of it in the program.
fn begin<'d>(core: &'d Core, transaction: &'d Transaction, tap: Uuid) -> LocalBoxFuture<'d, Result<Begun<'d>, EngineRefusal>> {
    Box::pin(async move {
        let acting = Acting::read(transaction).await?;
        let work = Work::begin(transaction).await?;
        match work.recorded(IntentId(tap)).await? {
            Some(done) => Ok(Begun::Before(done.document)),
            None => Ok(Begun::Now(Box::new(Desk { core, transaction, acting, work, tap, sold: None }))),
        }
    })
}
