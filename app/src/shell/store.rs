//! What every screen can reach: the engine, who is here, what this device is, how sync stands.

use super::sentinel;
use super::session::{self, Session};
use crate::engine::client::Engine;
use crate::engine::protocol::{Answer, DeviceView, EngineRefusal, Event, Request, SyncView, TicketStatus, TillState};
use holdfast_domain::identity::SessionView;
use holdfast_domain::kernel::AccountId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use std::time::Duration;

/// Between two questions to a server that is out of reach.
const BEFORE_ASKING_AGAIN: Duration = Duration::from_secs(10);

/// How far the first load of the catalogue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loading {
    /// Rows stored.
    pub rows: u64,
    /// Rows in all.
    pub of: u64,
}

/// The store.
#[derive(Clone, Copy)]
pub struct Shell {
    engine: StoredValue<Engine, LocalStorage>,
    /// This device; none until the engine has spoken.
    pub device: RwSignal<Option<DeviceView>>,
    /// Sync; none until the engine has spoken.
    pub sync: RwSignal<Option<SyncView>>,
    /// The first load of the catalogue, while it runs.
    pub loading: RwSignal<Option<Loading>>,
    /// The session with the server.
    pub session: RwSignal<Session>,
    /// Whose session this page knew last: what is typed on it is theirs.
    last_here: StoredValue<Option<AccountId>>,
    /// The session is about to be asked for again.
    asking_again: StoredValue<bool>,
    /// Why whoever signed in cannot work on this device.
    pub not_let_in: RwSignal<Option<EngineRefusal>>,
    /// Whether a ticket with lines is being rung up on this device.
    pub sale_open: RwSignal<bool>,
    /// Whether the engine cannot be started here at all, with the reason's code.
    pub engine_failed: RwSignal<Option<String>>,
}

impl Shell {
    /// Starts the engine, asks who is here, and makes the store known to everything below.
    pub(super) fn provide() -> Self {
        let shell = Self {
            engine: StoredValue::new_local(Engine::start_for_page()),
            device: RwSignal::new(None),
            sync: RwSignal::new(None),
            loading: RwSignal::new(None),
            session: RwSignal::new(Session::Asking),
            last_here: StoredValue::new(None),
            asking_again: StoredValue::new(false),
            not_let_in: RwSignal::new(None),
            sale_open: RwSignal::new(false),
            engine_failed: RwSignal::new(None),
        };
        provide_context(shell);
        shell.engine().listen(move |event| shell.hear(event)).forever();
        spawn_local(async move {
            shell.ask_device(Request::Device).await;
            shell.ask_session().await;
            shell.ask_sync(Request::Sync).await;
        });
        // Who takes over on this device does not take over the other's session with the server.
        Effect::new(move || {
            let person = shell.device.with(|device| device.as_ref().and_then(|device| device.person.as_ref()).map(|person| person.account));
            let of_another = |session: &Session| session.view().is_some_and(|view| person.is_some_and(|person| person != view.account));
            if shell.session.with_untracked(of_another) {
                shell.session.set(Session::SignedOut);
            }
        });
        // A network that came back may bring the session back.
        let online = Memo::new(move |_| shell.device.with(|device| device.as_ref().is_some_and(|device| device.online)));
        Effect::new(move || {
            if online.get() && shell.session.with_untracked(|session| *session == Session::Unreachable) {
                spawn_local(shell.ask_session());
            }
        });
        shell
    }

    /// The page's.
    pub fn expect() -> Self {
        use_context().expect("the shell provides itself around every screen")
    }

    /// IANA name of the time zone of this till's site, in which everything here is told; empty, which is the device's own, where it is no till.
    pub fn time_zone(self) -> String {
        self.device.with(|device| device.as_ref().and_then(|device| device.till.as_ref()).map(|till| till.time_zone.clone())).unwrap_or_default()
    }

    /// The engine.
    pub fn engine(self) -> Engine {
        self.engine.get_value()
    }

    /// Asks the server who is signed in, and tells the engine. A session of someone else than whoever is here is not taken up: people switch
    /// on a device without telling the server.
    pub async fn ask_session(self) {
        match session::ask().await {
            Session::SignedIn(view) if self.is_of_whoever_is_here(&view) => self.signed_in(view).await,
            Session::SignedIn(_) => self.session.set(Session::SignedOut),
            Session::Unreachable => {
                self.session.set(Session::Unreachable);
                self.ask_session_again();
            }
            other => self.session.set(other),
        }
    }

    /// Takes over a session that the same person began anew in another tab. Where there is none, the page stays as it is, with what is typed on it.
    pub async fn renew_session(self) {
        let Session::SignedIn(view) = session::ask().await else { return };
        let is_same = self.last_here.get_value().is_none_or(|last| last == view.account);
        if is_same && self.is_of_whoever_is_here(&view) {
            self.signed_in(view).await;
        }
    }

    /// Where nobody works on this device yet, no round of sync finds out that the server is back.
    fn ask_session_again(self) {
        if self.asking_again.try_update_value(|asking| std::mem::replace(asking, true)) != Some(false) {
            return;
        }
        let again = move || {
            self.asking_again.set_value(false);
            if self.session.with_untracked(|session| *session == Session::Unreachable) {
                spawn_local(self.ask_session());
            }
        };
        set_timeout(again, BEFORE_ASKING_AGAIN);
    }

    fn is_of_whoever_is_here(self, view: &SessionView) -> bool {
        self.device.with_untracked(|device| match device {
            Some(DeviceView { person: Some(person), .. }) => person.account == view.account,
            Some(DeviceView { person: None, people, .. }) => people.is_empty(),
            None => true,
        })
    }

    /// A session stands: the engine may send on. Another company's, while this one's work is unsent, is ended again.
    pub async fn signed_in(self, view: Arc<SessionView>) {
        session::owe_sign_out(false);
        let refused = self.ask_device(Request::SignedIn { session: (*view).clone() }).await.filter(|refusal| refusal.code == "unsent_work");
        if refused.is_some() {
            session::leave(Session::SignedIn(view)).await;
            self.session.set(Session::SignedOut);
        } else {
            self.last_here.set_value(Some(view.account));
            self.session.set(Session::SignedIn(view));
        }
        self.not_let_in.set(refused);
    }

    /// Asks the engine something that it answers with the device; a refusal is returned.
    pub async fn ask_device(self, request: Request) -> Option<EngineRefusal> {
        match self.engine().ask(request).await {
            Ok(Answer::Device(device)) => {
                self.device.set(Some(sentinel::look(*device)));
                self.engine_failed.set(None);
                None
            }
            Ok(_) => None,
            Err(refusal) => {
                // Without the engine's word on this device nothing can be drawn: why is said instead.
                if self.device.read_untracked().is_none() {
                    self.engine_failed.set(Some(refusal.code.clone()));
                }
                Some(refusal)
            }
        }
    }

    /// Asks the engine something that it answers with the state of sync.
    pub async fn ask_sync(self, request: Request) {
        if let Ok(Answer::Sync(sync)) = self.engine().ask(request).await {
            self.sync.set(Some(*sync));
        }
    }

    /// The till as it stands now, told or answered: whether a sale is open decides whether the app may be updated.
    pub fn till_stands(self, till: &TillState) {
        self.sale_open.set(is_selling(till));
    }

    fn hear(self, event: &Event) {
        match event {
            Event::Device(device) => self.device.set(Some(sentinel::look((**device).clone()))),
            Event::Sync(sync) => self.sync.set(Some((**sync).clone())),
            Event::Loading { rows, of } => self.loading.set((rows < of).then_some(Loading { rows: *rows, of: *of })),
            Event::Till(till) => self.till_stands(till),
            Event::TicketsMoved | Event::CatalogueMoved => {}
        }
    }
}

fn is_selling(till: &TillState) -> bool {
    till.ticket.as_ref().is_some_and(|ticket| ticket.status == TicketStatus::Open && !ticket.lines.is_empty())
}
