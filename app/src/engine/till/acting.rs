//! Who acts at the till, and one tap of theirs being recorded.

use super::view::{self, Names, Seen};
use crate::device::clock;
use crate::device::store::{Access, Records, Store, Transaction, ViewsMark, Work, views_mark};
use crate::engine::core::Core;
use crate::engine::protocol::{EngineRefusal, EnrolledTill, TicketView, TillState};
use crate::engine::records::{DeviceRecord, GrantRecord, PersonRecord, Place, name};
use futures::future::{LocalBoxFuture, join, join5};
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
    /// In which document the tap was recorded before, if it was.
    recorded: Option<DocumentId>,
    before: ViewsMark,
    place: Place,
    sold: Option<(DocumentId, i64)>,
}

impl Acting {
    /// Reads it; refuses where nobody may act here.
    pub async fn read(transaction: &Transaction) -> Result<Self, EngineRefusal> {
        let device = transaction.get::<DeviceRecord>(Records::Meta, name::DEVICE);
        let (device, account) = join(device, transaction.get::<AccountId>(Records::Meta, name::SIGNED_IN)).await;
        let device = device?.ok_or_else(|| EngineRefusal::new("not_signed_in"))?;
        let till = device.till.clone().ok_or_else(|| EngineRefusal::new("not_a_till"))?;
        let account = account?.ok_or_else(|| EngineRefusal::new("not_signed_in"))?;
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

    /// Does a tap, once: asked again after it was recorded, it only says how the till stands.
    pub async fn tap(
        core: &Core,
        at: (&Store, Uuid),
        act: impl AsyncFnOnce(&mut Desk<'_>) -> Result<DocumentId, EngineRefusal>,
    ) -> Result<TillState, EngineRefusal> {
        Self::tap_with(core, (at, &[]), act).await
    }

    /// The same, where it writes to these, too.
    pub async fn tap_with(
        core: &Core,
        (at, more): ((&Store, Uuid), &[Records]),
        act: impl AsyncFnOnce(&mut Desk<'_>) -> Result<DocumentId, EngineRefusal>,
    ) -> Result<TillState, EngineRefusal> {
        let (_, seen) = Self::tap_and_look(core, (at, more), act, async |desk, _| desk.look().await).await?;
        view::shown(core, at.0, seen?).await
    }

    /// The same, and `look` reads what it answers in the transaction that records it: a second one would wait for all that syncs meanwhile. What cannot be
    /// shown is done all the same.
    pub async fn tap_and_look<T>(
        core: &Core,
        ((store, tap), more): ((&Store, Uuid), &[Records]),
        act: impl AsyncFnOnce(&mut Desk<'_>) -> Result<DocumentId, EngineRefusal>,
        look: impl AsyncFnOnce(&mut Desk<'_>, DocumentId) -> Result<T, EngineRefusal>,
    ) -> Result<(DocumentId, Result<T, EngineRefusal>), EngineRefusal> {
        let (document, seen, done) = store
            .transact(&[&Self::STORES[..], more].concat(), Access::Strict, async |transaction| {
                let mut desk = begin(core, transaction, tap).await?;
                let document = match desk.recorded {
                    Some(before) => before,
                    None => act(&mut *desk).await?,
                };
                let seen = look(&mut *desk, document).await;
                Ok::<_, EngineRefusal>((document, seen, desk.recorded.is_none().then(|| (desk.marks(), desk.sold))))
            })
            .await?;
        if let Some((marks, sold)) = done {
            core.carry_takings(marks, sold);
        }
        core.recorded();
        Ok((document, seen))
    }

    /// The till as it stands after what was done.
    fn look(&mut self) -> LocalBoxFuture<'_, Result<Seen, EngineRefusal>> {
        let carried = self.core.carried_takings(self.marks(), self.sold);
        Box::pin(view::look(self.core, (&self.acting, &mut self.work.documents), carried))
    }

    /// A document, as its facts tell it; none where there is none, or its audience was left.
    pub async fn read<D: Document>(&mut self, kind: &'static dyn Kind, document: DocumentId) -> Result<Option<D>, EngineRefusal> {
        super::read(&mut self.work.documents, kind, document).await
    }

    /// A ticket as the page shows it.
    pub async fn ticket(&mut self, document: DocumentId, names: &Names) -> Result<Option<TicketView>, EngineRefusal> {
        view::read_ticket(&mut self.work.documents, document, names).await
    }

    /// The view rows before and after what was done.
    fn marks(&self) -> (ViewsMark, ViewsMark) {
        (self.before, ViewsMark { next_seq: self.work.chain().next_seq, ..self.before })
    }

    /// The clock as the server knows it.
    pub fn now(&self) -> Timestamp {
        self.work.chain().corrected(clock::now())
    }

    /// The ticket that lies on the till.
    pub fn place(&self) -> Option<DocumentId> {
        self.place.ticket
    }

    /// Puts another ticket on the till, or none.
    pub fn put_place(&mut self, ticket: Option<DocumentId>) -> Result<(), EngineRefusal> {
        self.place = Place { ticket };
        Ok(self.transaction.put(Records::Meta, name::PLACE, &self.place)?)
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
        let standing = self.read::<I::Document>(kind, document).await?;
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

/// Boxed: else every tap has its own copy of it in the program. All that a tap needs is asked for at once: one after the other, the answers take longer than
/// the tap.
fn begin<'d>(core: &'d Core, transaction: &'d Transaction, tap: Uuid) -> LocalBoxFuture<'d, Result<Box<Desk<'d>>, EngineRefusal>> {
    Box::pin(async move {
        let recorded = Work::recorded(transaction, IntentId(tap));
        let place = transaction.get::<Place>(Records::Meta, name::PLACE);
        let read = join5(Acting::read(transaction), Work::begin(transaction), recorded, views_mark(transaction), place);
        let (acting, work, recorded, before, place) = read.await;
        let (acting, work, before, place) = (acting?, work?, before?, place?.unwrap_or_default());
        let recorded = recorded?.map(|done| done.document);
        Ok(Box::new(Desk { core, transaction, acting, work, tap, recorded, before, place, sold: None }))
    })
}
